"""The user's YARA rules as knowledge: every rule becomes a subject, its metadata says whose and what.

Metadata read: `vendor`, `domicile` (two letters), `limb` (comma separated), `category`, `description`, `confidence`,
`reference`. A rule without them is reported and never rated. Includes are refused: a rule file cannot read others.
"""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from inspector.errors import KnowledgeError, UsageError
from inspector.model.knowledge import Confidence, Indicator, Knowledge, Limb, Reference, Signature, Vendor

LARGEST: Final = 16 << 20
SUFFIXES: Final = (".yar", ".yara")

Source = tuple[str, str]
"""(namespace, rule text): the file's name without its suffix, and its content."""


def read_rules(paths: Sequence[Path]) -> tuple[Source, ...]:
    """Return the rule files of files and folders, in order. Raises `UsageError` for none or an unreadable one."""
    files = [file for path in paths for file in (sorted(path.rglob("*")) if path.is_dir() else [path])]
    chosen = [file for file in files if file in paths or file.suffix in SUFFIXES]
    if paths and not chosen:
        raise UsageError(f"no YARA rules (*.yar, *.yara) in {paths[0]}")
    return tuple((file.stem, _text(file)) for file in chosen)


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    if len(raw) > LARGEST:
        raise KnowledgeError(f"larger than {LARGEST} bytes", path)
    return raw.decode("utf-8", "replace")


def compile_rules(sources: Iterable[Source]) -> Any:
    """Return compiled `yara.Rules`. Raises `KnowledgeError` with the namespace and YARA's own words."""
    import yara

    namespaces: dict[str, str] = {}
    for name, text in sources:
        namespaces[name if name not in namespaces else f"{name}-{len(namespaces)}"] = text
    try:
        return yara.compile(sources=namespaces, includes=False)
    except yara.Error as error:
        raise KnowledgeError(f"YARA: {error}") from error


def with_rules(knowledge: Knowledge, sources: Sequence[Source]) -> Knowledge:
    """Return the knowledge with one subject for each rule added; nothing of it is replaced."""
    if not sources:
        return knowledge
    vendors, signatures = dict(knowledge.vendors), dict(knowledge.signatures)
    places: dict[str, list[int]] = {}
    for rule in compile_rules(sources):
        meta = {key: str(value) for key, value in rule.meta.items()}
        vendor = _vendor(meta)
        vendors.setdefault(vendor.id, vendor)
        signature = _signature(rule.identifier, meta, vendor.id, set(knowledge.categories))
        if signature.id not in signatures:
            places[rule.identifier] = [len(signatures), 0]
            signatures[signature.id] = signature
    digest = hashlib.sha256(repr((knowledge.sha256, tuple(sources))).encode()).hexdigest()
    return knowledge._replace(
        vendors=vendors,
        signatures=signatures,
        patterns={**knowledge.patterns, "yara": places},
        sha256=digest,
        yara=tuple(sources),
    )


def _vendor(meta: dict[str, str]) -> Vendor:
    name = meta.get("vendor", "")
    if not name:
        return Vendor("yara", "not stated by the rule", "", "")
    return Vendor(f"yara-{name.lower()}", name, name, meta.get("domicile", "").upper()[:2])


def _signature(rule: str, meta: dict[str, str], vendor: str, categories: set[str]) -> Signature:
    limbs = tuple(sorted(Limb(part) for part in meta.get("limb", "").replace(" ", "").split(",") if part in list(Limb)))
    grade = meta.get("confidence", "high")
    reference = Reference("rule", "document", f"YARA rule {rule}", meta.get("reference", ""))
    indicator = Indicator(
        id="rule",
        kind="yara",
        patterns=(rule,),
        confidence=Confidence(grade) if grade in list(Confidence) else Confidence.HIGH,
        references=("rule",),
        match=(),
        no_match=(),
    )
    return Signature(
        id=f"yara/{rule}",
        name=rule,
        kind="service",
        category=meta["category"] if meta.get("category") in categories else "security",
        limbs=limbs,
        vendor=vendor,
        summary=meta.get("description", "Matched by a YARA rule of the user."),
        indicators=(indicator,),
        references=(reference,),
        origin="yara",
    )
