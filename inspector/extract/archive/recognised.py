"""Adapter for formats that are named and not read: each becomes a gap with a remedy."""

from typing import Final

from inspector.errors import NotThisFormat, Unsupported
from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.archive.recognised import KNOWN, Known
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Recognised(Extractor):
    """One row of the table; it reaches to the end of the artifact, for its header says nothing else."""

    def __init__(self, known: Known) -> None:
        self._known = known
        # One class, many rows: here these are facts of the instance.
        self.INFO = ExtractorInfo(  # type: ignore[misc]
            name=known.name,
            title=known.title,
            family=Family.FILESYSTEM if known.is_file_system else Family.ARCHIVE,
            grade=Grade.RECOGNISE,
            summary="Recognised at the start of an artifact.",
            limitations=("contents are not read",),
            tested="built sample",
            remedy=known.remedy,
            scheme=known.scheme,
        )
        magics = tuple(Magic(pattern, offset, carve=False) for pattern, offset in known.magics)
        self.MAGIC = magics  # type: ignore[misc]
        self.NAMES = known.endings  # type: ignore[misc]

    def measure(self, data: Reader, offset: int) -> Span:
        """Return everything from `offset` on where a magic and the format's own check hold."""
        part = data.slice(offset)
        magics = self._known.magics
        if magics and not any(part.startswith(pattern, at) for pattern, at in magics):
            raise NotThisFormat(f"no {self._known.title}")
        if self._known.check is not None and not self._known.check(part):
            raise NotThisFormat(f"no {self._known.title}")
        return Span(offset, data.size)

    def unpack(self, data: Reader) -> Contents:
        """Raise `Unsupported`: nothing here reads it."""
        raise Unsupported(f"{self._known.title} of {data.size} bytes: {self._known.remedy} would read it")


RECOGNISED: Final = tuple(Recognised(known) for known in KNOWN)
