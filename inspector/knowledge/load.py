"""Load signature folders into `model.Knowledge`; the compiled form is cached by the hash of all files.

Reading thousands of files to hash them takes longer than all the rest, so a second entry of the cache says which files
there were, and which hash files of these times had. The kernel moves a file's change time with every write to it, and
that of a folder with every name in it.
"""

import hashlib
import os
import sys
import time
from array import array
from collections.abc import Iterable, Sequence
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
    roots = [(builtin or builtin_folder(), "built-in"), *((pack, f"pack: {pack.name}") for pack in packs)]
    noted = f"stamp-{hashlib.sha256(FORMAT + ascii(roots).encode()).hexdigest()[:32]}"
    digest = _unchanged(noted)
    if digest and (cached := cache.load(_name(digest))) is not None:
        return thaw(cached, digest)
    folders: list[str] = []
    listed: list[tuple[str, str]] = []
    for root, origin in roots:
        inner, files = _listed(root)
        if not files:  # a wrong folder must not pass for a pack that found nothing
            raise UsageError(f"no signatures (*.yaml, in it or one folder deeper) in {str(root)!r}")
        folders += inner
        listed += ((file, origin) for file in files)
    paths = [*folders, *(file for file, _ in listed)]
    stamp, settled = _stamp(paths)
    read = [(Path(file), origin, Path(file).read_bytes()) for file, origin in listed]
    digest = _digest(read)
    if settled:
        cache.store(noted, "\0".join((stamp, digest, *paths)).encode("utf-8", "surrogateescape"))
    if (cached := cache.load(_name(digest))) is not None:
        return thaw(cached, digest)
    knowledge = _compile([(path, origin) for path, origin, _ in read], digest)
    cache.store(_name(digest), freeze(knowledge))
    return knowledge


def _name(digest: str) -> str:
    return f"knowledge-{digest[:32]}-{sys.implementation.cache_tag}"


def _listed(root: Path) -> tuple[list[str], list[str]]:
    """Return a folder with those in it, and their files: its own, then those of each folder, in order of names."""
    try:
        entries = sorted(os.scandir(root), key=lambda entry: entry.name)
    except OSError as error:
        raise UsageError(f"no signature folder: {root}") from error
    folders = [entry.path for entry in entries if entry.is_dir()]
    files = [entry.path for entry in entries if entry.name.endswith(".yaml")]
    for folder in folders:
        inner = sorted(os.scandir(folder), key=lambda entry: entry.name)
        files += [entry.path for entry in inner if entry.name.endswith(".yaml")]
    return [str(root), *folders], files


def _unchanged(noted: str) -> str:
    """Return the digest that the files had when they were listed last, or nothing if one of them has changed since.

    The times of the folders tell of files that came, went or were renamed: none has to be listed again.
    """
    known = cache.load(noted)
    if known is None:
        return ""
    stamp, digest, *paths = known.decode("utf-8", "surrogateescape").split("\0")
    try:
        return digest if _stamp(paths)[0] == stamp else ""
    except OSError:
        return ""


def _stamp(paths: Iterable[str]) -> tuple[str, bool]:
    """Return a hash of when files and folders were written and changed last, and whether they lie still."""
    # One at a time: thousands of states in a list cost as much as asking for them.
    times = array("q", [at for state in map(os.stat, paths) for at in (state.st_mtime_ns, state.st_ctime_ns)])
    return hashlib.sha256(times).hexdigest(), max(times, default=0) + SETTLED < time.time_ns()


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
