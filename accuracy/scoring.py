"""Counts with their uncertainty, and the tables that state both."""

import csv
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

RATED_FROM: Final = 200
"""Labelled values below which a share is printed but not rated."""
SDK_PARTS: Final = ("open", "aside", "second", "third")
"""Parts of the labels of apps and SDKs; what is missed is named in all but the one set aside."""
_Z: Final = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `total`."""

    hits: int
    total: int

    def interval(self) -> tuple[float, float]:
        """Return Wilson's interval at 95 %; (0, 1) when nothing was counted."""
        if not self.total:
            return 0.0, 1.0
        share, n = self.hits / self.total, self.total
        middle = share + _Z * _Z / (2 * n)
        reach = _Z * math.sqrt(share * (1 - share) / n + _Z * _Z / (4 * n * n))
        scale = 1 + _Z * _Z / n
        return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)

    def text(self) -> str:
        """Return `hits/total = share [low, high]`."""
        if not self.total:
            return "–"
        low, high = self.interval()
        return f"{self.hits}/{self.total} = {self.hits / self.total:.3f} [{low:.3f}, {high:.3f}]"


def rows(path: Path) -> Iterator[list[str]]:
    """Yield the columns of a table of tab-separated values, without lines that start with #."""
    with path.open(encoding="utf-8") as stream:
        yield from csv.reader(
            (line for line in stream if not line.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE
        )


def accepted_names(path: Path) -> dict[str, tuple[str, frozenset[str]]]:
    """Return vendor key → (domicile, names that count as right, in lower case)."""
    return {key: (domicile, frozenset(names.lower().split("|"))) for key, domicile, names in rows(path)}


def table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table, columns padded so that it reads well in a terminal too."""
    lines = [list(head), *map(list, body)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    padded = [" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    padded.insert(1, "-|-".join("-" * width for width in widths))
    return "\n".join(f"| {line} |" if index != 1 else f"|-{line}-|" for index, line in enumerate(padded))
