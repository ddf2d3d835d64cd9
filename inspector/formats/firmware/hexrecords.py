"""Memory images as text lines with addresses, most with checksums: Intel HEX, S-records, TI-TXT, Tektronix, MOS.

Format: Intel "Hexadecimal Object File Format Specification" (1988); Motorola M68000 family reference, appendix C;
srecord manual, "srec_ti_txt", "srec_tektronix", "srec_tektronix_extended", "srec_mos_tech"; BFD documentation on
symbols in Tektronix extended records and before S-records ("symbolsrec").
Limits: start addresses and symbols are not kept; where two records write the same address, the one of the lower start
counts.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
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
SYMBOL: Final = re.compile(rb"[!-~]+ \$[0-9A-Fa-f]{1,16}")
TEKTRONIX: Final = {
    code: value for value, code in enumerate(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ$%._abcdefghijklmnopqrstuvwxyz")
}
"""Worth of a character in the checksum of a Tektronix extended record; any other counts nothing."""
CHUNK: Final = 1 << 16


def parse_ihex(data: Reader) -> Image:
    """Return one member per region of memory, named by its address, up to the end record."""
    if not data.startswith(b":"):
        raise NotThisFormat("no Intel HEX record")
    return _image(data, _IntelHex())


def parse_srec(data: Reader) -> Image:
    """Return one member per region of memory, named by its address, up to the termination record.

    A list of symbols may stand in front, between two lines that begin with `$$`.
    """
    if data.read_upto(0, 1) != b"S" and not data.startswith(b"$$ "):
        raise NotThisFormat("no S-record")
    return _image(data, _SRecord())


def parse_ti_txt(data: Reader) -> Image:
    """Return one member per region of memory, named by its address, up to the closing `q`."""
    if not data.startswith(b"@"):
        raise NotThisFormat("no TI-TXT address")
    image = _image(data, _TiText())
    if image.notes:
        raise NotThisFormat("no closing q")  # then the same lines are a Verilog hex file
    return image


def parse_tektronix(data: Reader) -> Image:
    """Return one member per region of memory, named by its address, up to the termination record."""
    if not data.startswith(b"/"):
        raise NotThisFormat("no Tektronix record")
    return _image(data, _Tektronix())


def parse_tektronix_extended(data: Reader) -> Image:
    """Return one member per region of memory, named by its address, up to the termination record."""
    if not data.startswith(b"%"):
        raise NotThisFormat("no Tektronix extended record")
    return _image(data, _TektronixExtended())


def parse_mos(data: Reader) -> Image:
    """Return one member per region of memory, named by its address, up to the record that counts the others."""
    if not data.startswith(b";"):
        raise NotThisFormat("no MOS Technology record")
    return _image(data, _Mos())


class LineDecoder(ABC):
    """Decoder of one file, fed line by line."""

    @abstractmethod
    def feed(self, line: bytes) -> tuple[int, bytes] | None:
        """Return address and bytes of a record of data (empty for others), None after the last record."""


class _IntelHex(LineDecoder):
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


class _SRecord(LineDecoder):
    """Decoder of one file; S-records carry full addresses."""

    def feed(self, line: bytes) -> tuple[int, bytes] | None:
        """Return address and bytes of a data record (empty for others), None after a termination record."""
        if line.startswith(b"$$") or SYMBOL.fullmatch(line):
            return 0, b""
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


class _TiText(LineDecoder):
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


class _Tektronix(LineDecoder):
    """Decoder of one file; the checksums add up digits, not bytes: one those of address and length, one the data's."""

    def feed(self, line: bytes) -> tuple[int, bytes] | None:
        """Return address and bytes of a data record, None after the record without bytes."""
        head, body = line[1:9], line[9:]
        raw = _unhex(head)
        if line[:1] != b"/" or len(raw) != 4:
            raise Malformed("damaged Tektronix record")
        if raw[2] == 0 and not body:  # some write the last record without its checksum
            return None
        content = _unhex(body)
        if len(content) != raw[2] + 1 or _digits(head[:6]) != raw[3] or _digits(body[:-2]) != content[-1]:
            raise Malformed("damaged Tektronix record")
        return int.from_bytes(raw[:2], "big"), content[:-1]


class _TektronixExtended(LineDecoder):
    """Decoder of one file; an address is as long as its first digit says, 0 for sixteen."""

    def feed(self, line: bytes) -> tuple[int, bytes] | None:
        """Return address and bytes of a data record (empty for symbols), None after the termination record."""
        if line[:1] != b"%" or not 6 <= len(line) <= 256:
            raise Malformed("damaged Tektronix extended record")
        length, checksum = _unhex(line[1:3])[0], _unhex(line[4:6])[0]
        worth = sum(TEKTRONIX.get(code, 0) for code in line[1:4] + line[6:])
        if length != len(line) - 1 or worth & 0xFF != checksum:
            raise Malformed("damaged Tektronix extended record")
        kind = line[3:4]
        if kind in (b"3", b"8"):
            return None if kind == b"8" else (0, b"")
        if kind != b"6":
            raise Malformed("Tektronix extended record of another type")
        width = TEKTRONIX.get(line[6], 0) or 16 if len(line) > 6 else 0
        digits, content = line[7 : 7 + width], line[7 + width :]
        if not digits or len(digits) != width or width > 16:
            raise Malformed("damaged Tektronix extended address")
        return int.from_bytes(_unhex(digits.rjust(16, b"0")), "big"), _unhex(content)


class _Mos(LineDecoder):
    """Decoder of one file; the checksum is the sum of the bytes in 16 bits."""

    def __init__(self) -> None:
        self._records = 0

    def feed(self, line: bytes) -> tuple[int, bytes] | None:
        """Return address and bytes of a data record, None after the last record, which counts the others."""
        raw = _unhex(line[1:])
        if line[:1] != b";" or len(raw) < 5 or raw[0] != len(raw) - 5:
            raise Malformed("damaged MOS Technology record")
        if raw[0] == 0:
            if int.from_bytes(raw[1:3], "big") != self._records & 0xFFFF:
                raise Malformed("MOS Technology records are missing")
            return None
        if sum(raw[:-2]) & 0xFFFF != int.from_bytes(raw[-2:], "big"):
            raise Malformed("damaged MOS Technology record")
        self._records += 1
        return int.from_bytes(raw[1:3], "big"), raw[3:-2]


def _digits(text: bytes) -> int:
    return sum(int(chr(digit), 16) for digit in text) & 0xFF


def _unhex(text: bytes) -> bytes:
    try:
        return bytes.fromhex(text.decode("ascii"))
    except ValueError:
        raise Malformed("record holds something else than hexadecimal digits") from None


def _image(data: Reader, decoder: LineDecoder) -> Image:
    chunks, end, closed = decode_lines(data, decoder)
    return memory_image(chunks, end, notes=() if closed else ("no end record",))


Chunks = list[tuple[int, bytearray]]


def decode_lines(data: Reader, decoder: LineDecoder) -> tuple[Chunks, int, bool]:
    """Return (address, bytes) of every run of records, where the text ends, and whether a last record closed it."""
    chunks: Chunks = []
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
    return chunks, end, closed


def memory_image(
    chunks: Chunks, end: int, *, notes: tuple[str, ...] = (), properties: Mapping[str, str] | None = None
) -> Image:
    """Return one member per region of memory, named by its address; the text ends at `end`."""
    regions = _regions(sorted(chunks, key=lambda chunk: chunk[0]))
    members = tuple(_member(start, pieces, end) for start, pieces in regions)
    return Image(size=end, members=members, notes=notes, properties=properties or {})


def _feed(decoder: LineDecoder, line: bytes, *, first: bool) -> tuple[int, bytes] | None:
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
            raise (Malformed if start else NotThisFormat)("record line too long")
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
