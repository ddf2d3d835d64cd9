"""Pictures, sound, video, fonts: accounted for once their structure parses; only the text beside them is looked at."""

from typing import Final

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.layout import Contents
from inspector.formats.media.structure import EBML, ENDS
from inspector.formats.media.texts import TEXTS, media_texts
from inspector.formats.reader import Reader, Span

_TEXT_SCANNED: Final = "text beside the content is scanned as documentation"
_UNSEEN: Final = "its content is not looked at"


class Media(Extractor):
    """One media format; its end is found by the function of its name in `formats.media.structure.ENDS`."""

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent by the format's own structure."""
        return Span(offset, ENDS[self.INFO.name](data, offset))

    def unpack(self, data: Reader) -> Contents:
        """Return the texts beside the content as members; the rest of the extent is media."""
        return Contents(media_texts(self.INFO.name, data))


def _info(
    name: str, title: str, tested: str = "files of this format as Debian and PyPI packages carry them"
) -> ExtractorInfo:
    told = name in TEXTS or name == "bmp"  # which has no place for text
    return ExtractorInfo(
        name=name,
        title=title,
        family=Family.MEDIA,
        grade=Grade.FULL,
        summary=f"Accounted for as media; {_TEXT_SCANNED if name in TEXTS else _UNSEEN}.",
        limitations=(
            f"Pixels, sound and glyphs are not decoded{'' if told else '; text in metadata is not scanned'}.",
        ),
        tested=tested,
        media=True,
    )


class Png(Media):
    """PNG picture."""

    INFO = _info("png", "PNG picture")
    MAGIC = (Magic(b"\x89PNG\r\n\x1a\n"),)


class Jpeg(Media):
    """JPEG picture."""

    INFO = _info("jpeg", "JPEG picture")
    MAGIC = (Magic(b"\xff\xd8\xff\xe0"), Magic(b"\xff\xd8\xff\xe1"), Magic(b"\xff\xd8\xff", carve=False))


class Gif(Media):
    """GIF picture."""

    INFO = _info("gif", "GIF picture")
    MAGIC = (Magic(b"GIF89a"), Magic(b"GIF87a"))


class Riff(Media):
    """RIFF media (WAVE, WebP, AVI)."""

    INFO = _info("riff", "RIFF media (WAVE, WebP, AVI)")
    MAGIC = (Magic(b"WAVEfmt ", 8), Magic(b"WEBPVP8", 8), Magic(b"AVI LIST", 8))


class Ogg(Media):
    """Ogg media."""

    INFO = _info("ogg", "Ogg media")
    MAGIC = (Magic(b"OggS\0\2"),)


class Mp4(Media):
    """ISO base media (MP4)."""

    INFO = _info("mp4", "ISO base media (MP4)")
    MAGIC = (Magic(b"ftyp", 4, carve=False),)


class Mp3(Media):
    """MPEG audio."""

    INFO = _info("mp3", "MPEG audio")
    MAGIC = (
        Magic(b"ID3\3"),
        Magic(b"ID3\4"),
        Magic(b"ID3\2"),
        *(Magic(sync, carve=False) for sync in (b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2")),
    )


class Bmp(Media):
    """BMP picture."""

    INFO = _info("bmp", "BMP picture", "original packer: ImageMagick")
    MAGIC = (Magic(b"BM", carve=False),)


class Tiff(Media):
    """TIFF picture."""

    INFO = _info("tiff", "TIFF picture", "original packer: ImageMagick")
    MAGIC = (Magic(b"II*\0", carve=False), Magic(b"MM\0*", carve=False))


class Matroska(Media):
    """Matroska or WebM video."""

    INFO = _info("matroska", "Matroska or WebM video", "original packer: FFmpeg")
    MAGIC = (Magic(EBML),)


class MpegTs(Media):
    """MPEG transport stream."""

    INFO = _info("mpeg-ts", "MPEG transport stream", "original packer: FFmpeg")
    MAGIC = (Magic(b"\x47", carve=False),)


class Flv(Media):
    """Flash video."""

    INFO = _info("flv", "Flash video (FLV)", "original packer: FFmpeg")
    MAGIC = (Magic(b"FLV\1", carve=False),)


class Aac(Media):
    """AAC sound in ADTS frames."""

    INFO = _info("aac", "AAC sound (ADTS)", "original packer: FFmpeg")
    MAGIC = (Magic(b"\xff\xf1", carve=False), Magic(b"\xff\xf9", carve=False))


class Amr(Media):
    """AMR speech."""

    INFO = _info("amr", "AMR speech", "built sample from the documented layout")
    MAGIC = (Magic(b"#!AMR"),)


class Font(Media):
    """TrueType or OpenType font."""

    INFO = _info("font", "TrueType or OpenType font")
    MAGIC = (Magic(b"\0\1\0\0\0", carve=False), Magic(b"OTTO\0", carve=False))


class Woff(Media):
    """WOFF font."""

    INFO = _info("woff", "WOFF font")
    MAGIC = (Magic(b"wOFF"), Magic(b"wOF2"))


EXTRACTORS: Final[tuple[Extractor, ...]] = (
    Png(),
    Jpeg(),
    Gif(),
    Bmp(),
    Tiff(),
    Riff(),
    Ogg(),
    Mp4(),
    Matroska(),
    MpegTs(),
    Flv(),
    Mp3(),
    Aac(),
    Amr(),
    Font(),
    Woff(),
)
