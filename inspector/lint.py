"""Lint the knowledge base: what the loader cannot see in one file, and whether every example behaves.

A finding of the linter is one line `file: id:indicator: what is wrong`; nothing is changed.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from inspector.classify.index import Index
from inspector.model.knowledge import PRC, Indicator, Knowledge, Signature
from inspector.model.observation import Kind

KIND_OF: Final = {
    "hostname": Kind.HOSTNAME,
    "ip-range": Kind.IP_ADDRESS,
    "java-package": Kind.JAVA_PACKAGE,
    "app-id": Kind.APP_ID,
    "android-component": Kind.ANDROID_COMPONENT,
    "android-metadata": Kind.ANDROID_METADATA,
    "native-library": Kind.NATIVE_LIBRARY,
    "file-name": Kind.FILE_NAME,
    "ios-framework": Kind.IOS_FRAMEWORK,
    "objc-class": Kind.OBJC_CLASS,
    "certificate": Kind.CERTIFICATE,
    "url-path": Kind.URL,
    "string": Kind.STRING,
    "regex": Kind.STRING,
}
"""Indicator kind → the kind of observable that its examples stand for (`asn` examples are numbers)."""
BENIGN_KINDS: Final = (
    "hostname",
    "java-package",
    "app-id",
    "native-library",
    "ios-framework",
    "objc-class",
    "android-component",
)


@dataclass(frozen=True, slots=True, order=True)
class Complaint:
    """One thing that is wrong; `where` is `<signature id>:<indicator id>` or a file."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


def lint(knowledge: Knowledge, benign: Path | None, is_public_suffix: Callable[[str], bool]) -> list[Complaint]:
    """Return all complaints in order; none means that the knowledge may ship."""
    index = Index(knowledge)
    found = [*_patterns_stand_once(knowledge), *_vendors(knowledge)]
    for signature in knowledge.signatures.values():
        found += _references(signature)
        for indicator in signature.indicators:
            where = f"{signature.id}:{indicator.id}"
            found += [Complaint(where, text) for text in _patterns(indicator, is_public_suffix)]
            found += [Complaint(where, text) for text in example_failures(index, signature, indicator)]
    if benign is not None:
        found += _benign(index, benign)
    return sorted(set(found))


def example_failures(index: Index, signature: Signature, indicator: Indicator) -> Iterator[str]:
    """Yield what is wrong with an indicator's examples: a match that does not, a no_match that does."""
    for value in indicator.match:
        if not _meets(index, signature, indicator, value):
            yield f"example {value!r} does not match"
    for value in indicator.no_match:
        if _meets(index, signature, indicator, value):
            yield f"example {value!r} must not match and does"


def _meets(index: Index, signature: Signature, indicator: Indicator, value: str) -> bool:
    if indicator.kind == "asn":
        return value.removeprefix("AS") in {pattern.removeprefix("AS") for pattern in indicator.patterns}
    if indicator.kind == "regex":
        return any(re.search(pattern, value) for pattern in indicator.patterns)
    if indicator.kind == "string":
        return any(pattern in value for pattern in indicator.patterns)
    hits = index.find(KIND_OF[indicator.kind], value)
    return any(hit.signature.id == signature.id and hit.indicator.id == indicator.id for hit in hits)


def _patterns_stand_once(knowledge: Knowledge) -> Iterator[Complaint]:
    seen: dict[tuple[str, str], str] = {}
    for signature in knowledge.signatures.values():
        for indicator in signature.indicators:
            for pattern in indicator.patterns:
                where = f"{signature.id}:{indicator.id}"
                first = seen.setdefault((indicator.kind, pattern), where)
                if first != where:
                    yield Complaint(where, f"{indicator.kind} {pattern!r} stands in {first} already")


def _vendors(knowledge: Knowledge) -> Iterator[Complaint]:
    used = {signature.vendor for signature in knowledge.signatures.values()}
    for vendor in knowledge.vendors.values():
        if vendor.id not in used:
            yield Complaint(f"{vendor.id}/_vendor.yaml", "has no subject")
        if not vendor.domicile:
            yield Complaint(f"{vendor.id}/_vendor.yaml", "has no domicile")


def _references(signature: Signature) -> Iterator[Complaint]:
    used = {name for indicator in signature.indicators for name in indicator.references}
    for reference in signature.references:
        if reference.id not in used:
            yield Complaint(signature.id, f"reference {reference.id!r} is not used")
        if not reference.locator:
            yield Complaint(signature.id, f"reference {reference.id!r} says not where it is")
        if reference.kind == "document" and not _is_date(reference.read):
            yield Complaint(signature.id, f"reference {reference.id!r} has no valid date of reading")


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text) <= date.max
    except ValueError:
        return False


def _patterns(indicator: Indicator, is_public_suffix: Callable[[str], bool]) -> Iterator[str]:
    for pattern in indicator.patterns:
        match indicator.kind:
            case "hostname" if is_public_suffix(pattern) or "." not in pattern:
                yield f"{pattern!r} is a public suffix: it would match everybody below it"
            case "ip-range":
                yield from _range(pattern)
            case "java-package" | "app-id" | "android-component" if "." not in pattern and len(pattern) < 6:
                yield f"{pattern!r} is a single short segment"
            case "string" if len(pattern) < 6:
                yield f"{pattern!r} is shorter than 6 characters"
            case _:
                pass


def _range(pattern: str) -> Iterator[str]:
    if not ipaddress.ip_network(pattern).is_global:
        yield f"{pattern!r} is not public address space"


def _benign(index: Index, path: Path) -> Iterator[Complaint]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        kind, _, value = line.partition(" ")
        if not value or line.startswith("#"):
            continue
        if kind not in BENIGN_KINDS:
            yield Complaint(f"{path.name}:{number}", f"unknown kind {kind!r}")
            continue
        for hit in index.find(KIND_OF[kind], value):
            if index.knowledge.vendors[hit.signature.vendor].domicile in PRC or hit.indicator.hosting in PRC:
                yield Complaint(f"{path.name}:{number}", f"{value!r} is benign and matches {hit.key}")


def benign_values(path: Path) -> Iterable[tuple[str, str]]:
    """Return (kind, value) of every line of a benign list."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [
        (kind, value) for kind, _, value in (line.partition(" ") for line in lines) if value and kind in BENIGN_KINDS
    ]
