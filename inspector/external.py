"""External extractors: `binwalk` and `unblob`, found on this machine, run on what no reader here explained.

They are separate programs and run in a child of their own, beside that of the inspection: it may run programs and
write to one private folder, within a budget of bytes, files and time, and has no sockets. What they leave there is
read back by a second inspection as data. Nothing of it stays.

Limits: only ranges of the artifact itself are handed over, not of files found inside it.
What runs programs and handles folders is imported where it is used: most scans call no tool.
"""

import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from inspector.extract.external import Produced
from inspector.formats.reader import Reader, Span
from inspector.isolate import Bounds, Marks, run
from inspector.isolate.sandbox import Workshop

LARGE: Final = 64 << 10
"""From this many unexplained bytes on `auto` calls a tool; the same bound as for `none-found`."""
SMALLEST: Final = 1 << 10
"""`always` leaves out smaller ranges."""
MOST_REGIONS: Final = 8
MOST_BYTES: Final = 2 << 30
MOST_FILES: Final = 20_000
SECONDS: Final = 120
DEPTH: Final = 12
UNEXPLAINED: Final = frozenset({"unknown-data", "unsupported", "tool-missing"})
VERSION: Final = re.compile(rb"\bv?(\d+\.\d+(?:\.\d+)?)")
PREFIX: Final = "inspector-external-"
ABANDONED: Final = 3600
"""Seconds without a change after which a folder of a process that is gone is removed."""
MODES: Final = ("never", "auto", "always")


class Tool(NamedTuple):
    """An external extractor that was found."""

    name: str
    version: str
    path: str

    def command(self, source: Path, target: Path) -> list[str]:
        """Return the command line that extracts `source` below `target`."""
        if self.name == "unblob":
            log = ["--log", str(source.parent / "unblob.log")]  # beside its results it would count as one of them
            return [self.path, "--extract-dir", str(target), *log, "--depth", "2", "--process-num", "1", str(source)]
        run_as = ["--run-as=root"] if self.version.startswith("2.") and os.geteuid() == 0 else []
        quiet = ["--quiet"]
        return [self.path, *quiet, "--extract", *run_as, f"--directory={target}", str(source)]


NAMES: Final = ("unblob", "binwalk")
"""All tools that are known, the better one first."""


def present() -> dict[str, str]:
    """Return the path of each tool on this machine by its name; nothing is run."""
    import shutil

    return {name: path for name in NAMES if (path := shutil.which(name))}


def fingerprint() -> tuple[str, ...]:
    """Return what changes when a tool is installed, updated or removed, without running it: path, size and time."""
    found = []
    for name, path in present().items():
        status = os.stat(path)
        found.append(f"{name} {os.path.realpath(path)} {status.st_size} {status.st_mtime_ns}")
    return tuple(found)


@lru_cache(1)
def installed() -> tuple[Tool, ...]:
    """Return the tools of this machine with their versions, best first; each is asked once, boxed in."""
    return tuple(tool for name, path in present().items() if (tool := _asked(name, path)))


def missing() -> tuple[str, ...]:
    """Return the names of known tools that are not installed."""
    return tuple(name for name in NAMES if name not in present())


def _asked(name: str, path: str) -> Tool | None:
    def ask(_: Marks) -> bytes:
        import subprocess

        said = b""
        for option in ("--version", "--help"):  # binwalk 2 tells its version only in its help
            done = subprocess.run(  # noqa: S603 - a fixed option of a program found on PATH
                [path, option], capture_output=True, check=False, stdin=subprocess.DEVNULL, env=_environment(folder)
            )
            said += done.stdout[:4000] + done.stderr[:4000]
            if VERSION.search(said):
                break
        return said

    try:
        with workshop() as folder:  # some programs write settings into their user's home when asked for their version
            said = run(ask, Bounds(1 << 30, 20, programs(), workshop=Workshop(folder, 1 << 20))).answer
    except OSError:
        return None
    match = VERSION.search(said)
    return Tool(name, match.group(1).decode(), path) if match else None


def _environment(folder: Path) -> dict[str, str]:
    """Return the whole environment of a tool: nothing of the user's reaches it."""
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "TMPDIR": str(folder), "LC_ALL": "C"}


def regions(document: dict[str, Any], mode: str) -> list[Span]:
    """Return the ranges of the artifact worth a tool: those of unexplained gaps, joined where they touch."""
    root = document["artifact"]["name"]
    gaps = sorted(
        (gap["location"]["offset"], gap["location"]["offset"] + gap["length"])
        for gap in document["coverage"]["gaps"]
        if gap["location"]["path"] == root and gap["reason"] in UNEXPLAINED and gap["length"]
    )
    joined: list[Span] = []
    for start, end in gaps:
        if joined and start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(end, joined[-1].end))
        else:
            joined.append(Span(start, end))
    least = LARGE if mode == "auto" else SMALLEST
    return [span for span in joined if len(span) >= least][:MOST_REGIONS]


@contextmanager
def workshop(place: Path | None = None) -> Iterator[Path]:
    """Give a new private folder and remove it with all that a tool left in it, whatever its modes are.

    It is made in `place`, or where temporary files go. Folders of runs that were killed go, too: the name tells whose
    they were, and an hour without change that the run is none in another container.
    """
    import tempfile

    _sweep_up(place or Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=place))
    try:
        yield folder
    finally:
        remove(folder)


def _sweep_up(place: Path) -> None:
    with os.scandir(place) as entries:
        for entry in entries:
            owner = entry.name.removeprefix(PREFIX).partition("-")[0]
            if not entry.name.startswith(PREFIX) or not owner.isdigit() or os.path.exists(f"/proc/{owner}"):
                continue
            status = entry.stat(follow_symlinks=False)
            mine = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
            if os.path.exists("/proc/self") and mine and status.st_mtime < time.time() - ABANDONED:
                remove(Path(entry.path))


def remove(folder: Path) -> None:
    """Remove a folder whose contents may forbid it: no links followed, modes given back first."""
    import shutil

    for parent, folders, _ in os.walk(folder, followlinks=False):
        for name in folders:
            if not os.path.islink(os.path.join(parent, name)):
                os.chmod(os.path.join(parent, name), 0o700)
    shutil.rmtree(folder, ignore_errors=True)


def enough_room(folder: Path, size: int) -> bool:
    """Tell whether the file system holds a copy and as much again for what comes out of it."""
    import shutil

    return shutil.disk_usage(folder).free > 2 * size + (64 << 20)


def copy(data: Reader, span: Span, target: Path) -> None:
    """Write one range of the artifact to a new file. Raises `OSError`."""
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with open(handle, "wb", buffering=0) as stream:  # the kernel copies: a mapped file that shrank is an error to it
        for _, view in data.slice(span.start, span.end).windows():
            while view:
                view = view[stream.write(view) :]


def run_tool(tool: Tool, source: Path, target: Path) -> bytes:
    """Run the tool in this process's sandbox until it ends or its budget is spent; the job of a child."""
    import subprocess

    running = subprocess.Popen(  # noqa: S603 - no shell; the paths are our own
        tool.command(source, target),
        cwd=target,
        env=_environment(source.parent),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while True:
        try:
            status = running.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            size, count = _weight(source.parent)
            if size > MOST_BYTES or count > MOST_FILES:
                running.kill()
                return b"it wrote more than its budget"
        else:
            return b"" if status == 0 else f"it ended with status {status}".encode()


def _weight(folder: Path) -> tuple[int, int]:
    size = count = 0
    for parent, folders, names in os.walk(folder, followlinks=False):
        count += len(names) + len(folders)
        for name in names:
            try:
                size += os.lstat(os.path.join(parent, name)).st_blocks * 512
            except OSError:
                continue
        if size > MOST_BYTES or count > MOST_FILES:
            break
    return size, count


def collect(span: Span, tool: Tool, folder: Path, problem: str) -> Produced:
    """Return what lies in the folder: regular files in a fixed order, never links, devices or pipes."""
    files: list[tuple[str, int]] = []
    for parent, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not os.path.islink(os.path.join(parent, name)))
        for name in sorted(names):
            path = os.path.join(parent, name)
            status = os.lstat(path)
            if stat.S_ISREG(status.st_mode) and len(files) < MOST_FILES:
                os.chmod(path, 0o600)
                files.append((os.path.relpath(path, folder), status.st_size))
    return Produced(span, f"{tool.name} {tool.version}", folder, tuple(sorted(files)), problem)


def programs() -> tuple[Path, ...]:
    """Return what a tool's child may read besides the interpreter's places: system programs and their settings."""
    places = {"/bin", "/sbin", "/opt", "/etc", "/proc", "/dev/zero", "/var/lib/dpkg"}
    places |= {str(home) for path in present().values() for home in _homes(Path(path).resolve())}
    return tuple(Path(place) for place in sorted(places) if os.path.exists(place))


def _homes(program: Path) -> Iterator[Path]:
    """Yield where a program lives; for one that pip or pipx has installed, also its environment and its Python."""
    yield program.parent
    environment = program.parent.parent
    try:
        settings = (environment / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    yield environment
    for line in settings.splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "home":
            python = Path(value.strip()).resolve()
            yield from (python, python.parent / "lib")


def advise(document: dict[str, Any], spans: list[Span], words: str, remedy: str = "") -> None:
    """Add to the gaps in these ranges what tools made of them, or which tool to install."""
    root = document["artifact"]["name"]
    for gap in document["coverage"]["gaps"]:
        at = gap["location"]["offset"]
        if gap["location"]["path"] == root and any(span.start <= at < span.end for span in spans):
            gap["detail"] += words
            gap["remedy"] = gap["remedy"] or remedy
