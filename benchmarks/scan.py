"""How fast the endpoint scan is, against what a user would pick: `python -m benchmarks.scan [--megabytes N]`.

Three blobs are built from files of this machine: ELF (/usr/lib, /usr/bin), JavaScript (node modules and other scripts),
and a mix (/etc, libraries, firmware). Whole processes run in turn, ours first, then each rival, `--rounds` times; the
table gives the median of the paired ratios (rival's time over ours, so above 1 we are faster) with their range.
Every public-suffix TLD is in the host pattern of all rivals too. The compiled database is warm, except in the row that
says otherwise. `RssAnon` is the high-water mark of anonymous memory of our process.
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

from inspector.scan.hosts import suffix_list

OURS = """
import mmap, sys
from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.scan.base import ScanNotes
from inspector.scan.endpoints import EndpointScanner
with open(sys.argv[1], "rb") as file:
    data = BufferReader(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
found = {s.observable for s in EndpointScanner().scan(Artifact("x", "data", "x"), data, ScanNotes())}
anonymous = next((line.split()[1] for line in open("/proc/self/status") if line.startswith("RssAnon")), "0")
print(len(found), anonymous)
"""


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


def blobs(folder: Path, size: int) -> dict[str, Path]:
    """Build the three inputs, `size` bytes each where the machine has as many."""
    node = [
        path for path in ("/usr/lib/node_modules", "/usr/share", "/usr/lib/python3", sys.prefix) if os.path.isdir(path)
    ]
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
    chosen = parser.parse_args()
    missing = [tool for tool in ("rg", "strings") if shutil.which(tool) is None]
    if missing:
        sys.exit(f"needs {' and '.join(missing)}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = os.environ | {"XDG_CACHE_HOME": str(folder / "cache")}
        commands = rivals(folder)
        ours = [sys.executable, "-c", OURS]
        print("| input | MB | ours (s) | rival | ratio, median (range) |\n|---|---|---|---|---|")
        for label, blob in blobs(folder, chosen.megabytes * 1_000_000).items():
            cold, _ = _timed([*ours, str(blob)], environment | {"XDG_CACHE_HOME": str(folder / f"cold-{label}")})
            _timed([*ours, str(blob)], environment)
            times: list[float] = []
            ratios: dict[str, list[float]] = {rival: [] for rival in commands}
            report = ""
            for _ in range(chosen.rounds):
                taken, report = _timed([*ours, str(blob)], environment)
                times.append(taken)
                for rival, command in commands.items():
                    other, _ = _timed(["sh", "-c", command.format(file=blob)], environment)
                    ratios[rival].append(other / taken)
            size = blob.stat().st_size / 1e6
            for rival, values in ratios.items():
                spread = f"{statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f})"
                print(f"| {label} | {size:.0f} | {statistics.median(times):.2f} | {rival} | {spread} |")
            distinct, anonymous = report.split()
            slower = cold / statistics.median(times)
            print(f"| {label} | {size:.0f} | {cold:.2f} | ourselves, cold cache | {slower:.2f} × our time |")
            print(
                f"| {label} | | | {distinct} distinct endpoints, RssAnon {int(anonymous) / 1024:.0f} MB | |", flush=True
            )


if __name__ == "__main__":
    main()
