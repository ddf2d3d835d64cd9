from hashlib import md5
from struct import pack

from inspector.errors import Encrypted
from inspector.formats.firmware.dji import parse_imah, parse_xv4
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import check_hostile, parts


def xv4(*modules: tuple[int, int, bytes]) -> bytes:
    end = 64 + 52 * len(modules) + 2
    rows, body = b"", b""
    for target, coding, content in modules:
        digest = md5(content).digest()
        rows += pack(
            "<BBHIIII16s16s", target, coding, 0, 1, end + len(body), len(content), len(content), digest, digest
        )
        body += content
    head = pack("<IHHI16s16sHII10x", 0x12345678, 1, end, 0, b"DJI", b"P3X", len(modules), 0, 0)
    return head + rows + b"\0\0" + body


def test_modules_and_encrypted_modules():
    image = parse_xv4(BufferReader(xv4((1, 0, b"camera"), (0x23, 0x10, b"secret"))))
    assert parts(image) == {"m0100-0": b"camera"}
    assert isinstance(image.members[1].problem, Encrypted)
    assert image.members[0].notes == ()
    assert image.properties == {"manufacturer": "DJI", "model": "P3X"}


def imah() -> bytes:
    chunks = pack("<4sIII16x", b"aaaa", 0, 5, 1) + pack("<4sIII16x", b"bbbb", 5, 6, 0)
    size = 192 + len(chunks)
    head = pack(
        "<4sI8xIII12x4s4s16s32s60xI32s", b"IM*H", 1, size, 8, 11, b"PRAK", b"UFIE", bytes(16), b"wm220", 2, bytes(32)
    )
    assert len(head) == 192
    return head + chunks + b"sig nat." + b"plain" + b"cipher"


def test_chunks_of_a_signed_image():
    image = parse_imah(BufferReader(imah()))
    assert parts(image) == {"aaaa": b"plain"}
    assert str(image.members[1].problem) == "AES-128-CBC, DJI key UFIE"
    assert image.properties["name"] == "wm220"


def test_hostile():
    check_hostile(parse_xv4, xv4((1, 0, b"camera"), (0x23, 0x10, b"secret")))
    check_hostile(parse_imah, imah())
