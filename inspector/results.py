"""Profiles of earlier runs, in the cache folder: unchanged artifacts are not inspected twice.

The key is everything a profile depends on: the artifact's bytes and name, the knowledge, the options, the product's
version and the external tools. Entries are checked by hash. Profiles that time or memory cut short, and failed ones,
are not kept: the next run may do better. This is also how an interrupted run goes on.
"""

import contextlib
import hashlib
import os
import zlib
from typing import TYPE_CHECKING, Any, Final

import orjson

from inspector import __version__, cache
from inspector.external import fingerprint

if TYPE_CHECKING:
    from inspector.pipeline import Subject
    from inspector.session import Session

FOLDER: Final = "results"
LARGEST: Final = 1 << 30
"""Bytes of all entries; the oldest go first."""
FORMAT: Final = b"inspector/profile/1 results 1"


class Results:
    """The stored profiles of this user."""

    def key(self, subject: "Subject", session: "Session") -> str:
        """Return the name of the entry for one artifact in one run."""
        hasher = hashlib.sha256(FORMAT)
        for part in (
            __version__,
            subject.name,
            subject.sha256,
            session.toolbox.knowledge.sha256,
            session.toolbox.addresses.date,
            *map(str, session.options.limits.as_pairs()),
            str(session.options.show_rejected),
            session.options.external,
            *([] if session.options.external == "never" else fingerprint()),
        ):
            raw = part.encode("utf-8", "backslashreplace")
            hasher.update(len(raw).to_bytes(4, "little") + raw)
        return hasher.hexdigest()

    def load(self, key: str) -> dict[str, Any] | None:
        """Return the stored document, or None."""
        raw = cache.load(f"{FOLDER}/{key}")
        if raw is None:
            return None
        document: dict[str, Any] = orjson.loads(zlib.decompress(raw))
        return document

    def store(self, key: str, document: dict[str, Any]) -> None:
        """Keep a document that another run would make the same; does nothing where there is no writable cache."""
        if document["deterministic"] and document["verdict"]["status"] != "failed":
            cache.store(f"{FOLDER}/{key}", zlib.compress(orjson.dumps(document), 1))

    def prune(self) -> None:
        """Remove the oldest entries until all of them fit `LARGEST`, and what an ended run left half-written."""
        entries = []
        with contextlib.suppress(OSError), os.scandir(cache.cache_folder() / FOLDER) as found:
            for entry in found:
                status = entry.stat(follow_symlinks=False)
                entries.append((status.st_mtime, status.st_size, entry.path))
        total = sum(size for _, size, _ in entries)
        for _, size, path in sorted(entries):
            if total <= LARGEST:
                break
            with contextlib.suppress(OSError):
                os.unlink(path)
            total -= size
