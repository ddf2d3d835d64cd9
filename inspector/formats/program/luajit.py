"""LuaJIT bytecode: where the texts among its constants begin and end; none has a mark behind it.

Format: LuaJIT `src/lj_bcdump.h` and `lj_bcread.c`, dumps of version 1 (LuaJIT 2.0) and 2 (2.1): functions end to end,
in each its instructions, then its constants. A text is its length plus five in groups of seven bits, then its bytes;
smaller numbers name other kinds of constants.
Limits: the first damage ends the reading; which instruction loads a text is not told.
"""

from collections.abc import Iterator
from typing import Final

from inspector.errors import NotThisFormat
from inspector.formats.reader import Reader, Span

MAGIC: Final = b"\x1bLJ"
LARGEST: Final = 1 << 26
STRIPPED: Final = 2
_TABLE, _COMPLEX, _TEXT = 1, 4, 5
_INTEGER, _NUMBER = 3, 4
_NUMBERS: Final = {0: 0, 2: 2, 3: 2, _COMPLEX: 4}
"""How many numbers stand behind the kind of a constant of a function."""


class _End(Exception):
    """The bytes end inside a function, or say what cannot be."""


def texts(data: Reader) -> Iterator[Span]:
    """Yield the half-open ranges of texts in order; `NotThisFormat` for what is no dump of LuaJIT."""
    if not data.startswith(MAGIC) or data.size > LARGEST:
        raise NotThisFormat("no LuaJIT bytecode")
    dump = _Dump(bytes(data.all()), len(MAGIC) + 1)
    try:
        yield from dump.texts()
    except _End:
        return  # what lies behind is read as plain bytes


class _Dump:
    def __init__(self, raw: bytes, at: int) -> None:
        self._raw = raw
        self._at = at

    def texts(self) -> Iterator[Span]:
        stripped = self._number() & STRIPPED
        if not stripped:
            self._skip(self._number())
        while size := self._number():
            end = self._at + size
            if end > len(self._raw):
                raise _End
            yield from self._function(stripped=bool(stripped))
            self._at = end

    def _function(self, *, stripped: bool) -> Iterator[Span]:
        head = self._raw[self._at : self._at + 4]
        self._skip(4)
        constants, _, instructions = self._number(), self._number(), self._number()
        if not stripped and self._number():
            self._number()
            self._number()
        self._skip(4 * instructions + 2 * head[3])
        for _ in range(constants):
            kind = self._number()
            if kind >= _TEXT:
                yield self._text(kind)
            elif kind == _TABLE:
                yield from self._table()
            else:
                for _ in range(_NUMBERS[kind]):
                    self._number()

    def _table(self) -> Iterator[Span]:
        array, pairs = self._number(), self._number()
        for _ in range(array + 2 * pairs):
            kind = self._number()
            if kind >= _TEXT:
                yield self._text(kind)
            for _ in range({_INTEGER: 1, _NUMBER: 2}.get(kind, 0)):
                self._number()

    def _text(self, kind: int) -> Span:
        start = self._at
        self._skip(kind - _TEXT)
        return Span(start, self._at)

    def _skip(self, count: int) -> None:
        self._at += count
        if self._at > len(self._raw):
            raise _End

    def _number(self) -> int:
        value = shift = 0
        while True:
            if self._at >= len(self._raw) or shift > 28:
                raise _End
            byte = self._raw[self._at]
            self._at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
