"""What is known of an extractor before its module is imported: its name, its magics, and where it is defined.

An artifact meets a handful of the formats that are read; only their readers are imported, when a magic of theirs is
met. `catalogue.py` states all built-in extractors in this form; it is made from `registry.EXTRACTORS`.
"""

from functools import cached_property
from importlib import import_module

from inspector.extract.base import Extractor, Magic

Row = tuple[str, str, str, tuple[tuple[bytes, int, bool, bytes, int], ...], tuple[str, ...], bool]
"""Name, shelf, place, magics, endings of file names, whether `scattered` finds it. A place is `module:name`, where the
name is that of a class, or of a tuple of extractors in which the one with the row's name is meant."""


class Announced:
    """One extractor, not yet imported unless it was made by `of`."""

    def __init__(self, row: Row) -> None:
        self.name, self.shelf, self._place, magics, self.endings, self.scattered = row
        self.magics = tuple(Magic(*magic) for magic in magics)

    @classmethod
    def of(cls, extractor: Extractor, place: str = "") -> "Announced":
        """Return the announcement of an extractor that is at hand."""
        announced = cls(row_of(extractor, place))
        announced.extractor = extractor
        return announced

    @cached_property
    def extractor(self) -> Extractor:
        """Import the module and return the extractor."""
        module, _, name = self._place.partition(":")
        found: type[Extractor] | tuple[Extractor, ...] = getattr(import_module(module), name)
        return found() if isinstance(found, type) else next(one for one in found if one.INFO.name == self.name)


def row_of(extractor: Extractor, place: str = "") -> Row:
    """Return what `catalogue.py` holds of an extractor."""
    magics = tuple((magic.pattern, magic.offset, magic.carve, magic.rest, magic.rest_size) for magic in extractor.MAGIC)
    scattered = type(extractor).scattered is not Extractor.scattered
    return extractor.INFO.name, extractor.INFO.family.value, place, magics, extractor.NAMES, scattered
