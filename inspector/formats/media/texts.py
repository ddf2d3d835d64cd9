"""Text that pictures, sound and video carry beside what they show: comments, descriptions, tags, XMP, EXIF.

Format: PNG (ISO/IEC 15948, 11.3.3) and its private chunks; JPEG (ITU T.81) with EXIF 2.32, XMP and Photoshop's
resources; GIF89a, extensions; TIFF 6.0; RIFF with INFO, EXIF and XMP chunks; Vorbis comments (RFC 3533, RFC 7845); ISO
base media (`udta`, `meta`, `uuid`); ID3v2.3, ID3v2.4, ID3v1; the `name` table of sfnt fonts; the metadata of WOFF.
Limits: of Matroska, FLV, transport streams, AAC and AMR nothing is read; of WOFF2 nothing that is packed by Brotli.
"""

import re
from collections.abc import Callable, Iterator
from itertools import count, islice
from struct import Struct
from typing import Final

from inspector.errors import LimitReached
from inspector.formats.codec.blockcodecs import inflate
from inspector.formats.layout import Member
from inspector.formats.media.structure import (
    CHUNK,
    L32,
    MOST_PAGES,
    MOST_PARTS,
    MOST_TAGS,
    TIFF_ORDERS,
    TIFF_WIDTHS,
    U32,
    after_colours,
)
from inspector.formats.reader import BufferReader, Reader, Span

MOST: Final = 1000
"""Texts of one file."""
LARGEST: Final = 1 << 22
"""Decoded bytes of a packed text, and stored bytes of one value."""
TEXT: Final = "documentation"
"""The leaf format of what is found here."""

Piece = tuple[str, Span]
"""What holds text (`tEXt`, `APP1`), and where."""

_MAY_HOLD: Final = re.compile(
    rb"[\w\x80-\xff-]\.[A-Za-z\x80-\xff]|\d\.\d+\.\d+\.\d|\.\0[A-Za-z0-9]|[%\\=]|::|(?::[0-9A-Fa-f]{1,4}){3}"
    rb"|://|:\0/\0/|0[xX][0-9A-Fa-f]{1,2}\.\d|[0-9A-Fa-f]\.0[xX]"
    rb"|[\[({](?:\.|[dD][oO][tT]|:|://)[\])}]|\xe3\x80\x82|\xef\xbc\x8e|\xef\xbd\xa1"
    # Base64 of a short name: that of its last label, in each of the three places that it can have.
    rb"|[A-Za-z0-9+/_-]{16}|Lm(?:Nvb|5ld|Nu|9yZ|lv)|5(?:jb|uZX|vcm|pb)|u(?:Y2|bmV0|b3Jn|aW)"
)
"""What every endpoint that is text has, plain or encoded: `Adobe ImageReady 3.0` and a date are not looked at.

What the scanners of endpoints read as text, so that one more spelling there is one more here.
"""
_CONTROLS: Final = bytes(code for code in range(32) if code not in (0, 9, 10, 13))
_ASCII_RUN: Final = re.compile(rb"[\t\n\r\x20-\x7e]{6,}|(?:[\x20-\x7e]\0){6,}|(?:\0[\x20-\x7e]){6,}")
"""Text between bytes that are none, of one byte or two for each character."""

_PNG_PLAIN: Final = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA sBIT sRGB bKGD hIST pHYs sPLT tIME acTL fcTL fdAT npTc npLb npOl CgBI iDOT"
    b" vpAg oFFs orNT caNv cICP".split()
)
"""Chunks of numbers alone."""
_JPEG_PLAIN: Final = frozenset((0xC4, 0xDA, 0xDB, 0xDC, 0xDD, *range(0xC0, 0xC4), *range(0xC5, 0xD0)))
"""Markers of tables, frames and scans."""
_TIFF_DIRECTORIES: Final = (330, 34665, 34853, 40965)
"""Tags that lead to a further directory: pages inside, EXIF, GPS, interoperability."""
_TIFF_PIXELS: Final = frozenset((273, 279, 324, 325, 347, 513, 514, 519, 520, 521, 320, 301))
_RIFF_PLAIN: Final = frozenset(
    b"data|fmt |fact|VP8 |VP8L|VP8X|ALPH|ANIM|ANMF|avih|strh|strf|idx1|indx|movi|JUNK|PAD |cue |smpl".split(b"|")
)
_BOXES: Final = frozenset((b"moov", b"trak", b"mdia", b"minf", b"dinf", b"udta", b"moof"))
"""Boxes of boxes on the way to text."""
_BOXES_PLAIN: Final = frozenset(b"mdat stbl mvhd tkhd mdhd edts traf sidx mfra ftyp wide vmhd smhd".split())
_VORBIS: Final = re.compile(rb"\x03vorbis|OpusTags|\x81theora")
_VORBIS_REACH: Final = 1 << 16


def media_texts(name: str, data: Reader) -> Iterator[Member]:
    """Yield the texts of the medium `name`, which is all of `data`, in the order of their places.

    Only texts that could hold an endpoint, plain or encoded. Raises `FormatError` where the structure ends before the
    medium does, and `LimitReached` behind `MOST` texts.
    """
    numbers: dict[str, Iterator[int]] = {}
    for index, text in enumerate(TEXTS[name](data) if name in TEXTS else ()):
        if index == MOST:
            raise LimitReached(f"more than {MOST} texts beside the content", "members")
        number = next(numbers.setdefault(text.path, count(1)))
        yield Member(f"{text.path}-{number}", text.open, text.extents, text.size, format=TEXT)


def _told(data: Reader, pieces: Iterator[Piece]) -> Iterator[Member]:
    """Yield the texts in pieces: a whole piece where it is text, else the runs of characters in it."""
    for name, span in pieces:
        raw = bytes(data.read_upto(span.start, min(len(span), LARGEST)))
        if _MAY_HOLD.search(raw) is None:
            continue
        if _is_text(raw):
            yield _stored(name, data, Span(span.start, span.start + len(raw)))
            continue
        for run in _ASCII_RUN.finditer(raw):
            if _MAY_HOLD.search(run.group()):
                yield _stored(name, data, Span(span.start + run.start(), span.start + run.end()))


def _is_text(raw: bytes) -> bool:
    body = raw.rstrip(b"\0")
    if b"\0" in body or body.translate(None, _CONTROLS) != body:
        return False
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _stored(name: str, data: Reader, span: Span) -> Member:
    return Member(name, lambda _limit: data.slice(span.start, span.end), (span,), len(span))


def _packed(name: str, data: Reader, span: Span) -> Member:
    def open_text(limit: int) -> Reader:
        return BufferReader(inflate(data.view_at(span.start, len(span)), min(limit, LARGEST)))

    return Member(name, open_text, (span,))


def png_texts(data: Reader) -> Iterator[Member]:
    """Yield text chunks, EXIF, the colour profile and private chunks."""
    at = 8
    for _ in range(MOST_PARTS):
        length, kind = data.unpack_at(at, CHUNK)
        body = Span(at + 8, at + 8 + length)
        at += 12 + length
        if kind == b"IEND":
            return
        if kind in _PNG_PLAIN or not length:
            continue
        name = kind.decode("latin-1")
        head = data.read_upto(body.start, min(length, 256))
        behind = head.find(b"\0") + 1
        if kind in (b"zTXt", b"iCCP") and 0 < behind < length - 1:
            yield _packed(name, data, Span(body.start + behind + 1, body.end))
        elif kind == b"iTXt" and behind and head[behind : behind + 1] == b"\1":
            language = head.find(b"\0", behind + 2)
            translated = head.find(b"\0", language + 1)
            if 0 < language < translated < length:
                yield _packed(name, data, Span(body.start + translated + 1, body.end))
        elif kind == b"eXIf":
            yield from _told(data, _tiff_pieces(data, body))
        else:
            yield from _told(data, iter([(name, body)]))


def jpeg_texts(data: Reader) -> Iterator[Member]:
    """Yield comments, EXIF, XMP and what else stands in segments before the picture's data."""
    at = 2
    for _ in range(MOST_PARTS):
        mark, code = data.read_at(at, 2)
        if mark != 0xFF or code in (0xD9, 0xDA):
            return
        if code == 0xFF:
            at += 1
            continue
        length = int.from_bytes(data.read_at(at + 2, 2), "big")
        body = Span(at + 4, at + 2 + max(length, 2))
        at = body.end
        if code in _JPEG_PLAIN:
            continue
        if code == 0xE1 and data.startswith(b"Exif\0\0", body.start):
            yield from _told(data, _tiff_pieces(data, Span(body.start + 6, body.end)))
            continue
        # The name of the extension of XMP is a name space itself.
        skipped = 29 if code == 0xE1 and data.startswith(b"http://ns.adobe.com/xap/1.0/\0", body.start) else 0
        name = "COM" if code == 0xFE else f"APP{code - 0xE0}" if code >= 0xE0 else f"segment {code:#04x}"
        yield from _told(data, iter([(name, Span(body.start + skipped, body.end))]))


def gif_texts(data: Reader) -> Iterator[Member]:
    """Yield comments, plain text and application data, each with its blocks joined."""
    at = after_colours(data, 10, 3)
    for _ in range(MOST_PARTS):
        kind = data.view_at(at, 1)[0]
        if kind == 0x3B:
            return
        start = after_colours(data, at + 9, 2) if kind == 0x2C else at + 2
        at, joined = _blocks(data, start)
        if kind != 0x21:
            continue
        label = data.view_at(start - 1, 1)[0]
        if label == 0xF9 or _MAY_HOLD.search(joined) is None:
            continue
        name = {0xFE: "comment", 0x01: "text", 0xFF: "application"}.get(label, "extension")
        if joined.startswith(b"XMP DataXMP"):  # laid out as if there were no blocks
            yield from _told(data, iter([(name, Span(start + 12, at))]))
        else:
            yield _joined(name, joined, Span(start, at))


def _joined(name: str, text: bytes, span: Span) -> Member:
    return Member(name, lambda _limit: BufferReader(text), (span,), len(text))


def _blocks(data: Reader, at: int) -> tuple[int, bytes]:
    """Return where the sub-blocks from `at` on end, and what the first 64 KiB of them hold."""
    joined = bytearray()
    while length := data.view_at(at, 1)[0]:
        if len(joined) < 1 << 16:
            joined += data.read_at(at + 1, length)
        at += 1 + length
    return at + 1, bytes(joined)


def tiff_texts(data: Reader) -> Iterator[Member]:
    """Yield the values of all directories that are bytes or characters."""
    return _told(data, _tiff_pieces(data, Span(0, data.size)))


def _tiff_pieces(data: Reader, extent: Span) -> Iterator[Piece]:
    """Yield the values in a TIFF structure inside `data`; one that leaves its extent is left out."""
    order = TIFF_ORDERS.get(data.read_upto(extent.start, 4))
    if order is None:
        return
    word, entry, half = Struct(order + "I"), Struct(order + "HHI4s"), Struct(order + "H")
    waiting, met = [data.unpack_at(extent.start + 4, word)[0]], set[int]()
    while waiting and len(met) < MOST_PAGES:
        at = waiting.pop(0)
        if not at or at in met or extent.start + at + 2 > extent.end:
            continue
        met.add(at)
        (entries,) = data.unpack_at(extent.start + at, half)
        table = extent.start + at + 2
        if not 1 <= entries <= MOST_TAGS or table + 12 * entries > extent.end:
            continue
        for index in range(entries):
            tag, kind, length, raw = data.unpack_at(table + 12 * index, entry)
            if tag in _TIFF_DIRECTORIES and kind in (4, 13) and length == 1:
                waiting.append(word.unpack(raw)[0])
            size = length * TIFF_WIDTHS.get(kind, 0)
            if kind not in (1, 2, 7) or size <= 4 or tag in _TIFF_PIXELS:
                continue
            start = extent.start + word.unpack(raw)[0]
            if start + size <= extent.end:
                yield f"tag {tag}", Span(start, start + size)
        if table + 12 * entries + 4 <= extent.end:
            waiting.append(data.unpack_at(table + 12 * entries, word)[0])


def riff_texts(data: Reader) -> Iterator[Member]:
    """Yield the chunks that are neither sound nor picture."""
    return _told(data, _riff_pieces(data, Span(12, data.size), 0))


def _riff_pieces(data: Reader, extent: Span, depth: int) -> Iterator[Piece]:
    at = extent.start
    for _ in range(MOST_PARTS):
        if at + 8 > extent.end:
            return
        kind, length = data.read_at(at, 4), data.unpack_at(at + 4, L32)[0]
        body = Span(at + 8, min(at + 8 + length, extent.end))
        at = body.end + (length & 1)
        if kind == b"LIST" and depth < 4:
            if not data.startswith(b"movi", body.start):
                yield from _riff_pieces(data, Span(min(body.start + 4, body.end), body.end), depth + 1)
        elif kind == b"EXIF":
            start = body.start + 6 * data.startswith(b"Exif\0\0", body.start)
            yield from _tiff_pieces(data, Span(min(start, body.end), body.end))
        elif kind not in _RIFF_PLAIN:
            yield kind.decode("latin-1").strip(), body


def ogg_texts(data: Reader) -> Iterator[Member]:
    """Yield the comments of the first stream that has any."""
    return _told(data, _ogg_pieces(data))


def _ogg_pieces(data: Reader) -> Iterator[Piece]:
    head = data.read_upto(0, _VORBIS_REACH)
    mark = _VORBIS.search(head)
    if mark is None:
        return
    at = mark.end()
    for number in range(-1, MOST):
        if at + 4 > len(head):
            return
        start = at + 4
        length = int.from_bytes(head[at:start], "little")
        end = start + length
        if end > len(head):
            return
        if length:
            yield "comment", Span(start, end)
        at = end + 4 * (number == -1)  # behind the name of the program that wrote them: how many there are


def mp4_texts(data: Reader) -> Iterator[Member]:
    """Yield the boxes that hold no samples and no tables of them: user data, metadata, references, private ones."""
    return _told(data, _boxes(data, Span(0, data.size), 0))


def _boxes(data: Reader, extent: Span, depth: int) -> Iterator[Piece]:
    at = extent.start
    for _ in range(MOST_PARTS):
        if at + 8 > extent.end:
            return
        length, kind = data.unpack_at(at, CHUNK)
        head = 8
        if length == 1 and at + 16 <= extent.end:
            length, head = int.from_bytes(data.read_at(at + 8, 8), "big"), 16
        length = length or extent.end - at
        if length < head or at + length > extent.end:
            return
        body = Span(at + head, at + length)
        at += length
        if kind in _BOXES and depth < 8:
            yield from _boxes(data, body, depth + 1)
        elif kind not in _BOXES_PLAIN:
            yield _box_name(kind), body


def _box_name(kind: bytes) -> str:
    return "".join(chr(code) if chr(code).isascii() and chr(code).isalnum() else "_" for code in kind)


def mp3_texts(data: Reader) -> Iterator[Member]:
    """Yield the frames of an ID3v2 tag but for pictures, and the ID3v1 tag at the end."""
    return _told(data, _id3_pieces(data))


def _id3_pieces(data: Reader) -> Iterator[Piece]:
    if data.startswith(b"ID3"):
        version = data.view_at(3, 1)[0]
        end = 10 + _synchsafe(data.read_at(6, 4))
        at = 10
        while version in (3, 4) and at + 10 <= min(end, data.size):
            name = data.read_at(at, 4)
            raw = data.read_at(at + 4, 4)
            length = _synchsafe(raw) if version == 4 else int.from_bytes(raw, "big")
            if not name.isalnum() or not length or at + 10 + length > end:
                break
            if name not in (b"APIC", b"PRIV", b"GEOB"):
                # One byte tells the encoding; what follows is text of one or two bytes for each character.
                yield name.decode("ascii"), Span(at + 10 + (data.view_at(at + 10, 1)[0] < 4), at + 10 + length)
            at += 10 + length
        if version == 2:
            yield "ID3", Span(10, min(end, data.size))
    if data.size > 128 and data.startswith(b"TAG", data.size - 128):
        yield "TAG", Span(data.size - 125, data.size - 1)


def _synchsafe(raw: bytes) -> int:
    return raw[0] << 21 | raw[1] << 14 | raw[2] << 7 | raw[3]


def font_texts(data: Reader) -> Iterator[Member]:
    """Yield the records of the table of names: maker, licence, and where to ask for more."""
    tables = int.from_bytes(data.read_at(4, 2), "big")
    for index in range(tables):
        name, _, start, length = data.unpack_at(12 + 16 * index, Struct(">4s3I"))
        if name == b"name" and start + length <= data.size:
            yield from _told(data, _name_pieces(data, Span(start, start + length)))


def _name_pieces(data: Reader, table: Span) -> Iterator[Piece]:
    if len(table) < 6:
        return
    _, records, strings = data.unpack_at(table.start, Struct(">HHH"))
    met = set[Span]()
    for index in range(min(records, (len(table) - 6) // 12)):
        *_, number, length, place = data.unpack_at(table.start + 6 + 12 * index, Struct(">6H"))
        start = table.start + strings + place
        span = Span(start, start + length)
        if length and span.end <= table.end and span not in met:
            met.add(span)
            yield f"name {number}", span


def woff_texts(data: Reader) -> Iterator[Member]:
    """Yield the metadata of a WOFF font, and its table of names."""
    if not data.startswith(b"wOFF"):
        return
    tables = int.from_bytes(data.read_at(12, 2), "big")
    for index in range(tables):
        name, start, packed, length = data.unpack_at(44 + 20 * index, Struct(">4s3I"))
        if name == b"name" and packed and start + packed <= data.size:
            span = Span(start, start + packed)
            if packed < length:
                yield _names_of(data, span)
            else:
                yield from _told(data, _name_pieces(data, span))
    start, packed = data.unpack_at(24, U32)[0], data.unpack_at(28, U32)[0]
    if packed and start + packed <= data.size:
        yield _packed("metadata", data, Span(start, start + packed))


def _names_of(data: Reader, span: Span) -> Member:
    """Return the records of a packed table of names as one text, a line for each."""

    def open_text(limit: int) -> Reader:
        table = BufferReader(inflate(data.view_at(span.start, len(span)), min(limit, LARGEST)))
        pieces = islice(_name_pieces(table, Span(0, table.size)), MOST)
        return BufferReader(b"\n".join(table.read_at(part.start, len(part)).replace(b"\0", b"") for _, part in pieces))

    return Member("name", open_text, (span,))


TEXTS: Final[dict[str, Callable[[Reader], Iterator[Member]]]] = {
    "png": png_texts,
    "jpeg": jpeg_texts,
    "gif": gif_texts,
    "tiff": tiff_texts,
    "riff": riff_texts,
    "ogg": ogg_texts,
    "mp4": mp4_texts,
    "mp3": mp3_texts,
    "font": font_texts,
    "woff": woff_texts,
}
"""Name of a medium → its texts."""
