"""Load signature folders into `model.Knowledge`; the compiled form is cached by the hash of all files.

Reading a thousand files to hash them takes longer than all the rest, so a second entry of the cache says which hash
files of these sizes, times and inodes had. The kernel moves a file's change time with every write to it.
"""

import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from inspector import cache
from inspector.errors import KnowledgeError, UsageError
from inspector.knowledge.compiled import FORMAT, freeze, pattern_table, thaw
from inspector.model.knowledge import Knowledge

if TYPE_CHECKING:
    from inspector.model.knowledge import Category, Signature, Vendor

SETTLED: Final = 2_000_000_000
"""Nanoseconds without a change after which times tell versions of a file apart on every file system."""


def builtin_folder() -> Path:
    """Return the folder of the signatures that ship with the product: in the wheel, or beside it in a checkout."""
    packaged = Path(__file__).parent.parent / "signatures"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "signatures"


def load_knowledge(packs: Sequence[Path] = (), builtin: Path | None = None) -> Knowledge:
    """Return the built-in knowledge plus `packs` (folders), which add and never replace.

    Raises `KnowledgeError` with file and line, `UsageError` for a pack that is no folder or has no file.
    """
    folders = [(builtin or builtin_folder(), "built-in"), *((pack, f"pack: {pack.name}") for pack in packs)]
    files_of = [(folder, origin, list(_listed(folder))) for folder, origin in folders]
    for folder, _, entries in files_of:
        if not entries:  # a wrong folder must not pass for a pack that found nothing
            raise UsageError(f"no signatures (*.yaml, in it or one folder deeper) in {str(folder)!r}")
    listed = [(entry, origin) for _, origin, entries in files_of for entry in entries]
    stamp, settled = _stamp(listed)
    known = cache.load(stamp) if settled else None
    if known is not None and (cached := cache.load(_name(known.decode()))) is not None:
        return thaw(cached, known.decode())
    files = [(Path(entry.path), origin, Path(entry.path).read_bytes()) for entry, origin in listed]
    digest = _digest(files)
    if settled:
        cache.store(stamp, digest.encode())
    if (cached := cache.load(_name(digest))) is not None:
        return thaw(cached, digest)
    knowledge = _compile([(path, origin) for path, origin, _ in files], digest)
    cache.store(_name(digest), freeze(knowledge))
    return knowledge


def _name(digest: str) -> str:
    return f"knowledge-{digest[:32]}"


def _listed(folder: Path) -> Iterator["os.DirEntry[str]"]:
    """Yield the files of a folder, then those of the folders in it, each in order of their names."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise UsageError(f"no signature folder: {folder}") from error
    yield from (entry for entry in entries if entry.name.endswith(".yaml"))
    for entry in entries:
        if entry.is_dir():
            inner = sorted(os.scandir(entry), key=lambda entry: entry.name)
            yield from (file for file in inner if file.name.endswith(".yaml"))


def _stamp(listed: Iterable[tuple["os.DirEntry[str]", str]]) -> tuple[str, bool]:
    """Return the cache entry for files of these names, sizes, times and inodes, and whether they lie still."""
    files = [(entry.path, origin, entry.stat()) for entry, origin in listed]
    states = [(path, origin, s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino) for path, origin, s in files]
    newest = max((max(s.st_mtime_ns, s.st_ctime_ns) for _, _, s in files), default=0)
    digest = hashlib.sha256(FORMAT + ascii(states).encode()).hexdigest()
    return f"stamp-{digest[:32]}", newest + SETTLED < time.time_ns()


def _digest(files: Iterable[tuple[Path, str, bytes]]) -> str:
    hasher = hashlib.sha256(FORMAT)
    for path, origin, raw in files:
        # The name counts within its folder only: the same knowledge elsewhere is the same knowledge.
        hasher.update(f"{path.parent.name}/{path.name}\0{origin}\0{len(raw)}\0".encode())
        hasher.update(raw)
    return hasher.hexdigest()


def _compile(files: Sequence[tuple[Path, str]], digest: str) -> Knowledge:
    from inspector.knowledge.schema import read_categories, read_signature, read_vendor
    from inspector.knowledge.strict_yaml import read_yaml

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
    table = pattern_table(list(signatures.values()))
    return Knowledge(vendors, signatures, categories, table, digest, _newest(signatures.values(), vendors.values()))


def _newest(signatures: Iterable["Signature"], vendors: Iterable["Vendor"]) -> str:
    """Return the latest date on which a reference was read: the age of the knowledge."""
    owners: list[Signature | Vendor] = [*signatures, *vendors]
    dates = [reference.read for owner in owners for reference in owner.references]
    return max((date for date in dates if date), default="")
