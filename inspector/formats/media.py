"""Pictures, sound, video and fonts: enough structure to prove what they are and where they end.

Format: PNG (ISO/IEC 15948), JPEG (ITU T.81), GIF89a, RIFF (WAVE, WebP, AVI), Ogg (RFC 3533), ISO base media (MP4),
MPEG audio, sfnt fonts (TrueType, OpenType), WOFF and WOFF2.
Limits: pixels and sound are not decoded, and what is hidden in them or in private chunks is not looked for. MPEG audio
needs four frames in a row to count.
"""

from collections.abc import Callable
from functools import reduce
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.reader import Reader

U32: Final = Struct(">I")
L32: Final = Struct("<I")
CHUNK: Final = Struct(">I4s")
MOST_PARTS: Final = 200_000
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
    flags = data.view_at(offset + 10, 1)[0]
    at = offset + 13 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
    for _ in range(MOST_PARTS):
        kind = data.view_at(at, 1)[0]
        if kind == 0x3B:
            return at + 1
        if kind == 0x21:
            at = _after_blocks(data, at + 2)
        elif kind == 0x2C:
            local = data.view_at(at + 9, 1)[0]
            at = _after_blocks(data, at + 11 + (3 << ((local & 7) + 1) if local & 0x80 else 0))
        else:
            raise Malformed("GIF block unknown")
    raise Malformed("GIF without an end")


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


_OGG_CRC: Final = tuple(
    reduce(lambda crc, _: (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF, range(8), byte << 24)
    for byte in range(256)
)
"""RFC 3533, 6: polynomial 0x04c11db7, nothing reflected, starting from zero."""


def _is_ogg_page(page: bytes) -> bool:
    """Tell whether a whole page bears its own checksum."""
    crc = 0
    for byte in page[:22] + bytes(4) + page[26:]:
        crc = (crc << 8 & 0xFFFFFFFF) ^ _OGG_CRC[crc >> 24 ^ byte]
    return crc == int.from_bytes(page[22:26], "little")


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
    "riff": riff_end,
    "ogg": ogg_end,
    "mp4": mp4_end,
    "mp3": mp3_end,
    "font": font_end,
    "woff": woff_end,
}
