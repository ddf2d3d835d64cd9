"""LZO-RLE: its plain instructions against the LZO library, its runs of zeros by the documented layout, and damage."""

import random
import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lzallright import LZOCompressor

from inspector.errors import FormatError, Malformed
from inspector.formats.codec.lzo_rle import unlzo_rle
from inspector.formats.filesystem.f2fs import read_f2fs
from inspector.formats.reader import BufferReader
from tests.builders.original_tools import F2FS, inflated
from tests.formats.trees import read_members

VERSION_1 = b"\x11\x01"
END = b"\x11\x00\x00"
WORDS = b"https://planted.example.cn/v1 line\n"


def run_of_zeros(count: int, tail: bytes = b"") -> bytes:
    """The instruction for 4 to 2051 zeros, and up to three literals behind them."""
    more, low = divmod(count - 4, 8)
    return bytes([0x18 | low, 0xFC | len(tail), 0xFF, more]) + tail


def texts() -> list[bytes]:
    rng = random.Random(3)
    words = [rng.randbytes(rng.randint(2, 12)) for _ in range(300)]
    near = b"".join(rng.choices(words, k=9000))
    far = near[:500] + rng.randbytes(30_000) + near[:500] + rng.randbytes(20_000) + near[:500]
    return [WORDS * 50, near, far, b"a" * 5000, rng.randbytes(3000), b"abcde", WORDS + b"\xff" * 900 + WORDS]


@pytest.mark.parametrize("text", texts(), ids=range(7))
def test_plain_instructions_as_the_library_writes_them(text: bytes) -> None:
    stored = LZOCompressor().compress(text)
    assert unlzo_rle(VERSION_1 + stored, len(text)) == text
    assert unlzo_rle(stored, len(text)) == text
    with pytest.raises(Malformed):
        unlzo_rle(VERSION_1 + stored, len(text) - 1)


@pytest.mark.parametrize("count", [4, 11, 12, 100, 2051])
def test_runs_of_zeros(count: int) -> None:
    first = VERSION_1 + bytes([17 + 10]) + b"0123456789"
    stored = first + run_of_zeros(count, b"ab") + run_of_zeros(4) + END
    assert unlzo_rle(stored, 1 << 16) == b"0123456789" + bytes(count) + b"ab" + bytes(4)
    with pytest.raises(Malformed):
        unlzo_rle(stored, count + 15)


def test_a_file_of_f2fs() -> None:
    image = bytearray(zlib.decompress(inflated(F2FS["lzo"])).ljust(64 << 20, b"\0"))
    plain = b"0123456789" + bytes(16374)
    stored = VERSION_1 + bytes([17 + 10]) + plain[:10] + run_of_zeros(2051) * 7 + run_of_zeros(2017) + END
    data = BufferReader(bytes(image))
    hosts = next(m for m in read_f2fs(data).members if m.path == "etc/hosts")
    inode = next(
        at
        for at in range(0, len(image), 4096)
        if image[at : at + 2] == b"\xa4\x81" and struct.unpack_from("<Q", image, at + 16)[0] == hosts.size
    )
    at = inode + 360 + 32
    assert image[at : at + 2] == b"\0\2"
    image[at] = 3
    # A compressed cluster opens with the length of what is stored of it.
    place = next(s.start for s in hosts.extents if struct.unpack_from("<I", image, s.start)[0] < 4096)
    image[place : place + 4] = struct.pack("<I", len(stored))
    image[place + 24 : place + 24 + len(stored)] = stored
    _, content = read_members(read_f2fs(BufferReader(bytes(image))))
    changed = [at for at in range(0, hosts.size, 16384) if content["etc/hosts"][at : at + 16384] == plain]
    assert len(changed) == 1
    rest = content["etc/hosts"][: changed[0]], content["etc/hosts"][changed[0] + 16384 :]
    assert rest == ((WORDS * 1500)[: changed[0]], (WORDS * 1500)[changed[0] + 16384 :])


@given(st.binary(max_size=400))
def test_any_bytes(tail: bytes) -> None:
    with suppress(FormatError):
        assert len(unlzo_rle(VERSION_1 + tail, 4096)) <= 4096


def test_every_prefix() -> None:
    stored = VERSION_1 + LZOCompressor().compress(texts()[1][:3000])
    for end in range(len(stored) - 1):
        with pytest.raises(Malformed):
            unlzo_rle(stored[:end], 3000)
