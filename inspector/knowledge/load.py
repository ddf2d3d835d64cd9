"""Load signature folders into `model.Knowledge`; the compiled form is cached by the hash of all files."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from inspector import cache
from inspector.errors import KnowledgeError, UsageError
from inspector.knowledge.schema import read_categories, read_signature, read_vendor
from inspector.knowledge.strict_yaml import read_yaml
from inspector.model.knowledge import (
    Category,
    Confidence,
    Indicator,
    Knowledge,
    Limb,
    Reference,
    Signature,
    Vendor,
)

FORMAT = b"knowledge 4\n"
"""Changes with the compiled form and with what the loader refuses: an old cache entry is never read as a new one."""


def builtin_folder() -> Path:
    """Return the folder of the signatures that ship with the product: in the wheel, or beside it in a checkout."""
    packaged = Path(__file__).parent.parent / "signatures"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "signatures"


def load_knowledge(packs: Sequence[Path] = (), builtin: Path | None = None) -> Knowledge:
    """Return the built-in knowledge plus `packs` (folders), which add and never replace.

    Raises `KnowledgeError` with file and line, `UsageError` for a pack that is no folder.
    """
    folders = [(builtin or builtin_folder(), "built-in"), *((pack, f"pack: {pack.name}") for pack in packs)]
    files = [(path, origin, raw) for folder, origin in folders for path, raw in _read(folder) for origin in (origin,)]
    digest = _digest((path, origin, raw) for path, origin, raw in files)
    cached = cache.load(f"knowledge-{digest[:32]}")
    if cached is not None:
        return _thaw(cached, digest)
    knowledge = _compile([(path, origin) for path, origin, _ in files], digest)
    cache.store(f"knowledge-{digest[:32]}", _freeze(knowledge))
    return knowledge


def _read(folder: Path) -> list[tuple[Path, bytes]]:
    if not folder.is_dir():
        raise UsageError(f"no signature folder: {folder}")
    return [(path, path.read_bytes()) for path in sorted(folder.glob("*.yaml")) + sorted(folder.glob("*/*.yaml"))]


def _digest(files: Iterable[tuple[Path, str, bytes]]) -> str:
    hasher = hashlib.sha256(FORMAT)
    for path, origin, raw in files:
        # The name counts within its folder only: the same knowledge elsewhere is the same knowledge.
        hasher.update(f"{path.parent.name}/{path.name}\0{origin}\0{len(raw)}\0".encode())
        hasher.update(raw)
    return hasher.hexdigest()


def _compile(files: Sequence[tuple[Path, str]], digest: str) -> Knowledge:
    categories: dict[str, Category] = {}
    vendors: dict[str, Vendor] = {}
    signatures: dict[str, Signature] = {}
    for path, _ in files:
        if path.name == "categories.yaml":
            categories |= read_categories(read_yaml(path), path)
        elif path.name == "_vendor.yaml":
            vendor = read_vendor(read_yaml(path), path)
            vendors.setdefault(vendor.id, vendor)
    for path, origin in files:
        if path.name in ("categories.yaml", "_vendor.yaml"):
            continue
        signature = read_signature(read_yaml(path), path, categories, origin)
        if signature.id in signatures:
            raise KnowledgeError(f"{signature.id} is defined already; a pack adds, it does not replace", path)
        if signature.vendor not in vendors:
            raise KnowledgeError(f"no _vendor.yaml for {signature.vendor!r}", path)
        signatures[signature.id] = signature
    return Knowledge(vendors, signatures, categories, digest, _newest(signatures.values(), vendors.values()))


def _newest(signatures: Iterable[Signature], vendors: Iterable[Vendor]) -> str:
    """Return the latest date on which a reference was read: the age of the knowledge."""
    owners: list[Signature | Vendor] = [*signatures, *vendors]
    dates = [reference.read for owner in owners for reference in owner.references]
    return max((date for date in dates if date), default="")


def _freeze(knowledge: Knowledge) -> bytes:
    import orjson

    body = {
        "vendors": [asdict(vendor) for vendor in knowledge.vendors.values()],
        "signatures": [asdict(signature) for signature in knowledge.signatures.values()],
        "categories": [asdict(category) for category in knowledge.categories.values()],
        "date": knowledge.date,
    }
    return FORMAT + orjson.dumps(body)


def _thaw(raw: bytes, digest: str) -> Knowledge:
    import orjson

    body = orjson.loads(raw[len(FORMAT) :])
    return Knowledge(
        vendors={item["id"]: _vendor(item) for item in body["vendors"]},
        signatures={item["id"]: _signature(item) for item in body["signatures"]},
        categories={item["id"]: Category(**item) for item in body["categories"]},
        sha256=digest,
        date=body["date"],
    )


def _references(items: list[dict[str, str]]) -> tuple[Reference, ...]:
    return tuple(Reference(**item) for item in items)


def _vendor(item: dict[str, Any]) -> Vendor:
    return Vendor(**item | {"names": tuple(item["names"]), "references": _references(item["references"])})


def _signature(item: dict[str, Any]) -> Signature:
    changed = {
        "limbs": tuple(Limb(limb) for limb in item["limbs"]),
        "caveats": tuple(item["caveats"]),
        "references": _references(item["references"]),
        "indicators": tuple(_indicator(entry) for entry in item["indicators"]),
    }
    return Signature(**item | changed)


def _indicator(item: dict[str, Any]) -> Indicator:
    lists = {key: tuple(item[key]) for key in ("patterns", "references", "match", "no_match")}
    return Indicator(**item | lists | {"confidence": Confidence(item["confidence"])})
