"""An excerpt as a hex dump with addresses, so that a reader can check it at the file with any hex editor."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from inspector.model.observation import AS_WRITTEN, GBK

WIDTH: Final = 16
_REPLACED: Final = "\ufffd"


@dataclass(frozen=True, slots=True)
class Cell:
    """One byte: two hex digits, one character, and whether it belongs to the value that was found."""

    hex: str
    text: str
    hit: bool


@dataclass(frozen=True, slots=True)
class Row:
    """Up to sixteen bytes; `address` counts from the start of the member, or from the excerpt where that is unknown."""

    address: str
    runs: tuple[tuple[str, str, bool], ...]
    """(hex, text, hit) of neighbouring bytes alike."""
    padding: str


@dataclass(frozen=True, slots=True)
class Dump:
    """The rows, and whether the addresses are those of the member."""

    rows: tuple[Row, ...]
    absolute: bool


def dump(excerpt: str, value: str, offset: int, decoding: str) -> Dump:
    """Return the dump of an excerpt around `value`, which starts at `offset` of its member.

    The excerpt is text: bytes that are neither UTF-8 nor GBK were replaced when it was cut, and a decoded one (base64,
    UTF-16) does not lie in the file as it reads. In both cases the addresses count from the start of the excerpt.
    """
    codec = decoding if decoding == GBK else "utf-8"
    start = excerpt.lower().find(value.lower()) if value else -1
    head = excerpt[: max(start, 0)].encode(codec, "replace")
    body = excerpt.encode(codec, "replace")
    length = len(value.encode(codec, "replace")) if start >= 0 else 0
    absolute = start >= 0 and decoding in AS_WRITTEN and _REPLACED not in excerpt[:start] and offset >= len(head)
    first = offset - len(head) if absolute else 0
    hit = range(len(head), len(head) + length)
    return Dump(tuple(_rows(body, first, hit)), absolute)


def _rows(body: bytes, first: int, hit: range) -> Iterator[Row]:
    for low in range(0, len(body), WIDTH):
        cells = [
            Cell(f"{byte:02x}", chr(byte) if 0x20 <= byte < 0x7F else "·", low + index in hit)
            for index, byte in enumerate(body[low : low + WIDTH])
        ]
        yield Row(f"{first + low:08x}", tuple(_runs(cells)), "   " * (WIDTH - len(cells)))


def _runs(cells: list[Cell]) -> Iterator[tuple[str, str, bool]]:
    start = 0
    for index in range(1, len(cells) + 1):
        if index == len(cells) or cells[index].hit != cells[start].hit:
            run = cells[start:index]
            yield " ".join(cell.hex for cell in run) + " ", "".join(cell.text for cell in run), run[0].hit
            start = index
