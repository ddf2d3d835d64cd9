"""How fast raw bytes are scanned, against what a user would pick: `python -m benchmarks.scan [--megabytes N]`.

Three blobs are built from files of this machine: ELF (/usr/lib, /usr/bin), JavaScript (node modules and other scripts,
and whatever `--scripts DIR` adds), and a mix (/etc, libraries, firmware). Whole processes run in turn, ours first, then
each rival, `--rounds` times; the table gives the median of the paired ratios (rival's time over ours, so above 1 we are
faster) with their range, for three depths of our own work: the search for endpoints, which is what the rivals do; all
scanners and the classification by the whole knowledge; and the complete `inspector scan`, which also hashes, carves and
accounts for every byte. Every public-suffix TLD is in the host pattern of all rivals too. The compiled database is
warm, except in the row that says otherwise. `RssAnon` is the high-water mark of anonymous memory of the search.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from inspector.scan.endpoint.hosts import suffix_list

OURS = """
import mmap, sys
from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.scan.base import ScanNotes
from inspector.scan.endpoint.endpoints import EndpointScanner
with open(sys.argv[1], "rb") as file:
    data = BufferReader(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
found = {s.observable for s in EndpointScanner().scan(Artifact("x", "data", "x"), data, ScanNotes())}
anonymous = next((line.split()[1] for line in open("/proc/self/status") if line.startswith("RssAnon")), "0")
print(len(found), anonymous)
"""

KNOWING = """
import mmap, sys
from inspector.classify import classify
from inspector.formats.reader import BufferReader
from inspector.harvest import Toolbox
from inspector.knowledge import load_knowledge
from inspector.knowledge.addresses import AddressTables
from inspector.model.artifact import Artifact
from inspector.scan.base import ScanNotes
knowledge = load_knowledge()
toolbox = Toolbox(knowledge, AddressTables(knowledge))
with open(sys.argv[1], "rb") as file:
    data = BufferReader(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
found = toolbox.scan(Artifact("x", "data", "x"), data, ScanNotes())
print(len(found), len(classify(found, toolbox.index, toolbox.addresses).findings))
"""
WAYS = {
    "endpoints": [sys.executable, "-c", OURS],
    "all scanners, knowledge": [sys.executable, "-c", KNOWING],
    "inspector scan": [
        *(sys.executable, "-m", "inspector", "scan", "--no-cache", "-q", "--external", "never", "-f", "json=/dev/null")
    ],
}
"""What of ours is run, by the heading of its column."""


def _files(roots: list[str], wanted: Callable[[str, bytes], bool]) -> Iterator[bytes]:
    for root in roots:
        for folder, names, leaves in os.walk(root):
            names.sort()
            for leaf in sorted(leaves):
                path = os.path.join(folder, leaf)
                if os.path.islink(path) or not os.path.isfile(path):
                    continue
                try:
                    content = Path(path).read_bytes()[:20_000_000]
                except OSError:
                    continue
                if wanted(path, content):
                    yield content


def _build(target: Path, size: int, roots: list[str], wanted: Callable[[str, bytes], bool]) -> None:
    with target.open("wb") as out:
        for content in _files(roots, wanted):
            out.write(content[: size - out.tell()])
            if out.tell() >= size:
                return


def blobs(folder: Path, size: int, more_scripts: list[str]) -> dict[str, Path]:
    """Build the three inputs, `size` bytes each where the machine has as many."""
    places = ("/usr/lib/node_modules", "/usr/local/lib/node_modules", "/usr/share", "/usr/lib/python3", sys.prefix)
    node = [path for path in (*more_scripts, *places) if os.path.isdir(path)]
    scripts = (".js", ".mjs", ".cjs", ".json")
    made = {name: folder / f"{name}.blob" for name in ("elf", "javascript", "mixed")}
    _build(made["elf"], size, ["/usr/lib", "/usr/bin"], lambda _, content: content[:4] == b"\x7fELF")
    _build(made["javascript"], size, node, lambda path, _: path.endswith(scripts))
    _build(made["mixed"], size, ["/etc", "/usr/sbin", "/usr/lib", "/usr/share"], lambda *_: True)
    return made


def rivals(folder: Path) -> dict[str, str]:
    """Return shell commands by name; `{file}` stands for the input."""
    tlds = "|".join(sorted(suffix_list().tlds))
    host = rf"[a-z0-9][a-z0-9.-]*\.(?:{tlds})\b"
    every = rf"[a-z][a-z0-9+.-]*://[^\s\x22<>]+|[a-z0-9._%+-]+@{host}|{host}|(?:[0-9]{{1,3}}\.){{3}}[0-9]{{1,3}}"
    limits = "--regex-size-limit 500M --dfa-size-limit 500M"
    (folder / "host").write_text(host)
    (folder / "every").write_text(every)
    return {
        "strings | rg, same kinds": f"strings -a -n 6 {{file}} | rg -i -o {limits} -f {folder}/every | sort -u | wc -l",
        "rg -aob, hosts only": f"rg -i -aob {limits} -f {folder}/host {{file}} > {folder}/out",
        "cat | cat": "cat {file} | cat > /dev/null",
    }


def _timed(command: list[str], environment: dict[str, str]) -> tuple[float, str]:
    began = time.perf_counter()
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if done.returncode or done.stderr:
        sys.exit(f"{command[0]} failed: {done.stderr[:300]}")
    return time.perf_counter() - began, done.stdout


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scripts", nargs="*", default=[], metavar="DIR", help="further folders with JavaScript")
    chosen = parser.parse_args()
    missing = [tool for tool in ("rg", "strings") if shutil.which(tool) is None]
    if missing:
        sys.exit(f"needs {' and '.join(missing)}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = os.environ | {"XDG_CACHE_HOME": str(folder / "cache")}
        print(f"| input | MB | rival | {' | '.join(WAYS)} |\n|---|---|---|{'---|' * len(WAYS)}")
        for label, blob in blobs(folder, chosen.megabytes * 1_000_000, chosen.scripts).items():
            _print_rows(label, blob, folder, environment, chosen.rounds)


def _print_rows(label: str, blob: Path, folder: Path, environment: dict[str, str], rounds: int) -> None:
    size = f"{blob.stat().st_size / 1e6:.0f}"
    ours = {way: [*command, str(blob)] for way, command in WAYS.items()}
    cold, _ = _timed(ours["endpoints"], environment | {"XDG_CACHE_HOME": str(folder / f"cold-{label}")})
    reports = {way: _timed(command, environment)[1] for way, command in ours.items()}  # warms the cache, too
    times: dict[str, list[float]] = {way: [] for way in ours}
    commands = rivals(folder)
    others: dict[str, list[float]] = {rival: [] for rival in commands}
    for _ in range(rounds):
        for way, command in ours.items():
            times[way].append(_timed(command, environment)[0])
        for rival, line in commands.items():
            others[rival].append(_timed(["sh", "-c", line.format(file=blob)], environment)[0])
    for rival, theirs in others.items():
        cells = [
            _spread([b / a for a, b in zip(mine, theirs, strict=True)]) + f" of {statistics.median(mine):.2f} s"
            for mine in times.values()
        ]
        print(f"| {label} | {size} | {rival}, {statistics.median(theirs):.2f} s | {' | '.join(cells)} |")
    distinct, anonymous = reports["endpoints"].split()
    slower = cold / statistics.median(times["endpoints"])
    print(f"| {label} | {size} | ourselves, cold cache, {cold:.2f} s | {slower:.2f} × our time | | |")
    print(f"| {label} | | {distinct} distinct endpoints, RssAnon {int(anonymous) / 1024:.0f} MB | | | |", flush=True)


def _spread(ratios: list[float]) -> str:
    return f"×{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"


if __name__ == "__main__":
    main()
