from gzip import compress, decompress
from struct import pack
from zlib import crc32

import pytest

from inspector.errors import Encrypted, Malformed, NotThisFormat
from inspector.formats.firmware.iotchip import parse_ameba, parse_rbl, parse_tuya_ug
from inspector.formats.reader import BufferReader
from tests.formats.original import tool
from tests.formats.promise import content, run
from tests.formats.wrapper_checks import check_hostile, parts


def tuya_ug(program: bytes) -> bytes:
    head = b"\x55\xaa\x55\xaa" + pack(">12sII", b"1.0.5", len(program), sum(program))
    return head + pack(">I", sum(head)) + b"\xaa\x55\xaa\x55" + program


def test_tuya_ug():
    image = parse_tuya_ug(BufferReader(tuya_ug(b"program") + b"\xff"))
    assert (parts(image), image.notes, image.size) == ({"program": b"program"}, (), 39)
    assert image.properties == {"version": "1.0.5"}
    assert parse_tuya_ug(BufferReader(tuya_ug(b"program")[:-1] + b"?")).notes == ("program sum differs",)
    with pytest.raises(Malformed):
        parse_tuya_ug(BufferReader(tuya_ug(b"program")[:-1]))


def rbl(algorithm: int, raw: bytes, body: bytes) -> bytes:
    head = pack(
        "<4sII16s24s24sIIII", b"RBL\0", algorithm, 0, b"app", b"1.0.1", b"00010203", crc32(body), 0, len(raw), len(body)
    )
    return head + pack("<I", crc32(head)) + body


def encrypt(plain: bytes, key: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    encryptor = Cipher(algorithms.AES(key), modes.CBC(b"0123456789ABCDEF")).encryptor()
    return encryptor.update(plain + bytes(-len(plain) % 16)) + encryptor.finalize()


def test_rbl_plain_and_compressed():
    image = parse_rbl(BufferReader(rbl(0, b"program", b"program")))
    assert (parts(image), image.members[0].format, image.notes) == ({"app": b"program"}, "", ())
    packed = compress(b"program" * 9)
    image = parse_rbl(BufferReader(rbl(0x100, b"program" * 9, packed)))
    assert (parts(image), image.members[0].format) == ({"app": packed}, "gzip")


def test_rbl_encrypted_with_the_key_of_the_sdk():
    packed = compress(b"program" * 9)
    image = parse_rbl(BufferReader(rbl(0x102, b"program" * 9, encrypt(packed, b"0123456789ABCDEF0123456789ABCDEF"))))
    assert parts(image)["app"].startswith(packed)
    assert decompress(parts(image)["app"][: len(packed)]) == b"program" * 9
    assert image.properties["encryption"] == "aes256"


def test_rbl_encrypted_with_another_key_is_named():
    image = parse_rbl(BufferReader(rbl(0x102, b"x" * 9, encrypt(compress(b"x" * 9), b"key of a vendor " * 2))))
    assert isinstance(image.members[0].problem, Encrypted)
    assert image.members[0].open is None


def test_rbl_header_checksum():
    with pytest.raises(NotThisFormat):
        parse_rbl(BufferReader(rbl(0, b"program", b"program").replace(b"1.0.1", b"1.0.2")))


def ameba(*programs: bytes) -> bytes:
    offset = 8 + 24 * len(programs)
    head = pack("<II", 0x20230101, len(programs))
    for index, program in enumerate(programs):
        head += pack("<4sIIIII", b"OTA%d" % (index + 1), 24, sum(program), len(program), offset, 0)
        offset += len(program)
    return head + b"".join(programs)


def test_ameba_programs():
    image = parse_ameba(BufferReader(ameba(b"81958711first", b"81958711second") + b"tail"))
    assert parts(image) == {"0-OTA1": b"81958711first", "1-OTA2": b"81958711second"}
    assert all(not member.notes for member in image.members)
    damaged = parse_ameba(BufferReader(ameba(b"81958711first").replace(b"first", b"furst")))
    assert damaged.members[0].notes == ("checksum differs",)


def test_hostile():
    check_hostile(parse_tuya_ug, tuya_ug(b"program" * 9))
    check_hostile(parse_rbl, rbl(0x102, b"x" * 9, encrypt(compress(b"x" * 9), b"key of a vendor " * 2)))
    check_hostile(parse_ameba, ameba(b"81958711first", b"81958711second"))


@pytest.mark.packers
@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_output_of_ltchiptool(compression, tmp_path):
    program = bytes(range(256)) * 40
    (tmp_path / "a").write_bytes(program)
    run(tool("ltchiptool"), "soc", "bkpackager", "ota", "a", "b", compression, "none", cwd=tmp_path)
    blob = (tmp_path / "b").read_bytes()
    image = parse_rbl(BufferReader(blob))
    (member,) = image.members
    body = content(member)
    assert (image.size, decompress(body) if compression == "gzip" else body) == (len(blob), program)
