"""The compiled hyperscan database, and its place in the user's cache folder.

Compiling the anchors takes seconds, loading them a millisecond. The name of a cached database is a hash of the
anchors, the hyperscan version and the processor.
"""

import hashlib
import logging
import platform
import sys
from collections.abc import Sequence
from typing import Any

from inspector import cache

logger = logging.getLogger(__name__)


def load_database(anchors: Sequence[tuple[int, bytes]], *, caseless: bool = True) -> Any | None:
    """Return a scannable database of (kind, pattern) pairs, or None where hyperscan cannot be had."""
    try:
        import hyperscan
    except ImportError:
        return None
    flags = hyperscan.HS_FLAG_DOTALL | (hyperscan.HS_FLAG_CASELESS if caseless else 0)
    entry = _entry(anchors, flags, hyperscan)
    if (serialised := cache.load(entry)) is not None:
        try:
            return _ready(hyperscan, hyperscan.loadb(serialised, hyperscan.HS_MODE_BLOCK))
        except hyperscan.HyperscanError as error:
            logger.info("cached database %s refused: %s", entry, error)
    database = _compile(anchors, flags, hyperscan)
    cache.store(entry, hyperscan.dumpb(database))
    return database


def _compile(anchors: Sequence[tuple[int, bytes]], flags: int, hyperscan: Any) -> Any:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[pattern for _, pattern in anchors],
        ids=[kind for kind, _ in anchors],
        elements=len(anchors),
        flags=[flags] * len(anchors),
    )
    return database


def scratch_for(database: Any) -> Any:
    """Return a scratch space for `database`; each thread that searches at the same time needs one of its own."""
    import hyperscan

    return hyperscan.Scratch(database)


def _ready(hyperscan: Any, database: Any) -> Any:
    # A database that comes from bytes has no scratch space of its own.
    database.scratch = hyperscan.Scratch(database)
    return database


def _entry(anchors: Sequence[tuple[int, bytes]], flags: int, hyperscan: Any) -> str:
    key = hashlib.sha256(b"%d" % flags)
    for part in (hyperscan.__version__, platform.machine(), _processor(), sys.byteorder):
        key.update(part.encode() + b"\0")
    for kind, pattern in anchors:
        key.update(b"%d\0%d\0%s" % (kind, len(pattern), pattern))
    return f"anchors-{key.hexdigest()[:32]}"


def _processor() -> str:
    # hyperscan compiles for the instruction set it finds, so the flags of the processor are part of the key.
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as lines:
            return next((line for line in lines if line.startswith("flags")), "")
    except OSError:
        return platform.processor()
