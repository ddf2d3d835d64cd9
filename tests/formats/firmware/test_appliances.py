import io
import lzma
import zipfile
from binascii import crc32
from hashlib import sha256
from struct import pack

import pytest

from inspector.errors import Encrypted
from inspector.formats.firmware import airoha, autel, boxpackages, instar, marvell, moxa, printers, rockloader, wince
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import attempt, check_hostile, parts

CONTENT = b"\x7fELF program of an appliance, tcp://cloud.example.cn " * 12


def bdl() -> bytes:
    body = ipkg()
    head = pack(
        "<4sHHI4sI12s256s256s256s9s256s256s", b"ibdl", 1, 1, 1400, b"", 1, b"", b"R1", b"HP", b"M479", b"", b"2.4", b"b"
    )
    return head.ljust(1400, b"\0") + pack("<QQ", 1416, len(body)) + body


def ipkg() -> bytes:
    head = pack("<4sHHIIIII", b"ipkg", 1, 3, 1056, 0, 1, 0, 0) + bytes(4)
    head += b"".join(word.ljust(256, b"\0") for word in (b"2.4", b"LaserJet", b"core", b"sig"))
    return head + pack("<256sQQI", b"core.bin", 1056 + 276, len(CONTENT), crc32(CONTENT)) + CONTENT


def test_hp_packages():
    assert len(ipkg()) - len(CONTENT) == 1056 + 276
    outer = printers.parse_bdl(BufferReader(bdl()))
    assert parts(outer) == {"0.ipkg": ipkg()}
    assert outer.properties["brand"] == "HP"
    inner = printers.parse_ipkg(BufferReader(ipkg()))
    assert (parts(inner), inner.members[0].notes) == ({"core.bin": CONTENT}, ())
    assert inner.properties["product"] == "LaserJet"
    check_hostile(printers.parse_bdl, bdl())
    check_hostile(printers.parse_ipkg, ipkg())


def dlm() -> bytes:
    lines = (
        b"%%XRXbegin",
        b"%%OID_ATT_JOB_TYPE OID_VAL_JOB_TYPE_MODULE",
        b'%%OID_ATT_DLM_NAME "NCFW"',
    )
    return b"\n".join((*lines, b"%%XRXend", b"")) + b"\x1f\x8b\x08" + CONTENT


def test_xerox_module():
    image = printers.parse_dlm(BufferReader(dlm()))
    assert parts(image) == {"content": b"\x1f\x8b\x08" + CONTENT}
    assert image.properties["oid_att_dlm_name"] == "NCFW"
    check_hostile(printers.parse_dlm, dlm())


def bneg() -> bytes:
    return b"BNEG" + pack("<4I", 1, 1, 6, len(CONTENT)) + b"first." + CONTENT


def test_instar_partitions():
    image = instar.parse_bneg(BufferReader(bneg() + b"behind"))
    assert parts(image) == {"partition1": b"first.", "partition2": CONTENT}
    check_hostile(instar.parse_bneg, bneg())


def instar_zip() -> bytes:
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("etc/passwd", CONTENT)
    raw = plain.getvalue()
    for altered, mark in instar.MARKS:
        raw = raw.replace(mark, altered)
    return raw


def test_instar_archive_is_a_zip_again():
    image = instar.parse_instar_zip(BufferReader(instar_zip() + b"behind"))
    with zipfile.ZipFile(io.BytesIO(parts(image)["archive.zip"])) as archive:
        assert archive.read("etc/passwd") == CONTENT
    check_hostile(instar.parse_instar_zip, instar_zip())


def frm() -> bytes:
    files = {b"index.htm": b"<html>", b"login.js": b"js"}
    tree = pack("<32s6IHHIHHII", b"NPort 5110", 1, 0, 0, 0, 0x100, 0x80, 64, 2, 8, 0, 0, 0, 0).ljust(0x100, b"\0")
    at, data = 0x100 + 2 * 64, b""
    for name, body in files.items():
        tree += pack("<48s8sII", name, b"", len(body), at + len(data))
        data += body
    tree += data
    start = 0x60
    table = pack("<4I", 1, start, len(CONTENT), 0) + pack("<4I", 2, start + len(CONTENT), len(tree), 0)
    total = start + len(CONTENT) + len(tree)
    head = pack("<4s4sIHH", b"*FRM", b"\0\0\0\1", total, 0x60, 2).ljust(64, b"\0")
    return head + table + CONTENT + tree


def test_moxa_program_and_files():
    image = moxa.parse_moxa(BufferReader(frm() + b"behind"))
    assert parts(image) == {"firmware": CONTENT, "index.htm": b"<html>", "login.js": b"js"}
    assert image.properties == {"device": "NPort 5110"}
    check_hostile(moxa.parse_moxa, frm())


def ecc(content: bytes) -> bytes:
    packed = bytes(((byte ^ autel.MIXED[at % 256]) - autel.ADDED[at % 256]) & 0xFF for at, byte in enumerate(content))
    return pack("<8sII16s", b"ECC0101\0", len(content), 0x20, b"Autel") + packed


def test_autel_image_is_decoded():
    assert (len(autel.ADDED), len(autel.MIXED)) == (256, 256)
    image = autel.parse_autel(BufferReader(ecc(CONTENT) + b"behind"))
    assert parts(image) == {"firmware": CONTENT}
    check_hostile(autel.parse_autel, ecc(CONTENT))


def airoha_image(packing: int, body: bytes) -> bytes:
    tags = pack("<HHBBII", 0x11, 10, packing, 1, 0x1000, len(body))
    tags += pack("<HH", 0x12, 16) + pack("<4I", 1, 0, len(CONTENT), 0x08013000)
    rest = (b"\xff" * 224 + tags).ljust(0x1000 - 32, b"\xff") + body
    return sha256(rest).digest() + rest


def test_airoha_firmware():
    packed = lzma.compress(CONTENT, lzma.FORMAT_ALONE)
    for packing, body in ((0, CONTENT), (1, packed)):
        image = airoha.parse_airoha(BufferReader(airoha_image(packing, body)))
        assert (parts(image), image.notes) == ({"firmware": CONTENT}, ())
        assert image.properties == {"sections": f"{len(CONTENT)} bytes at 0x8013000"}
    assert isinstance(airoha.parse_airoha(BufferReader(airoha_image(2, packed))).members[0].problem, Encrypted)
    check_hostile(airoha.parse_airoha, airoha_image(1, packed))


def mrvl() -> bytes:
    bodies, out, at = (CONTENT, b"data"), b"", 20 + 40
    for index, body in enumerate(bodies):
        state = crc32(body, 0xFFFFFFFF) ^ 0xFFFFFFFF
        out += pack("<5I", 2, at, len(body), 0x100000 + index * 0x10000, state)
        at += len(body)
    return b"MRVL\x7b\xf1\x9c\x2e" + pack("<3I", 0, 2, 0x1F000000) + out + b"".join(bodies)


def test_marvell_segments_behind_the_header_of_tesla():
    image = marvell.parse_mrvl(BufferReader(mrvl()))
    assert parts(image) == {"0@0x00100000": CONTENT, "1@0x00110000": b"data"}
    assert not any(member.notes for member in image.members)
    outer = pack("<4sI7sI", b"SBFH", 0x11C, b"", len(mrvl())).ljust(0x11C, b"\0") + mrvl()
    assert parts(marvell.parse_sbfh(BufferReader(outer + b"behind"))) == {"firmware": mrvl()}
    check_hostile(marvell.parse_mrvl, mrvl())
    check_hostile(marvell.parse_sbfh, outer)


@pytest.mark.parametrize(("version", "width"), [(1, 32), (2, 256)])
def test_amlogic_items(version, width):
    entry = 128 if version == 1 else 576
    at = 64 + 3 * entry
    places = [(at, 6, b"UBOOT", b"USB"), (at + 6, len(CONTENT), b"PARTITION", b"system"), (at, 6, b"UBOOT", b"again")]
    table = b""
    for index, (start, size, kind, name) in enumerate(places):
        head = pack("<II3Q", index, 0, 0, start, size)
        table += (head + kind.ljust(width, b"\0") + name.ljust(width, b"\0")).ljust(entry, b"\0")
    blob = pack("<IIIQII36s", 0, version, 0x27B51956, at + 6 + len(CONTENT), 4, 3, b"") + table + b"loader" + CONTENT
    image = boxpackages.parse_amlogic(BufferReader(blob))
    assert parts(image) == {"USB.UBOOT": b"loader", "system.PARTITION": CONTENT}
    check_hostile(boxpackages.parse_amlogic, blob)


def pac() -> bytes:
    def wide(word: str, size: int) -> bytes:
        return word.encode("utf-16-le").ljust(size, b"\0")

    entries, at = b"", 2124 + 2 * 2580
    for name, body in (("fdl1.bin", CONTENT), ("", b"")):
        head = pack("<I", 2580) + wide(name and "FDL", 512) + wide(name, 512) + bytes(504)
        entries += (head + pack("<6I", 0, 0, len(body), 1, 1, at if body else 0)).ljust(2580, b"\0")
    head = wide("BP_R1.0.0", 48) + pack("<I", at + len(CONTENT)) + wide("sp9832e", 512) + wide("1.0", 512)
    head += pack("<II", 2, 2124)
    return head.ljust(2116, b"\0") + b"\xfa\xff\xfa\xff" + bytes(4) + entries + CONTENT


def test_unisoc_files():
    image = boxpackages.parse_pac(BufferReader(pac()))
    assert parts(image) == {"fdl1.bin": CONTENT}
    assert image.properties["product"] == "sp9832e"
    check_hostile(boxpackages.parse_pac, pac())


def loader(*, plain: bool) -> bytes:
    parts_of = ((b"DDRBIN", CONTENT, 0), (b"USBPLUG", b"usb code", 0), (b"FlashBoot", CONTENT + b"boot", 512))
    at, tables, data = 0x66 + 3 * 57, b"", b""
    for name, body, packet in parts_of:
        wide = name.decode().encode("utf-16-le").ljust(40, b"\0")
        tables += pack("<BI40sIII", 57, 1, wide, at + len(data), len(body), 0)
        data += body if plain else rockloader.unscramble(body, packet)
    lists = b"".join(pack("<BIB", 1, 0x66 + index * 57, 57) for index in range(3))
    head = pack("<4sHII7sI", b"BOOT", 0x66, 0x102, 0, b"", 0x33333041) + lists + pack("<BB", 0, plain)
    return head.ljust(0x66, b"\0") + tables + data + b"\x01\x02\x03\x04"


@pytest.mark.parametrize("plain", [False, True])
def test_rockchip_loader_parts(plain):
    image = rockloader.parse_loader(BufferReader(loader(plain=plain)))
    assert parts(image) == {"memory/DDRBIN": CONTENT, "usb/USBPLUG": b"usb code", "flash/FlashBoot": CONTENT + b"boot"}
    assert image.size == len(loader(plain=plain))
    check_hostile(rockloader.parse_loader, loader(plain=plain))


def ce_image() -> bytes:
    out = b"B000FF\n" + pack("<II", 0x80001000, 0x3000)
    for address, body in ((0x80001000, CONTENT), (0x80003000, b"second")):
        out += pack("<III", address, len(body), sum(body)) + body
    return out + pack("<III", 0, 0x80001000, 0)


def test_windows_ce_memory():
    image = wince.parse_wince(BufferReader(ce_image() + b"behind"))
    assert (parts(image)["memory"], image.notes) == (CONTENT.ljust(0x2000, b"\0") + b"second", ())
    assert image.size == len(ce_image())
    check_hostile(wince.parse_wince, ce_image())


@pytest.mark.parametrize("parse", [
    printers.parse_bdl, printers.parse_ipkg, printers.parse_dlm, instar.parse_bneg, instar.parse_instar_zip,
    moxa.parse_moxa, autel.parse_autel, airoha.parse_airoha, marvell.parse_mrvl, marvell.parse_sbfh,
    boxpackages.parse_amlogic, boxpackages.parse_pac, rockloader.parse_loader, wince.parse_wince,
])  # fmt: skip
def test_other_bytes_are_not_these_formats(parse):
    assert attempt(parse, b"some text of no interest to anybody".ljust(3000, b".")) is None
    assert attempt(parse, bytes(3000)) is None
