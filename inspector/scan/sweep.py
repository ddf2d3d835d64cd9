"""One pass over a leaf's bytes at native speed: where do anchors of endpoints end?

An anchor is the least that every endpoint of a kind has: `.tld` and a boundary, `://`, three dots between digits.
hyperscan reports only where an anchor ends (keeping track of starts costs it a factor of five to twelve), and
what stands around that offset is for the caller to judge.

Limits: hyperscan takes less than 4 GiB at a time, so leaves are read in overlapping windows.
"""

import logging
import re
import sys
import threading
from array import array
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from inspector.formats.reader import WINDOW, Reader
from inspector.scan.database import load_database, scratch_for
from inspector.scan.endpoint.hosts import suffix_list

logger = logging.getLogger(__name__)

OVERLAP: Final = 4096
"""Bytes that two windows share: longer than any anchor, so that none is lost between them."""

SEARCHED: Final = WINDOW // 4
"""Bytes that are searched at a time: every other one can be the end of a match, and all of them are held at once."""
KEPT_AS_VIEWS: Final = 4 * WINDOW
"""Largest leaf of which a joint sweep keeps the bytes that it looked at: those of a mapped reader may be copies."""
ALONE: Final = 2 * WINDOW
"""Largest leaf that one thread searches by itself."""
AHEAD: Final = 2
"""Windows that are searched at a time otherwise."""
MATCHES_KEPT: Final = 2_000_000
"""Matches that a joint sweep keeps for one owner."""
_OWNER: Final = 20
"""Bits of an identifier in a joint sweep that tell the kind; those above tell the owner."""
_KIND: Final = (1 << _OWNER) - 1

HOST: Final = 1
SCHEME: Final = 2
IPV4: Final = 3
IPV6: Final = 4
WIDE: Final = 5
ESCAPED: Final = 6
PEM: Final = 7
DER: Final = 8
MIXED: Final = 9
"""A dotted address with octal or hexadecimal parts."""
WHOLE_IPV6: Final = 10
"""An IPv6 address whose first part is too short, or missing, to be found by it."""
DEFANGED: Final = 11
FOLDED: Final = 12
"""Letters and full stops that host names are folded from: fullwidth, ideographic."""
FIRST_FREE: Final = 16
"""Identifiers from here on are the callers' own: knowledge strings, mechanisms."""


_BEFORE_END: Final = frozenset(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") | frozenset(
    range(0x80, 0x100)
)
"""The last bytes of data that the boundary behind it can turn into a match: those that names and numbers end with."""


class Anchor(NamedTuple):
    """One pattern of the sweep: `kind` is reported with the end of each match."""

    kind: int
    pattern: bytes
    """In the syntax that hyperscan and `re` share; bounded, without groups that capture."""


def endpoint_anchors() -> tuple[Anchor, ...]:
    """Return the anchors of hosts, URLs, addresses and certificates, in a fixed order."""
    known = suffix_list()
    names = sorted({tld.encode() for tld in known.tlds} | {tld.encode() for tld in known.unicode_tlds})
    hosts = [Anchor(HOST, rb"[a-z0-9\x80-\xff]\." + escape(name) + rb"[^a-z0-9_-]") for name in names]
    return (*hosts, *_OTHERS)


_OTHERS: Final = (
    Anchor(SCHEME, rb"[a-z0-9]://[^\x00-\x20]"),
    Anchor(IPV4, rb"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]"),
    # Every hextet that could head an address; which do is for the judge: told here, it halves the speed of all anchors.
    Anchor(IPV6, rb"[0-9a-f]{3}:[0-9a-f]{0,4}:"),
    # Both byte orders: the zero before or after the last character tells which.
    Anchor(WIDE, rb"[a-z0-9]\x00\.\x00[a-z]\x00[a-z]"),
    Anchor(WIDE, rb":\x00/\x00/\x00[a-z0-9]"),
    Anchor(WIDE, rb"[0-9]\x00\.\x00[0-9]{1}\x00"),
    Anchor(ESCAPED, rb":\\/\\/"),
    Anchor(ESCAPED, rb"[a-z0-9]\\://"),  # Java's properties
    Anchor(ESCAPED, rb"%3a%2f%2f"),
    Anchor(ESCAPED, rb":\\u002f\\u002f"),
    Anchor(ESCAPED, rb":\\x2f\\x2f"),
    Anchor(ESCAPED, rb"[a-z0-9](?:%2e|\\u002e|\\x2e)[a-z]"),
    Anchor(ESCAPED, rb"[a-z0-9]\\\.[a-z]{2}"),  # a name inside a regular expression
    Anchor(ESCAPED, rb"[a-z0-9]\\\\\.[a-z]{2}"),
    Anchor(MIXED, rb"0x[0-9a-f]{1,2}\.(?:0x)?[0-9a-f]{1,3}\.(?:0x)?[0-9a-f]{1,3}\.(?:0x)?[0-9a-f]"),
    Anchor(MIXED, rb"[0-9]\.(?:0x)?[0-9a-f]{1,3}\.(?:0x)?[0-9a-f]{1,3}\.0x[0-9a-f]"),
    Anchor(MIXED, rb"[0-9]\.0x[0-9a-f]{1,2}\.(?:0x)?[0-9a-f]{1,3}\.[0-9]"),
    Anchor(MIXED, rb"[0-9]\.[0-9]{1,3}\.0x[0-9a-f]{1,2}\.[0-9]"),
    Anchor(MIXED, rb"0[1-3][0-7]{2}\.0[0-7]{0,3}\.0[0-7]{0,3}\.0[0-7]"),
    Anchor(WHOLE_IPV6, rb"(?::[0-9a-f]{1,4}){7}[^0-9a-f:]"),
    Anchor(WHOLE_IPV6, rb"[^0-9a-z:]::(?:[0-9a-f]{1,4}:){2,5}[0-9a-f]{1,4}[^0-9a-f:]"),
    Anchor(DEFANGED, rb"[a-z0-9][\[({](?:\.|dot)[\])}][a-z0-9]"),
    Anchor(DEFANGED, rb"hxxps?\[(?:://|:)\]"),
    Anchor(FOLDED, rb"[a-z0-9\x80-\xff](?:\xe3\x80\x82|\xef\xbc\x8e|\xef\xbd\xa1)[a-z\xef]"),
    Anchor(PEM, rb"-----BEGIN [A-Z0-9]"),
    Anchor(DER, rb"\x30\x82[\x00-\xff]{2}\x30\x82[\x00-\xff]{2}\xa0\x03\x02\x01\x02"),
)


_ESCAPED: Final = tuple(
    bytes([code]) if chr(code).isascii() and chr(code).isalnum() else b"\\x%02x" % code for code in range(256)
)


def escape(literal: bytes) -> bytes:
    """Return `literal` as a pattern of both engines: everything but letters and digits as hexadecimal escapes."""
    return literal if literal.isalnum() else b"".join([_ESCAPED[code] for code in literal])


Matches: TypeAlias = "array[int]"
"""Ends of matches in a piece of a leaf, each with its kind above the lowest `KIND_SHIFT` bits: eight bytes for one."""
KIND_SHIFT: Final = 32
END: Final = (1 << KIND_SHIFT) - 1
Window = tuple[int, memoryview, Matches]
"""Offset of a piece of a leaf, its bytes, and the matches in it."""


class Sweep:
    """The compiled anchors. `hits` may be called for any number of leaves, one at a time."""

    def __init__(self, anchors: tuple[Anchor, ...]) -> None:
        self._scan = _native(anchors) or _fallback(anchors)

    def windows(self, data: Reader) -> Iterator[Window]:
        """Yield (offset, view, matches) for each window that has any.

        No match is reported twice. The last view ends with a zero byte that is not in the data, because an anchor that
        asks for a boundary finds one at the very end.
        """
        for offset, view, (matches,) in _searched(data, self._scan):
            if matches:
                yield offset, view, matches


def _searched(data: Reader, scan: "Scan") -> Iterator[tuple[int, memoryview, list[Matches]]]:
    """Yield (offset, view, matches of each owner) for every window, in order, and for the end of the data."""
    done = -1
    for offset, view, found in _ahead(data, scan):
        if offset <= done:
            shared = done - offset
            found = [_behind(matches, shared) if matches else matches for matches in found]
        yield offset, view, found
        done = offset + len(view)
    if not data.size or data.read_at(data.size - 1, 1)[0] not in _BEFORE_END:
        return
    tail = memoryview(data.read_upto(max(0, data.size - OVERLAP), OVERLAP) + b"\x00")
    yield data.size + 1 - len(tail), tail, [_behind(matches, len(tail) - 1) for matches in scan(tail)]


def _behind(matches: Matches, bound: int) -> Matches:
    """Return those that end behind `bound`."""
    return array("Q", [match for match in matches if match & END > bound])


def _ahead(data: Reader, scan: "Scan") -> Iterator[tuple[int, memoryview, list[Matches]]]:
    """Yield every window with what was found in it, in order; threads search those of a large leaf ahead."""
    pieces = data.windows(OVERLAP, SEARCHED)
    if data.size <= ALONE:
        for offset, view in pieces:
            yield offset, view, scan(view)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(AHEAD) as threads:  # the engine lets go of the interpreter while it searches
        ahead = deque((offset, view, threads.submit(scan, view)) for offset, view in islice(pieces, AHEAD))
        while ahead:
            offset, view, search = ahead.popleft()
            yield offset, view, search.result()
            ahead.extend((offset, view, threads.submit(scan, view)) for offset, view in islice(pieces, 1))


def ends(windows: Iterable[Window]) -> Iterator[tuple[int, int]]:
    """Yield (kind, end in the leaf) of every match; behind the last byte `end` can be one more than the leaf's size."""
    for offset, _, matches in windows:
        for match in matches:
            yield match >> KIND_SHIFT, offset + (match & END)


class JointSweep:
    """The anchors of several owners in one database: one pass over a leaf finds what each of them looks for."""

    def __init__(self, owners: Sequence[Sequence[Anchor]]) -> None:
        joint = tuple(Anchor(number << _OWNER | a.kind, a.pattern) for number, own in enumerate(owners) for a in own)
        self._scan = _native(joint, len(owners))
        # Without hyperscan each owner sweeps alone: the expressions of `re` do not get quicker together.
        self._alone = [] if self._scan else [Sweep(tuple(own)) for own in owners]

    def windows(self, data: Reader) -> dict[int, Iterable[Window]]:
        """Return the windows with matches by the number of their owner; owners without any are left out.

        For an owner that a leaf is full of matches for, the leaf is swept again, so that none has to be kept.
        """
        if self._scan is None:
            return {number: sweep.windows(data) for number, sweep in enumerate(self._alone)}
        large = data.size > KEPT_AS_VIEWS
        found: dict[int, list[Window]] = {}
        counts: dict[int, int] = {}
        for offset, view, matches in _searched(data, self._scan):
            piece = memoryview(b"") if large and offset + len(view) <= data.size else view
            for owner, own in enumerate(matches):
                if own:
                    counts[owner] = counts.get(owner, 0) + len(own)
                    kept = found.setdefault(owner, [])
                    if counts[owner] <= MATCHES_KEPT:
                        kept.append((offset, piece, own))
                    else:
                        kept.clear()
        return {
            owner: self._again(data, owner) if counts[owner] > MATCHES_KEPT else _viewed(data, kept) if large else kept
            for owner, kept in found.items()
        }

    def _again(self, data: Reader, owner: int) -> Iterator[Window]:
        assert self._scan is not None
        for offset, view, matches in _searched(data, partial(self._scan, only=owner)):
            if own := matches[owner]:
                yield offset, view, own


def _viewed(data: Reader, windows: Iterable[Window]) -> Iterator[Window]:
    """Yield the windows with their bytes, which were not kept; the last one, with its zero byte, was."""
    for offset, view, matches in windows:
        yield offset, view or data.view_at(offset, min(SEARCHED + OVERLAP, data.size - offset)), matches


class Scan(Protocol):
    """Searches a view and returns the matches of each owner; all but those of `only` may be left out."""

    def __call__(self, view: Any, only: int = -1) -> list[Matches]:
        """Search `view`, which is shorter than 4 GiB."""


def _native(anchors: tuple[Anchor, ...], owners: int = 1) -> Scan | None:
    if not anchors:
        return lambda _view, only=-1: [array("Q") for _ in range(owners)]  # noqa: ARG005
    database = load_database(anchors)
    if database is None:
        return None

    local = threading.local()

    def scan(view: Any, only: int = -1) -> list[Matches]:
        found = [array("Q") for _ in range(owners)]
        keep = [own.append if only in (-1, owner) else _leave_out for owner, own in enumerate(found)]

        def matched(kind: int, _start: int, end: int, _flags: int, _context: object) -> None:
            keep[kind >> _OWNER]((kind & _KIND) << KIND_SHIFT | end)

        if (scratch := getattr(local, "scratch", None)) is None:
            scratch = local.scratch = scratch_for(database)
        database.scan(view, matched, scratch=scratch)
        return found

    return scan


def _leave_out(_match: int) -> None:
    pass


def _fallback(anchors: tuple[Anchor, ...]) -> Scan:
    # Without hyperscan: one expression for all names (their last label is looked up), one for each other anchor.
    named = any(anchor.kind == HOST for anchor in anchors)
    logger.info("hyperscan is not available on %s: scanning with re, about ten times slower", sys.platform)
    last_labels = {tld.encode() for tld in suffix_list().tlds} | {tld.encode() for tld in suffix_list().unicode_tlds}
    name = re.compile(rb"(?<=[a-z0-9\x80-\xff])\.([a-z0-9\x80-\xff-]{2,63})(?=[^a-z0-9_-])", re.IGNORECASE | re.DOTALL)
    others = [(a.kind, re.compile(a.pattern, re.IGNORECASE | re.DOTALL)) for a in anchors if a.kind != HOST]

    def scan(view: Any, only: int = -1) -> list[Matches]:  # noqa: ARG001
        matches = name.finditer(view) if named else ()
        found = array("Q", (HOST << KIND_SHIFT | m.end() + 1 for m in matches if m.group(1).lower() in last_labels))
        for kind, pattern in others:
            found.extend(kind << KIND_SHIFT | match.end() for match in pattern.finditer(view))
        return [array("Q", sorted(found, key=END.__and__))]

    return scan
