"""Electron archives (asar): a JSON text with names, places and sizes, then the files.

Format: electron/asar README; Chromium `base/pickle.h` (the four numbers before the text).
Limits: files kept beside the archive (`unpacked`) are named only; digests of the files are not compared.
"""

import json
from collections.abc import Iterator
from struct import Struct
from typing import Any, Final

from inspector.errors import LimitReached, Malformed, NotThisFormat
from inspector.formats.image import stored
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.reader import Reader, Span

HEADER: Final = Struct("<4I")
TEXT_START: Final = b'{"files":'
TEXT_AT: Final = HEADER.size
LONGEST_TEXT: Final = 1 << 27
MOST_FILES: Final = 1 << 20


def extent(data: Reader, offset: int) -> Span:
    """Return the archive up to the end of its last file."""
    base, tree = _tree(data.slice(offset))
    end = base + max((start + size for _, start, size, *_ in _files(tree) if start >= 0), default=0)
    if offset + end > data.size:
        raise Malformed(f"asar archive of {end} bytes, {data.size - offset} there")
    return Span(offset, offset + end)


def read_asar(data: Reader) -> Contents:
    """Return the files, links and folders in the order of the text."""
    base, tree = _tree(data)
    return Contents(_members(data, base, tree), lambda: (Span(0, base),))


def _tree(data: Reader) -> tuple[int, dict[str, Any]]:
    """Return where the files begin, and the text as it is."""
    if not data.startswith(TEXT_START, TEXT_AT):
        raise NotThisFormat("no asar archive")
    four, header, pickled, length = data.unpack_at(0, HEADER)
    if four != 4 or not length <= pickled <= header or length > LONGEST_TEXT:
        raise NotThisFormat("no asar archive")
    if 8 + header > data.size or HEADER.size + length > data.size:
        raise Malformed("asar archive is cut off inside its list of files")
    try:
        tree = json.loads(bytes(data.view_at(HEADER.size, length)))
    except (ValueError, RecursionError) as error:
        raise Malformed(f"asar list of files does not parse: {type(error).__name__}") from error
    if not isinstance(tree, dict):
        raise Malformed("asar list of files is no object")
    return 8 + header, tree


def _files(tree: dict[str, Any]) -> Iterator[tuple[str, int, int, MemberKind, str]]:
    """Yield (path, offset or -1, size, kind, link target), depth first without recursion."""
    waiting, count = [("", tree)], 0
    while waiting:
        folder, node = waiting.pop()
        entries = node.get("files")
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            count += 1
            if count > MOST_FILES:
                raise LimitReached("too many files in an asar archive", "members")
            path = f"{folder}{name}"
            if not isinstance(entry, dict):
                continue
            if "files" in entry:
                yield path, -1, 0, MemberKind.DIRECTORY, ""
                waiting.append((f"{path}/", entry))
            elif "link" in entry:
                yield path, -1, 0, MemberKind.SYMLINK, str(entry["link"])
            else:
                yield path, _number(entry.get("offset")), max(_number(entry.get("size")), 0), MemberKind.FILE, ""


def _number(value: object) -> int:
    """Return an offset or size, which may be a text; -1 for anything else."""
    text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1


def _members(data: Reader, base: int, tree: dict[str, Any]) -> Iterator[Member]:
    for path, start, size, kind, target in _files(tree):
        if kind is not MemberKind.FILE:
            yield Member(path, kind=kind, target=target)
        elif start < 0:
            yield Member(path, size=size, notes=("kept beside the archive",))
        elif base + start + size > data.size:
            yield Member(path, size=size, problem=Malformed("file lies behind the end of the archive"))
        else:
            yield stored(data, path, base + start, base + start + size)
