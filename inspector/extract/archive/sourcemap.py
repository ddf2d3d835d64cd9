"""Adapter for source maps of scripts."""

from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.data import sourcemap
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class SourceMap(Extractor):
    """The sources that a script was bundled from."""

    INFO = ExtractorInfo(
        name="source-map",
        title="Source map of a script",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Beside scripts of web interfaces and apps: the sources before they were bundled.",
        references=("ECMA-426",),
        limitations=(
            "Maps that only point to their sources are read as JSON.",
            "Told by a name that ends in .map, or by `version` as the first member.",
        ),
        tested="original packer: terser, of npm",
    )
    MAGIC = (Magic(b'{"version":3,', carve=False),)
    NAMES = (".map",)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the whole file."""
        return sourcemap.extent(data, offset)

    def unpack(self, data: Reader) -> Contents:
        """Return the sources and the list of their names."""
        return sourcemap.read_map(data)
