"""Packages of printer makers: HP BDL and the IPKG packages inside, Xerox DLM.

Format: hpbdl (header and table of both); Xerox DLM as binwalk 2.3 `magic/firmware` names its lines.
Limits: signatures are not verified; the content of a DLM file reaches to the end of the data.
"""

from binascii import crc32
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, header_at, stored, text
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span

BDL: Final = Struct("<4sHHI4sI12s256s256s256s9s256s256s")
BDL_START: Final = b"ibdl\x01\0\x01\0"
BDL_ENTRY: Final = Struct("<QQ")
IPKG: Final = Struct("<4sHHIII8sI256s256s256s256s")
IPKG_START: Final = b"ipkg\x01\0\x03\0"
IPKG_ENTRY: Final = Struct("<256sQQI")
DLM_START: Final = b"%%XRXbegin"
DLM_END: Final = b"%%XRXend"
DLM_HEADER: Final = 1 << 14


def parse_bdl(data: Reader) -> Image:
    """Return the packages of the table, `0.ipkg` and on."""
    header_at(data, BDL.size, "a BDL header")
    if not data.startswith(BDL_START):
        raise NotThisFormat("no BDL header")
    _, _, _, table, _, count, _, release, brand, device, _, version, revision = data.unpack_at(0, BDL)
    end = _table_end(data, table, count, BDL_ENTRY.size)
    members = []
    for index in range(count):
        start, size = data.unpack_at(table + index * BDL_ENTRY.size, BDL_ENTRY)
        members.append(stored(data, f"{index}.ipkg", start, start + size))
    properties = {
        "release": text(release),
        "brand": text(brand),
        "device": text(device),
        "version": text(version),
        "revision": text(revision),
    }
    whole = max([BDL.size, end, *(member.extents[0].end for member in members)])
    return Image(whole, tuple(members), (Span(0, BDL.size), Span(table, end)), properties)


def parse_ipkg(data: Reader) -> Image:
    """Return the files by name; a checksum that differs is a note of the file."""
    header_at(data, IPKG.size, "an IPKG header")
    if not data.startswith(IPKG_START):
        raise NotThisFormat("no IPKG header")
    _, _, _, table, _, count, _, _, version, product, name, _ = data.unpack_at(0, IPKG)
    end = _table_end(data, table, count, IPKG_ENTRY.size)
    members = []
    for index in range(count):
        title, start, size, checksum = data.unpack_at(table + index * IPKG_ENTRY.size, IPKG_ENTRY)
        if start + size > data.size:
            raise Malformed(f"IPKG file behind the end, at {start:#x}")
        right = crc32(data.view_at(start, size)) == checksum
        path = decode_name(title.split(b"\0")[0])
        members.append(stored(data, path, start, start + size, notes=() if right else ("wrong CRC",)))
    properties = {"version": text(version), "product": text(product), "package": text(name)}
    whole = max([IPKG.size, end, *(member.extents[0].end for member in members)])
    return Image(whole, tuple(members), (Span(0, IPKG.size), Span(table, end)), properties)


def _table_end(data: Reader, table: int, count: int, entry: int) -> int:
    if not table or not count or table + count * entry > data.size:
        raise Malformed(f"table of {count} entries at {table:#x}, {data.size:#x} bytes there")
    return table + count * entry


def parse_dlm(data: Reader) -> Image:
    """Return what stands behind the text header, whose `%%KEY value` lines become properties."""
    if not data.startswith(DLM_START):
        raise NotThisFormat("no DLM file")
    head = data.read_upto(0, DLM_HEADER)
    end = head.find(DLM_END)
    if end < 0:
        raise NotThisFormat("DLM header without an end")
    start = head.find(b"\n", end) + 1 or end + len(DLM_END)
    lines = (decode_name(line.strip().removeprefix(b"%%")) for line in head[:end].splitlines())
    fields = (line.replace("=", " ", 1).split(None, 1) for line in lines if line)
    properties = {field[0].lower(): field[1].strip('"') for field in fields if len(field) == 2}
    return Image(data.size, (stored(data, "content", start, data.size),), (Span(0, start),), properties)
