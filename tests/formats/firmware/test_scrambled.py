from struct import pack

import pytest

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.firmware.scrambled import (
    ENGENIUS_KEY,
    parse_engenius,
    parse_qnap,
    parse_qnap_networking,
    pc1_decrypt,
)
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import check_hostile, parts


def engenius(plain: bytes) -> bytes:
    scrambled = bytes(byte ^ ENGENIUS_KEY[at % 8] for at, byte in enumerate(plain))
    head = pack(">III20sII16s32sI", 0, 0x101, 0x2B, b"1.0.0", len(plain), 0, b"", b"", 0) + b"\x124Vxall\0\0\0\0\0"
    return head + pack(">7II", 1, 0, 0, 0, 1, 0, 0, 6) + b"EAP600" + scrambled


def test_engenius_finds_the_phase_of_the_key():
    plain = b"\x27\x05\x19\x56" + bytes(64) + b"payload"
    image = parse_engenius(BufferReader(engenius(plain) + b"x"))
    assert parts(image) == {"firmware": plain}
    assert (image.properties["model"], image.properties["version"]) == ("EAP600", "1.0.0")
    with pytest.raises(Malformed):
        parse_engenius(BufferReader(engenius(b"no zeros here")))


def test_cipher_against_the_start_of_real_qnap_packages():
    assert pc1_decrypt(bytes.fromhex("f57b4703"), b"QNAPNASVERSION4").hex() == "1f8b0800"


def encrypt(plain: bytes, secret: bytes) -> bytes:
    """Find each byte's key by decrypting a zero in its place: the key depends on the plain bytes before."""
    out = b""
    for at, byte in enumerate(plain):
        key = pc1_decrypt(out + b"\0", secret)[at]
        out += bytes([byte ^ key])
    return out


def qnap() -> bytes:
    first = encrypt(bytes.fromhex("1f8b0800") + b"first part", b"QNAPNASVERSION4")
    return (
        first + b"plain rest" + pack("<6sI16s16s16s16s", b"icpnas", len(first), b"TS-X53", b"4.3.6", b"20190704", b"1")
    )


def test_qnap_decrypts_only_what_the_footer_counts():
    image = parse_qnap(BufferReader(qnap()))
    assert parts(image) == {"package": bytes.fromhex("1f8b0800") + b"first partplain rest"}
    assert image.properties["device"] == "TS-X53"
    with pytest.raises(NotThisFormat):
        parse_qnap(BufferReader(qnap().replace(b"icpnas", b"icpnAs")))


def qnap_networking() -> bytes:
    first = encrypt(b"squashfs, perhaps", b"QHora-322")
    return first + b"plain rest" + pack("<6sI16s16s16s16s", b"icpnas", len(first), b"QHora-322", b"2.4", b"", b"")


def test_the_device_is_the_key_of_qnap_routers():
    image = parse_qnap_networking(BufferReader(qnap_networking()))
    assert parts(image) == {"package": b"squashfs, perhapsplain rest"}
    for other in (qnap_networking() + b"behind", qnap()):
        with pytest.raises(NotThisFormat):
            parse_qnap_networking(BufferReader(other))


def test_hostile():
    check_hostile(parse_qnap_networking, qnap_networking(), rounds=8)
    check_hostile(parse_engenius, engenius(bytes(64) + b"payload"))
    check_hostile(parse_qnap, qnap(), rounds=8)
