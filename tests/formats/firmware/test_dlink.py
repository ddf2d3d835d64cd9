from gzip import compress
from hashlib import sha512
from struct import pack

import pytest

from inspector.errors import NotThisFormat
from inspector.formats.firmware.dlink import (
    ALPHA_MODELS,
    ENCRPTED_KEY,
    ENCRPTED_VECTOR,
    SHRS_KEY,
    parse_alpha,
    parse_deafbead,
    parse_encrpted,
    parse_fpkg,
    parse_shrs,
)
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import attempt, check_hostile, parts


def encrypt(plain: bytes, key: bytes, vector: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    return encryptor.update(plain) + encryptor.finalize()


def shrs(plain: bytes) -> bytes:
    vector = bytes(range(16))
    packed = encrypt(plain + bytes(-len(plain) % 16), SHRS_KEY, vector)
    head = pack(">4sII16s64s64s64s", b"SHRS", len(plain), len(packed), vector, b"", b"", sha512(packed).digest())
    return head.ljust(0x6DC, b"\0") + packed


def test_shrs_is_decrypted_and_its_digest_checked():
    image = parse_shrs(BufferReader(shrs(b"\x27\x05\x19\x56 firmware") + b"x"))
    assert (parts(image), image.notes) == ({"firmware": b"\x27\x05\x19\x56 firmware"}, ())
    assert parse_shrs(BufferReader(shrs(b"firmware")[:-1] + b"?")).notes != ()


@pytest.mark.parametrize("chained", [False, True])
def test_encrpted_image_gives_its_erase_blocks_back(chained):
    blocks = [b"UBI#\1" + bytes(11) + bytes([n]) * 0x1FFF0 for n in (1, 2)]
    if chained:
        packed = encrypt(b"".join(blocks), ENCRPTED_KEY, ENCRPTED_VECTOR)
    else:
        packed = b"".join(encrypt(block, ENCRPTED_KEY, ENCRPTED_VECTOR) for block in blocks)
    image = parse_encrpted(BufferReader(b"encrpted_img" + pack(">I", len(packed)) + packed))
    assert parts(image) == {"firmware": b"".join(blocks)}


@pytest.mark.parametrize("start", ALPHA_MODELS, ids=bytes.hex)
def test_published_keys_turn_the_known_starts_of_images_into_a_seama_header(start):
    model = ALPHA_MODELS[start]
    seen = REAL_STARTS[start.hex()]
    assert model.decoder()(bytes.fromhex(seen))[:6] == b"\x5e\xa3\xa4\x17\0\0"


REAL_STARTS = {
    # first block of images of DAP-1665 B, DAP-1720 A, DIR-822 C1, DIR-842 C1, DIR-842 C3, DIR-850L A1 and B1, DIR-859 A
    "35666f68": "35666f68ef1afe1f34ef4f1121054ebe",
    "6801ccfb": "6801ccfbad6ba0ba3304b09cbb48b027",
    "df8c390d": "df8c390d22b4dc29fb4ebfdbe8e18bfb",
    "f52aa0b4": "f52aa0b49253bfeff821a62e28a7398b",
    "21ddda00": "21ddda0099d887a9d52d7eff3b5870a6",
    "e313005b": "e313005b76df0be883245a42ff912d3d",
    "0a14e424": "0a14e424ff0fb4d75366a0b072feabdf",
    "4c1b95af": "4c1b95af93725f810303964ddd760174",
}


def alpha() -> bytes:
    model = ALPHA_MODELS[bytes.fromhex("e313005b")]
    mark = b"signature=" + model.signature + b"\0"
    plain = b"\x5e\xa3\xa4\x17" + pack(">HHI", 0, len(mark), 0) + mark
    plain = plain.ljust(0x100, b"k")
    key, vector = model._mix(model.key), model._mix(model.vector)
    return encrypt(plain, key, vector)


def test_alpha_image_is_decrypted_as_a_whole():
    blob = alpha()
    if not blob.startswith(bytes.fromhex("e313005b")):
        pytest.fail("the first block is fixed by magic and signature length")
    image = parse_alpha(BufferReader(blob))
    assert parts(image)["firmware"].startswith(b"\x5e\xa3\xa4\x17")
    assert image.members[0].format == "seama"
    with pytest.raises(NotThisFormat):
        parse_alpha(BufferReader(blob[:4] + bytes(0x200)))


def deafbead() -> bytes:
    page = compress(b"<html>", mtime=0)
    name = b"web\\index.htm"
    return (
        b"\xde\xaf\xbe\xad"
        + pack("<BH", 0x86, 3)
        + b"web"
        + pack("<BH", 0x87, len(name))
        + name
        + pack("<I", len(page))
        + page
        + b"\0end"
    )


def test_deafbead():
    image = parse_deafbead(BufferReader(deafbead()))
    assert parts(image) == {"web/index.htm": compress(b"<html>", mtime=0)}
    assert image.size == len(deafbead()) - 4


def fpkg() -> bytes:
    entries = b"".join(
        pack(">IHHI16s", 28, kind, 0, len(content), name) + content
        for kind, name, content in ((0x100, b"kernel.bin ", b"kernel"), (0x102, b"sum", b"1234"))
    )
    return b"FPKG" + pack(">III", 0x01000000, 24, 1) + pack(">I", 4) + b"DFL1" + entries


def test_fpkg():
    assert parts(parse_fpkg(BufferReader(fpkg()))) == {"kernel.bin": b"kernel", "sum": b"1234"}


def test_hostile():
    check_hostile(parse_shrs, shrs(b"firmware" * 9), rounds=60)
    check_hostile(parse_deafbead, deafbead())
    check_hostile(parse_fpkg, fpkg())
    for cut in range(0, 0x100, 5):
        attempt(parse_alpha, alpha()[:cut])
        attempt(parse_encrpted, (b"encrpted_img" + pack(">I", 0x80) + bytes(0x80))[:cut])
