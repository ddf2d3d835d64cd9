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
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

from inspector.formats.reader import WINDOW, Reader
from inspector.scan.database import load_database, scratch_for
from inspector.scan.hosts import suffix_list

logger = logging.getLogger(__name__)

OVERLAP: Final = 4096
"""Bytes that two windows share: longer than any anchor, so that none is lost between them."""

KEPT_AS_VIEWS: Final = 4 * WINDOW
"""Largest leaf of which a joint sweep keeps the bytes that it looked at: those of a mapped reader may be copies."""
ALONE: Final = 2 * WINDOW
"""Largest leaf that one thread searches by itself."""
AHEAD: Final = 2
"""Windows that are searched at a time otherwise."""
MATCHES_KEPT: Final = 500_000
"""Matches that a joint sweep keeps for its owners."""
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
    Anchor(ESCAPED, rb"%3a%2f%2f"),
    Anchor(ESCAPED, rb":\\u002f\\u002f"),
    Anchor(ESCAPED, rb":\\x2f\\x2f"),
    Anchor(ESCAPED, rb"[a-z0-9](?:%2e|\\u002e|\\x2e)[a-z]"),
    Anchor(PEM, rb"-----BEGIN [A-Z0-9]"),
    Anchor(DER, rb"\x30\x82[\x00-\xff]{2}\x30\x82[\x00-\xff]{2}\xa0\x03\x02\x01\x02"),
)


_ESCAPED: Final = tuple(
    bytes([code]) if chr(code).isascii() and chr(code).isalnum() else b"\\x%02x" % code for code in range(256)
)


def escape(literal: bytes) -> bytes:
    """Return `literal` as a pattern of both engines: everything but letters and digits as hexadecimal escapes."""
    return literal if literal.isalnum() else b"".join([_ESCAPED[code] for code in literal])


Window = tuple[int, memoryview, list[tuple[int, int]]]
"""Offset of a piece of a leaf, its bytes, and the matches in it as (kind, end in the piece)."""


class Sweep:
    """The compiled anchors. `hits` may be called for any number of leaves, one at a time."""

    def __init__(self, anchors: tuple[Anchor, ...], scan: "Scan | None" = None) -> None:
        self._scan = scan or _native(anchors) or _fallback(anchors)

    def windows(self, data: Reader) -> Iterator[Window]:
        """Yield (offset, view, matches) for each window that has any; a match is (kind, end in the view).

        No match is reported twice. The last view ends with a zero byte that is not in the data, because an anchor that
        asks for a boundary finds one at the very end.
        """
        done = -1
        for offset, view, found in self._searched(data):
            if offset <= done:
                found = [hit for hit in found if offset + hit[1] > done]
            if found:
                yield offset, view, found
            done = offset + len(view)
        if not data.size or data.read_at(data.size - 1, 1)[0] not in _BEFORE_END:
            return
        tail = memoryview(data.read_upto(max(0, data.size - OVERLAP), OVERLAP) + b"\x00")
        if found := [hit for hit in self._scan(tail) if hit[1] == len(tail)]:
            yield data.size + 1 - len(tail), tail, found

    def _searched(self, data: Reader) -> Iterator[Window]:
        """Yield every window with what was found in it, in order; threads search those of a large leaf ahead."""
        pieces = data.windows(OVERLAP, WINDOW)
        if data.size <= ALONE:
            for offset, view in pieces:
                yield offset, view, self._scan(view)
            return
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(AHEAD) as threads:  # the engine lets go of the interpreter while it searches
            ahead = deque((offset, view, threads.submit(self._scan, view)) for offset, view in islice(pieces, AHEAD))
            while ahead:
                offset, view, search = ahead.popleft()
                yield offset, view, search.result()
                ahead.extend((offset, view, threads.submit(self._scan, view)) for offset, view in islice(pieces, 1))


def ends(windows: Iterable[Window]) -> Iterator[tuple[int, int]]:
    """Yield (kind, end in the leaf) of every match; behind the last byte `end` can be one more than the leaf's size."""
    for offset, _, found in windows:
        for kind, end in found:
            yield kind, offset + end


class JointSweep:
    """The anchors of several owners in one database: one pass over a leaf finds what each of them looks for."""

    def __init__(self, owners: Sequence[Sequence[Anchor]]) -> None:
        self._owners = len(owners)
        joint = tuple(Anchor(number << _OWNER | a.kind, a.pattern) for number, own in enumerate(owners) for a in own)
        native = _native(joint)
        # Without hyperscan each owner sweeps alone: the expressions of `re` do not get quicker together.
        self._joint = Sweep(joint, native) if native else None
        self._alone = [] if native else [Sweep(tuple(own)) for own in owners]

    def windows(self, data: Reader) -> dict[int, Iterable[Window]]:
        """Return the windows with matches by the number of their owner; owners without any are left out.

        A leaf that is full of matches is swept again for each owner, so that none has to be kept.
        """
        if self._joint is None:
            return {number: sweep.windows(data) for number, sweep in enumerate(self._alone)}
        large = data.size > KEPT_AS_VIEWS
        found: dict[int, list[Window]] = {}
        kept = 0
        for offset, view, matches in self._joint.windows(data):
            kept += len(matches)
            if kept > MATCHES_KEPT:
                return {number: self._own(data, number) for number in range(self._owners)}
            piece = memoryview(b"") if large and offset + len(view) <= data.size else view
            for owner, own in _split(matches).items():
                found.setdefault(owner, []).append((offset, piece, own))
        return {owner: _viewed(data, kept) for owner, kept in found.items()} if large else dict(found)

    def _own(self, data: Reader, owner: int) -> Iterator[Window]:
        assert self._joint is not None
        for offset, view, matches in self._joint.windows(data):
            if own := _split(matches).get(owner):
                yield offset, view, own


def _viewed(data: Reader, windows: Iterable[Window]) -> Iterator[Window]:
    """Yield the windows with their bytes, which were not kept; the last one, with its zero byte, was."""
    for offset, view, matches in windows:
        yield offset, view or data.view_at(offset, min(WINDOW + OVERLAP, data.size - offset)), matches


def _split(matches: list[tuple[int, int]]) -> dict[int, list[tuple[int, int]]]:
    split: dict[int, list[tuple[int, int]]] = {}
    for kind, end in matches:
        split.setdefault(kind >> _OWNER, []).append((kind & _KIND, end))
    return split


Scan = Callable[[Any], list[tuple[int, int]]]


def _native(anchors: tuple[Anchor, ...]) -> Scan | None:
    if not anchors:
        return lambda _view: []
    database = load_database(anchors)
    if database is None:
        return None

    own = threading.local()

    def scan(view: Any) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        append = found.append
        if (scratch := getattr(own, "scratch", None)) is None:
            scratch = own.scratch = scratch_for(database)
        database.scan(view, lambda kind, _start, end, _flags, _context: append((kind, end)), scratch=scratch)
        return found

    return scan


def _fallback(anchors: tuple[Anchor, ...]) -> Scan:
    # Without hyperscan: one expression for all names (their last label is looked up), one for each other anchor.
    named = any(anchor.kind == HOST for anchor in anchors)
    logger.info("hyperscan is not available on %s: scanning with re, about ten times slower", sys.platform)
    last_labels = {tld.encode() for tld in suffix_list().tlds} | {tld.encode() for tld in suffix_list().unicode_tlds}
    name = re.compile(rb"(?<=[a-z0-9\x80-\xff])\.([a-z0-9\x80-\xff-]{2,63})(?=[^a-z0-9_-])", re.IGNORECASE | re.DOTALL)
    others = [(a.kind, re.compile(a.pattern, re.IGNORECASE | re.DOTALL)) for a in anchors if a.kind != HOST]

    def scan(view: Any) -> list[tuple[int, int]]:
        matches = name.finditer(view) if named else ()
        found = [(HOST, m.end() + 1) for m in matches if m.group(1).lower() in last_labels]
        for kind, pattern in others:
            found += [(kind, match.end()) for match in pattern.finditer(view)]
        return sorted(found, key=lambda hit: hit[1])

    return scan
