"""Files of public packages as test inputs: from a cache, or fetched from PyPI or npm, or with apt when that is allowed.

Set INSPECTOR_FETCH=1 to download what is missing; otherwise a test whose package is not cached is skipped and says so.
"""

import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from tools.fetch import FetchError, fetch, from_pypi, sources

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "exposure-inspector" / "packages"


def debian_file(package: str, path: str) -> bytes:
    """Return one file of a Debian package of the release that runs here."""
    folder = CACHE / "debian" / package
    if not folder.is_dir():
        _fetch(["apt-get", "download", package], CACHE / "debian" / "archives")
        archives = sorted((CACHE / "debian" / "archives").glob(f"{package}_*.deb"))
        if not archives:
            pytest.skip(f"Debian package {package} cannot be fetched")
        subprocess.run(["dpkg-deb", "-x", str(archives[0]), str(folder)], check=True)
    return (folder / path).read_bytes()


def pypi_file(requirement: str, path: str, *, source: bool = False) -> bytes:
    """Return one file of a package on PyPI, `name==version`; wheels and source archives are read, never built.

    `source` asks for the source archive where there is a wheel too.
    """
    folder = CACHE / "pypi" / (f"{requirement}-source" if source else requirement)
    if not folder.is_dir() or not any(folder.iterdir()):
        _fetch_pypi(requirement, folder, source=source)
    for archive in sorted(folder.iterdir()):
        if archive.suffix == ".whl":
            return zipfile.ZipFile(archive).read(path)
        with tarfile.open(archive) as source:
            for member in source:
                if member.name.endswith(path):
                    content = source.extractfile(member)
                    assert content is not None
                    return content.read()
    pytest.skip(f"{requirement} holds no {path}")


def pinned_file(name: str) -> Path:
    """Return one file of `tools/real_inputs.tsv`, by its name there."""
    (source,) = (one for one in sources(name) if one.name == name)
    if not source.target.exists():
        _allowed(source.package)
    try:
        return fetch(source)
    except FetchError as error:
        pytest.skip(str(error))


def _fetch_pypi(requirement: str, folder: Path, *, source: bool) -> None:
    """Download the wheel, or the source archive where there is none or it is wanted."""
    _allowed(requirement)
    folder.mkdir(parents=True, exist_ok=True)
    archive = f"{requirement.replace('==', '-')}/"
    for member in [archive] if source else ["", archive]:
        try:
            from_pypi(requirement, member, folder)
        except FetchError as error:
            reason = str(error)
        else:
            return
    pytest.skip(reason)


def _allowed(wanted: str) -> None:
    if os.environ.get("INSPECTOR_FETCH") != "1":
        pytest.skip(f"not cached (INSPECTOR_FETCH=1 fetches): {wanted}")


def _fetch(command: list[str], folder: Path) -> None:
    _allowed(" ".join(command))
    folder.mkdir(parents=True, exist_ok=True)
    if subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode:
        pytest.skip(f"failed: {' '.join(command)}")
