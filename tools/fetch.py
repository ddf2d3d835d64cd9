"""Fetch real artifacts by package name into a cache outside the repository; nothing is built, nothing is run.

    python tools/fetch.py            # everything in tools/real_inputs.tsv
    python tools/fetch.py yosemite   # the rows whose name starts with the word

The configured package clients do the download (`pip download --no-deps`, `npm pack`), so the configured index is used.
Each file is checked against its pinned SHA-256 before it is handed out.
"""

import csv
import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("real_inputs.tsv")
TIMEOUT = 600


class FetchError(Exception):
    """A package could not be had, or is not what was pinned."""


@dataclass(frozen=True)
class Source:
    """One file of one package: `pypi:airtest==1.4.3` or `npm:cordova-plugin-jcore@1.4.4`, and a path inside."""

    name: str
    package: str
    member: str
    sha256: str

    @property
    def target(self) -> Path:
        return cache_folder() / self.sha256[:16] / Path(self.member).name


def cache_folder() -> Path:
    """Return `$INSPECTOR_REAL_INPUTS`, or a folder in the user's cache."""
    own = os.environ.get("INSPECTOR_REAL_INPUTS")
    return Path(own) if own else Path("~/.cache/exposure-inspector-real-inputs").expanduser()


def sources(prefix: str = "") -> list[Source]:
    """Return the pinned files whose name starts with `prefix`."""
    with TABLE.open(encoding="utf-8") as stream:
        rows = csv.reader((line for line in stream if not line.startswith("#")), delimiter="\t")
        return [Source(*row) for row in rows if row and row[0].startswith(prefix)]


def fetch(source: Source) -> Path:
    """Return the checked local file, downloaded on first use. Raises `FetchError`."""
    if source.target.exists() and _digest(source.target.read_bytes()) == source.sha256:
        return source.target
    with tempfile.TemporaryDirectory() as folder:
        archive = _download(source.package, Path(folder))
        data = _member(archive, source.member)
    found = _digest(data)
    if found != source.sha256:
        raise FetchError(f"{source.name}: sha256 is {found}, pinned is {source.sha256}")
    source.target.parent.mkdir(parents=True, exist_ok=True)
    temporary = source.target.with_name(f"{source.target.name}.{os.getpid()}")
    temporary.write_bytes(data)
    temporary.replace(source.target)
    return source.target


def _download(package: str, folder: Path) -> Path:
    index, _, name = package.partition(":")
    if index == "pypi":
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-build-isolation", "--no-binary"]
        # An archive of sources is taken as it is: --no-binary asks for it, and no code of it runs.
        attempts = [
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", name],
            [*pip, ":all:", name],
        ]
    elif index == "npm":
        attempts = [["npm", "pack", "--silent", name]]
    else:
        raise FetchError(f"unknown index {index!r}")
    problem = ""
    for command in attempts:
        try:
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            problem = str(error)
            continue
        files = [path for path in folder.iterdir() if path.suffix in (".whl", ".tgz", ".gz", ".zip")]
        if files:
            return files[0]
        problem = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit code {done.returncode}"
    raise FetchError(f"{package} cannot be fetched: {problem}")


def _member(archive: Path, member: str) -> bytes:
    for name, read in _entries(archive):
        if name == member or name == f"package/{member}":
            return read
    raise FetchError(f"{archive.name} holds no {member}")


def _entries(archive: Path) -> Iterator[tuple[str, bytes]]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as package:
            for name in package.namelist():
                yield name, package.read(name)
        return
    with tarfile.open(archive) as packed:
        for item in packed:
            stream = packed.extractfile(item) if item.isfile() else None
            if stream is not None:
                yield item.name, stream.read()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def main() -> int:
    """Fetch what the command line names and print where it lies; return 1 when something could not be had."""
    failures = 0
    for source in sources(sys.argv[1] if len(sys.argv) > 1 else ""):
        try:
            print(f"{source.name}\t{fetch(source)}")
        except FetchError as error:
            failures += 1
            print(f"{source.name}\tNOT FETCHED: {error}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
