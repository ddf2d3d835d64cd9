"""Host names: grammar, public suffixes, and how much a name has to prove before it counts.

Format: RFC 1123 §2.1 and RFC 5891 for names, publicsuffix.org/list for suffixes.
The suffix list is the snapshot inside the tldextract wheel, read as a file: importing tldextract costs 150 ms.
"""

import hashlib
import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

import orjson

from inspector import cache
from inspector.scan.endpoint.vocabulary import (
    COMMON_TLDS,
    FILE_TLDS,
    TELLING_TLDS,
)

MAX_HOST: Final = 253
_CACHED: Final = b"suffixes 1\n"
"""Changes with what is made of the list."""
_LABEL: Final = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_NAME: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
LONGEST_RULE: Final = 5
"""Labels of the longest rule of the registries."""
_VERSION = re.compile(r"// VERSION: (\d{4}-\d\d-\d\d)")


class SuffixList(NamedTuple):
    """The public suffix list as look-up sets, names in their ASCII (A-label) form."""

    rules: frozenset[str]
    """Plain rules of the registries' section (`com`, `co.uk`)."""
    private: frozenset[str]
    """Rules of companies that let others register below them (`s3.amazonaws.com`)."""
    wildcards: frozenset[str]
    """`ck` for the rule `*.ck`: every direct child of it is a suffix."""
    exceptions: frozenset[str]
    """`www.ck` for the rule `!www.ck`."""
    tlds: frozenset[str]
    """Last labels of the registries' rules, in ASCII form."""
    unicode_tlds: frozenset[str]
    """The same, as they are written: only those that are not ASCII."""
    date: str
    """ISO date of the snapshot, or empty."""


@lru_cache(maxsize=1)
def suffix_list() -> SuffixList:
    """Return the list, parsed once for each version of its file; raises `FileNotFoundError` without tldextract."""
    spec = find_spec("tldextract")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the public suffix list is part of the package tldextract, which is not installed")
    raw = (Path(spec.submodule_search_locations[0]) / ".tld_set_snapshot").read_bytes()
    entry = f"suffixes-{hashlib.sha256(_CACHED + raw).hexdigest()[:32]}"
    if (cached := cache.load(entry)) is not None:
        *sets, date = orjson.loads(cached)
        return SuffixList._make([*map(frozenset, sets), date])
    known = _parsed(raw.decode("utf-8"))
    cache.store(entry, orjson.dumps([*(sorted(names) for names in known[:-1]), known.date]))
    return known


def _parsed(text: str) -> SuffixList:
    version = _VERSION.search(text)
    registries, _, companies = text.partition("===BEGIN PRIVATE DOMAINS===")
    names = _rules(registries)
    plain = frozenset(name for name in names if name[0] not in "*!")
    return SuffixList(
        rules=frozenset(map(a_label, plain)),
        private=frozenset(a_label(name) for name in _rules(companies) if name[0] not in "*!"),
        wildcards=frozenset(a_label(name[2:]) for name in names if name.startswith("*.")),
        exceptions=frozenset(a_label(name[1:]) for name in names if name.startswith("!")),
        tlds=frozenset(a_label(name.rpartition(".")[2]) for name in names),
        unicode_tlds=frozenset(last for name in plain if not (last := name.rpartition(".")[2]).isascii()),
        date=version.group(1) if version else "",
    )


def _rules(section: str) -> list[str]:
    lines = (line.strip() for line in section.splitlines())
    return [line for line in lines if line and not line.startswith(("//", "="))]


def a_label(name: str) -> str:
    """Return `name` in lower case with each label in its ASCII form; unchanged where IDNA refuses it."""
    if name.isascii():
        return name.lower()
    try:
        return name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return name.lower()


def suffix_length(labels: list[str]) -> int:
    """Return how many last labels are a registry's suffix, by the longest rule; 0 where the last is no TLD."""
    known = suffix_list()
    if labels[-1] not in known.tlds:
        return 0
    name = ".".join(labels[-LONGEST_RULE:])
    for size in range(min(LONGEST_RULE, len(labels)), 0, -1):
        parent = name.partition(".")[2]
        if name in known.exceptions:
            return size - 1
        if name in known.rules or parent in known.wildcards:
            return size
        name = parent
    return 1


def registrable(host: str) -> str:
    """Return the name that was registered (`b.co.uk` of `a.b.co.uk`), or "" for a bare suffix or no known TLD."""
    labels = host.split(".")
    size = suffix_length(labels)
    return ".".join(labels[-size - 1 :]) if 0 < size < len(labels) else ""


@lru_cache(maxsize=1 << 16)
def is_host(host: str) -> bool:
    """Tell whether lower-case `host` is a full name below a public suffix; underscores only in leading labels."""
    if not 4 <= len(host) <= MAX_HOST or _NAME.fullmatch(host) is None:
        return False
    labels = host.split(".")
    size = suffix_length(labels)
    if not 0 < size < len(labels):
        return False
    return "_" not in "".join(labels[-size - 1 :])


class Tier(NamedTuple):
    """How much evidence a last label asks for before a name that ends in it is believed."""

    level: int
    """0: a name stands for itself · 1: delimited like a value · 2: also host-like labels or a telling neighbour."""
    reason: str
    """Why a name is refused where the evidence is missing."""


@lru_cache(maxsize=4096)
def tier(tld: str) -> Tier:
    """Return what names below `tld` have to prove."""
    if tld in TELLING_TLDS or tld.startswith("xn--"):
        return Tier(0, "")
    if tld in FILE_TLDS:
        return Tier(2, "file-name")
    if tld in COMMON_TLDS:
        return Tier(1, "property-chain")
    return Tier(2, "property-chain")
