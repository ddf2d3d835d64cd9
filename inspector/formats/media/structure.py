"""Pictures, sound, video and fonts: enough structure to prove what they are and where they end.

Format: PNG (ISO/IEC 15948), JPEG (ITU T.81), GIF89a, BMP, TIFF 6.0, RIFF (WAVE, WebP, AVI), Ogg (RFC 3533), ISO base
media (MP4), Matroska (RFC 8794), MPEG-TS (ISO/IEC 13818-1), FLV 10.1, MPEG audio, ADTS (ISO/IEC 13818-7), AMR (RFC
4867), sfnt fonts (TrueType, OpenType), WOFF and WOFF2.
Limits: pixels and sound are not decoded, and what is hidden in them is not looked for; `texts` reads what stands
beside them. Formats of bare frames count once several stand in a row: four of MPEG audio, eight of the others.
"""

from collections.abc import Callable
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.crc import crc32_forward
from inspector.formats.reader import Reader

U32: Final = Struct(">I")
L32: Final = Struct("<I")
CHUNK: Final = Struct(">I4s")
MOST_PARTS: Final = 200_000
BMP: Final = Struct("<2sIIII")
BMP_HEADERS: Final = (12, 40, 52, 56, 64, 108, 124)
TIFF_ORDERS: Final = {b"II*\0": "<", b"MM\0*": ">"}
TIFF_WIDTHS: Final = dict(enumerate((1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4), start=1))
TIFF_PLACES: Final = {273: 279, 324: 325, 279: 0, 325: 0}
"""Tags of offsets, and the tags of their lengths: strips, tiles."""
MOST_PAGES: Final = 1000
MOST_TAGS: Final = 512
EBML: Final = b"\x1a\x45\xdf\xa3"
SEGMENT: Final = b"\x18\x53\x80\x67"
TS_PACKET, TS_SYNC = 188, 0x47
FRAMES_IN_A_ROW: Final = 8
AMR_FRAMES: Final = {
    b"#!AMR\n": (13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1),
    b"#!AMR-WB\n": (18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1),
}
"""Bytes of a frame by its type, the frame's own first byte included."""
_MP3_RATES: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MP3_RATES_2: Final = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_MP3_SAMPLING: Final = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def png_end(data: Reader, offset: int) -> int:
    """Return the end of a PNG: behind its IEND chunk."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n", offset):
        raise NotThisFormat("no PNG")
    at = offset + 8
    for _ in range(MOST_PARTS):
        length, kind = data.unpack_at(at, CHUNK)
        if not kind.isalpha():
            raise Malformed("PNG chunk has no name")
        at += 12 + length
        if at > data.size:
            raise Malformed("PNG ends early")
        if kind == b"IEND":
            return int(at)
    raise Malformed("PNG without an end")


def jpeg_end(data: Reader, offset: int) -> int:
    """Return the end of a JPEG: behind the EOI marker of the outermost picture."""
    if not data.startswith(b"\xff\xd8\xff", offset):
        raise NotThisFormat("no JPEG")
    at = offset + 2
    for _ in range(MOST_PARTS):
        mark, code = data.read_at(at, 2)
        if mark != 0xFF:
            raise NotThisFormat("no JPEG segment")
        if code == 0xD9:
            return at + 2
        if code == 0xFF:
            at += 1
            continue
        at += 2 + int.from_bytes(data.read_at(at + 2, 2), "big")
        if code == 0xDA:
            at = _after_scan(data, at)
    raise Malformed("JPEG without an end")


def _after_scan(data: Reader, at: int) -> int:
    """Return the offset of the marker behind entropy-coded data."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= data.size:
            raise Malformed("JPEG ends early")
        following = data.view_at(at + 1, 1)[0]
        if following == 0 or 0xD0 <= following <= 0xD7:
            at += 2
        elif following == 0xFF:
            at += 1
        else:
            return at


def gif_end(data: Reader, offset: int) -> int:
    """Return the end of a GIF: behind its trailer."""
    if data.read_upto(offset, 6) not in (b"GIF87a", b"GIF89a"):
        raise NotThisFormat("no GIF")
    at = after_colours(data, offset + 10, 3)
    for _ in range(MOST_PARTS):
        kind = data.view_at(at, 1)[0]
        if kind == 0x3B:
            return at + 1
        if kind == 0x21:
            at = _after_blocks(data, at + 2)
        elif kind == 0x2C:
            at = _after_blocks(data, after_colours(data, at + 9, 2))
        else:
            raise Malformed("GIF block unknown")
    raise Malformed("GIF without an end")


def after_colours(data: Reader, at: int, width: int) -> int:
    """Return the offset behind `width` bytes, the first of which are flags, and the GIF's colours if these tell any."""
    flags = data.view_at(at, 1)[0]
    return at + width + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)


def _after_blocks(data: Reader, at: int) -> int:
    while length := data.view_at(at, 1)[0]:
        at += 1 + length
    return at + 1


def riff_end(data: Reader, offset: int) -> int:
    """Return the end of a RIFF file, by its length field; the form must be a known one."""
    if not data.startswith(b"RIFF", offset) or data.read_upto(offset + 8, 4) not in (b"WAVE", b"WEBP", b"AVI "):
        raise NotThisFormat("no RIFF")
    end: int = offset + 8 + data.unpack_at(offset + 4, L32)[0]
    if end > data.size:
        raise Malformed("RIFF ends early")
    return end


def _is_ogg_page(page: bytes) -> bool:
    """Tell whether a whole page bears its own checksum."""
    return crc32_forward(page[:22] + bytes(4) + page[26:]) == int.from_bytes(page[22:26], "little")


def ogg_end(data: Reader, offset: int) -> int:
    """Return the end of the last of consecutive Ogg pages; the first one's checksum must hold."""
    at = offset
    for _ in range(MOST_PARTS):
        if not data.startswith(b"OggS\0", at):
            break
        segments = data.view_at(at + 26, 1)[0]
        length = 27 + segments + sum(data.view_at(at + 27, segments))
        if at == offset and not _is_ogg_page(data.read_at(at, length)):
            raise NotThisFormat("no Ogg page: its checksum differs")
        at += length
    if at == offset:
        raise NotThisFormat("no Ogg")
    if at > data.size:
        raise Malformed("Ogg ends early")
    return at


def mp4_end(data: Reader, offset: int) -> int:
    """Return the end of the last of consecutive top-level boxes; the first is `ftyp`."""
    if data.read_upto(offset + 4, 4) != b"ftyp":
        raise NotThisFormat("no ISO media")
    known = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"moof", b"sidx", b"uuid", b"meta", b"wide", b"mfra", b"pdin")
    at = offset
    for _ in range(MOST_PARTS):
        if at + 8 > data.size:
            break
        length, kind = data.unpack_at(at, CHUNK)
        if kind not in known:
            break
        if length == 1:
            length = int.from_bytes(data.read_at(at + 8, 8), "big")
        length = length or data.size - at
        if length < 8 or at + length > data.size:
            raise Malformed("ISO media box out of range")
        at += length
    if at - offset < 32:
        raise NotThisFormat("no ISO media")
    return at


def mp3_end(data: Reader, offset: int) -> int:
    """Return the end of consecutive MPEG audio frames, an ID3v2 tag before them included."""
    at = offset
    if data.startswith(b"ID3", at):
        size = 0
        for byte in data.read_at(at + 6, 4):
            if byte & 0x80:
                raise NotThisFormat("no ID3 size")
            size = size << 7 | byte
        at += 10 + size
    frames = 0
    while at + 4 <= data.size and (length := _mp3_frame(data.read_at(at, 4))):
        at += length
        frames += 1
    if frames < 4:
        raise NotThisFormat("no MPEG audio")
    if data.startswith(b"TAG", at) and at + 128 <= data.size:
        at += 128
    return min(at, data.size)


def _mp3_frame(head: bytes) -> int:
    """Return the length of a layer III frame, 0 for anything else."""
    if head[0] != 0xFF or head[1] & 0xE0 != 0xE0 or (head[1] >> 1) & 3 != 1:
        return 0
    version, rate, sampling = (head[1] >> 3) & 3, head[2] >> 4, (head[2] >> 2) & 3
    if version == 1 or rate in (0, 15) or sampling == 3:
        return 0
    bits = (_MP3_RATES if version == 3 else _MP3_RATES_2)[rate] * 1000
    return (144 if version == 3 else 72) * bits // _MP3_SAMPLING[version][sampling] + (head[2] >> 1 & 1)


def bmp_end(data: Reader, offset: int) -> int:
    """Return the end of a BMP, by its length field; the sizes of its headers must be known ones."""
    if data.read_upto(offset, 2) != b"BM":
        raise NotThisFormat("no BMP")
    _, size, reserved, pixels, header = BMP.unpack(data.view_at(offset, BMP.size))
    planes_at = offset + 14 + (8 if header == 12 else 12)
    if reserved or header not in BMP_HEADERS or not 14 + header <= pixels <= size:
        raise NotThisFormat("no BMP header")
    if data.read_upto(planes_at, 2) != b"\1\0":
        raise NotThisFormat("BMP without its plane")
    if offset + size > data.size:
        raise Malformed("BMP ends early")
    return int(offset + size)


def tiff_end(data: Reader, offset: int) -> int:
    """Return the end of a TIFF: the furthest of its directories, their values, strips and tiles."""
    order = TIFF_ORDERS.get(data.read_upto(offset, 4))
    if order is None or not any(data.read_upto(offset + 4, 4)):
        raise NotThisFormat("no TIFF")  # or one without a directory
    word, entry = Struct(order + "I"), Struct(order + "HHI4s")
    at: int = data.unpack_at(offset + 4, word)[0]
    end = at
    for _ in range(MOST_PAGES):
        if not at:
            break
        (count,) = data.unpack_at(offset + at, Struct(order + "H"))
        if not 1 <= count <= MOST_TAGS:
            raise NotThisFormat("no TIFF directory")
        values: dict[int, tuple[int, ...]] = {}
        for index in range(count):
            tag, kind, length, raw = data.unpack_at(offset + at + 2 + 12 * index, entry)
            width = TIFF_WIDTHS.get(kind)
            if width is None:
                raise NotThisFormat("no TIFF directory")
            size = width * length
            place = offset + at + 2 + 12 * index + 8 if size <= 4 else offset + word.unpack(raw)[0]
            end = max(end, place + size - offset)
            if tag in TIFF_PLACES and kind in (3, 4) and length <= MOST_PARTS:
                values[tag] = Struct(f"{order}{length}{'H' if kind == 3 else 'I'}").unpack(data.view_at(place, size))
        for tag, lengths in TIFF_PLACES.items():
            starts = zip(values.get(tag, ()), values.get(lengths, ()), strict=False)
            end = max([end, *(start + length for start, length in starts)])
        end = max(end, at + 6 + 12 * count)
        (at,) = data.unpack_at(offset + at + 2 + 12 * count, word)
    if offset + end > data.size:
        raise Malformed("TIFF ends early")
    return offset + end


def matroska_end(data: Reader, offset: int) -> int:
    """Return the end of a Matroska or WebM file: its header, then segments; one of open length reaches to the end."""
    if not data.startswith(EBML, offset):
        raise NotThisFormat("no EBML")
    length, at = _ebml_length(data, offset + 4)
    if length is None or not 8 <= length <= 256 or b"\x42\x82" not in data.read_upto(at, length):
        raise NotThisFormat("EBML without a document type")
    at += length
    end = at
    while data.startswith(SEGMENT, end):
        length, at = _ebml_length(data, end + 4)
        end = data.size if length is None else at + length
    if end > data.size:
        raise Malformed("Matroska ends early")
    if at == end or end <= offset + 16:
        raise NotThisFormat("EBML without a segment")
    return end


def _ebml_length(data: Reader, at: int) -> tuple[int | None, int]:
    """Return a variable length (None where it is open) and where it ends."""
    first = data.view_at(at, 1)[0]
    width = 9 - first.bit_length()
    if width > 8:
        raise NotThisFormat("no EBML length")
    value = int.from_bytes(data.view_at(at, width), "big") & (1 << 7 * width) - 1
    return (None if value == (1 << 7 * width) - 1 else value), at + width


def mpegts_end(data: Reader, offset: int) -> int:
    """Return the end of consecutive transport packets."""
    at = offset
    while at + TS_PACKET <= data.size and data.view_at(at, 1)[0] == TS_SYNC:
        at += TS_PACKET
    if at < offset + FRAMES_IN_A_ROW * TS_PACKET:
        raise NotThisFormat("no MPEG transport stream")
    return at


def flv_end(data: Reader, offset: int) -> int:
    """Return the end of a Flash video: its last tag that repeats its length behind it."""
    if not data.startswith(b"FLV\1", offset) or data.read_upto(offset + 5, 8) != b"\0\0\0\x09\0\0\0\0":
        raise NotThisFormat("no FLV")
    at = offset + 13
    for _ in range(MOST_PARTS):
        if at + 15 > data.size or data.view_at(at, 1)[0] & 0x1F not in (8, 9, 18):
            break
        length = 11 + int.from_bytes(data.view_at(at + 1, 3), "big")
        if at + length + 4 > data.size or data.unpack_at(at + length, U32)[0] != length:
            break
        at += length + 4
    if at == offset + 13:
        raise NotThisFormat("FLV without a tag")
    return at


def adts_end(data: Reader, offset: int) -> int:
    """Return the end of consecutive AAC frames with the same profile, rate and channels."""
    first = data.read_upto(offset, 7)
    at = offset
    frames = 0
    while len(raw := data.read_upto(at, 7)) == 7 and _same_stream(raw, first):
        length = (raw[3] & 3) << 11 | raw[4] << 3 | raw[5] >> 5
        if length < 8 or at + length > data.size:
            break
        at += length
        frames += 1
    if frames < FRAMES_IN_A_ROW:
        raise NotThisFormat("no ADTS stream")
    return at


def _same_stream(raw: bytes, first: bytes) -> bool:
    """Tell whether a frame header has sync word, layer 0, a known rate, and the fixed part of the first one."""
    synced = raw[0] == 0xFF and raw[1] & 0xF6 == 0xF0 and raw[2] >> 2 & 15 < 13
    return synced and raw[:3] == first[:3] and raw[3] & 0xF0 == first[3] & 0xF0


def amr_end(data: Reader, offset: int) -> int:
    """Return the end of consecutive speech frames behind the mark."""
    for mark, sizes in AMR_FRAMES.items():
        if not data.startswith(mark, offset):
            continue
        at = offset + len(mark)
        while at < data.size:
            head = data.view_at(at, 1)[0]
            size = sizes[head >> 3 & 15]
            if head & 0x83 or not size or at + size > data.size:
                break
            at += size
        if at > offset + len(mark):
            return at
    raise NotThisFormat("no AMR")


def font_end(data: Reader, offset: int) -> int:
    """Return the end of an sfnt font: the furthest of its tables, all named and in range."""
    if data.read_upto(offset, 4) not in (b"\0\1\0\0", b"OTTO", b"true"):
        raise NotThisFormat("no font")
    count = int.from_bytes(data.read_at(offset + 4, 2), "big")
    if not 4 <= count <= 128:
        raise NotThisFormat("no font directory")
    end = offset
    names = set()
    for index in range(count):
        name, _, start, length = Struct(">4s3I").unpack(data.view_at(offset + 12 + 16 * index, 16))
        names.add(name)
        end = max(end, offset + start + length)
    if not {b"head", b"cmap", b"name"} & names or b"head" not in names:
        raise NotThisFormat("no font tables")
    if end > data.size:
        raise Malformed("font ends early")
    return end


def woff_end(data: Reader, offset: int) -> int:
    """Return the end of a WOFF or WOFF2 font, by its length field."""
    if data.read_upto(offset, 4) not in (b"wOFF", b"wOF2"):
        raise NotThisFormat("no WOFF")
    length = data.unpack_at(offset + 8, U32)[0]
    reserved = data.read_at(offset + 14, 2)
    if length < 44 or reserved != b"\0\0":
        raise NotThisFormat("no WOFF header")
    if offset + length > data.size:
        raise Malformed("WOFF ends early")
    return int(offset + length)


ENDS: Final[dict[str, Callable[[Reader, int], int]]] = {
    "png": png_end,
    "jpeg": jpeg_end,
    "gif": gif_end,
    "bmp": bmp_end,
    "tiff": tiff_end,
    "riff": riff_end,
    "ogg": ogg_end,
    "mp4": mp4_end,
    "matroska": matroska_end,
    "mpeg-ts": mpegts_end,
    "flv": flv_end,
    "mp3": mp3_end,
    "aac": adts_end,
    "amr": amr_end,
    "font": font_end,
    "woff": woff_end,
}
