"""Intel HEX, Motorola S-records and TI-TXT: memory images as text lines with addresses and most with checksums.

Format: Intel "Hexadecimal Object File Format Specification" (1988); Motorola M68000 family reference, appendix C;
srecord manual, "srec_ti_txt".
Limits: start addresses are not kept; where two records write the same address, the one of the lower start counts.
"""

from collections.abc import Iterator
from typing import Final

from inspector.errors import LimitReached, Malformed, NotThisFormat
from inspector.formats.image import Image
from inspector.formats.layout import Member
from inspector.formats.reader import BufferReader, MappedReader, Piece, Reader, Span

LARGEST_GAP: Final = 0x1000
"""Gaps up to this become 0xFF inside one region; a larger one starts the next region."""
LONGEST_LINE: Final = 600
DATA, END, SEGMENT_BASE, LINEAR_BASE = 0, 1, 2, 4
START_ADDRESSES: Final = (3, 5)
ADDRESS_WIDTH: Final = {1: 2, 2: 3, 3: 4}
"""Bytes of address in an S-record by its digit."""
CHUNK: Final = 1 << 16


def parse_ihex(data: Reader) -> Image:
    """Return one member per region of memory, named by its address, up to the end record."""
    if not data.startswith(b":"):
        raise NotThisFormat("no Intel HEX record")
    return _image(data, _IntelHex())


def parse_srec(data: Reader) -> Image:
    """Return one member per region of memory, named by its address, up to the termination record."""
    if not data.startswith(b"S"):
        raise NotThisFormat("no S-record")
    return _image(data, _SRecord())


def parse_ti_txt(data: Reader) -> Image:
    """Return one member per region of memory, named by its address, up to the closing `q`."""
    if not data.startswith(b"@"):
        raise NotThisFormat("no TI-TXT address")
    return _image(data, _TiText())


class _IntelHex:
    """Decoder of one file: remembers the upper address that extended records set."""

    def __init__(self) -> None:
        self._base = 0

    def feed(self, line: bytes) -> tuple[int, bytes] | None:
        """Return address and bytes of a data record (empty for others), None after the end record."""
        raw = _unhex(line[1:])
        if line[:1] != b":" or len(raw) < 5 or raw[0] != len(raw) - 5 or sum(raw) & 0xFF:
            raise Malformed("damaged Intel HEX record")
        address, kind, content = int.from_bytes(raw[1:3], "big"), raw[3], raw[4:-1]
        if kind == DATA:
            return self._base + address, content
        if kind == END:
            return None
        if kind in (SEGMENT_BASE, LINEAR_BASE) and len(content) == 2:
            self._base = int.from_bytes(content, "big") << (4 if kind == SEGMENT_BASE else 16)
        elif kind not in START_ADDRESSES:
            raise Malformed(f"Intel HEX record of type {kind}")
        return 0, b""


class _SRecord:
    """Decoder of one file; S-records carry full addresses."""

    def feed(self, line: bytes) -> tuple[int, bytes] | None:
        """Return address and bytes of a data record (empty for others), None after a termination record."""
        raw = _unhex(line[2:])
        if line[:1] != b"S" or len(raw) < 3 or raw[0] != len(raw) - 1 or sum(raw) & 0xFF != 0xFF:
            raise Malformed("damaged S-record")
        kind = line[1] - 0x30
        if kind in ADDRESS_WIDTH:
            width = 1 + ADDRESS_WIDTH[kind]
            return int.from_bytes(raw[1:width], "big"), raw[width:-1]
        if kind in (7, 8, 9):
            return None
        if kind not in (0, 5, 6):
            raise Malformed(f"S-record of type {kind}")
        return 0, b""


class _TiText:
    """Decoder of one file: lines of bytes follow the address that a line with `@` sets. There is no checksum."""

    def __init__(self) -> None:
        self._at = 0

    def feed(self, line: bytes) -> tuple[int, bytes] | None:
        """Return address and bytes of a line of bytes (empty for an address), None after the closing line."""
        if line in (b"q", b"Q"):
            return None
        if line[:1] == b"@":
            digits = line[1:]
            if not 4 <= len(digits) <= 8:
                raise Malformed("damaged TI-TXT address")
            self._at = int.from_bytes(_unhex(digits.rjust(len(digits) + len(digits) % 2, b"0")), "big")
            return 0, b""
        content = _unhex(line)
        start, self._at = self._at, self._at + len(content)
        return start, content


def _unhex(text: bytes) -> bytes:
    try:
        return bytes.fromhex(text.decode("ascii"))
    except ValueError:
        raise Malformed("record holds something else than hexadecimal digits") from None


def _image(data: Reader, decoder: _IntelHex | _SRecord | _TiText) -> Image:
    chunks: list[tuple[int, bytearray]] = []
    end, closed, seen = 0, False, False
    for line, end in _lines(data):  # noqa: B007
        record = _feed(decoder, line, first=not seen)
        seen = True
        if record is None:
            closed = True
            break
        address, content = record
        if not content:
            continue
        if chunks and chunks[-1][0] + len(chunks[-1][1]) == address:
            chunks[-1][1].extend(content)
        else:
            chunks.append((address, bytearray(content)))
    if not chunks:
        raise NotThisFormat("records without data")
    return Image(
        size=end,
        members=tuple(_member(start, pieces, end) for start, pieces in _regions(sorted(chunks, key=lambda c: c[0]))),
        notes=() if closed else ("no end record",),
    )


def _feed(decoder: _IntelHex | _SRecord | _TiText, line: bytes, *, first: bool) -> tuple[int, bytes] | None:
    """Decode one line; a file whose first line is no record is something else, not a damaged one."""
    if not line:
        return 0, b""
    try:
        return decoder.feed(line)
    except Malformed as error:
        if first:
            raise NotThisFormat(str(error)) from None
        raise


def _lines(data: Reader) -> Iterator[tuple[bytes, int]]:
    """Yield each line without its end, and the offset behind it."""
    rest, start = b"", 0
    for offset in range(0, data.size, CHUNK):
        block = rest + data.read_upto(offset, CHUNK)
        *lines, rest = block.split(b"\n")
        for line in lines:
            start += len(line) + 1
            yield line.strip(), start
        if len(rest) > LONGEST_LINE:
            raise Malformed("record line too long")
    if rest:
        yield rest.strip(b"\r\n\0\x1a "), data.size


def _regions(chunks: list[tuple[int, bytearray]]) -> Iterator[tuple[int, list[Piece]]]:
    """Yield (address, pieces): chunks in ascending order, small gaps filled; an overlap keeps the first bytes."""
    start, end, pieces = 0, 0, list[Piece]()
    for address, content in chunks:
        if pieces and address - end > LARGEST_GAP:
            yield start, pieces
            pieces = []
        if not pieces:
            start = end = address
        skip = min(max(end - address, 0), len(content))
        if address > end:
            pieces.append(Piece(address - end, fill=0xFF))
        if skip < len(content):
            pieces.append(Piece(len(content) - skip, BufferReader(bytes(content)), skip))
        end = max(end, address + len(content))
    yield start, pieces


def _member(start: int, pieces: list[Piece], end: int) -> Member:
    memory = MappedReader(pieces)

    def open_region(limit: int) -> Reader:
        if memory.size > limit:
            raise LimitReached(f"{memory.size} bytes, {limit} allowed")
        return memory

    return Member(f"memory@{start:#010x}", open=open_region, extents=(Span(0, end),), size=memory.size)
