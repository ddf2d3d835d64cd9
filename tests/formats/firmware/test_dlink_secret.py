import hmac
from hashlib import sha1
from struct import pack

import pytest

from inspector.errors import Encrypted, FormatError, NotThisFormat
from inspector.formats.firmware.dlink_secret import (
    MODEL_PASSWORDS,
    SALTED_PASSWORDS,
    parse_dlk,
    parse_mh01,
    parse_plain_mh01,
    parse_salted,
    parse_tlv,
)
from inspector.formats.reader import BufferReader
from tests.formats.firmware.test_dlink import encrypt
from tests.formats.original import tool
from tests.formats.promise import run
from tests.formats.wrapper_checks import check_hostile, parts

PLAIN = b"MH01" + bytes(0x14) + pack("<I", 3000) + bytes(0x41 - 0x1C) + b"kernel" * 500
VECTOR = bytes(range(16))


def openssl(plain: bytes, password: bytes, cipher: str, digest: str, *more: str) -> bytes:
    secret = "pass:" + password.decode()
    return run(tool("openssl"), "enc", cipher, "-md", digest, "-salt", "-pass", secret, *more, data=plain)


def mh01(password: bytes) -> bytes:
    # Given a vector, the program leaves the salt out of its output; it is put there as the maker's program does.
    salt = b"saltsalt"
    packed = openssl(PLAIN, password, "-aes-128-cbc", "sha256", "-S", salt.hex(), "-iv", VECTOR.hex())
    packed = packed if packed.startswith(b"Salted__") else b"Salted__" + salt + packed
    return (b"MH01" + bytes(0x14) + pack("<I", len(packed)) + bytes(4) + VECTOR.hex().encode() + b"\n") + packed


@pytest.mark.packers
@pytest.mark.parametrize("password", MODEL_PASSWORDS[::5])
def test_mh01_is_decrypted_with_the_passphrase_of_its_model(password):
    image = parse_mh01(BufferReader(mh01(password) + b"behind"))
    assert parts(image) == {"firmware": PLAIN}
    assert parts(parse_plain_mh01(BufferReader(PLAIN))) == {"firmware": PLAIN[0x41:]}
    with pytest.raises(NotThisFormat):
        parse_plain_mh01(BufferReader(mh01(password)))


@pytest.mark.packers
def test_mh01_of_an_unknown_model_is_a_gap():
    (member,) = parse_mh01(BufferReader(mh01(b"0" * 32))).members
    assert isinstance(member.problem, Encrypted)
    check_hostile(parse_mh01, mh01(MODEL_PASSWORDS[0]), rounds=100)
    check_hostile(parse_plain_mh01, PLAIN)


def tlv(content: bytes) -> bytes:
    names = b"DAP-X1860".ljust(32, b"\0") + b"EAP1860A1".ljust(32, b"\0")
    return b"\x64\x80\x19\x40" + names + bytes(8) + b"0" * 32 + pack("<II", 1, len(content)) + content


@pytest.mark.packers
def test_tlv_is_decrypted_with_the_key_its_names_give():
    secret = hmac.new(b"EAP1860A1", b"DAP-X1860", sha1).hexdigest().encode()
    image = parse_tlv(BufferReader(tlv(openssl(PLAIN, secret, "-aes-256-cbc", "md5"))))
    assert parts(image) == {"firmware": PLAIN}
    assert image.properties["model"] == "DAP-X1860"
    assert parts(parse_tlv(BufferReader(tlv(b"plain content")))) == {"firmware": b"plain content"}
    check_hostile(parse_tlv, tlv(openssl(PLAIN, secret, "-aes-256-cbc", "md5")), rounds=100)


@pytest.mark.packers
@pytest.mark.parametrize(("password", "mark", "at"), SALTED_PASSWORDS)
@pytest.mark.parametrize("before", [0, 512])
def test_file_of_openssl_under_a_published_passphrase(password, mark, at, before):
    plain = bytes(at) + mark + b"content" * 200
    blob = bytes(before) + openssl(plain, password, "-aes-256-cbc", "sha256")
    assert parts(parse_salted(BufferReader(blob))) == {"firmware": plain}
    check_hostile(parse_salted, blob, rounds=20)


@pytest.mark.packers
def test_file_of_openssl_under_another_passphrase_is_left_to_others():
    with pytest.raises(NotThisFormat):
        parse_salted(BufferReader(openssl(b"ustar" * 300, b"secret", "-aes-256-cbc", "sha256")))


def dlk(content: bytes, password: bytes, size: int = 0x1000) -> bytes:
    def block(raw: bytes) -> bytes:
        count = 16 - len(raw) % 16
        return VECTOR + encrypt(raw + bytes([count]) * count, password, VECTOR)

    blocks = b"".join(block(content[at : at + size]) for at in range(0, len(content), size))
    first = b"DLK".ljust(0x2C, b"\0") + pack("<I", 256) + bytes(0x20)
    second = b"DLK".ljust(0x10, b"\0") + pack("<I", size) + bytes(0x18) + pack("<I", len(blocks)) + bytes(0x20)
    return first + b"s" * 256 + second + blocks


def test_dlk_blocks_are_put_together():
    content = bytes(range(256)) * 40
    image = parse_dlk(BufferReader(dlk(content, MODEL_PASSWORDS[3]) + b"behind"))
    assert parts(image) == {"signature": b"s" * 256, "firmware": content}
    assert isinstance(parse_dlk(BufferReader(dlk(content, b"0" * 32))).members[1].problem, Encrypted)
    check_hostile(parse_dlk, dlk(content, MODEL_PASSWORDS[3]), rounds=100)


def test_wrong_padding_is_damage():
    blob = bytearray(dlk(b"x" * 0x1800, MODEL_PASSWORDS[0]))
    blob[-1] ^= 1
    with pytest.raises(FormatError):
        parse_dlk(BufferReader(bytes(blob))).members[1].open(1 << 20)
