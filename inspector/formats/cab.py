"""Microsoft cabinets: folders of data blocks, files as ranges of a folder.

Format: [MS-CAB] "Cabinet File Format"; [MS-MCI] "MSZIP Compression and Decompression Data Structure"; `lzx`, `quantum`.
Limits: files that go on in another cabinet are gaps; of a folder in Quantum the first megabytes are read.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from struct import Struct
from typing import Final

from inspector.errors import FormatError, LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.formats import lzx, quantum
from inspector.formats.image import Image
from inspector.formats.layout import Member
from inspector.formats.names import decode_name
from inspector.formats.reader import BufferReader, Reader, Span
from inspector.formats.solid import LastBlock

MAGIC: Final = b"MSCF\0\0\0\0"
HEADER = Struct("<4s4xI4xI4xBB5H")
RESERVE = Struct("<HBB")
FOLDER = Struct("<IHH")
FILE = Struct("<IIH4xH")
BLOCK = Struct("<IHH")
HAS_PREVIOUS, HAS_NEXT, HAS_RESERVE = 1, 2, 4
STORED, MSZIP, QUANTUM, LZX = 0, 1, 2, 3
METHODS: Final = (STORED, MSZIP, QUANTUM, LZX)
CONTINUED: Final = (0xFFFD, 0xFFFE, 0xFFFF)
UTF8_NAME: Final = 0x80
MAX_BLOCK: Final = 32768
MAX_NAME: Final = 256


@dataclass(frozen=True, slots=True)
class _Folder:
    """One folder: its method and its data blocks, as (offset, stored length, decoded length)."""

    method: int
    window: int
    """Bits of the window, of Quantum and LZX."""
    blocks: tuple[tuple[int, int, int], ...]
    headers: Span
    """From the first block header to the end of the last block."""
    damage: FormatError | None

    @property
    def spans(self) -> tuple[Span, ...]:
        """Where the stored bytes lie."""
        return (self.headers,) if len(self.headers) else ()


def parse_cab(data: Reader) -> Image:
    """Return the files; those of one folder share its extent."""
    if data.size < HEADER.size or not data.startswith(MAGIC):
        raise NotThisFormat("no cabinet")
    _, size, files_at, _, major, folders, files, flags, _, _ = data.unpack_at(0, HEADER)
    if major != 1 or not HEADER.size < files_at <= size:
        raise NotThisFormat("no cabinet header")
    position, folder_reserve, block_reserve = _optional_parts(data, flags)
    width = FOLDER.size + folder_reserve
    blocks, room = list[_Folder](), data.size // BLOCK.size  # folders that share blocks would make this quadratic
    for index in range(folders):
        blocks.append(_folder(data, position + index * width, block_reserve, room))
        room -= len(blocks[-1].blocks)
    members, end, kept = list[Member](), files_at, LastBlock()
    for start, length, index, path, stop in _files(data, files_at, files):
        members.append(_member(data, blocks, index, path, start, length, kept))
        end = stop
    structure = (Span(0, position + folders * width), Span(files_at, end))
    notes = () if size <= data.size else ("cabinet is cut off",)
    return Image(min(size, data.size), tuple(members), structure, {"files": str(files)}, notes)


def _optional_parts(data: Reader, flags: int) -> tuple[int, int, int]:
    """Return where the folder table starts, and how many reserved bytes each folder and block has."""
    position = HEADER.size
    folder_reserve = block_reserve = 0
    if flags & HAS_RESERVE:
        header_reserve, folder_reserve, block_reserve = data.unpack_at(position, RESERVE)
        position += RESERVE.size + header_reserve
    for flag in (HAS_PREVIOUS, HAS_NEXT):
        for _ in range(2 if flags & flag else 0):
            position += len(_text(data, position)) + 1
    return position, folder_reserve, block_reserve


def _text(data: Reader, position: int) -> bytes:
    raw, found, _ = data.read_upto(position, MAX_NAME + 1).partition(b"\0")
    if not found:
        raise Malformed("cabinet name does not end")
    return raw


def _folder(data: Reader, at: int, reserve: int, room: int) -> _Folder:
    position, count, method = data.unpack_at(at, FOLDER)
    if count > room:
        raise Malformed("cabinet with more blocks than bytes for them")
    start, blocks, damage = position, [], None
    for _ in range(count):
        try:
            _, stored, plain = data.unpack_at(position, BLOCK)
            body = position + BLOCK.size + reserve
            data.view_at(body, stored)
        except Malformed as error:
            damage = error.bare()
            break
        blocks.append((body, stored, plain))
        position = body + stored
    return _Folder(method & 15, method >> 8 & 31, tuple(blocks), Span(min(start, position), position), damage)


def _files(data: Reader, position: int, count: int) -> Iterator[tuple[int, int, int, str, int]]:
    """Yield (offset in the folder, size, folder, path, end of the entry)."""
    for _ in range(count):
        size, start, folder, attributes = data.unpack_at(position, FILE)
        name = _text(data, position + FILE.size)
        position += FILE.size + len(name) + 1
        path = (
            decode_name(name) if attributes & UTF8_NAME or name.isascii() else name.decode("cp1252", "backslashreplace")
        )
        yield start, size, folder, path.replace("\\", "/"), position


def _member(
    data: Reader, folders: list[_Folder], index: int, path: str, start: int, size: int, kept: LastBlock
) -> Member:
    if index in CONTINUED:
        return Member(path, problem=Unsupported("goes on in another cabinet"), size=size)
    if index >= len(folders):
        return Member(path, problem=Malformed("file of no folder"), size=size)
    folder = folders[index]
    if folder.method not in METHODS:
        problem = Unsupported(f"cabinet folder packed with method {folder.method}")
        return Member(path, extents=folder.spans, problem=problem, size=size)
    opener = partial(kept.member, index, partial(_decode, data, folder), start, size)
    return Member(path, opener, folder.spans, size)


def _decode(data: Reader, folder: _Folder, limit: int) -> Reader:
    size = sum(plain for _, _, plain in folder.blocks)
    if size > limit:
        raise LimitReached(f"cabinet folder of {size} bytes, {limit} allowed")
    if folder.method in (STORED, MSZIP):
        return _blockwise(data, folder)
    blocks = [(data.read_at(body, stored), plain) for body, stored, plain in folder.blocks]
    if folder.method == QUANTUM:
        output, damage = quantum.unpack(blocks, folder.window)
    else:
        output, damage = lzx.unpack(b"".join(raw for raw, _ in blocks), folder.window, size)
    reader = BufferReader(output)
    reader.damage = damage or folder.damage
    return reader


def _blockwise(data: Reader, folder: _Folder) -> Reader:
    """Decode blocks that need no more of those before than their last bytes."""
    output, damage = bytearray(), folder.damage
    for body, stored, _ in folder.blocks:
        raw = data.view_at(body, stored)
        try:
            output += raw if folder.method == STORED else _mszip(raw, bytes(output[-MAX_BLOCK:]))
        except (Malformed, zlib.error) as error:
            damage = Malformed(f"damaged MSZIP block: {error}")
            break
    reader = BufferReader(output)
    reader.damage = damage
    return reader


def _mszip(raw: memoryview, history: bytes) -> bytes:
    """Decode one block; matches may reach back into the 32 KiB before it."""
    if bytes(raw[:2]) != b"CK":
        raise Malformed("no MSZIP signature")
    decoder = zlib.decompressobj(-15, zdict=history) if history else zlib.decompressobj(-15)
    return decoder.decompress(raw[2:], MAX_BLOCK)
