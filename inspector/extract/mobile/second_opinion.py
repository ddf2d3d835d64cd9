"""What other readers see in an archive that shows oddities: a difference is told, never settled in silence."""

import io
from collections.abc import Callable, Iterable
from typing import Any, Final

from inspector.formats.reader import Reader

LARGEST: Final = 1 << 29
SHOWN: Final = 3
REFUSES: Final = " refuses "
"""What a note says of a reader that gives no entry list at all: many are stricter than Android."""


def disagreements(data: Reader, names: Iterable[str]) -> tuple[str, ...]:
    """Return one note for each other reader whose entry list is not the one of `names`.

    The readers are Python's `zipfile` and apkInspector, which androguard builds on. Called only for archives with
    oddities, for both read the whole directory once more.
    """
    if data.size > LARGEST:
        return ()
    raw = io.BytesIO(data.all())
    ours = frozenset(names)
    readers: tuple[tuple[str, Callable[[io.BytesIO], Iterable[str]]], ...] = (
        ("zipfile", _zipfile),
        ("apkInspector", _apk_inspector),
    )
    return tuple(note for name, read in readers if (note := _difference(name, read, raw, ours)))


def _difference(name: str, read: Callable[[io.BytesIO], Iterable[str]], raw: io.BytesIO, ours: frozenset[str]) -> str:
    raw.seek(0)
    try:
        theirs = frozenset(read(raw))
    except Exception as error:  # hostile input: other readers raise whatever they like, which is the finding
        return f"parser disagreement: {name}{REFUSES}the archive ({type(error).__name__})"
    parts = [f"{name} does not see {_some(ours - theirs)}"] if ours - theirs else []
    parts += [f"{name} sees {_some(theirs - ours)}"] if theirs - ours else []
    return "parser disagreement: " + ", ".join(parts) if parts else ""


def _some(names: frozenset[str]) -> str:
    shown = ", ".join(repr(name[:80]) for name in sorted(names)[:SHOWN])
    return f"{shown} and {len(names) - SHOWN} more" if len(names) > SHOWN else shown


def _zipfile(raw: io.BytesIO) -> Iterable[str]:
    import zipfile

    with zipfile.ZipFile(raw) as archive:
        return archive.namelist()


def _apk_inspector(raw: io.BytesIO) -> Iterable[str]:
    from apkInspector.headers import ZipEntry

    archive: Any = ZipEntry.parse(raw, raw=True)
    return list(archive.namelist())
