"""Root file systems: `inspector scan`, complete, against extracting to disk and searching there.

python benchmarks/unpack.py [--folder DIR] [--files 4000] [--megabytes 200] [--pairs 5] [--only NAME ...] [--parts]

The tree is made of files of this machine's Debian packages in the proportions of a router's root file system: most
bytes are programs and libraries, most other files are small (settings, scripts, web pages, tables). Documentation,
headers, static libraries and compilers are left out, as on a device. The images are made by the original tools; a row
whose tools are missing says so.
The rival extracts, then pipes every file through `strings -a -n 6` into `rg` with the same kinds (host names below
every public suffix, URLs, IPv4 addresses, e-mail addresses). Ratios are theirs over ours, pair by pair: above 1 we
are faster. `--parts` says instead on what our own processor time is spent.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.pairs import compare, machine, quoted
from inspector.scan.endpoint.hosts import suffix_list

PROGRAMS = (
    "/usr/bin",
    "/usr/sbin",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/systemd",
    "/usr/lib/git-core",
    "/usr/lib/qt6",
)
"""Where programs and libraries are taken from."""
OTHERS = (
    "/etc",
    "/usr/bin",
    "/usr/sbin",
    "/usr/share",
    "/usr/lib/node_modules",
    "/usr/lib/python3.11",
    "/usr/lib/udev",
)
"""Where settings, scripts, web pages and tables are taken from."""
NEVER = ("/doc/", "/man/", "/info/", "/include/", "/package-lists/", "/fonts/", "/test/", "/tests/")
ALMOST_ALL = 0.88
"""Share of the bytes that are programs and libraries."""
LARGEST = 6 << 20
LARGEST_OTHER = 64 << 10
Times = tuple[int, int, float, float]
"""Calls, primitive calls, own and cumulative seconds, as cProfile keeps them."""


@dataclass(frozen=True)
class Case:
    """One image: how it is made, how a user would take it apart, and what is asked of us."""

    name: str
    make: str
    """Shell command; `{tree}` and `{image}` stand for the input and the result."""
    extract: str
    """Shell command; `{image}` and `{out}`, an empty folder that it is run in."""
    floor: float
    aim: float
    image: str = ""
    """Name of the row whose image this one reads, if not its own."""

    def image_in(self, folder: Path) -> Path:
        """Return where the image is, or is to be made."""
        return folder / f"{(self.image or self.name).replace(', ', '-').replace(' ', '.')}.img"


def _squashfs(codec: str, floor: float, aim: float) -> Case:
    make = f"mksquashfs {{tree}} {{image}} -comp {codec} -noappend -no-xattrs -quiet -no-progress"
    return Case(f"squashfs {codec}", make, "unsquashfs -q -n -d x {image}", floor, aim)


def _ext4(name: str, size: str) -> Case:
    make = f"truncate -s {size} {{image}} && mkfs.ext4 -q -d {{tree}} {{image}}"
    return Case(name, make, "mkdir x && debugfs -R 'rdump / x' {image}", 5, 8)


ROOTS = (
    *(_squashfs(codec, 5, 8) for codec in ("gzip", "zstd", "lzo", "lz4")),
    _squashfs("xz", 3, 3.5),
    # As a vendor makes it, with a fifth to spare; and as found on a large card, nearly all of it free.
    _ext4("ext4", "$(( $(du -sm --apparent-size {tree} | cut -f1) * 5 / 4 ))M"),
    _ext4("ext4, nine tenths free", "2G"),
    Case(
        "cpio.gz",
        "cd {tree} && find . | sort | cpio -o -H newc --quiet | gzip -6 > {image}",
        "mkdir x && bsdtar -x -f {image} -C x",
        5,
        8,
    ),
    Case("iso", "genisoimage -quiet -R -o {image} {tree}", "mkdir x && bsdtar -x -f {image} -C x", 5, 8),
    Case("jffs2", "mkfs.jffs2 -r {tree} -o {image} -e 128KiB", "jefferson -d x {image}", 6, 12),
    Case(
        "ubifs",
        "mkfs.ubifs -r {tree} -o {image} -m 2048 -e 126976 -c 8192 -x lzo",
        "ubireader_extract_files -o x {image}",
        4,
        8,
    ),
)
EXTRACTORS = {
    "unblob": "mkdir x && unblob --extract-dir x {image}",
    "binwalk": "binwalk --quiet --extract --run-as=root --directory=x {image}",
}
"""What takes any image apart: only rows in which it got at the files say anything about its speed."""
CASES = (
    *ROOTS,
    *(
        Case(f"{root.name} by {tool}", root.make, extract, 3, 8, root.name)
        for tool, extract in EXTRACTORS.items()
        for root in ROOTS
        if tool == "unblob" or "ext4" not in root.name  # binwalk mounts those, and leaves them mounted
    ),
)


def build_tree(tree: Path, files: int, size: int) -> None:
    """Copy files of this machine; the same choice in every run."""
    programs = [path for path in _found(PROGRAMS, LARGEST) if _is_program(path)]
    others = [path for path in _found(OTHERS, LARGEST_OTHER) if not _is_program(path)]
    taken = _copied(tree, programs, files, int(size * ALMOST_ALL))
    more = _copied(tree, others, files - taken[0], size - taken[1])
    programs_size, others_size = taken[1] / 1e6, more[1] / 1e6
    print(f"tree: {taken[0]} programs and libraries, {programs_size:.0f} MB; {more[0]} others, {others_size:.0f} MB")


def _found(tops: tuple[str, ...], largest: int) -> list[Path]:
    found = [
        path
        for top in tops
        for path in sorted(Path(top).rglob("*"))
        if path.is_file() and not path.is_symlink() and not any(part in str(path) for part in NEVER)
        if path.suffix not in (".a", ".h", ".pyc") and 0 < path.stat().st_size <= largest
    ]
    random.Random(4).shuffle(found)
    return found


def _is_program(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(4) == b"\x7fELF"
    except OSError:
        return False


def _copied(tree: Path, paths: list[Path], files: int, size: int) -> tuple[int, int]:
    """Return how many files with how many bytes were copied, neither more than asked for."""
    taken = total = 0
    for path in paths:
        length = path.stat().st_size
        if taken >= files or total + length > size:
            continue
        target = tree / path.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(path, target)
        except OSError:
            continue
        taken, total = taken + 1, total + length
    return taken, total


def search(pattern: Path) -> str:
    """Return the shell command that searches everything below `x`."""
    limits = "--regex-size-limit 500M --dfa-size-limit 500M"
    return f"find x -type f -print0 | xargs -0 strings -a -n 6 | rg -i -o {limits} -f {pattern} | sort -u > found"


def write_pattern(path: Path) -> None:
    """Write the rivals' expression: every kind that we look for, with every public suffix."""
    host = rf"[a-z0-9][a-z0-9.-]*\.(?:{'|'.join(sorted(suffix_list().tlds))})\b"
    path.write_text(
        rf"[a-z][a-z0-9+.-]*://[^\s\x22<>]+|[a-z0-9._%+-]+@{host}|{host}|(?:[0-9]{{1,3}}\.){{3}}[0-9]{{1,3}}"
    )


def built(case: Case, image: Path, folder: Path) -> bool:
    """Make the image if it is not there; return whether it is, having said why not."""
    if image.exists():
        return True
    command = case.make.format(tree=quoted(folder / "tree"), image=quoted(image))
    made = subprocess.run(["sh", "-c", command], capture_output=True, check=False)
    if made.returncode:
        image.unlink(missing_ok=True)
        print(f"{case.name:44} not built: {made.stderr.decode(errors='replace').strip()[-80:]}")
    return not made.returncode


def print_row(case: Case, image: Path, folder: Path, pairs: int) -> None:
    """Print the row of an image."""
    program = case.extract.replace("mkdir x && ", "").split()[0]
    if shutil.which(program) is None:
        print(f"{case.name:44} {program} is not installed")
        return
    ours = [
        sys.executable,
        "-m",
        "inspector",
        "scan",
        str(image),
        "--no-cache",
        "-q",
        "-f",
        f"json={folder}/profile.json",
    ]
    work = quoted(folder / "out")
    steps = f"rm -rf {work}; mkdir {work} && cd {work}"
    theirs = f"{steps} && {case.extract.format(image=quoted(image))}; {search(folder / 'pattern')}"
    result = compare(case.name, ours, theirs, pairs)
    got = sum(1 for path in (folder / "out" / "x").rglob("*") if path.is_file() and not path.is_symlink())
    verdict = f"floor ×{case.floor:g} aim ×{case.aim:g}" if got else "no comparison"
    print(f"{result}   {verdict}   {got} files on their disk", flush=True)


def print_parts(image: Path) -> None:
    """Print the shares of our processor time on one image by the package that spent it, with one worker."""
    import cProfile
    import hashlib
    import pstats
    from collections import defaultdict

    from inspector.formats.reader import BufferReader
    from inspector.harvest import Options, Toolbox
    from inspector.isolate.marks import Marks
    from inspector.knowledge import load_knowledge
    from inspector.knowledge.addresses import AddressTables
    from inspector.pipeline import Subject, inspect_subject

    knowledge = load_knowledge()
    toolbox = Toolbox(knowledge, AddressTables(knowledge))
    toolbox.warm()
    raw = image.read_bytes()
    profiler = cProfile.Profile()  # a clock that asks the kernel would cost more than what it measures
    subject = Subject(image.name, hashlib.sha256(raw).hexdigest(), BufferReader(raw))
    profiler.runcall(inspect_subject, subject, toolbox, Options(), Marks())
    spent: defaultdict[str, float] = defaultdict(float)
    for (file, _, name), (_, _, own, _, callers) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]
        for part, share in _spread(file, name, own, callers):
            spent[part] += share
    total = sum(spent.values())
    print(
        f"{image.name}: "
        + ", ".join(f"{part} {spent[part] / total:.0%}" for part in sorted(spent, key=lambda part: -spent[part])[:12])
    )


def _spread(file: str, name: str, own: float, callers: dict[tuple[str, int, str], Times]) -> list[tuple[str, float]]:
    """Return (part, seconds): what runs in C counts to the packages that call it, decoders and hashes by themselves."""
    if "inspector/" in file:
        return [(_part(file), own)]
    if any(word in name for word in ("decompress", "sha256", "hyperscan")):
        return [("decode" if "decompress" in name else "hash" if "sha256" in name else "search", own)]
    return [(_part(caller[0]), times[2]) for caller, times in callers.items()] or [("python", own)]


def _part(file: str) -> str:
    return file.rpartition("inspector/")[2].partition("/")[0].removesuffix(".py") if "inspector/" in file else "python"


def main() -> None:
    """Build what is missing and print one row for each image."""
    names = [case.name for case in CASES]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="keep tree and images here")
    parser.add_argument("--files", type=int, default=4000)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--only", nargs="*", choices=names, metavar="NAME", default=[case.name for case in ROOTS])
    parser.add_argument("--parts", action="store_true")
    chosen = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its byte code
    print(machine())
    with tempfile.TemporaryDirectory() as made:
        folder = chosen.folder or Path(made)
        if not (folder / "tree").is_dir():
            build_tree(folder / "tree", chosen.files, chosen.megabytes << 20)
        write_pattern(folder / "pattern")
        for case in CASES:
            if case.name in chosen.only:
                image = case.image_in(folder)
                if built(case, image, folder):
                    print_parts(image) if chosen.parts else print_row(case, image, folder, chosen.pairs)


if __name__ == "__main__":
    main()
