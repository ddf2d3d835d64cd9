"""Profiles of earlier runs, in the cache folder: unchanged artifacts are not inspected twice.

The key is everything a profile depends on: the artifact's bytes and name, the knowledge, the options, the product's
version and code, and the external tools. Entries are checked by hash. Profiles that time or memory cut short, and
failed ones, are not kept: the next run may do better. This is also how an interrupted run goes on.
"""

import contextlib
import functools
import hashlib
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from inspector import __version__, cache
from inspector.external import fingerprint

if TYPE_CHECKING:
    from inspector.harvest import Options, Toolbox
    from inspector.pipeline import Subject

FOLDER: Final = "results"
LARGEST: Final = 1 << 30
"""Bytes of all entries; the oldest go first."""
FORMAT: Final = b"inspector/profile/1 results 1"


class Results:
    """The stored profiles of this user."""

    def key(self, subject: "Subject", toolbox: "Toolbox", options: "Options", demanding: bool = False) -> str:
        """Return the name of the entry for one artifact in one run; `demanding` if the whole sandbox is asked for."""
        hasher = hashlib.sha256(FORMAT)
        for part in (
            __version__,
            _code(),
            subject.name,
            subject.sha256,
            toolbox.knowledge.sha256,
            toolbox.addresses.date,
            *map(str, options.limits.as_pairs()),
            str(options.show_rejected),
            options.external,
            *([] if options.external == "never" else fingerprint()),
            *(["sandbox"] if demanding else []),  # none from a child that had less
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


@functools.cache
def _code() -> str:
    """Return a hash of the names, sizes and times of the product's own files: a checkout changes between versions."""
    states = (
        f"{path} {state.st_size} {state.st_mtime_ns}" for path, state in _sources(Path(__file__).parent.as_posix())
    )
    return hashlib.sha256("\n".join(sorted(states)).encode("utf-8", "backslashreplace")).hexdigest()


def _sources(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                yield entry.path, entry.stat()
            elif "." not in entry.name and entry.name != "__pycache__" and entry.is_dir():
                yield from _sources(entry.path)
