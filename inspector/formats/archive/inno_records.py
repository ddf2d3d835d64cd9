"""Records of Inno Setup: how many texts and bytes each kind has in which version, as far as they tell where files go.

Format: Inno Setup (its licence is of the kind of BSD), `Projects/Src/Shared.Struct.pas` and `Projects/Struct.pas` of
5.4.3 and 6.5.0; innoextract (zlib licence) and Binary Refinery (BSD), for what changed from version to version. A
record is its texts, each behind its length, then the rest of its fields.
Limits: versions before 5.0 have other records.
"""

from collections.abc import Iterator, Mapping
from struct import Struct
from typing import Final, NamedTuple

from inspector.errors import Malformed
from inspector.formats.names import windows_name

OLDEST: Final = (5, 0)
LENGTH: Final = Struct("<I")
LEAD_BYTES: Final = 32
RANGE: Final = 20
"""From and up to which version of Windows something counts."""
OUTSIDE: Final = 0xFFFFFFFF
"""Location of a file that is not in the installer."""
DESTINATION: Final = 1
"""Which text of a file is its path."""


class Version(NamedTuple):
    """Version of the data: up to four numbers, and whether texts are UTF-16."""

    number: tuple[int, ...]
    wide: bool


class Record(NamedTuple):
    """Layout of a record: how many texts, how many bytes behind them."""

    texts: int
    rest: int


class Files(NamedTuple):
    """What the records say: the paths of each location, and how many locations there are."""

    paths: Mapping[int, tuple[str, ...]]
    locations: int


Change = tuple[tuple[int, ...], int]
"""From which version on, how many more."""
HEADER_TEXTS: Final[tuple[Change, ...]] = (
    ((5, 0), 27),
    ((5, 1, 13), 1),
    ((5, 2, 1), 1),
    ((5, 3, 8), 1),
    ((5, 3, 10), 0),  # one more, one less
    ((5, 5), 1),
    ((5, 5, 6), 1),
    ((5, 6, 1), 2),
    ((6, 3), 2),
    ((6, 4, 2), 1),
    ((6, 5), 1),
    ((6, 7), 5),
)
OPTIONS: Final[tuple[Change, ...]] = (
    ((5, 0), 42),
    ((5, 0, 4), 1),
    ((5, 1, 13), 1),
    ((5, 2, 1), 1),
    ((5, 3, 3), -2),
    ((5, 3, 9), 1),
    ((5, 3, 10), -1),
    ((5, 5), 3),
    ((5, 5, 7), 1),
    ((5, 6, 1), -2),
    ((6, 0), 3),
    ((6, 3), 1),
    ((6, 4), -5),
    ((6, 5), -1),
    ((6, 6), 4),
)
"""Options of the header, one bit each."""
HEADER_REST: Final[tuple[Change, ...]] = (
    # Range, two colours of the back, of the images; hash and salt; space, slices; modes; compression.
    ((5, 0), RANGE + 8 + 8 + 24 + 12 + 6),
    ((5, 0, 4), -4),
    ((5, 1), 2),
    ((5, 2, 1), 8),
    ((5, 3, 3), 2),
    ((5, 3, 6), 4),
    ((5, 3, 9), 4),
    ((5, 3, 10), -8),
    ((5, 5), 4),
    ((5, 5, 7), -3),
    ((5, 7), 1),
    ((6, 0), 9),
    ((6, 3), -2),
    ((6, 4), 20),
    ((6, 4, 0, 1), -8),
    ((6, 5), -48),
    ((6, 5, 2), 8),
    ((6, 6), 8),
    ((6, 6, 1), 1),
    ((6, 7), 10),
    ((7, 0, 0, 3), 4),
)


def _sum(changes: tuple[Change, ...], number: tuple[int, ...]) -> int:
    return sum(amount for since, amount in changes if number >= since)


def _set(bits: int) -> int:
    """Return how many bytes a set of flags takes."""
    size = -(-bits // 8)
    return 4 if size == 3 else size


def _header_rest(version: Version) -> int:
    number, wide = version
    options = _sum(OPTIONS, number) + (not wide and number >= (5, 1, 7))
    return _sum(HEADER_REST, number) + (8 if number >= (6, 7) else _set(options))


def _records(version: Version) -> tuple[Record, ...]:
    """Return the layouts of what stands in front of the files, in order of the counts."""
    number, wide = version
    if number >= (6, 6):
        language = Record(8, 19)
    else:
        language = Record(10, 20 + 4 * (not wide or number < (5, 3)) + (number >= (5, 2, 3)))
    short = 3 * (number >= (6, 7))
    kinds = [
        language,
        Record(2, 4),  # message
        Record(1, 0),  # permission
        Record(4, RANGE + 10),  # type
        Record(5, RANGE + 22 - short),  # component
        Record(6, RANGE + 6 - short),  # task
        Record(7, RANGE + 7),  # directory
    ]
    return (*kinds, Record(3, 0)) if number >= (6, 5) else tuple(kinds)


def _file(version: Version) -> tuple[Record, int]:
    """Return the layout of a file, and where in what follows the texts its location stands."""
    number, _ = version
    texts, before = 9 + (number >= (5, 2, 5)), RANGE
    if number >= (6, 5):
        texts, before = 16, 33 + RANGE
    options = 8 if number >= (6, 7) else 5 if number >= (6, 5) else 4
    return Record(texts, before + 18 + (number >= (7, 0, 0, 3)) + options + 1), before


AFTER_FILES: Final = 7
"""Counts behind those of the files and of their locations."""


def read_files(raw: bytes, version: Version) -> Files:
    """Return where the files go; `Malformed` where the records do not fit the version."""
    problem = Malformed("records of another version")
    for slack in (0, 1, -1):  # the same number stands for data with an option more or less
        try:
            return _read(_Records(raw), version, slack)
        except Malformed as error:
            problem = error.bare()
    raise problem


def _read(records: "_Records", version: Version, slack: int) -> Files:
    records.skip(Record(_sum(HEADER_TEXTS, version.number), 0 if version.wide else LEAD_BYTES))
    layouts = _records(version)
    counts = [records.number() for _ in range(len(layouts) + 2 + AFTER_FILES)]
    records.skip(Record(0, _header_rest(version) + slack))
    for count, layout in zip(counts, layouts, strict=False):
        for _ in range(count):
            records.skip(layout)
    files, locations = counts[len(layouts) : len(layouts) + 2]
    paths: dict[int, list[str]] = {}
    layout, before = _file(version)
    for _ in range(files):
        texts, rest = records.read(layout)
        (location,) = LENGTH.unpack_from(rest, before)
        if location != OUTSIDE and location >= locations:
            raise Malformed("file at no location")
        path = _text(texts[DESTINATION], wide=version.wide).replace("\\", "/")
        if location != OUTSIDE and path and path not in paths.setdefault(location, []):
            paths[location].append(path)
    return Files({location: tuple(found) for location, found in paths.items()}, locations)


def _text(raw: bytes, *, wide: bool) -> str:
    return raw.decode("utf-16-le", "backslashreplace") if wide else windows_name(raw)


class _Records:
    """Records one after another."""

    def __init__(self, raw: bytes) -> None:
        self._raw, self._at = raw, 0

    def number(self) -> int:
        """Return the next count."""
        return int.from_bytes(self._take(4), "little")

    def skip(self, layout: Record) -> None:
        """Pass over one record."""
        for _ in self._texts(layout.texts):
            pass
        self._take(layout.rest)

    def read(self, layout: Record) -> tuple[list[bytes], bytes]:
        """Return the texts of one record and what follows them."""
        return list(self._texts(layout.texts)), self._take(layout.rest)

    def _texts(self, count: int) -> Iterator[bytes]:
        for _ in range(count):
            yield self._take(self.number())

    def _take(self, size: int) -> bytes:
        piece = self._raw[self._at : self._at + size]
        self._at += size
        if len(piece) < size:
            raise Malformed("record is cut off")
        return piece
