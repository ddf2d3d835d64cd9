"""SQLite databases: the text of live rows, with the table and column that hold it.

Format: sqlite.org/fileformat2.html. A record keeps its values end to end and their types in front, so where a text
begins and ends is known from the types alone.
Limits: the part of a long row that lies on overflow pages, rows in a write-ahead log and tables `WITHOUT ROWID` are
not read; columns behind a virtual generated one get the name of their neighbour.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.reader import Reader

MAGIC: Final = b"SQLite format 3\x00"
_ENCODINGS: Final = {1: "utf-8", 2: "utf-16-le", 3: "utf-16-be"}
_SCHEMA: Final = ("type", "name", "tbl_name", "rootpage", "sql")
_INTERIOR, _LEAF = 5, 13
_DEEPEST: Final = 40
_SIZES: Final = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)
_LONGEST_SQL: Final = 1 << 16
_MOST_COLUMNS: Final = 2000
_TOKEN: Final = re.compile(
    r"--[^\n]*|/\*(?:.*?\*/|.*)|\"[^\"]*\"|'[^']*'|`[^`]*`|\[[^\]]*\]|[(),]|[^\s(),\"'`\[]+|[\"'`\[]", re.DOTALL
)
_CONSTRAINTS: Final = frozenset(("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"))


class Value(NamedTuple):
    """One text of a row: the half-open range of its bytes in the file."""

    start: int
    end: int
    table: str
    column: str


class Field(NamedTuple):
    """One value of a record: its serial type and the half-open range of its bytes in the file."""

    kind: int
    start: int
    end: int


class Database:
    """A database file whose pages are read when asked for."""

    def __init__(self, data: Reader) -> None:
        """Read the header; raises `NotThisFormat` or `Malformed`."""
        if not data.startswith(MAGIC):
            raise NotThisFormat("no SQLite database")
        head = data.read_at(0, 100)
        size = int.from_bytes(head[16:18], "big")
        self.page_size = 65536 if size == 1 else size
        if self.page_size < 512 or self.page_size & (self.page_size - 1):
            raise Malformed(f"SQLite pages of {self.page_size} bytes")
        self._usable = self.page_size - head[20]
        if self._usable < 480:
            raise Malformed(f"SQLite pages with {self._usable} usable bytes")
        self.encoding = _ENCODINGS.get(int.from_bytes(head[56:60], "big"), "utf-8")
        self._data = data
        self._pages = data.size // self.page_size
        self._seen: set[int] = set()

    def values(self) -> Iterator[Value]:
        """Yield every text of the tables, table by table; each page is read once, a damaged one gives nothing."""
        tables: list[tuple[str, int, tuple[str, ...]]] = [("sqlite_schema", 1, _SCHEMA)]
        for fields in self._rows(1):
            row = [self._text(field) for field in fields[:5]]
            if len(row) == 5 and row[0] == "table" and (root := self._integer(fields[3])) > 1:
                tables.append((row[1][:80], root, column_names(row[4])))
        self._seen.clear()
        for table, root, columns in tables:
            for fields in self._rows(root):
                for index, field in enumerate(fields):
                    if field.kind >= 13 and field.kind % 2 and field.end > field.start:
                        column = columns[index] if index < len(columns) else ""
                        yield Value(field.start, field.end, table, column)

    def _rows(self, root: int) -> Iterator[list[Field]]:
        """Yield the fields of every row below a root page, in the order of the tree."""
        stack = [(root, 0)]
        while stack:
            number, depth = stack.pop()
            if number in self._seen or not 1 <= number <= self._pages or depth > _DEEPEST:
                continue
            self._seen.add(number)
            page = self._data.read_at((number - 1) * self.page_size, self.page_size)
            head = 100 if number == 1 else 0
            if page[head] == _INTERIOR:
                # A page is the child of one other: more of them than there are pages wait only in a damaged file.
                if len(stack) <= self._pages:
                    stack.extend((child, depth + 1) for child in reversed(self._children(page, head)))
            elif page[head] == _LEAF:
                yield from self._cells(page, head, (number - 1) * self.page_size)

    def _pointers(self, page: bytes, start: int, head: int, least: int) -> list[int]:
        """Return where cells begin, at most as many as cells of `least` bytes fit in."""
        count = min(int.from_bytes(page[head + 3 : head + 5], "big"), (self._usable - start) // (least + 2))
        return [int.from_bytes(page[at : at + 2], "big") for at in range(start, start + 2 * count, 2)]

    def _children(self, page: bytes, head: int) -> list[int]:
        starts = [*self._pointers(page, head + 12, head, 5), head + 8]
        return list(dict.fromkeys(int.from_bytes(page[at : at + 4], "big") for at in starts))

    def _cells(self, page: bytes, head: int, base: int) -> Iterator[list[Field]]:
        left = self._usable
        for at in self._pointers(page, head + 8, head, 2):
            length, after = _varint(page, at)
            _, start = _varint(page, after)
            end = start + self._local(length)
            left -= end - at
            # Cells do not overlap: a page that claims more than it holds is damaged.
            if left < 0 or end > self._usable:
                return
            yield _fields(page, start, end, base)

    def _local(self, length: int) -> int:
        """Return how many bytes of a row stand on its own page; the rest is on overflow pages."""
        if length <= self._usable - 35:
            return length
        least = (self._usable - 12) * 32 // 255 - 23
        local = least + (length - least) % (self._usable - 4)
        return local if local <= self._usable - 35 else least

    def _text(self, field: Field) -> str:
        raw = self._data.read_upto(field.start, min(field.end - field.start, _LONGEST_SQL))
        return raw.decode(self.encoding, "replace")

    def _integer(self, field: Field) -> int:
        if not 1 <= field.kind <= 6:
            return 0
        return int.from_bytes(self._data.read_upto(field.start, field.end - field.start), "big")


def _varint(page: bytes, at: int) -> tuple[int, int]:
    """Return a number of up to nine bytes and the offset behind it; what stands behind the page counts as zero."""
    value = 0
    for index in range(9):
        byte = page[at + index] if at + index < len(page) else 0
        if index == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + index + 1
    return value, at + 9


def _fields(page: bytes, start: int, end: int, base: int) -> list[Field]:
    """Return the values of the record in `page[start:end]`, cut where it goes on elsewhere."""
    size, at = _varint(page, start)
    body = start + size
    stop = min(body, end)
    found: list[Field] = []
    while at < stop and body < end and len(found) < _MOST_COLUMNS:
        kind, at = _varint(page, at)
        length = _SIZES[kind] if kind < 12 else (kind - 12) // 2
        found.append(Field(kind, base + body, base + min(body + length, end)))
        body += length
    return found


def column_names(sql: str) -> tuple[str, ...]:
    """Return the columns of a `CREATE TABLE` statement in their order, without quotes; constraints are none."""
    names: list[str] = []
    depth, fresh = 0, False
    for match in _TOKEN.finditer(sql[:_LONGEST_SQL]):
        word = match.group()
        if word.startswith(("--", "/*")):
            continue
        if word == "(":
            depth += 1
            fresh = depth == 1
        elif word == ")":
            depth -= 1
            if not depth:
                break
        elif word == ",":
            fresh = fresh or depth == 1
        elif fresh and depth == 1:
            fresh = False
            if word.upper() in _CONSTRAINTS:
                break
            names.append(word.strip("\"'`[]")[:80])
    return tuple(names[:_MOST_COLUMNS])
