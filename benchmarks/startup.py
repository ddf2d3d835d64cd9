"""Start-up: `inspector --help`, `--version` against `python -c 'import click'`; the knowledge; a scan of a tiny file.

python benchmarks/startup.py [--runs 15]

Everything is byte-compiled and cached first, as it is in an installed program that has run once. The processor time of
a scan is that of the whole process tree.
"""

import argparse
import compileall
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.pairs import compare, machine, run

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "samples/patient-monitor/patient-monitor.bin"
LOAD = """
import time
from inspector.classify import Index
from inspector.knowledge import load_knowledge
start = time.process_time()
Index(load_knowledge()).find("hostname", "a1.tuyaeu.com")
print(time.process_time() - start)
"""
COUNT = """
import dataclasses, re, runpy, sys
counts = dict.fromkeys(("modules", "dataclasses", "regular expressions"), 0)
def counted(name, function):
    def wrapper(*args, **kwargs):
        counts[name] += 1
        return function(*args, **kwargs)
    return wrapper
dataclasses._process_class = counted("dataclasses", dataclasses._process_class)
re._compiler.compile = counted("regular expressions", re._compiler.compile)
sys.argv[1:] = ["scan", "--no-cache", "-f", "json=/dev/null", sys.argv[1]]
try:
    runpy.run_module("inspector", run_name="__main__")
except SystemExit:
    pass
counts["modules"] = sum(1 for name in sys.modules if name.partition(".")[0] == "inspector")
print(", ".join(f"{count} {name}" for name, count in counts.items()))
"""
SCANS = {
    "scan -f json": ("--no-cache", "-f", "json"),
    "scan, report on the terminal": ("--no-cache",),
    "scan -f json, profile from the result cache": ("-f", "json"),
}


def main() -> None:
    """Print ratios, milliseconds and counts, each beside its floor."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    python = sys.executable
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its byte code
    compileall.compile_dir(ROOT / "inspector", quiet=2)
    print(machine())
    for option in ("--help", "--version"):
        name = f"inspector {option} ÷ import click"
        result = compare(name, [python, "-c", "import click"], [python, "-m", "inspector", option], 9)
        print(f"{result}   floor: at most ×2")
    times = [float(subprocess.check_output([python, "-c", LOAD])) for _ in range(7)]
    print(f"warm load of the knowledge: {_shown(times)}   floor: 60 ms")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["INSPECTOR_CACHE"] = folder
        for name, options in SCANS.items():
            command = [python, "-m", "inspector", "scan", *options, str(SAMPLE)]
            run(command)
            times = [run(command).cpu for _ in range(runs)]
            print(f"{name}, {SAMPLE.stat().st_size:,} bytes: {_shown(times)} of processor time   floor: 350 ms")
        made = subprocess.check_output([python, "-c", COUNT, SAMPLE], text=True).strip()
        print(f"made in the parent process: {made}")


def _shown(seconds: list[float]) -> str:
    """Return the median and the range in milliseconds."""
    middle = statistics.median(seconds)
    return f"{middle * 1000:.0f} ms ({min(seconds) * 1000:.0f}–{max(seconds) * 1000:.0f})"


if __name__ == "__main__":
    main()
