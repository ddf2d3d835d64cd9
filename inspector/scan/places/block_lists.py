"""Which parts of a JSON text name hosts in order to block them: a list that keeps a device from trackers is no use.

Format: lists of hosts under a name that says so, Exodus Privacy's and DuckDuckGo's trackers, rules of browsers
    (`declarativeNetRequest`), V2Ray and sing-box whose action is to block.
Limits: a list counts from `LEAST_OWNERS` registered names of different owners on, and not where it holds URLs without
    wildcards: the trackers of BitTorrent are servers. A text over `LARGEST` bytes is read as any other JSON.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final

from inspector.formats.reader import Reader
from inspector.scan.endpoint.hosts import registrable

LARGEST: Final = 8 << 20
LEAST_OWNERS: Final = 5
_WORTH_IT: Final = re.compile(
    rb"block|deny|denied|blacklist|reject|trackers|exodus|network_signature|adrules", re.IGNORECASE
)
_TOKEN: Final = re.compile(rb'"((?:[^"\\]|\\.)*+)(?:"(\s{0,32}:)?)?|[{}\[\],]', re.DOTALL)
"""A text that does not end takes the rest, so that no byte is read twice."""
_WORDS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_BLOCKING: Final = re.compile(
    r"(?:block|deny|denied|reject|black|ban|sinkhole)(?:s|ed|ned|ing)?(?:lists?|listed|hosts?|domains?|urls?|sites?)?"
    r"|trackers?lists?|trackers|exodus|adblock|adrules?|adfilters?"
)
_USING: Final = re.compile(
    r"(?:allow|white|trust|permit|accept)(?:s|ed)?(?:lists?|listed|hosts?|domains?|urls?|sites?)?"
    r"|exceptions?|exclude[ds]?|unblock(?:ed)?|bootstrap|seeds?|servers?|uploads?|report\w{0,3}|endpoints?|api|callbacks?"
    r"|redirect|fallback|mirrors?|proxy|proxies|update[rs]?|source|homepage|feed|subscribe|subscriptions?"
)
_ACTIONS: Final = frozenset({b"action", b"outbound", b"outboundTag", b"policy"})
_BLOCKS: Final = re.compile(rb"(?i)(?:ad-?)?(?:block(?:ed)?|reject|deny|drop|blackhole)(?:-?out)?")
_MATCHED: Final = frozenset(
    {"domain", "domains", "host", "hosts", "hostname", "filter", "condition", "ip", "regex", "pattern"}
)
"""Words in the members of such a rule that say what it applies to."""
_HOST: Final = re.compile(
    rb"(?i)(?:\|\||\*\.|\.|\*|domain:|full:|\*://\*?\.?)?((?:[a-z0-9_-]{1,63}\.){1,8}[a-z][a-z0-9-]{1,24})(?:[\^/:$*|]|\Z)"
)
_URL: Final = re.compile(rb"(?i)[a-z]{2,8}:\\?/\\?/[a-z0-9\[]")


@dataclass(slots=True)
class _Open:
    """An object or a list whose end is still to come."""

    start: int
    key: bytes = b""
    owners: set[str] = field(default_factory=set)
    holds_urls: bool = False
    blocks: bool = False
    matched: list[tuple[int, int]] = field(default_factory=list)
    """Members that say what a rule applies to."""
    is_signature: bool = False
    member: bytes = b""
    """The member whose value comes next; the name of a list for its items."""


class BlockLists:
    """The parts of one JSON text that block the hosts in them."""

    def __init__(self, data: Reader) -> None:
        self._spans: list[tuple[int, int, bool]] = []
        """Half-open ranges, and whether what lies in them is blocked; the innermost counts."""
        if data.size <= LARGEST and _WORTH_IT.search(text := bytes(data.all())):
            self._read(text)
        self._starts, self._verdicts = _flattened(self._spans)

    def holds(self, offset: int) -> bool:
        """Tell whether the byte at `offset` belongs to what is blocked."""
        at = bisect_right(self._starts, offset) - 1
        return at >= 0 and self._verdicts[at]

    def _read(self, text: bytes) -> None:
        stack = [_Open(0)]
        for token in _TOKEN.finditer(text):
            first, top = token[0][:1], stack[-1]
            if first in b"{[":
                stack.append(_Open(token.start(), top.member, member=top.member if first == b"[" else b""))
            elif first in b"}]":
                if len(stack) > 1:
                    self._close(stack.pop(), stack[-1], token.end())
            elif first == b'"' and token[2]:
                top.member = token[1][:80]
                top.is_signature |= top.member == b"network_signature"
                _count(top, token[1][:300])
            elif first == b'"':
                self._value(top, token[1][:300], token.start(), token.end())

    def _value(self, top: _Open, value: bytes, start: int, end: int) -> None:
        _count(top, value)
        top.holds_urls |= _URL.match(value) is not None
        if top.member in _ACTIONS or (top.member == b"type" and top.key == b"action"):
            top.blocks |= _BLOCKS.fullmatch(value) is not None
        words = _words(top.member)
        if value.startswith(b"@@") or _says(_USING, words):
            self._spans.append((start, end, False))
        elif _MATCHED & words:
            top.matched.append((start, end))

    def _close(self, inner: _Open, outer: _Open, end: int) -> None:
        words = _words(inner.key)
        if inner.key == b"action":
            outer.blocks |= inner.blocks
        elif inner.blocks:
            self._spans += [(*span, True) for span in inner.matched]
        many = len(inner.owners) >= LEAST_OWNERS and not inner.holds_urls
        if _says(_USING, words):
            self._spans.append((inner.start, end, False))
        elif inner.is_signature or (many and _says(_BLOCKING, words)):
            self._spans.append((inner.start, end, True))
        elif _MATCHED & words:
            outer.matched.append((inner.start, end))
        if len(outer.owners) < LEAST_OWNERS:
            outer.owners |= inner.owners
        outer.holds_urls |= inner.holds_urls


def _flattened(spans: list[tuple[int, int, bool]]) -> tuple[list[int], list[bool]]:
    """Return where the verdict changes and to what; `spans` nest, and the innermost says."""
    starts, verdicts = [0], [False]
    opened: list[tuple[int, bool]] = []
    for start, end, blocked in sorted(spans, key=lambda span: (span[0], -span[1])):
        while opened and opened[-1][0] <= start:
            starts.append(opened.pop()[0])
            verdicts.append(opened[-1][1] if opened else False)
        starts.append(start)
        verdicts.append(blocked)
        opened.append((end, blocked))
    while opened:
        starts.append(opened.pop()[0])
        verdicts.append(opened[-1][1] if opened else False)
    return starts, verdicts


def _count(top: _Open, value: bytes) -> None:
    if len(top.owners) < LEAST_OWNERS and (host := _HOST.match(value)):
        name = host[1].decode("ascii").lower()
        top.owners.add(registrable(name) or name)


def _words(name: bytes) -> frozenset[str]:
    """Return the words of a member's name, `blocked_domains` or `adRules`, and all of them as one."""
    words = [word.lower() for word in _WORDS.findall(name.decode("latin-1"))]
    return frozenset((*words, "".join(words)))


def _says(pattern: re.Pattern[str], words: frozenset[str]) -> bool:
    return any(map(pattern.fullmatch, words))
