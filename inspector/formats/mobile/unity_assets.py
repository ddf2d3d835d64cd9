"""Serialized files of Unity (`level0`, `resources.assets`, files of asset bundles): where their texts begin and end.

Format: as AssetRipper and UnityPy read them: a header in big-endian order, then objects field by field, a text as its
length in four little-endian bytes, its UTF-8, and zeros up to the next multiple of four.
Limits: the types of the objects are not read: four bytes count as a length where a text of that length stands behind
them. Texts without a dot or a colon are left out, since no endpoint is without one.
"""

import re
from collections.abc import Iterator
from typing import Final

from inspector.formats.program.dex_code import numpy
from inspector.formats.reader import Reader, Span

LARGEST: Final = 1 << 26
SHORTEST: Final = 4
LONGEST: Final = 4096
HEAD: Final = re.compile(
    rb".{8}\0\0\0[\x09-\x15].{4}[\0\1]\0\0\0\d{1,4}\.\d{1,2}\.\d{1,3}[a-z]\d"
    rb"|\0{8}\0\0\0[\x16-\x2f]\0{4}[\0\1]\0{3}.{28}\d{1,4}\.\d{1,2}\.\d{1,3}[a-z]\d",
    re.DOTALL,
)
"""Header up to the version of the engine: of the versions up to 21, then of those from 22 on."""
_TEXT: Final = re.compile(rb"[\t\n\r\x20-\x7e\x80-\xff]*")


def texts(data: Reader) -> Iterator[Span]:
    """Yield the half-open ranges of texts with a dot or a colon, in order, none that overlap."""
    if not SHORTEST < data.size <= LARGEST:
        return
    np = numpy()
    raw = bytes(data.all())
    words = np.frombuffer(raw, "<u4", len(raw) // 4)
    places = np.flatnonzero(words[:-1] - SHORTEST <= LONGEST - SHORTEST)  # below the shortest it wraps round
    letters = np.frombuffer(raw, np.uint8)
    places = places[letters[4 * places + 4] >= 0x20]
    starts = 4 * places + 4
    stops = starts + words[places]
    marks = np.flatnonzero((letters == 0x2E) | (letters == 0x3A))
    marked = (np.searchsorted(marks, starts) < np.searchsorted(marks, stops)) & (stops <= len(raw))
    end = 0
    for start, stop in zip(starts[marked].tolist(), stops[marked].tolist(), strict=True):
        if start < end:
            continue
        run = _TEXT.match(raw, start, stop)
        if run is not None and run.end() == stop and not any(raw[stop : stop + -stop % 4]):
            yield Span(start, stop)
            end = stop
