"""From a YAML mapping to `model` values: required keys, closed lists, nothing unknown. Errors carry file and line."""

import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, Final

from inspector.errors import KnowledgeError
from inspector.knowledge.patterns import PROBLEMS
from inspector.knowledge.strict_yaml import Mapping
from inspector.model.knowledge import Category, Confidence, Indicator, Limb, Reference, Signature, Vendor

SUBJECT_KINDS: Final = ("cloud", "sdk", "service", "component", "certificate-authority", "address-block", "packer")
INDICATOR_KINDS: Final = (
    "hostname",
    "ip-range",
    "asn",
    "java-package",
    "app-id",
    "android-component",
    "android-metadata",
    "native-library",
    "file-name",
    "ios-framework",
    "objc-class",
    "certificate",
    "url-path",
    "string",
    "regex",
)
REFERENCE_KINDS: Final = ("artifact", "dataset", "document")
SENSITIVITIES: Final = ("low", "medium", "high")
VENDOR_KEYS: Final = {
    "schema": True,
    "id": True,
    "name": True,
    "names": False,
    "legal_entity": False,
    "group": False,
    "domicile": True,
    "since": False,
    "disputed": False,
    "summary": True,
    "references": True,
}
SIGNATURE_KEYS: Final = {
    "schema": True,
    "id": True,
    "name": True,
    "kind": True,
    "category": True,
    "limbs": True,
    "summary": True,
    "caveats": False,
    "references": True,
    "indicators": True,
}
INDICATOR_KEYS: Final = {
    "id": True,
    "kind": True,
    "any": True,
    "hosting": False,
    "operator": False,
    "confidence": True,
    "references": True,
    "examples": True,
    "note": False,
}
REFERENCE_KEYS: Final = {
    "artifact": {"id": True, "kind": True, "name": True, "sha256": True, "title": False},
    "dataset": {"id": True, "kind": True, "name": True, "commit": False, "path": False, "url": False, "date": False},
    "document": {"id": True, "kind": True, "title": True, "url": True, "read": True},
}
ID: Final = re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*")
COUNTRY: Final = re.compile(r"[A-Z]{2}")


class Checker:
    """Reads one file; every complaint names the file and the line."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fail(self, message: str, line: int | None = None) -> KnowledgeError:
        """Return (not raise) the error for this file."""
        return KnowledgeError(message, self.path, line)

    def keys(self, data: Mapping, allowed: dict[str, bool], what: str) -> None:
        """Refuse unknown keys and missing required ones."""
        for key in data:
            if key not in allowed:
                raise self.fail(f"unknown key {key!r} in {what}", data.lines[key])
        for key, required in allowed.items():
            if required and key not in data:
                raise self.fail(f"{what} lacks {key!r}", data.line)

    def text(self, data: Mapping, key: str) -> str:
        """Return a text value, or "" where the key is absent."""
        value = data.get(key, "")
        if not isinstance(value, str):
            raise self.fail(f"{key!r} must be text", data.lines[key])
        return value.strip()

    def texts(self, data: Mapping, key: str, least: int = 0) -> tuple[str, ...]:
        """Return a list of texts with at least `least` entries."""
        value = data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.fail(f"{key!r} must be a list of texts", data.lines.get(key, data.line))
        if len(value) < least:
            raise self.fail(f"{key!r} needs at least {least}", data.lines.get(key, data.line))
        return tuple(value)

    def one_of(self, data: Mapping, key: str, allowed: Collection[str]) -> str:
        """Return a text value out of a closed list."""
        value = self.text(data, key)
        if value not in allowed:
            raise self.fail(f"{key!r} is {value!r}, not one of {', '.join(sorted(allowed))}", data.lines[key])
        return value

    def country(self, data: Mapping, key: str) -> str:
        """Return an ISO 3166-1 alpha-2 code, or "" where the key is absent."""
        value = self.text(data, key)
        if value and not COUNTRY.fullmatch(value):
            raise self.fail(f"{key!r} is {value!r}, not a two-letter country code", data.lines[key])
        return value

    def each(self, data: Mapping, key: str, read: Callable[[Mapping], Any]) -> tuple[Any, ...]:
        """Read a list of mappings."""
        value = data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            raise self.fail(f"{key!r} must be a list of mappings", data.lines.get(key, data.line))
        items = tuple(read(item) for item in value)
        ids = [item.id for item in items]
        for item_id in ids:
            if ids.count(item_id) > 1:
                raise self.fail(f"id {item_id!r} stands twice in {key!r}", data.lines[key])
        return items

    def version(self, data: Mapping) -> None:
        """Refuse files of another schema version."""
        if data.get("schema") != "1":
            raise self.fail(f"schema is {data.get('schema')!r}, this version reads 1", data.line)


def read_vendor(data: Mapping, path: Path) -> Vendor:
    """Return the vendor of a `_vendor.yaml`; its id must be the folder's name."""
    check = Checker(path)
    check.keys(data, VENDOR_KEYS, "vendor")
    check.version(data)
    if data["id"] != path.parent.name:
        raise check.fail(f"id is {data['id']!r}, the folder is {path.parent.name!r}", data.lines["id"])
    return Vendor(
        id=check.text(data, "id"),
        name=check.text(data, "name"),
        group=check.text(data, "group") or check.text(data, "name"),
        domicile=check.country(data, "domicile"),
        legal_entity=check.text(data, "legal_entity"),
        names=check.texts(data, "names"),
        since=check.text(data, "since"),
        disputed=check.text(data, "disputed"),
        summary=check.text(data, "summary"),
        references=check.each(data, "references", lambda item: _reference(item, check)),
    )


def read_signature(data: Mapping, path: Path, categories: Collection[str], origin: str) -> Signature:
    """Return the subject of a signature file; its id must be its path without the suffix."""
    check = Checker(path)
    check.keys(data, SIGNATURE_KEYS, "signature")
    check.version(data)
    expected = f"{path.parent.name}/{path.stem}"
    if data["id"] != expected:
        raise check.fail(f"id is {data['id']!r}, the path says {expected!r}", data.lines["id"])
    references = check.each(data, "references", lambda item: _reference(item, check))
    known = {reference.id for reference in references}
    limbs = check.texts(data, "limbs")
    for limb in limbs:
        if limb not in list(Limb):
            raise check.fail(f"limb {limb!r} is not one of {', '.join(Limb)}", data.lines["limbs"])
    return Signature(
        id=expected,
        name=check.text(data, "name"),
        kind=check.one_of(data, "kind", SUBJECT_KINDS),
        category=check.one_of(data, "category", categories),
        limbs=tuple(Limb(limb) for limb in limbs),
        vendor=path.parent.name,
        summary=check.text(data, "summary"),
        indicators=check.each(data, "indicators", lambda item: _indicator(item, check, known)),
        references=references,
        caveats=check.texts(data, "caveats"),
        origin=origin,
    )


def read_categories(data: Mapping, path: Path) -> dict[str, Category]:
    """Return the closed list of categories, by id."""
    check = Checker(path)
    table = data.get("categories")
    if not isinstance(table, Mapping):
        raise check.fail("lacks the mapping 'categories'", data.line)
    found = {}
    for key, item in table.items():
        if not isinstance(item, Mapping):
            raise check.fail(f"category {key!r} must be a mapping", table.lines[key])
        sensitivity = check.one_of(item, "sensitivity", SENSITIVITIES)
        found[key] = Category(key, check.text(item, "title"), sensitivity, check.text(item, "description"))
    return found


def _reference(item: Mapping, check: Checker) -> Reference:
    kind = check.one_of(item, "kind", REFERENCE_KINDS)
    check.keys(item, REFERENCE_KEYS[kind], f"{kind} reference")
    title = check.text(item, "title") or check.text(item, "name")
    locator = check.text(item, "url") or check.text(item, "sha256")
    if not locator:
        parts = [check.text(item, key) for key in ("commit", "date", "path")]
        locator = " ".join(part for part in parts if part)
    return Reference(check.text(item, "id"), kind, title, locator, check.text(item, "read") or check.text(item, "date"))


def _indicator(item: Mapping, check: Checker, references: set[str]) -> Indicator:
    check.keys(item, INDICATOR_KEYS, "indicator")
    used = check.texts(item, "references", least=1)
    for name in used:
        if name not in references:
            raise check.fail(f"reference {name!r} is not defined in this file", item.lines["references"])
    examples = item["examples"]
    if not isinstance(examples, Mapping):
        raise check.fail("'examples' must be a mapping", item.lines["examples"])
    check.keys(examples, {"match": True, "no_match": True}, "examples")
    kind = check.one_of(item, "kind", INDICATOR_KINDS)
    patterns = check.texts(item, "any", least=1)
    for pattern in patterns:
        if problem := PROBLEMS[kind](pattern) if kind in PROBLEMS else "":
            raise check.fail(f"{pattern!r} {problem}", item.lines["any"])
    return Indicator(
        id=check.text(item, "id"),
        kind=kind,
        patterns=tuple(pattern.lower().rstrip(".") if kind == "hostname" else pattern for pattern in patterns),
        confidence=Confidence(check.one_of(item, "confidence", list(Confidence))),
        references=used,
        match=check.texts(examples, "match", least=1),
        no_match=check.texts(examples, "no_match", least=1),
        hosting=check.country(item, "hosting"),
        operator=check.text(item, "operator"),
        note=check.text(item, "note"),
    )
