"""Fetch real artifacts by package name into a cache outside the repository; nothing is built, nothing is run.

    python tools/fetch.py            # everything in tools/real_inputs.tsv
    python tools/fetch.py yosemite   # the rows whose name starts with the word

The indexes are those that pip and npm are configured for; source archives are unpacked, their code is never run.
Each file is checked against its pinned SHA-256 before it is handed out.
"""

import csv
import hashlib
import html
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

TABLE = Path(__file__).with_name("real_inputs.tsv")
TIMEOUT = 600


class FetchError(Exception):
    """A package could not be had, or is not what was pinned."""


@dataclass(frozen=True)
class Source:
    """One file of one package: `pypi:airtest==1.4.3` or `npm:cordova-plugin-jcore@1.4.4`, and a path inside.

    Behind the version of a PyPI package can stand the tags of one wheel: `==0.82.2-py3-none-manylinux_2_36_x86_64`.
    """

    name: str
    package: str
    member: str
    sha256: str

    @property
    def target(self) -> Path:
        """Return where the file lies in the cache, present or not."""
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
        archive = _download(source, Path(folder))
        data = _member(archive, source.member)
    found = _digest(data)
    if found != source.sha256:
        raise FetchError(f"{source.name}: sha256 is {found}, pinned is {source.sha256}")
    source.target.parent.mkdir(parents=True, exist_ok=True)
    temporary = source.target.with_name(f"{source.target.name}.{os.getpid()}")
    temporary.write_bytes(data)
    temporary.replace(source.target)
    return source.target


def _download(source: Source, folder: Path) -> Path:
    package = source.package
    index, _, name = package.partition(":")
    if index == "pypi":
        return from_pypi(name, source.member, folder)
    if index != "npm":
        raise FetchError(f"unknown index {index!r}")
    try:
        command = ["npm", "pack", "--silent", name]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FetchError(f"{package}: {error}") from error
    files = list(folder.glob("*.tgz"))
    if not files:
        raise FetchError(f"{package} cannot be fetched: npm ended with {done.returncode}")
    return files[0]


def from_pypi(requirement: str, member: str, folder: Path) -> Path:
    """Download one file from the index that pip is configured for; `pip download` would run an archive's own code.

    The source archive is meant where `member` begins with its name and version, else the wheel.
    """
    name, _, version = requirement.partition("==")
    page = f"{_index().rstrip('/')}/{name.lower().replace('_', '-')}/"
    try:
        with urllib.request.urlopen(page, timeout=60) as answer:
            links = re.findall(r'href="([^"]+)"', answer.read().decode("utf-8", "replace"))
        # Inside a source archive every path starts with its name and version.
        suffix = r"\.tar\.gz" if member.startswith(f"{name}-{version}/") else r"-py3-none-any\.whl"
        spelt = "[-_.]+".join(map(re.escape, re.split("[-_.]+", name)))
        stem = re.compile(f"{spelt}-{re.escape(version)}" + (r"\.whl" if "-" in version else suffix))
        wanted = [link for link in links if stem.fullmatch(urlsplit(link).path.rpartition("/")[2])]
        if not wanted:
            raise FetchError(f"no file of {requirement} on the index")
        url = urljoin(page, html.unescape(wanted[0]))
        target = folder / urlsplit(url).path.rpartition("/")[2]
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer, target.open("wb") as stream:
            shutil.copyfileobj(answer, stream)
    except OSError as error:
        raise FetchError(f"{requirement} cannot be fetched: {error}") from error
    return target


def _index() -> str:
    if own := os.environ.get("PIP_INDEX_URL"):
        return own
    command = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "https://pypi.org/simple"


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
