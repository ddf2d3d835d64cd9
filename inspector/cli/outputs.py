"""Where profiles go: the terminal, files, a folder with one each, one line each. A file appears whole or not at all."""

import contextlib
import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from errno import EDQUOT, ENOSPC
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import click

from inspector.cli.inputs import Input
from inspector.errors import InspectorError, UsageError

LINES: Final = "jsonl"
LONGEST_NAME: Final = 200
"""Bytes of a file name that `-o` writes; longer ones are cut and told apart by a hash."""


class Target(NamedTuple):
    """One `-f`."""

    format: str
    file: Path | None = None


@dataclass(slots=True)
class Outputs:
    """All outputs of a run. `close` must be called: only then are the files of line formats there."""

    targets: Sequence[Target]
    folder: Path | None
    language: str
    open_page: bool = False
    answers: dict[str, Any] = field(default_factory=dict)
    """A vendor's answers by finding id."""
    shared_too: bool = False
    """Block lists also name what serves others than the vendor."""
    gated: bool = True
    """The exit code depends on the profiles: go on to the last of them, even where nobody reads the output any more."""
    _lines: dict[Path, IO[bytes]] = field(default_factory=dict)

    @property
    def ordered(self) -> bool:
        """Tell whether profiles must come in the order of the inputs: where they follow one another."""
        return any((target.file is None and not self.folder) or target.format == LINES for target in self.targets)

    @property
    def on_terminal(self) -> bool:
        """Tell whether a report for people goes to standard output."""
        return Target("terminal") in self.targets and self.folder is None

    def refuse_collisions(self) -> None:
        """Raise `UsageError` where several profiles would be written to one file."""
        for target in self.targets:
            if target.file is not None and target.format != LINES and not _is_special(target.file):
                raise UsageError(
                    f"several inputs and one file {str(target.file)!r}: use -o FOLDER, or -f jsonl={target.file}"
                )

    def write(self, document: dict[str, Any], source: Input, original: dict[str, Any] | None = None) -> None:
        """Write one profile everywhere. Raises `InspectorError` with the path that could not be written.

        `original` is the document as it was read from disk: as JSON it goes out the same.
        """
        from inspector.report.json import written

        for target in self.targets:
            if target.format == LINES:
                self._line(target.file, written(original or document, indent=False))
                continue
            file = target.file or (self.folder and self.folder / _profile_name(source.inside, target.format))
            whole = original if original and target.format == "json" else document
            text = self._rendered(target.format, whole, file is None)
            if file is None:
                _show(target.format, text, self.gated)
                continue
            if target.file is None:
                with _named_errors(file):
                    file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(file, text)
            if target.format == "html" and self.open_page:
                click.launch(str(file))

    def close(self) -> None:
        """Give the files of line formats their names."""
        for path, stream in self._lines.items():
            with _named_errors(path):
                stream.flush()
                stream.close()
                if not _is_special(path):
                    os.replace(_unfinished(path), path)
        self._lines.clear()

    def abandon(self) -> None:
        """Remove what `close` was not called for."""
        for path, stream in self._lines.items():
            with contextlib.suppress(OSError):
                stream.close()
            if not _is_special(path):
                with contextlib.suppress(OSError):
                    os.unlink(_unfinished(path))
        self._lines.clear()

    def _rendered(self, name: str, document: dict[str, Any], on_stdout: bool) -> str | bytes:
        from inspector.report import Presentation, render

        color = on_stdout and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        return render(name, document, Presentation(color, self.language, self.answers, self.shared_too))

    def _line(self, path: Path | None, line: bytes) -> None:
        if path is None:
            show(line, self.gated)
            return
        with _named_errors(path):
            if path not in self._lines:
                self._lines[path] = open(_unfinished(path), "wb")  # noqa: SIM115 - closed by `close` or `abandon`
            self._lines[path].write(line)


def targets(formats: Sequence[str], known: Sequence[str] = ()) -> list[Target]:
    """Return what `-f FORMAT[=FILE]` names, in its order. Raises `UsageError` for a format not in `known`."""
    from inspector.report import REPORTERS

    known = known or sorted(REPORTERS)
    found = []
    for text in formats:
        name, _, file = text.partition("=")
        if name not in known:
            raise UsageError(f"unknown format {name!r}; there are {', '.join(known)}")
        found.append(Target(name, named_file(file) if file else None))
    return found


def named_file(text: str | Path) -> Path:
    """Return the path of a file to write. Raises `UsageError`, before anything is inspected, where it has no folder."""
    path = Path(text)
    if path.is_dir():
        raise UsageError(f"cannot write {str(path)!r}: it is a folder")
    if not path.parent.is_dir():
        raise UsageError(f"cannot write {str(path)!r}: no such folder: {str(path.parent)!r}")
    return path


def _show(name: str, text: str | bytes, gated: bool) -> None:
    if isinstance(text, bytes) and sys.stdout.isatty():
        raise UsageError(f"{name} is no text; name a file: -f {name}=FILE")
    show(text, gated)


def show(text: str | bytes, gated: bool = True) -> None:
    """Write to standard output. Raises `InspectorError` where it cannot take it.

    Once whoever read it has seen enough (`| head`), the rest goes nowhere: what is `gated` still has an exit code to
    find. Otherwise there is nothing left to do, and `BrokenPipeError` ends the run.
    """
    try:
        click.echo(text, nl=False, color=True)
    except BrokenPipeError:
        if not gated:
            raise
        to_nowhere()
    except OSError as error:
        raise InspectorError(f"cannot write to standard output: {_reason(error)}") from error


def to_nowhere() -> None:
    """Lead standard output to nowhere, what is still buffered too: whoever read it has gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def write(text: str | bytes, file: Path | None) -> None:
    """Write to a file, whole or not at all, or to standard output. Raises `InspectorError`."""
    if file is None:
        show(text)
    else:
        write_whole(file, text)


def write_whole(path: Path, text: str | bytes) -> None:
    """Write a file that is there whole or not at all. Raises `InspectorError`."""
    import tempfile

    data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    temporary = ""
    with _named_errors(path):
        if _is_special(path):  # asked before links are followed: that of /dev/stdout to a pipe leads to no path
            path.write_bytes(data)
            return
        path = Path(os.path.realpath(path))  # a link stays a link
        try:
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".inspector-")
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(handle)
            os.chmod(temporary, 0o666 & ~_umask())
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise


def _is_special(path: Path) -> bool:
    """Tell whether the path is a device or a pipe, which must be written to and never replaced."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _unfinished(path: Path) -> Path:
    if _is_special(path):
        return path
    return path.with_name(path.name + ".part")


@contextlib.contextmanager
def _named_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InspectorError(f"cannot write {str(path)!r}: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    kept = "; what a scan inspected is kept, run again to go on" if error.errno in (ENOSPC, EDQUOT) else ""
    return f"{error.strerror}{kept}"


def _profile_name(inside: Path, format_name: str) -> Path:
    """Return the relative path of a profile: the file's own, every part printable UTF-8 and not too long."""
    from inspector.report import suffix as suffix_of

    suffix = suffix_of(format_name)
    parts = [_plain(part, "") for part in inside.parts[:-1]]
    return Path(*parts, _plain(inside.name, suffix))


def _plain(name: str, suffix: str) -> str:
    raw = os.fsencode(name)
    shown = "".join(c if c.isprintable() else f"%{ord(c) & 0xFF:02x}" for c in raw.decode("utf-8", "surrogateescape"))
    encoded = shown.encode("utf-8", "replace")
    if shown == name and len(encoded) + len(suffix) <= LONGEST_NAME:
        return name + suffix
    # Whatever was changed is no longer unique; the hash of the true name makes it so again.
    cut = encoded[: LONGEST_NAME - 20 - len(suffix)].decode("utf-8", "ignore")
    return f"{cut}~{hashlib.sha256(raw).hexdigest()[:12]}{suffix}"
