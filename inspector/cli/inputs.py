"""The files that paths name, listed as they are needed: a folder of a million files costs the names of one folder."""

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click

from inspector.folders import DETACHED, AppParts, Source, is_bundle, parts_in
from inspector.sets import CutFile, set_of, sets_below


class NamedPath(click.Path):
    """A path argument that refuses an empty text: an unset variable in a script must not mean the current folder."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, readable=False)  # `inputs` tells of what cannot be read, path by path

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path. Raises `click.BadParameter` (exit 2) for an empty text."""
        if not os.fspath(value):
            self.fail("an empty path", param, ctx)
        return super().convert(value, param, ctx)


class Input(NamedTuple):
    """One file to inspect, or the reason why a path gives none."""

    path: Path
    inside: Path
    """Path below the folder that was named, or the file's own name: where `-o` puts its profile."""
    error: str = ""
    parts: AppParts | CutFile | None = None
    """All files of an app or a file that is in several; `path` is the first of them."""

    @property
    def source(self) -> Source:
        """What to inspect."""
        return self.parts or self.path


def inputs(paths: Sequence[Path], left_out: Counter[str] | None = None) -> Iterator[Input]:
    """Yield every file below `paths` in a fixed order; links below a folder and special files are counted only.

    An Apple bundle (`My.app`, `Sdk.framework`) is one input, though it is a folder; so are the base and the splits of
    an Android app that lie in one folder, where that is named or all of them are; so is a file in parts that lie side
    by side (`fw.7z.001`, `fw.7z.002`), under the path of the first one, whichever was named.
    """
    left_out = Counter() if left_out is None else left_out
    if len(paths) > 1:
        yield from _told_apart(found for one in _joined(paths) for found in _inputs_of(one, left_out))
        return
    for path in paths:
        try:
            mode = os.stat(path).st_mode
        except OSError as error:
            missing = isinstance(error, (FileNotFoundError, NotADirectoryError))
            reason = f"no such file: {str(path)!r}" if missing else f"cannot read {str(path)!r}: {error.strerror}"
            piped = "; standard input is not read: save it to a file first" if missing and str(path) == "-" else ""
            yield Input(path, Path(), reason + piped)
            continue
        if is_bundle(path):
            yield Input(path, Path(path.name))
        elif stat.S_ISDIR(mode):
            yield from _below(path, left_out)
        elif not stat.S_ISREG(mode):
            yield Input(path, Path(), f"{str(path)!r} is no regular file")
        elif not os.access(path, os.R_OK):
            yield Input(path, Path(), f"cannot read {str(path)!r}: permission denied")
        elif (cut := set_of(path)) is not None:
            yield Input(cut.files[0], Path(cut.files[0].name), parts=cut)
        else:
            yield Input(path, Path(path.name))


def _joined(paths: Sequence[Path]) -> Iterator[Path | AppParts]:
    """Yield the paths in their order, those of one app as one where its first stands."""
    folders: dict[Path, dict[str, Path]] = {}
    for path in paths:
        if path.suffix.lower() in (".apk", DETACHED) and path.is_file():
            folders.setdefault(path.parent, {})[path.name] = path
    owner = {
        path: found for folder, names in folders.items() for found in parts_in(folder, names) for path in found.files
    }
    told: set[AppParts] = set()
    for path in paths:
        found = owner.get(path)
        if found is None:
            yield path
        elif found not in told:
            told.add(found)
            yield found


def _inputs_of(source: Path | AppParts, left_out: Counter[str]) -> Iterator[Input]:
    if isinstance(source, AppParts):
        yield Input(source.base, Path(source.name), parts=source)
    else:
        yield from inputs([source], left_out)


def _told_apart(found: Iterable[Input]) -> Iterator[Input]:
    """Give an input its own place for its profile where one from another path has taken the same."""
    taken: dict[Path, Path] = {}
    begun: set[str] = set()
    for source in found:
        if isinstance(source.parts, CutFile):
            if (place := os.path.abspath(source.path)) in begun:
                continue  # `fw.7z.*` names every part of what is one file
            begun.add(place)
        if not source.error and taken.setdefault(source.inside, source.path) != source.path:
            mark = hashlib.sha256(os.fsencode(os.path.abspath(source.path))).hexdigest()[:12]
            source = source._replace(inside=source.inside.with_name(f"{source.inside.name}~{mark}"))
        yield source


def _below(folder: Path, left_out: Counter[str]) -> Iterator[Input]:
    # A stack instead of recursion: folders may be nested deeper than Python's stack.
    pending = [folder]
    while pending:
        here = pending.pop()
        folders: list[str] = []
        names: list[str] = []
        try:
            with os.scandir(here) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False) and is_bundle(here / entry.name):
                        names.append(entry.name)
                    elif entry.is_dir(follow_symlinks=False):
                        folders.append(entry.name)
                    elif entry.is_file(follow_symlinks=False):
                        names.append(entry.name)
                    else:
                        left_out["links" if entry.is_symlink() else "pipes, sockets and devices"] += 1
        except OSError as error:
            yield Input(here, Path(), f"cannot read {str(here)!r}: {error.strerror}")
            continue
        for found in _in_folder(here, names):
            yield found._replace(inside=here.relative_to(folder) / found.inside)
        pending += [here / name for name in sorted(folders, reverse=True)]


def _in_folder(here: Path, names: Iterable[str]) -> Iterator[Input]:
    """Yield the files of one folder in the order of their names, what belongs together as one."""
    names = sorted(names)
    sets: list[AppParts | CutFile] = [*sets_below(here, names), *parts_in(here, names)]
    owner = {part: found for found in sets for part in found.files}
    for name in names:
        path = here / name
        found = owner.get(path)
        if found is None:
            yield Input(path, Path(name))
        elif path == found.files[0]:
            yield Input(path, Path(found.name if isinstance(found, AppParts) else name), parts=found)
