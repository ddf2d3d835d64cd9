"""Make the bundle for machines without internet: `python tools/build_offline_bundle.py [FOLDER]` (or `make bundle`).

One archive: every wheel that the product needs, checked against the hashes of `requirements.lock`, the product's own
wheel, a list of their hashes, and `install.sh`, which needs Python and nothing else. It is made for the Python and the
platform that this script runs on; `--python 3.12 --platform manylinux_2_28_x86_64` choose others.

Limits: the processor is that of this machine; pip judges by it which packages are needed.
"""

import argparse
import gzip
import hashlib
import io
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
INSTALLER = Path(__file__).with_name("install.sh")
SOURCES = ("inspector", "signatures", "pyproject.toml", "README.md", "LICENSE", "NOTICE")
PRODUCT = "exposure-inspector"
ENTRY = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)")
NEEDED_BY = re.compile(r"^ +#(?: via)? +(?P<name>[A-Za-z0-9._-]+)")


@dataclass(frozen=True)
class Locked:
    """One package of the lock file: its text as it stands there, and the names of the packages that need it."""

    text: str
    needed_by: frozenset[str]


def canonical(name: str) -> str:
    """Return a package name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_lock(text: str) -> dict[str, Locked]:
    """Return the packages of a lock file by canonical name."""
    packages = {}
    for block in re.split(r"\n(?=[A-Za-z0-9])", text):
        entry = ENTRY.match(block)
        if entry:
            comments = (NEEDED_BY.match(line) for line in block.splitlines())
            needed_by = frozenset(canonical(comment["name"]) for comment in comments if comment)
            lines = [line for line in block.splitlines() if not line.lstrip().startswith("#")]
            packages[canonical(entry["name"])] = Locked("\n".join(lines), needed_by)
    return packages


def needed(packages: Mapping[str, Locked], direct: Sequence[str]) -> list[str]:
    """Return the names of the packages that `direct` leads to, sorted: what only the tests need stays out."""
    found = {canonical(re.split(r"[^A-Za-z0-9._-]", requirement)[0]) for requirement in direct}
    while more := {name for name, locked in packages.items() if name not in found and locked.needed_by & found}:
        found |= more
    return sorted(found)


def runtime_lock() -> str:
    """Return the part of `requirements.lock` that the product needs to run, hashes included."""
    packages = read_lock((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return "\n".join(packages[name].text for name in needed(packages, project["dependencies"])) + "\n"


def build(folder: Path, target: str = "", python: str = "") -> Path:
    """Write the archive into `folder` and return its path. Raises `CalledProcessError` where pip fails."""
    with tempfile.TemporaryDirectory() as scratch:
        wheels = Path(scratch, "wheels")
        wheels.mkdir()
        lock = Path(scratch, "requirements.txt")
        lock.write_text(runtime_lock(), encoding="utf-8")
        choice = [*tags(target), *(["--python-version", python] if python else [])]
        pip("download", "--no-deps", "--require-hashes", "--only-binary", ":all:", "-d", wheels, "-r", lock, *choice)
        own = own_wheel(Path(scratch), wheels)
        version = own.name.split("-")[1]
        digest = hashlib.sha256(own.read_bytes()).hexdigest()
        content = lock.read_text(encoding="utf-8") + f"{PRODUCT}=={version} --hash=sha256:{digest}\n"
        python = python or f"{sys.version_info[0]}.{sys.version_info[1]}"
        name = f"{PRODUCT}-{version}-offline-cp{python.replace('.', '')}-{target or f'linux_{platform.machine()}'}"
        files = {f"wheels/{wheel.name}": wheel.read_bytes() for wheel in wheels.iterdir()}
        files |= {"requirements.txt": content.encode(), "python-version": f"{python}\n".encode()}
        files |= {path: (ROOT / path).read_bytes() for path in ("LICENSE", "NOTICE")}
        files["install.sh"] = INSTALLER.read_bytes()
        files["README.md"] = (ROOT / "docs/closed-networks.md").read_bytes()
        sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {path}\n" for path, data in sorted(files.items()))
        files["SHA256SUMS"] = sums.encode()
        folder.mkdir(parents=True, exist_ok=True)
        archive = folder / f"{name}.tar.gz"
        archive.write_bytes(packed(name, files))
        return archive


def tags(target: str) -> list[str]:
    """Return pip's options for a platform: unlike an installation, `pip download` takes each one literally."""
    newest = re.fullmatch(r"manylinux_2_(\d+)_(\w+)", target)
    names = [f"manylinux_2_{minor}_{newest[2]}" for minor in range(5, int(newest[1]) + 1)] if newest else [target]
    names += [f"{legacy}_{newest[2]}" for legacy in ("manylinux1", "manylinux2010", "manylinux2014")] if newest else []
    return [option for name in names if name for option in ("--platform", name)]


def own_wheel(scratch: Path, wheels: Path) -> Path:
    """Build the product's wheel from a copy: leftovers of earlier builds in the tree do not get into it."""
    copy = scratch / "source"
    copy.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(ROOT / name, copy / name)
    pip("wheel", "--no-deps", "--no-build-isolation", "-w", wheels, copy)
    return next(wheels.glob(f"{PRODUCT.replace('-', '_')}-*.whl"))


def pip(command: str, *arguments: object) -> None:
    """Run pip of this Python quietly."""
    subprocess.run([sys.executable, "-m", "pip", command, "--quiet", *map(str, arguments)], check=True)


def packed(name: str, files: Mapping[str, bytes]) -> bytes:
    """Return a gzipped tar of the files below the folder `name`: sorted, without times and owners."""
    raw = io.BytesIO()
    with gzip.GzipFile("", "wb", mtime=0, fileobj=raw) as stream, tarfile.open(fileobj=stream, mode="w") as archive:
        for entry in _entries(name, files):
            archive.addfile(entry, io.BytesIO(files[entry.name.removeprefix(f"{name}/")]))
    return raw.getvalue()


def _entries(name: str, files: Mapping[str, bytes]) -> Iterator[tarfile.TarInfo]:
    for path in sorted(files):
        entry = tarfile.TarInfo(f"{name}/{path}")
        entry.size = len(files[path])
        entry.mode = 0o755 if path.endswith(".sh") else 0o644
        yield entry


def main() -> None:
    """Build into the folder that is named, or into `dist/`."""
    arguments = argparse.ArgumentParser(description="Make the offline bundle.")
    arguments.add_argument("folder", nargs="?", type=Path, default=ROOT / "dist")
    arguments.add_argument("--platform", default="", help="the newest that will do: manylinux_2_28_x86_64")
    arguments.add_argument("--python", default="", help="as for pip download: 3.12")
    chosen = arguments.parse_args()
    archive = build(chosen.folder, chosen.platform, chosen.python)
    print(f"{archive}\nsha256 {hashlib.sha256(archive.read_bytes()).hexdigest()}  {archive.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
