"""Property lists: binary and XML, as Apple's systems keep settings, and their rendering as XML.

Format: Apple CoreFoundation `CFBinaryPList.c` and `PropertyList-1.0.dtd`.
Limits: NeXT-style text lists are not read; lists above `LARGEST` bytes, `MOST_VALUES` values (shared objects count
each time they are used, so that none can be multiplied) or `DEEPEST` levels are refused; no entity is ever expanded.
"""

from base64 import b64decode
from binascii import Error as Base64Error
from datetime import UTC, datetime, timedelta
from struct import Struct, unpack
from typing import Any, Final
from xml.parsers import expat

from inspector.errors import LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.formats.reader import Reader

MAGIC: Final = b"bplist0"
LARGEST: Final = 1 << 25
MOST_VALUES: Final = 400_000
DEEPEST: Final = 64
TRAILER: Final = Struct(">6x2B3Q")
EPOCH: Final = datetime(2001, 1, 1, tzinfo=UTC)

Plist = Any
"""`dict[str, Plist]`, `list[Plist]`, `str`, `int`, `float`, `bool`, `bytes`, `datetime` or None."""


def parse_plist(data: Reader) -> Plist:
    """Return the root value; `NotThisFormat` for neither form, `Malformed` or `LimitReached` for a hostile one."""
    if data.size > LARGEST:
        raise LimitReached(f"property list of {data.size} bytes")
    raw = data.read_at(0, data.size)
    if raw.startswith(MAGIC):
        return _Binary(raw).root()
    if not raw[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<?xml", b"<!DOCTYPE", b"<plist")):
        raise NotThisFormat("no property list")
    return _Xml().parse(raw)


class _Binary:
    """One binary list; objects are read when a parent names them."""

    def __init__(self, raw: bytes) -> None:
        if len(raw) < len(MAGIC) + 1 + TRAILER.size:
            raise Malformed("binary property list cut short")
        width, self._reference, count, self._top, start = TRAILER.unpack_from(raw, len(raw) - TRAILER.size)
        end = len(raw) - TRAILER.size
        if not (1 <= width <= 8 and 1 <= self._reference <= 8 and start < end and count):
            raise Malformed("binary property list with a broken trailer")
        count = min(count, (end - start) // width)
        table = raw[start : start + count * width]
        self._offsets = [int.from_bytes(table[at : at + width], "big") for at in range(0, len(table), width)]
        self._raw = raw
        self._left = MOST_VALUES

    def root(self) -> Plist:
        """Return the top object."""
        return self._value(self._top, 0)

    def _value(self, index: int, depth: int) -> Plist:
        self._left -= 1
        if self._left < 0 or depth > DEEPEST:
            raise LimitReached("property list with too many values or levels")
        if not 0 <= index < len(self._offsets) or self._offsets[index] >= len(self._raw):
            raise Malformed(f"property list names object {index}")
        at = self._offsets[index]
        marker = self._raw[at]
        kind, low = marker >> 4, marker & 15
        if kind < 4:
            return self._scalar(kind, low, at + 1)
        count, start = self._count(low, at + 1) if kind != 8 else (low + 1, at + 1)
        return self._sized(kind, count, start, depth)

    def _scalar(self, kind: int, low: int, start: int) -> Plist:
        if kind == 0:
            return {8: False, 9: True}.get(low)
        raw = self._take(start, 1 << min(low, 4))
        if kind == 1:
            return int.from_bytes(raw, "big", signed=len(raw) >= 8)
        if len(raw) not in (4, 8):
            raise Malformed("property list with a number of no size")
        number = unpack(">f" if len(raw) == 4 else ">d", raw)[0]
        return number if kind == 2 else moment(number)

    def _count(self, low: int, start: int) -> tuple[int, int]:
        if low != 15:
            return low, start
        width = 1 << (self._take(start, 1)[0] & 7)
        return int.from_bytes(self._take(start + 1, width), "big"), start + 1 + width

    def _sized(self, kind: int, count: int, start: int, depth: int) -> Plist:
        self._left -= count >> 6 if kind < 8 else 0  # text that is used again and again counts by its length
        match kind:
            case 4:
                return self._take(start, count)
            case 5:
                return self._take(start, count).decode("ascii", "replace")
            case 6:
                return self._take(start, 2 * count).decode("utf-16-be", "replace")
            case 8:
                return int.from_bytes(self._take(start, count), "big")
            case 10 | 11 | 12:
                return [self._value(index, depth + 1) for index in self._references(start, count)]
            case 13:
                keys = self._references(start, count)
                values = self._references(start + count * self._reference, count)
                pairs = zip(keys, values, strict=True)
                return {str(self._value(key, DEEPEST)): self._value(value, depth + 1) for key, value in pairs}
            case _:
                raise Malformed(f"property list object of type {kind}")

    def _references(self, start: int, count: int) -> list[int]:
        width = self._reference
        raw = self._take(start, count * width)
        return [int.from_bytes(raw[at : at + width], "big") for at in range(0, len(raw), width)]

    def _take(self, start: int, length: int) -> bytes:
        if start + length > len(self._raw):
            raise Malformed(f"property list object of {length} bytes at {start:#x}")
        return self._raw[start : start + length]


def moment(seconds: float) -> datetime | None:
    """Return the time so many seconds after 2001-01-01 UTC; None outside what a calendar holds."""
    try:
        return EPOCH + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        return None


class _Xml:
    """Builds the values of an XML list while expat reads it."""

    def __init__(self) -> None:
        self._stack: list[tuple[Any, str]] = []
        """Open containers, each with the key that waits for its value."""
        self._text: list[str] = []
        self._root: list[Plist] = []
        self._left = MOST_VALUES

    def parse(self, raw: bytes) -> Plist:
        """Return the first value of the document."""
        parser = expat.ParserCreate()
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text.append
        parser.EntityDeclHandler = self._refuse
        try:
            parser.Parse(raw, True)  # noqa: FBT003 - the parser takes it by place only
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise Malformed(f"property list: {error}") from error
        if not self._root:
            raise NotThisFormat("XML without a property list")
        return self._root[0]

    @staticmethod
    def _refuse(*_arguments: object) -> None:
        raise Malformed("property list that declares entities")

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        self._left -= 1
        if self._left < 0 or len(self._stack) > DEEPEST:
            raise LimitReached("property list with too many values or levels")
        self._text.clear()
        if name in ("dict", "array"):
            self._stack.append(({} if name == "dict" else [], ""))

    def _end(self, name: str) -> None:
        text = "".join(self._text)
        self._text.clear()
        if name == "key" and self._stack:
            self._stack[-1] = (self._stack[-1][0], text)
        elif name in ("dict", "array"):
            if self._stack:
                self._put(self._stack.pop()[0])
        elif name in _TEXTUAL:
            self._put(_TEXTUAL[name](text))

    def _put(self, value: Plist) -> None:
        if not self._stack:
            self._root.append(value)
            return
        holder, key = self._stack[-1]
        if isinstance(holder, dict):
            holder[key] = value
        else:
            holder.append(value)


def _integer(text: str) -> int | None:
    try:
        return int(text.strip()[:40], 0)
    except ValueError:
        return None


def _real(text: str) -> float | None:
    try:
        return float(text.strip()[:40])
    except ValueError:
        return None


def _binary(text: str) -> bytes:
    try:
        return b64decode("".join(text.split()))
    except (Base64Error, ValueError):
        return b""


def _date(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None


_TEXTUAL: Final[dict[str, Any]] = {
    "string": str,
    "integer": _integer,
    "real": _real,
    "data": _binary,
    "date": _date,
    "true": lambda _text: True,
    "false": lambda _text: False,
}


def render_plist(value: Plist) -> bytes:
    """Return the value as XML in UTF-8, one element a line; data as text where it reads as such, else left out.

    Raises `Unsupported` for a value that no list holds.
    """
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<plist version="1.0">']
    _render(value, lines)
    return "\n".join([*lines, "</plist>", ""]).encode("utf-8", "replace")


def _render(value: Plist, lines: list[str]) -> None:
    if isinstance(value, dict):
        lines.append("<dict>")
        for key, one in value.items():
            lines.append(f"<key>{_escaped(key)}</key>")
            _render(one, lines)
        lines.append("</dict>")
    elif isinstance(value, list):
        lines.append("<array>")
        for one in value:
            _render(one, lines)
        lines.append("</array>")
    else:
        lines.append(_scalar_xml(value))


def _scalar_xml(value: Plist) -> str:
    match value:
        case None:
            return "<string></string>"
        case bool():
            return "<true/>" if value else "<false/>"
        case int():
            return f"<integer>{value}</integer>"
        case float():
            return f"<real>{value!r}</real>"
        case str():
            return f"<string>{_escaped(value)}</string>"
        case bytes():
            return f"<data>{_escaped(_readable(value))}</data>"
        case datetime():
            return f"<date>{value:%Y-%m-%dT%H:%M:%SZ}</date>"
        case _:
            raise Unsupported(f"property list value {type(value).__name__}")


def _escaped(text: str) -> str:
    # What xml.sax offers for this imports the network libraries.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _readable(raw: bytes) -> str:
    text = raw.decode("utf-8", "ignore")
    return text if text.isprintable() and len(text) == len(raw) else ""
