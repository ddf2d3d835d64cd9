"""Find the indicators that an observable meets: tries over labels and segments, exact tables, sorted ranges.

Built once from the knowledge; every look-up costs the length of the value, not the number of signatures. The more
specific pattern wins, so `oss-eu-central-1.aliyuncs.com` is not also reported as plain `aliyuncs.com`.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from inspector.model.knowledge import Indicator, Knowledge, Signature
from inspector.model.observation import Kind

_LEAF: Final = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """An indicator met by a value, and the pattern that met it."""

    signature: Signature
    indicator: Indicator
    pattern: str

    @property
    def key(self) -> str:
        """Return `<signature id>:<indicator id>`."""
        return f"{self.signature.id}:{self.indicator.id}"


class _Trie:
    """Longest match over segments; values under the empty segment."""

    def __init__(self) -> None:
        self._root: dict[str, Any] = {}

    def add(self, segments: Iterable[str], hit: Hit) -> None:
        node = self._root
        for segment in segments:
            node = node.setdefault(segment, {})
        node.setdefault(_LEAF, []).append(hit)

    def longest(self, segments: Iterable[str]) -> list[Hit]:
        node, best = self._root, list[Hit]()
        for segment in segments:
            if segment not in node:
                break
            node = node[segment]
            best = node.get(_LEAF, best)
        return list(best)


class Index:
    """All indicators of a knowledge base, by kind of observable."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self._hosts = _Trie()
        self._packages = _Trie()
        self._components = _Trie()
        self._exact: dict[tuple[str, str], list[Hit]] = {}
        self._wild: dict[str, list[tuple[str, str, Hit]]] = {}
        self._ranges: list[tuple[int, int, int, Hit]] = []
        self._asns: dict[int, list[Hit]] = {}
        self._certificates: list[tuple[str, Hit]] = []
        self._paths: list[tuple[str, Hit]] = []
        self._strings: dict[str, list[Hit]] = {}
        self._regexes: list[tuple[Any, Hit]] = []
        for signature in knowledge.signatures.values():
            for indicator in signature.indicators:
                for pattern in indicator.patterns:
                    self._add(Hit(signature, indicator, pattern))
        self._ranges.sort(key=lambda entry: (entry[0], entry[2]))

    def _add(self, hit: Hit) -> None:
        adders: dict[str, Callable[[str, Hit], None]] = {
            "hostname": lambda p, h: self._hosts.add(reversed(p.split(".")), h),
            "java-package": lambda p, h: self._packages.add(p.split("."), h),
            "android-component": lambda p, h: self._components.add(p.split("."), h),
            "ip-range": self._add_range,
            "asn": lambda p, h: self._asns.setdefault(int(p.removeprefix("AS")), []).append(h),
            "certificate": lambda p, h: self._certificates.append((p.lower(), h)),
            "url-path": lambda p, h: self._paths.append((p, h)),
            "string": lambda p, h: self._strings.setdefault(p, []).append(h),
            "regex": lambda p, h: self._regexes.append((re.compile(p), h)),
        }
        adders.get(hit.indicator.kind, self._add_name)(hit.pattern, hit)

    def _add_range(self, pattern: str, hit: Hit) -> None:
        network = ipaddress.ip_network(pattern, strict=False)
        first, last = int(network.network_address), int(network.broadcast_address)
        self._ranges.append((first, last, network.version, hit))

    def _add_name(self, pattern: str, hit: Hit) -> None:
        kind = hit.indicator.kind
        if "*" in pattern:
            before, _, after = pattern.partition("*")
            self._wild.setdefault(kind, []).append((before, after, hit))
        else:
            self._exact.setdefault((kind, pattern), []).append(hit)

    def find(self, kind: str, value: str, asn: int = 0) -> list[Hit]:
        """Return the hits of an observable, best pattern only where patterns nest; order is that of the knowledge."""
        match kind:
            case Kind.HOSTNAME:
                return self._hosts.longest(reversed(value.split(".")))
            case Kind.JAVA_PACKAGE:
                return self._packages.longest(value.split("."))
            case Kind.ANDROID_COMPONENT:
                return self._component(value)
            case Kind.IP_ADDRESS:
                return self._address(value, asn)
            case Kind.CERTIFICATE:
                return [hit for text, hit in self._certificates if text in value.lower()]
            case Kind.URL:
                return [hit for text, hit in self._paths if text in value]
            case Kind.STRING:
                return list(self._strings.get(value, ())) or [
                    h for pattern, h in self._regexes if pattern.search(value)
                ]
            case _:
                return self._named(kind, value)

    def _component(self, value: str) -> list[Hit]:
        segments = value.split(".")
        return self._components.longest(segments) or self._packages.longest(segments)

    def _named(self, kind: str, value: str) -> list[Hit]:
        hits = list(self._exact.get((kind, value), ()))
        return hits or [
            hit
            for before, after, hit in self._wild.get(kind, ())
            if len(value) >= len(before) + len(after) and value.startswith(before) and value.endswith(after)
        ]

    def _address(self, value: str, asn: int) -> list[Hit]:
        try:
            parsed = ipaddress.ip_address(value)
        except ValueError:
            return []
        number = int(parsed)
        inside = [
            (last - first, hit)
            for first, last, version, hit in self._ranges
            if first <= number <= last and version == parsed.version
        ]
        narrowest = min((width for width, _ in inside), default=0)
        return [hit for width, hit in inside if width == narrowest] or list(self._asns.get(asn, ()))

    def strings(self) -> tuple[str, ...]:
        """Return all constants of kind `string`, sorted: what scanners have to look for."""
        return tuple(sorted(self._strings))

    def regexes(self) -> tuple[str, ...]:
        """Return all patterns of kind `regex`, sorted."""
        return tuple(sorted(pattern.pattern for pattern, _ in self._regexes))

    def packages(self) -> frozenset[str]:
        """Return all package prefixes, for scanners that name packages."""
        kinds = ("java-package", "android-component")
        return frozenset(
            pattern
            for signature in self.knowledge.signatures.values()
            for indicator in signature.indicators
            if indicator.kind in kinds
            for pattern in indicator.patterns
        )
