"""Assembly stores of Xamarin and .NET MAUI apps: .NET assemblies end to end, most of them packed with LZ4.

Format: dotnet/android `assembly-store` headers, format 1 (`assemblies.blob`) and 2 (`libassemblies.*.blob.so`);
XALZ as `compressed_assembly` writes it.
Limits: format 1 keeps names in a manifest beside the store, so its assemblies are numbered here.
"""

from collections.abc import Iterator
from struct import Struct
from typing import Final

from inspector.errors import LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.formats.codec.blockcodecs import unlz4
from inspector.formats.image import Image
from inspector.formats.layout import Member
from inspector.formats.names import decode_name
from inspector.formats.program.elf import open_elf
from inspector.formats.reader import BufferReader, Reader, Span

STORE: Final = b"XABA"
PACKED: Final = b"XALZ"
FIRST: Final = Struct("<4s4I")
SECOND: Final = Struct("<4s4I")
ENTRY: Final = Struct("<6I")
DESCRIPTOR: Final = Struct("<7I")
PACKED_HEADER: Final = Struct("<4s2I")
MOST: Final = 100_000
WIDE_INDEX: Final = 0x80000000


def parse_store(data: Reader) -> Image:
    """Return the assemblies of a store, decompressed when opened."""
    if data.size < FIRST.size or not data.startswith(STORE):
        raise NotThisFormat("no assembly store")
    version = data.unpack_at(4, Struct("<I"))[0]
    if version & 0xFF not in (1, 2, 3):
        raise Unsupported(f"assembly store version {version:#x}")
    places = list(_first(data) if version == 1 else _second(data))
    members = tuple(_assembly(data, name, start, size) for name, start, size in places)
    head = min((start for _, start, _ in places), default=FIRST.size)
    return Image(data.size, members, (Span(0, head),), {"assemblies": str(len(members))})


def _first(data: Reader) -> Iterator[tuple[str, int, int]]:
    _, _, count, _, _ = data.unpack_at(0, FIRST)
    for index in range(min(count, MOST, (data.size - FIRST.size) // ENTRY.size)):
        start, size, *_ = data.unpack_at(FIRST.size + index * ENTRY.size, ENTRY)
        yield f"{index:04}.dll", start, size


def _second(data: Reader) -> Iterator[tuple[str, int, int]]:
    _, _, count, _, index_size = data.unpack_at(0, SECOND)
    at = SECOND.size + index_size
    count = min(count, MOST)
    names = at + count * DESCRIPTOR.size
    for index in range(count):
        _, start, size, *_ = data.unpack_at(at + index * DESCRIPTOR.size, DESCRIPTOR)
        (length,) = data.unpack_at(names, Struct("<I"))
        yield decode_name(data.read_at(names + 4, min(length, 1024))), start, size
        names += 4 + length


def _assembly(data: Reader, name: str, start: int, size: int) -> Member:
    if not 0 < start <= start + size <= data.size:
        raise Malformed(f"assembly {name} wants {start:#x}, {size} bytes")

    def open_assembly(limit: int) -> Reader:
        part = data.slice(start, start + size)
        return unpacked(part, limit) if part.startswith(PACKED) else part

    return Member(name, open_assembly, (Span(start, start + size),))


def unpacked(data: Reader, limit: int) -> Reader:
    """Return the assembly of an XALZ file; `LimitReached` where it says it is larger than `limit`."""
    if data.size < PACKED_HEADER.size or not data.startswith(PACKED):
        raise NotThisFormat("no packed assembly")
    _, _, size = data.unpack_at(0, PACKED_HEADER)
    if size > limit:
        raise LimitReached(f"assembly of {size} bytes, {limit} allowed")
    stored = data.view_at(PACKED_HEADER.size, data.size - PACKED_HEADER.size)
    return BufferReader(unlz4(stored, size))


def parse_packed(data: Reader) -> Image:
    """Return the one assembly of an XALZ file, which reaches to the end."""
    if data.size < PACKED_HEADER.size or not data.startswith(PACKED):
        raise NotThisFormat("no packed assembly")
    _, _, size = data.unpack_at(0, PACKED_HEADER)
    body = Span(PACKED_HEADER.size, data.size)
    member = Member("assembly.dll", lambda limit: unpacked(data, limit), (body,), size)
    return Image(data.size, (member,), (Span(0, PACKED_HEADER.size),))


def packed_span(data: Reader, offset: int) -> Span:
    """Return the extent of the packed assembly at `offset`: the whole file, or a section of a `lib_*.dll.so`.

    Nothing in an XALZ file states its length.
    """
    if not offset:
        return Span(0, parse_packed(data).size)
    if data.startswith(b"\x7fELF"):
        for section in open_elf(data).sections:
            if section.start == offset < section.end <= data.size:
                return Span(offset, section.end)
    raise NotThisFormat("no packed assembly")
