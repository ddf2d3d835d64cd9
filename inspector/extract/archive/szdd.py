"""Adapters for files of Microsoft's COMPRESS, both kinds."""

from inspector.extract.archive.stream import CONTENT, StreamExtractor
from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.formats.archive import kwaj, szdd
from inspector.formats.codec.streams import STEP, Stream
from inspector.formats.reader import Reader


class Szdd(StreamExtractor):
    """SZDD stream as a container of one member."""

    INFO = ExtractorInfo(
        name="szdd",
        title="Microsoft COMPRESS (SZDD)",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Drivers and programs for Windows on old disks: setup.ex_, driver.sy_.",
        references=("libmspack, The KWAJ and SZDD file formats",),
        tested="original packer: mscompress",
        remedy="msexpand",
    )
    MAGIC = (Magic(szdd.MAGIC),)

    def check(self, data: Reader, offset: int) -> None:
        """Raise `NotThisFormat` unless magic and size hold."""
        szdd.check_header(data, offset)

    def codec(self, data: Reader, offset: int, step: int = STEP) -> Stream:
        """Decode the stream at `offset`."""
        return szdd.decompress(data, offset, step)

    def name(self, data: Reader) -> str:
        """Return a name with the letter that the header keeps, which is the last one of the ending."""
        letter = szdd.last_letter(data)
        return f"{CONTENT}.__{letter}" if letter else CONTENT


class Kwaj(StreamExtractor):
    """KWAJ stream as a container of one member."""

    INFO = ExtractorInfo(
        name="kwaj",
        title="Microsoft COMPRESS (KWAJ)",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Drivers and programs for Windows on old disks: setup.ex_, driver.sy_.",
        references=("libmspack, The KWAJ and SZDD file formats",),
        tested="built sample of each method",
        remedy="msexpand",
    )
    MAGIC = (Magic(kwaj.MAGIC),)

    def check(self, data: Reader, offset: int) -> None:
        """Raise `NotThisFormat` unless magic, method and place of the content hold."""
        kwaj.check_header(data, offset)

    def codec(self, data: Reader, offset: int, step: int = STEP) -> Stream:
        """Decode the stream at `offset`."""
        return kwaj.decompress(data, offset, step)

    def name(self, data: Reader) -> str:
        """Return the name that the header keeps."""
        return kwaj.name_of(data) or CONTENT
