"""RPM packages: a lead, a signature header, a header, and a compressed cpio archive.

Format: Linux Standard Base 5.0, "Package File Format".
Limits: signatures are not verified; delta packages are not applied.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, stored
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span

LEAD: Final = b"\xed\xab\xee\xdb"
LEAD_SIZE: Final = 96
HEADER_MAGIC: Final = b"\x8e\xad\xe8\x01"
INTRODUCTION = Struct(">4s4xII")
ENTRY = Struct(">4I")
STRING, INT32, INT64, LOCALISED = 6, 4, 5, 9
SIGNED_SIZE, SIGNED_SIZE_64 = 1000, 270
"""Tags of the signature header: length of header and payload."""
TAGS: Final = {
    1000: "name",
    1001: "version",
    1002: "release",
    1011: "vendor",
    1022: "architecture",
    1125: "compression",
}
SUFFIXES: Final = {"gzip": ".gz", "xz": ".xz", "lzma": ".lzma", "bzip2": ".bz2", "zstd": ".zst"}
MAX_TEXT: Final = 4096
MAX_TAGS: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class _Header:
    """One header block: its extent and the texts and numbers of it."""

    span: Span
    values: Mapping[int, str | int]


def parse_rpm(data: Reader) -> Image:
    """Return the payload as one member; the headers' names and versions are properties."""
    if not data.startswith(LEAD) or data.size < LEAD_SIZE:
        raise NotThisFormat("no RPM lead")
    signature = _header(data, LEAD_SIZE)
    start = -(-signature.span.end // 8) * 8
    header = _header(data, start)
    signed = signature.values.get(SIGNED_SIZE_64, signature.values.get(SIGNED_SIZE))
    end = start + signed if isinstance(signed, int) else data.size
    if end < header.span.end:
        raise Malformed("RPM ends inside its header")
    notes = () if end <= data.size else ("payload is cut off",)
    properties = {name: str(header.values[tag]) for tag, name in TAGS.items() if tag in header.values}
    path = "payload.cpio" + SUFFIXES.get(properties.get("compression", "gzip"), "")
    end = min(end, data.size)
    return Image(end, (stored(data, path, header.span.end, end),), (Span(0, header.span.end),), properties, notes)


def _header(data: Reader, start: int) -> _Header:
    if not data.startswith(HEADER_MAGIC, start):
        raise NotThisFormat("no RPM header")
    _, count, size = data.unpack_at(start, INTRODUCTION)
    if count > MAX_TAGS:
        raise Malformed(f"RPM header with {count} tags")
    index = start + INTRODUCTION.size
    store = data.slice(index + count * ENTRY.size, index + count * ENTRY.size + size)
    values: dict[int, str | int] = {}
    for number in range(count):
        tag, kind, offset, _ = data.unpack_at(index + number * ENTRY.size, ENTRY)
        if kind in (INT32, INT64):
            values[tag] = int.from_bytes(store.read_upto(offset, 4 if kind == INT32 else 8))
        elif kind in (STRING, LOCALISED):
            values[tag] = decode_name(store.read_upto(offset, MAX_TEXT).split(b"\0")[0])
    return _Header(Span(start, index + count * ENTRY.size + size), values)
