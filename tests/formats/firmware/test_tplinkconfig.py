from hashlib import md5

import pytest

from inspector.errors import NotThisFormat
from inspector.extract.filesystem.shelf import EXTRACTORS
from inspector.formats.firmware.tplinkconfig import KEY, parse_tplink_config
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import check_hostile, corpus, parts

SETTINGS = b"lan_ip 192.168.0.1\nremote_http_en 0\nntp_server1 203.0.113.5\n" * 2 + b"\n" * 8


def encrypt(plain: bytes) -> bytes:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
    from cryptography.hazmat.primitives.ciphers import Cipher, modes

    return Cipher(TripleDES(KEY * 3), modes.ECB()).encryptor().update(plain)


@pytest.mark.parametrize(
    "blob", [md5(SETTINGS).digest() + encrypt(SETTINGS), encrypt(md5(SETTINGS).digest() + SETTINGS)]
)
def test_settings_with_a_plain_and_an_encrypted_digest(blob):
    assert len(SETTINGS) % 8 == 0
    assert parts(parse_tplink_config(BufferReader(blob))) == {"settings.conf": SETTINGS}
    with pytest.raises(NotThisFormat):
        parse_tplink_config(BufferReader(bytes([blob[0] ^ 1]) + blob[1:-8] + encrypt(b"tampered")))


def test_settings_in_a_router():
    blob = corpus("tp-link/wr940nv6_eu.bin")
    squashfs = next(extractor for extractor in EXTRACTORS if extractor.INFO.name == "squashfs")
    data = BufferReader(blob).slice(0x100200)
    members = squashfs.unpack(data.slice(0, squashfs.measure(data, 0).end)).members
    settings = next(member for member in members if member.path.endswith("web/oem/model.conf"))
    plain = parts(parse_tplink_config(settings.open(1 << 20)))["settings.conf"]
    assert b"COMPANY_NAME = TP-Link Technologies Co., Ltd." in plain


def test_text_and_noise_are_another_format():
    for blob in (b"plain text of some length " * 8, bytes(128)):
        with pytest.raises(NotThisFormat):
            parse_tplink_config(BufferReader(blob))


def test_hostile():
    check_hostile(parse_tplink_config, md5(SETTINGS).digest() + encrypt(SETTINGS), rounds=100)
