"""The compiled hyperscan database, and its place in the user's cache folder.

Compiling the anchors takes seconds, loading them a millisecond. The name of a cached database is a hash of the
anchors, the hyperscan version and the processor; its first 32 bytes are the SHA-256 of the rest. A cache that
cannot be written or does not verify costs the time to compile, nothing else.
"""

import hashlib
import logging
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

logger = logging.getLogger(__name__)

_SEAL: Final = 32


def load_database(anchors: Sequence[tuple[int, bytes]], *, caseless: bool = True) -> Any | None:
    """Return a scannable database of (kind, pattern) pairs, or None where hyperscan cannot be had."""
    try:
        import hyperscan
    except ImportError:
        return None
    flags = hyperscan.HS_FLAG_DOTALL | (hyperscan.HS_FLAG_CASELESS if caseless else 0)
    path = _cached(anchors, flags, hyperscan)
    try:
        serialised = _verified(path)
        if serialised is not None:
            return _ready(hyperscan, hyperscan.loadb(serialised, hyperscan.HS_MODE_BLOCK))
    except hyperscan.HyperscanError as error:
        logger.info("cached database %s refused: %s", path, error)
    database = _compile(anchors, flags, hyperscan)
    if path is not None:
        _store(path, hyperscan.dumpb(database))
    return database


def cache_folder() -> Path | None:
    """Return the folder of compiled databases (`$XDG_CACHE_HOME/exposure-inspector`), or None without a home."""
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "exposure-inspector"
    except RuntimeError:
        return None


def _compile(anchors: Sequence[tuple[int, bytes]], flags: int, hyperscan: Any) -> Any:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[pattern for _, pattern in anchors],
        ids=[kind for kind, _ in anchors],
        elements=len(anchors),
        flags=[flags] * len(anchors),
    )
    return database


def _ready(hyperscan: Any, database: Any) -> Any:
    # A database that comes from bytes has no scratch space of its own.
    database.scratch = hyperscan.Scratch(database)
    return database


def _cached(anchors: Sequence[tuple[int, bytes]], flags: int, hyperscan: Any) -> Path | None:
    folder = cache_folder()
    if folder is None:
        return None
    key = hashlib.sha256(b"%d" % flags)
    for part in (hyperscan.__version__, platform.machine(), _processor(), sys.byteorder):
        key.update(part.encode() + b"\0")
    for kind, pattern in anchors:
        key.update(b"%d\0%d\0%s" % (kind, len(pattern), pattern))
    return folder / f"anchors-{key.hexdigest()[:32]}.hsdb"


def _processor() -> str:
    # hyperscan compiles for the instruction set it finds, so the flags of the processor are part of the key.
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as lines:
            return next((line for line in lines if line.startswith("flags")), "")
    except OSError:
        return platform.processor()


def _verified(path: Path | None) -> bytes | None:
    try:
        content = path.read_bytes() if path is not None else b""
    except OSError:
        return None
    body = content[_SEAL:]
    return body if body and hashlib.sha256(body).digest() == content[:_SEAL] else None


def _store(path: Path, body: bytes) -> None:
    name = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".anchors-")
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(body).digest() + body)
        os.replace(name, path)
    except OSError as error:
        logger.info("compiled database is not cached: %s", error)
        if name:
            Path(name).unlink(missing_ok=True)
