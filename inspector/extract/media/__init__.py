"""Pictures, sound, video, fonts: nothing to unpack, but their bytes are accounted for once their structure parses."""

from dataclasses import dataclass
from typing import Final

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.layout import Contents
from inspector.formats.media import ENDS
from inspector.formats.reader import Reader, Span

_TITLES: Final = {
    "png": ("PNG picture", (Magic(b"\x89PNG\r\n\x1a\n"),)),
    "jpeg": ("JPEG picture", (Magic(b"\xff\xd8\xff\xe0"), Magic(b"\xff\xd8\xff\xe1"), Magic(b"\xff\xd8\xff", carve=False))),
    "gif": ("GIF picture", (Magic(b"GIF89a"), Magic(b"GIF87a"))),
    "riff": ("RIFF media (WAVE, WebP, AVI)", (Magic(b"WAVEfmt ", 8), Magic(b"WEBPVP8", 8), Magic(b"AVI LIST", 8))),
    "ogg": ("Ogg media", (Magic(b"OggS\0\2"),)),
    "mp4": ("ISO base media (MP4)", (Magic(b"ftyp", 4, carve=False),)),
    "mp3": ("MPEG audio", (Magic(b"ID3\3"), Magic(b"ID3\4"), Magic(b"ID3\2"), Magic(b"\xff\xfb", carve=False))),
    "font": ("TrueType or OpenType font", (Magic(b"\0\1\0\0\0", carve=False), Magic(b"OTTO\0", carve=False))),
    "woff": ("WOFF font", (Magic(b"wOFF"), Magic(b"wOF2"))),
}


@dataclass(frozen=True)
class Media(Extractor):
    """One media format, by its name in `formats.media.ENDS`."""

    INFO: ExtractorInfo
    MAGIC: tuple[Magic, ...]

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent by the format's own structure."""
        return Span(offset, ENDS[self.INFO.name](data, offset))

    def unpack(self, data: Reader) -> Contents:  # noqa: ARG002 - nothing inside
        """Return no members: the extent as a whole is media."""
        return Contents(())


def _media(name: str, title: str, magics: tuple[Magic, ...]) -> Media:
    info = ExtractorInfo(
        name=name,
        title=title,
        family=Family.MEDIA,
        grade=Grade.FULL,
        summary="Accounted for as media; its content is not looked at.",
        limitations=("Pixels, sound and glyphs are not decoded; text in metadata is not scanned.",),
        tested="files of this format from the Debian and PyPI packages named in tests/formats/test_media.py",
        media=True,
    )
    return Media(info, magics)


EXTRACTORS: Final[tuple[Extractor, ...]] = tuple(_media(name, *rest) for name, rest in _TITLES.items())
