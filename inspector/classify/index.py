"""Find the indicators that an observable meets: tables by label and segment, exact tables, sorted ranges.

The tables are those of the compiled knowledge; a look-up of a name costs its length, not the number of signatures. The
more specific pattern wins, so `oss-eu-central-1.aliyuncs.com` is not also reported as plain `aliyuncs.com`.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import repeat
from typing import Any, NamedTuple

from inspector.model.knowledge import Indicator, Knowledge, Signature
from inspector.model.observation import Kind


class Hit(NamedTuple):
    """An indicator met by a value, and the pattern that met it."""

    signature: Signature
    indicator: Indicator
    pattern: str

    @property
    def key(self) -> str:
        """Return `<signature id>:<indicator id>`."""
        return f"{self.signature.id}:{self.indicator.id}"


class Index:
    """All indicators of a knowledge base, by kind of observable. `Hit`s are made when a value meets their pattern."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self._ids = tuple(knowledge.signatures)
        self._starred: dict[str, list[tuple[str, str, str]]] = {}
        self._hosts = _Nested(self._table, "hostname")
        self._packages = _Nested(self._table, "java-package")
        self._apps = _Nested(self._table, "app-id")
        self._components = _Nested(self._table, "android-component")

    def _table(self, kind: str) -> Mapping[str, Sequence[int]]:
        return self.knowledge.patterns.get(kind, {})

    @cached_property
    def _ranges(self) -> list[tuple[int, int, int, str]]:
        """(first, last, IP version, pattern) of every address block, sorted by start."""
        networks = [(ipaddress.ip_network(pattern, strict=False), pattern) for pattern in self._table("ip-range")]
        return sorted(
            (int(network.network_address), int(network.broadcast_address), network.version, pattern)
            for network, pattern in networks
        )

    @cached_property
    def _asns(self) -> dict[int, list[str]]:
        numbers: dict[int, list[str]] = {}
        for pattern in self._table("asn"):
            numbers.setdefault(int(pattern.removeprefix("AS")), []).append(pattern)
        return numbers

    @cached_property
    def _certificates(self) -> list[tuple[str, str]]:
        return [(pattern.lower(), pattern) for pattern in self._table("certificate")]

    @cached_property
    def _regexes(self) -> list[Any]:
        return [re.compile(pattern) for pattern in self._table("regex")]

    def _wild(self, kind: str) -> list[tuple[str, str, str]]:
        """Return (before, after, pattern) of the patterns of a kind with a star."""
        if kind not in self._starred:
            starred = [pattern for pattern in self._table(kind) if "*" in pattern]
            self._starred[kind] = [(*pattern.split("*", 1), pattern) for pattern in starred]  # type: ignore[misc]
        return self._starred[kind]

    def _hits(self, kind: str, patterns: Iterable[str]) -> list[Hit]:
        """Return what stands behind the patterns, in the order of the knowledge."""
        found: list[tuple[int, int, str]] = []
        table = self._table(kind)
        for pattern in patterns:
            places = table.get(pattern, ())
            found += zip(places[::2], places[1::2], repeat(pattern), strict=False)
        return [self._hit(*place) for place in sorted(found, key=lambda place: place[:2])]

    def _hit(self, number: int, place: int, pattern: str) -> Hit:
        signature = self.knowledge.signatures[self._ids[number]]
        return Hit(signature, signature.indicators[place], pattern)

    def find(self, kind: str, value: str, asn: int = 0) -> list[Hit]:
        """Return the hits of an observable, best pattern only where patterns nest; order is that of the knowledge."""
        match kind:
            case Kind.HOSTNAME:
                return self._hits("hostname", self._hosts.below(value))
            case Kind.JAVA_PACKAGE:
                return self._hits("java-package", self._packages.above(value))
            case Kind.APP_ID:
                return self._hits("app-id", self._apps.above(value))
            case Kind.ANDROID_COMPONENT:
                own = self._hits("android-component", self._components.above(value))
                return own or self._hits("java-package", self._packages.above(value))
            case Kind.IP_ADDRESS:
                return self._address(value, asn)
            case Kind.CERTIFICATE:
                lowered = value.lower()
                return self._hits("certificate", [pattern for text, pattern in self._certificates if text in lowered])
            case Kind.URL:
                return self._hits("url-path", [pattern for pattern in self._table("url-path") if pattern in value])
            case Kind.STRING:
                met = [compiled.pattern for compiled in self._regexes if compiled.search(value)]
                return self._hits("string", [value]) or self._hits("regex", met)
            case _:
                return self._named(kind, value)

    def _named(self, kind: str, value: str) -> list[Hit]:
        exact = self._hits(kind, [value]) if "*" not in value else []
        return exact or self._hits(
            kind,
            [
                pattern
                for before, after, pattern in self._wild(kind)
                if len(value) >= len(before) + len(after) and value.startswith(before) and value.endswith(after)
            ],
        )

    def _address(self, value: str, asn: int) -> list[Hit]:
        try:
            parsed = ipaddress.ip_address(value)
        except ValueError:
            return []
        number = int(parsed)
        inside = [
            (last - first, pattern)
            for first, last, version, pattern in self._ranges
            if first <= number <= last and version == parsed.version
        ]
        narrowest = min((width for width, _ in inside), default=0)
        in_range = self._hits("ip-range", [pattern for width, pattern in inside if width == narrowest])
        return in_range or self._hits("asn", self._asns.get(asn, ()))

    def strings(self) -> tuple[str, ...]:
        """Return all constants of kind `string`, sorted: what scanners have to look for."""
        return tuple(sorted(self._table("string")))

    def regexes(self) -> tuple[str, ...]:
        """Return all patterns of kind `regex`, sorted."""
        return tuple(sorted(self._table("regex")))

    def packages(self) -> frozenset[str]:
        """Return all package prefixes, for scanners that name packages."""
        return self._patterns("java-package", "android-component")

    def hosts(self) -> AbstractSet[str]:
        """Return all host names, for scanners that doubt what looks like a file or a class."""
        return self._table("hostname").keys()

    def classes(self) -> frozenset[str]:
        """Return all Objective-C class names and prefixes, for scanners that name classes."""
        return self._patterns("objc-class")

    def _patterns(self, *kinds: str) -> frozenset[str]:
        return frozenset(pattern for kind in kinds for pattern in self._table(kind))


class _Nested:
    """Dotted patterns of which the longest that holds a value wins; read when the first value is looked up."""

    def __init__(self, table: Callable[[str], Mapping[str, Sequence[int]]], kind: str) -> None:
        self._table = table
        self._kind = kind

    @cached_property
    def _patterns(self) -> Mapping[str, Sequence[int]]:
        return self._table(self._kind)

    @cached_property
    def _depth(self) -> int:
        return 1 + max((pattern.count(".") for pattern in self._patterns), default=0)

    def below(self, name: str) -> tuple[str, ...]:
        """Return the longest pattern that the name ends with at a dot, if any."""
        labels = name.split(".")[-self._depth :]
        return self._first(".".join(labels[start:]) for start in range(len(labels)))

    def above(self, name: str) -> tuple[str, ...]:
        """Return the longest pattern that the name begins with up to a dot, if any."""
        segments = name.split(".")[: self._depth]
        return self._first(".".join(segments[:end]) for end in range(len(segments), 0, -1))

    def _first(self, candidates: Iterable[str]) -> tuple[str, ...]:
        found = next((candidate for candidate in candidates if candidate in self._patterns), None)
        return () if found is None else (found,)
