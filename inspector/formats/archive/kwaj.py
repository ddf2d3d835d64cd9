"""The other kind of files of Microsoft's COMPRESS (KWAJ), as setup programs of the nineties held them: `setup.dl_`.

Format: Stuart Caie, libmspack, "The KWAJ and SZDD file formats".
Limits: where the header tells no size, what was packed with a code ends with its last whole byte. Decoded in Python.
"""

from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat, Unsupported
from inspector.formats.codec import lzss, mszip
from inspector.formats.codec.prefixcode import Code, HighBits, code_of, repeat
from inspector.formats.codec.streams import STEP, CutOff, Stream
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader

MAGIC: Final = b"KWAJ\x88\xf0\x27\xd1"
HEADER: Final = Struct("<8sHHH")
STORED, INVERTED, LZSS, CODED, MSZIP = range(5)
SIZE, UNKNOWN, DATA, NAME, ENDING = 1, 2, 4, 8, 16
"""What follows the header."""
LONGEST_NAME, LONGEST_ENDING = 9, 4
FIRST: Final = lzss.WINDOW - 18
"""Where in the window the first byte comes to stand, of LZSS."""
WHAT: Final = "KWAJ"
INVERSE: Final = bytes(byte ^ 0xFF for byte in range(256))
MATCHES, AFTER_RUN, RUNS, DISTANCES, LITERALS = range(5)
SYMBOLS: Final = (16, 16, 32, 64, 256)
"""Of the codes: lengths of matches, the same behind a short run, lengths of runs, distances, bytes."""
LONGEST_RUN: Final = 31
NEAR_BITS: Final = 6
ENDLESS: Final = 1 << 40


def check_header(data: Reader, offset: int) -> None:
    """Raise `NotThisFormat` unless magic, method and place of the content hold."""
    if data.size - offset < HEADER.size or not data.startswith(MAGIC, offset):
        raise NotThisFormat("no KWAJ file")
    _, method, start, _ = data.unpack_at(offset, HEADER)
    if method > MSZIP or not HEADER.size <= start <= data.size - offset:
        raise NotThisFormat("no header of a KWAJ file")


def _place(data: Reader, offset: int) -> tuple[int, int]:
    """Return the method, and how far behind the beginning the content stands."""
    _, method, start, _ = data.unpack_at(offset, HEADER)
    return method, start


def _told(data: Reader, offset: int) -> tuple[int, str]:
    """Return the size that the header tells, -1 where it does not, and the name, empty where it tells none."""
    flags, at, size, name = data.unpack_at(offset, HEADER)[3], offset + HEADER.size, -1, ""
    if flags & SIZE:
        size = int.from_bytes(data.read_at(at, 4), "little")
        at += 4
    if flags & UNKNOWN:
        at += 2
    if flags & DATA:
        at += 2 + int.from_bytes(data.read_at(at, 2), "little")
    for flag, longest, mark in ((NAME, LONGEST_NAME, ""), (ENDING, LONGEST_ENDING, ".")):
        if flags & flag:
            raw = data.read_upto(at, longest).split(b"\0")[0]
            name += mark + decode_name(raw)
            at += len(raw) + 1
    return size, name


def name_of(data: Reader) -> str:
    """Return the name that the header keeps, or nothing."""
    try:
        return _told(data, 0)[1]
    except Malformed:
        return ""


def decompress(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode the file at `offset`; it ends with its size, or where that is not told with the data."""
    check_header(data, offset)
    method, header = _place(data, offset)
    start, size = offset + header, _told(data, offset)[0]
    if method in (STORED, INVERTED):
        raw = data.read_upto(start, size if size >= 0 else data.size - start)
        yield raw.translate(INVERSE) if method == INVERTED else raw
        if len(raw) < size:
            raise CutOff("KWAJ file ends early")
        return header + len(raw)
    if method == LZSS:
        return (yield from _lzss(data, start, size, step)) + header
    if method == MSZIP:
        return (yield from _mszip(data, start)) + header
    return (yield from _coded(data, start, size, step)) + header


def _lzss(data: Reader, start: int, size: int, step: int) -> Stream:
    try:
        return (yield from lzss.unpack(data, start, size if size >= 0 else ENDLESS, FIRST, step, WHAT))
    except CutOff:
        if size >= 0:
            raise
    return data.size - start


def _mszip(data: Reader, start: int) -> Stream:
    at, history = start, b""
    while length := int.from_bytes(data.read_upto(at, 2), "little"):
        raw = data.read_upto(at + 2, length)
        if len(raw) < length:
            raise CutOff("KWAJ file ends early")
        plain = mszip.unpack(raw, history)
        yield plain
        history, at = (history + plain)[-mszip.BLOCK :], at + 2 + length
    return min(at + 2, data.size) - start


class _Bits(HighBits):
    WHAT, REFILL, SPARED = WHAT, 16, 4

    def code(self, symbols: int, kind: int) -> Code:
        """Read the lengths of a code of which so many symbols are told in one of four ways."""
        if kind == 0:
            return code_of([symbols.bit_length() - 1] * symbols, WHAT)
        lengths = [self.take(4)]
        while len(lengths) < symbols:
            lengths.append(self._length(kind, lengths[-1]))
        if min(lengths) < 0:
            raise Malformed("KWAJ code of an impossible length")
        return code_of(lengths, WHAT)

    def _length(self, kind: int, last: int) -> int:
        if kind == 1:
            if not self.take(1):
                return last
            return self.take(4) if self.take(1) else last + 1
        if kind == 2:
            step = self.take(2)
            return self.take(4) if step == 3 else last + step - 1
        return self.take(4)


def _coded(data: Reader, start: int, size: int, step: int) -> Stream:
    raw = data.read_upto(start, data.size - start)
    bits, out, given, goal = _Bits(raw), bytearray(b" ") * lzss.WINDOW, 0, size if size >= 0 else ENDLESS
    kinds = [bits.take(4) for _ in range(len(SYMBOLS) + 1)][: len(SYMBOLS)]
    if max(kinds) > 3:
        raise Unsupported("KWAJ file with codes of an unknown kind")
    codes = [bits.code(symbols, kind) for symbols, kind in zip(SYMBOLS, kinds, strict=True)]
    table, most = MATCHES, 8 * len(raw)
    while given < goal and (size >= 0 or bits.position < most - 7):
        before = len(out)
        length = bits.symbol(codes[table])
        if length:
            distance = bits.symbol(codes[DISTANCES]) << NEAR_BITS | bits.take(NEAR_BITS)
            repeat(out, distance or lzss.WINDOW, min(length + 2, goal - given), WHAT)
            table = MATCHES
        else:
            run = bits.symbol(codes[RUNS])
            out += bytes(bits.symbol(codes[LITERALS]) for _ in range(min(run + 1, goal - given)))
            table = MATCHES if run == LONGEST_RUN else AFTER_RUN
        if bits.position > most:
            if size < 0:
                del out[before:]
                break
            raise CutOff("KWAJ file ends early")
        given += len(out) - before
        if len(out) >= lzss.WINDOW + step:
            yield bytes(out[lzss.WINDOW :])
            del out[: -lzss.WINDOW]
    if len(out) > lzss.WINDOW:
        yield bytes(out[lzss.WINDOW :])
    return min(-(-bits.position // 8), len(raw)) if size >= 0 else len(raw)
