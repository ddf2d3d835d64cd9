"""Source maps: the sources of a script that a bundler made, inside one JSON text.

Format: ECMA-426. The texts of the sources stand in `sourcesContent`, beside their names in `sources`; an index map
holds further maps in `sections`.
Limits: maps without the texts of their sources are none of ours; which source a place in the script comes from
(`mappings`) is not read. Names are made to lie inside the map: schemes of bundlers and `..` are left out.
"""

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from inspector.errors import LimitReached, Malformed, NotThisFormat
from inspector.formats.layout import Contents, Member
from inspector.formats.reader import BufferReader, Reader, Span

HEAD: Final = 4096
LARGEST: Final = 1 << 28
"""Longest text that is parsed, in bytes."""
MOST_SOURCES: Final = 1 << 17
LIST: Final = "sources.txt"
"""The member with every name as it stands: some are addresses."""
_START: Final = re.compile(rb"(?:\)\]\}'[^\n]{0,80}\n)?\s{0,64}\{")
_VERSION: Final = re.compile(rb'"version"\s{0,8}:\s{0,8}3\b')
_TEXTS: Final = b'"sourcesContent"'
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/*")
_SCRIPTS: Final = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".vue", ".svelte", ".coffee")


def extent(data: Reader, offset: int) -> Span:
    """Return the whole file where it is a map that holds its sources. Raises `NotThisFormat`."""
    if offset:
        raise NotThisFormat("a source map is a whole file")
    head = data.read_upto(0, HEAD)
    tail = data.read_upto(max(0, data.size - HEAD), HEAD)
    if not _START.match(head) or not (_VERSION.search(head) or _VERSION.search(tail)):
        raise NotThisFormat("no source map")
    if not tail.rstrip().endswith(b"}") or data.find(_TEXTS) < 0:
        raise NotThisFormat("no source map with its sources")
    return Span(0, data.size)


def read_map(data: Reader) -> Contents:
    """Return the list of names and every source whose text is there, in the order of the map."""
    if data.size > LARGEST:
        raise LimitReached(f"source map of {data.size} bytes")
    text = _START.sub(b"{", bytes(data.view_at(0, data.size)), count=1)
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"source map does not parse: {type(error).__name__}") from error
    if not isinstance(tree, dict):
        raise Malformed("source map is no object")
    return Contents(_members(tree, Span(0, data.size)), lambda: (Span(0, data.size),))


def _members(tree: dict[str, Any], whole: Span) -> Iterator[Member]:
    names: list[str] = []
    taken: dict[str, int] = {}
    for one in _maps(tree):
        sources, texts = _items(one, "sources"), _items(one, "sourcesContent")
        names += [value for key in ("file", "sourceRoot") if isinstance(value := one.get(key), str) and value]
        names += [name for name in sources if isinstance(name, str)]
        for number, text in enumerate(texts):
            if not isinstance(text, str):
                continue
            name = sources[number] if number < len(sources) and isinstance(sources[number], str) else ""
            path = _path(name) or f"source-{number}"
            taken[path] = count = taken.get(path, 0) + 1
            path = path if count == 1 else f"{path}~{count}"
            yield _member(path, text, whole, "javascript" if name.endswith(_SCRIPTS) else "")
    yield _member(LIST, "\n".join(names), whole, "text")


def _maps(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the map, or those of its sections. Raises `LimitReached` for more sources than any program has."""
    sections = [
        section["map"] for section in _items(tree, "sections") if isinstance(section, dict) and "map" in section
    ]
    maps = [one for one in (tree, *sections) if isinstance(one, dict)]
    if sum(len(_items(one, "sourcesContent")) for one in maps) > MOST_SOURCES:
        raise LimitReached("too many sources in a source map", "members")
    yield from maps


def _items(one: dict[str, Any], key: str) -> list[Any]:
    value = one.get(key)
    return value if isinstance(value, list) else []


def _path(name: str) -> str:
    """Return the path of a source inside the map: `webpack:///../src/a.js?1f2e` is `src/a.js`."""
    plain = _SCHEME.sub("", name.split("?", 1)[0], count=1).replace("\\", "/")
    return "/".join(part for part in plain.split("/") if part not in ("", ".", ".."))


def _member(path: str, text: str, whole: Span, kind: str) -> Member:
    stored = text.encode("utf-8", "surrogatepass")
    return Member(path, partial(_open, stored), (whole,), len(stored), format=kind)


def _open(stored: bytes, limit: int) -> Reader:
    if len(stored) > limit:
        raise LimitReached(f"{len(stored)} bytes, {limit} allowed")
    return BufferReader(stored)
