"""Files that may be made again at any time, in the user's cache folder: written atomically, checked by hash.

No writable cache is no error: everything works without one, only slower. A damaged entry is ignored and replaced.
"""

import contextlib
import hashlib
import os
from pathlib import Path
from typing import Final

KEPT_OF_A_KIND: Final = {"anchors": 32}
"""Entries of one kind (`anchors-…`) kept in the folder itself: older ones belong to knowledge no longer in use."""
KEPT_OTHERWISE: Final = 6


def cache_folder() -> Path:
    """Return `$INSPECTOR_CACHE`, or `exposure-inspector` in the XDG cache folder; it need not exist."""
    if own := os.environ.get("INSPECTOR_CACHE"):
        return Path(own)
    try:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:  # a user without a home, as in many containers
        base = Path(os.devnull)  # a place that nobody can write below
    return base / "exposure-inspector"


def load(name: str) -> bytes | None:
    """Return the entry, or None where there is none, it is damaged, or somebody else could have written it."""
    path = cache_folder() / name
    try:
        with path.open("rb") as stream:
            status = os.fstat(stream.fileno())
            if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022):
                return None
            digest, data = stream.read(32), stream.read()
            os.utime(stream.fileno())  # what is used last is kept longest
    except OSError:
        return None
    return data if hashlib.sha256(data).digest() == digest else None


def store(name: str, data: bytes) -> None:
    """Write the entry; silently does nothing where the folder cannot be written."""
    path = cache_folder() / name
    temporary = ""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = os.path.join(path.parent, f"new-{os.urandom(8).hex()}")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(hashlib.sha256(data).digest() + data)
        os.replace(temporary, path)
        _prune(path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def _prune(stored: Path) -> None:
    """Delete all but the entries of the same kind that were used last; what lies in sub-folders is kept."""
    kind, dash, _ = stored.name.partition("-")
    if not dash or stored.parent != cache_folder():
        return
    entries = [(entry.stat().st_mtime_ns, entry) for entry in stored.parent.glob(f"{kind}-*")]
    for _, entry in sorted(entries, reverse=True)[KEPT_OF_A_KIND.get(kind, KEPT_OTHERWISE) :]:
        entry.unlink(missing_ok=True)
