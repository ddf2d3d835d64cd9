"""UEFI firmware: capsules, firmware volumes with their files, and section streams.

Format: UEFI Platform Initialization 1.8, volume 3 (firmware volumes, FFS, sections); UEFI 2.10 chapter 23 (capsules).
Limits: variables in an NVRAM volume are raw bytes; a CRC of a file is not verified.
"""

from collections.abc import Iterator
from struct import Struct
from typing import Final
from uuid import UUID

from inspector.errors import Malformed, NotThisFormat, Unsupported
from inspector.formats.codec.tiano import tiano_opener
from inspector.formats.image import Image, header_at, locked, stored
from inspector.formats.layout import Member, Opener
from inspector.formats.reader import BufferReader, Reader, Span

VOLUME: Final = Struct("<16s16sQ4sIHHHBB")
VOLUME_MAGIC: Final = b"_FVH"
VOLUME_MAGIC_AT: Final = 40
FILE_SYSTEMS: Final = tuple(
    UUID(text).bytes_le
    for text in (
        "7a9354d9-0468-444a-81ce-0bf617d890df",  # FFS1
        "8c8ce578-8a3d-4f1c-9935-896185c32dd3",  # FFS2
        "5473c07a-3dcb-4dca-bd6f-1e9689e7349a",  # FFS3
        "04adeead-61ff-4d31-b6ba-64f8bf901f5a",  # Apple
    )
)
FILE: Final = Struct("<16sHBB3sB")
LARGE_FILE: Final = Struct("<Q")
PAD_FILE: Final = 0xF0
RAW_FILE: Final = 0x01
LARGE: Final = 0x01
FILE_KINDS: Final = {
    0x01: "raw",
    0x02: "freeform",
    0x03: "sec",
    0x04: "pei-core",
    0x05: "dxe-core",
    0x06: "peim",
    0x07: "driver",
    0x09: "application",
    0x0A: "smm",
    0x0B: "volume",
    0x0D: "smm-core",
}
SECTION_NAMES: Final = {
    0x10: "pe32",
    0x11: "pic",
    0x12: "te",
    0x13: "dxe-depex",
    0x14: "version",
    0x15: "name",
    0x17: "volume",
    0x18: "freeform",
    0x19: "raw",
    0x1B: "pei-depex",
    0x1C: "smm-depex",
}
COMPRESSED, GUIDED, FREEFORM, NAME = 0x01, 0x02, 0x18, 0x15
GUID_CODECS: Final = {
    UUID("ee4e5898-3914-4259-9d6e-dc7bd79403cf").bytes_le: "lzma",
    UUID("a31280ad-481e-41b6-95e8-127f4c984779").bytes_le: "tiano",
    UUID("fc1bcdb0-7d31-49aa-936a-a4600d9dd083").bytes_le: "crc32",
    UUID("3d532050-5cda-4fd0-879e-0f7f630d5afb").bytes_le: "brotli",
    UUID("1d301fe9-be79-4353-91c2-d23bc959ae0c").bytes_le: "gzip",
    UUID("d42ae6bd-1352-4bfb-909a-ca72a6eae889").bytes_le: "lzma-x86",
}
READABLE: Final = ("lzma", "gzip")
"""Codecs whose stored bytes are a stream of that format, handed over as they are."""
MOST_FILES: Final = 20_000
MOST_SECTIONS: Final = 4096
CAPSULE: Final = Struct("<16sIII")
CAPSULES: Final = {
    UUID("3b6686bd-0d76-4030-b70e-b5519e2fc5a0").bytes_le: "EFI",
    UUID("6dcbd5ed-e82d-4c44-bda1-7194199ad92a").bytes_le: "firmware management",
    UUID("4a3ca68b-7723-48fb-803d-578cc1fec44d").bytes_le: "AMI Aptio, signed",
    UUID("14eebb90-890a-43db-aed1-5d3c4588a418").bytes_le: "AMI Aptio",
    UUID("539182b9-abb5-4391-b69a-e3a943f72fcc").bytes_le: "Intel",
    UUID("3be07062-1d51-45d2-832b-f093257ed461").bytes_le: "Toshiba",
}


def parse_capsule(data: Reader) -> Image:
    """Return what the capsule carries behind its header."""
    header_at(data, CAPSULE.size, "a UEFI capsule")
    guid, header, flags, size = data.unpack_at(0, CAPSULE)
    if guid not in CAPSULES or not CAPSULE.size <= header <= min(size, 0x1000) or size > 1 << 28:
        raise NotThisFormat("no UEFI capsule")
    if size > data.size:
        raise Malformed(f"UEFI capsule of {size} bytes, {data.size} there")
    properties = {"kind": CAPSULES[guid], "flags": f"{flags:#x}"}
    return Image(size, (stored(data, "payload", header, size),), (Span(0, header),), properties)


def parse_volume(data: Reader) -> Image:
    """Return the sections of every file of a firmware volume; its header sums to zero or it is not one."""
    header_at(data, VOLUME.size, "a firmware volume")
    _, guid, size, magic, _, header, _, extended, _, revision = data.unpack_at(0, VOLUME)
    if magic != VOLUME_MAGIC or not VOLUME.size <= header <= min(size, data.size) or header & 1:
        raise NotThisFormat("no firmware volume")
    if sum(Struct(f"<{header // 2}H").unpack(data.view_at(0, header))) & 0xFFFF:
        raise NotThisFormat("firmware volume header checksum differs")
    if size > data.size:
        raise Malformed(f"firmware volume of {size} bytes, {data.size} there")
    properties = {"file system": str(UUID(bytes_le=guid)), "revision": str(revision)}
    if guid not in FILE_SYSTEMS:
        return Image(size, (stored(data, "content", header, size),), (Span(0, header),), properties)
    start = header
    if extended and extended + 20 <= size:
        start = extended + data.unpack_at(extended + 16, Struct("<I"))[0]
    members: list[Member] = []
    structure = [Span(0, min(start, size))]
    for files, tables in _files(data, start + 7 & ~7, size):
        members += files
        structure += tables
    return Image(size, tuple(members), tuple(structure), properties)


def _files(data: Reader, offset: int, end: int) -> Iterator[tuple[list[Member], list[Span]]]:
    """Yield members and tables per file, up to the free space at the end."""
    for index in range(MOST_FILES):
        if offset + FILE.size > end or data.startswith(b"\xff" * FILE.size, offset):
            return
        guid, _, kind, attributes, size24, _ = data.unpack_at(offset, FILE)
        size, body = int.from_bytes(size24, "little"), offset + FILE.size
        if attributes & LARGE and size in (0, 0xFFFFFF) and body + 8 <= end:
            size, body = data.unpack_at(body, LARGE_FILE)[0], body + 8
        if not body - offset <= size <= end - offset:
            raise Malformed(f"file {index} of the firmware volume runs past its end")
        stop = offset + size
        if kind == PAD_FILE:
            yield [], [Span(offset, body)]
        else:
            name = f"{UUID(bytes_le=guid)}.{FILE_KINDS.get(kind, f'{kind:#04x}')}"
            yield _file(data, name, kind, body, stop, Span(offset, body))
        offset = stop + 7 & ~7


def _file(data: Reader, name: str, kind: int, start: int, end: int, header: Span) -> tuple[list[Member], list[Span]]:
    """Return the sections of a file; a raw file, and one whose sections do not parse, is one member."""
    if kind != RAW_FILE:
        try:
            members, tables = _sections(data, name, start, end)
        except Malformed:
            return [stored(data, name, start, end, notes=("sections do not parse",))], [header]
        return members, [header, *tables]
    return [stored(data, name, start, end)], [header]


def parse_sections(data: Reader) -> Image:
    """Return the sections of a bare stream, such as a compressed section decodes to; they have to fill it exactly."""
    header_at(data, 4, "a section stream")
    try:
        members, tables = _sections(data, "", 0, data.size)
    except Malformed as error:
        raise NotThisFormat(f"no section stream: {error}") from None
    if not members:
        raise NotThisFormat("no section stream")
    return Image(data.size, tuple(members), tuple(tables))


def _sections(data: Reader, prefix: str, offset: int, end: int) -> tuple[list[Member], list[Span]]:
    """Return the members and the headers of the sections in `[offset, end)`, each aligned to four bytes."""
    members: list[Member] = []
    tables: list[Span] = []
    base = prefix + "/" if prefix else ""
    while offset + 4 <= end and len(members) < MOST_SECTIONS:
        size, kind, body = int.from_bytes(data.view_at(offset, 3), "little"), data.view_at(offset + 3, 1)[0], offset + 4
        if size == 0xFFFFFF and offset + 8 <= end:
            size, body = data.unpack_at(offset + 4, Struct("<I"))[0], offset + 8
        if not body - offset <= size <= end - offset or kind not in (*SECTION_NAMES, COMPRESSED, GUIDED):
            raise Malformed(f"section of type {kind:#04x} and {size} bytes")
        stop = offset + size
        path = f"{base}{len(members)}-{SECTION_NAMES.get(kind, 'packed')}"
        member, body = _section(data, path, kind, offset, body, stop)
        members.append(member)
        tables.append(Span(offset, body))
        offset = stop + 3 & ~3
    return members, tables


def _section(data: Reader, path: str, kind: int, start: int, body: int, stop: int) -> tuple[Member, int]:
    """Return the section whose header begins at `start` as a member, and where its content begins."""
    if kind == NAME:
        return Member(path, open=_text_opener(data, body, stop), extents=(Span(body, stop),), format="text"), body
    if kind == FREEFORM and stop - body >= 16:
        return stored(data, path, body + 16, stop), body + 16
    if kind == COMPRESSED and stop - body >= 5:
        unpacked, method = data.unpack_at(body, Struct("<IB"))
        body += 5
        if not method:
            return stored(data, path, body, stop), body
        return _packed(data, path, body, stop, "tiano", unpacked), body
    if kind == GUIDED and stop - body >= 20:
        guid, offset, _ = data.unpack_at(body, Struct("<16sHH"))
        first = min(max(start + offset, body + 20), stop)
        return _packed(data, path, first, stop, GUID_CODECS.get(guid, str(UUID(bytes_le=guid))), -1), first
    return stored(data, path, body, stop), body


def _packed(data: Reader, path: str, start: int, stop: int, codec: str, size: int) -> Member:
    """Return an encapsulated section stream: as it is, decoded on opening, or named when no decoder is here."""
    if codec == "crc32":
        return stored(data, path, start, stop)
    if codec in READABLE:
        return stored(data, path, start, stop, hint=codec)
    if codec == "brotli" and stop - start > 16:  # original and scratch size come first
        return stored(data, path, start + 16, stop, hint="brotli")
    if codec == "tiano":
        return Member(path, open=tiano_opener(data, start, stop), extents=(Span(start, stop),), size=size)
    return locked(path, start, stop, Unsupported(f"section encapsulated with {codec}"))


def _text_opener(data: Reader, start: int, stop: int) -> Opener:
    def open_text(_limit: int) -> Reader:
        raw = data.read_at(start, stop - start)
        return BufferReader(raw.decode("utf-16-le", "replace").rstrip("\0").encode())

    return open_text
