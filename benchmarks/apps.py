"""Android apps: `inspector scan`, complete, against exodus-core, androguard, quark-engine and `python -m zipfile -t`.

python benchmarks/apps.py APK... [--exodus PYTHON] [--quark PYTHON] [--pairs 5]

`--exodus` and `--quark` name the Python of an environment in which `exodus-core==1.3.15` or `quark-engine` is
installed (both pin other versions of androguard than ours); without them their rows are left out. exodus-core fetches
its signatures from the network, so it gets as many made-up ones as it has real ones; it also needs `dexdump`.
Ratios are theirs over ours, pair by pair, whole processes: above 1 we are faster. With `--fleet` the apps are a batch:
one `inspector scan` of them all, and the rival on one after the other, as a loop in the shell would run it. With eight
apps or more, the last row compares one worker with two.
"""

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.pairs import compare, machine, quoted

EXODUS = """
import sys
from collections import namedtuple
from exodus_core.analysis.static_analysis import StaticAnalysis
tracker = namedtuple("tracker", "id name code_signature")
analysis = StaticAnalysis(sys.argv[1])
analysis.signatures = [tracker(n, f"t{n}", f"com.vendor{n}.sdk|net.vendor{n}.") for n in range(432)]
analysis._compile_signatures()
analysis.detect_trackers()
analysis.get_package(), analysis.get_permissions(), analysis.get_certificates()
"""
ANDROGUARD = """
import sys
from loguru import logger
logger.remove()
from androguard.misc import AnalyzeAPK
AnalyzeAPK(sys.argv[1])
"""
QUARK = """
import os, sys, tempfile
app = os.path.abspath(sys.argv[1])
os.chdir(tempfile.gettempdir())  # it leaves a log where it runs
from quark.core.quark import Quark
Quark(app)
"""


def main() -> None:
    """Print one row for each app and rival."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("apps", nargs="+", type=Path)
    parser.add_argument("--exodus", metavar="PYTHON")
    parser.add_argument("--quark", metavar="PYTHON")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--fleet", action="store_true", help="measure the apps together, not one by one")
    chosen = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its byte code
    print(machine())
    rivals: list[tuple[str, list[str], str]] = [
        ("zipfile -t", [sys.executable, "-m", "zipfile", "-t"], "floor ×0.25 aim ×0.5"),
        ("AnalyzeAPK", [sys.executable, "-c", ANDROGUARD], "floor ×15 aim ×30"),
    ]
    if chosen.exodus:
        rivals.insert(0, ("exodus-core", [chosen.exodus, "-c", EXODUS], "floor ×4 aim ×8"))
    if chosen.quark:
        rivals.append(("quark-engine", [chosen.quark, "-c", QUARK], "floor ×15 aim ×30"))
    scan = [sys.executable, "-m", "inspector", "scan", "--no-cache", "-q", "-f", "json=/dev/null"]
    batches = [chosen.apps] if chosen.fleet else [[app] for app in chosen.apps]
    for batch in batches:
        scan[-1] = "jsonl=/dev/null" if chosen.fleet else "json=/dev/null"
        size = sum(app.stat().st_size for app in batch)
        title = f"{len(batch)} apps, {size / 1e6:.0f} MB" if chosen.fleet else batch[0].name[:28]
        for name, command, asked in rivals:
            pairs = 1 if name in ("AnalyzeAPK", "quark-engine") else chosen.pairs
            theirs = " ; ".join(quoted(*command, app) for app in batch)
            result = compare(f"{title} | {name}", [*scan, *map(str, batch)], theirs, pairs)
            print(f"{result}   {asked}", flush=True)
    if len(chosen.apps) >= 8:
        paths = [str(app) for app in chosen.apps[:8]]
        scan[-1] = "jsonl=/dev/null"
        both = compare(
            "eight apps: one worker ÷ two", [*scan, "--jobs", "2", *paths], [*scan, "--jobs", "1", *paths], 3
        )
        print(f"{both}   floor ×1.67")


if __name__ == "__main__":
    main()
