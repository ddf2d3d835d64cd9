from struct import pack, pack_into

import pytest

from inspector.errors import Malformed
from inspector.formats.firmware.allwinner import parse_allwinner
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import check_hostile, parts


def build(version: int, files: dict[str, bytes]) -> bytes:
    start = 0x400 * (1 + len(files))
    rows, body = b"", b""
    for name, content in files.items():
        kept, at = len(content) + 15 & ~15, start + len(body)
        if version == 0x300:
            row = pack(
                "<II8s16sI256s5I", 256, 1024, b"12345678", b"KERNEL", 0, name.encode(), kept, 0, len(content), 0, at
            )
        else:
            row = pack("<II8s16s5I256s", 256, 1024, b"12345678", b"KERNEL", 0, kept, len(content), at, 0, name.encode())
        rows += row.ljust(1024, b"\0")
        body += content.ljust(kept, b"\0")
    head = bytearray(pack("<8s6I", b"IMAGEWTY", version, 0x60, 0, 0x100234, start + len(body), 1024).ljust(1024, b"\0"))
    pack_into("<I", head, 60 if version == 0x300 else 56, len(files))
    return bytes(head) + rows + body


@pytest.mark.parametrize("version", [0x100, 0x300])
def test_files_without_their_padding(version):
    blob = build(version, {"/boot.fex": b"ANDROID!", "sys_config.fex": b"[product]"})
    image = parse_allwinner(BufferReader(blob + b"x"))
    assert parts(image) == {"boot.fex": b"ANDROID!", "sys_config.fex": b"[product]"}
    assert image.size == len(blob)


def test_cut_package_is_malformed():
    with pytest.raises(Malformed):
        parse_allwinner(BufferReader(build(0x300, {"a": b"b" * 40})[:-20]))


def test_hostile():
    check_hostile(parse_allwinner, build(0x300, {"a": b"content", "b": b""}))
