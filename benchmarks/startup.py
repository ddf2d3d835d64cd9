"""Start-up: `inspector --help` and `--version` against `python -c 'import click'`; warm load of the knowledge.

python benchmarks/startup.py
"""

import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.pairs import compare, machine

LOAD = """
import time
from inspector.classify import Index
from inspector.knowledge import load_knowledge
start = time.process_time()
Index(load_knowledge()).find("hostname", "a1.tuyaeu.com")
print(time.process_time() - start)
"""


def main() -> None:
    """Print the ratios; the floor is at most twice the time of importing click."""
    python = sys.executable
    print(machine())
    for option in ("--help", "--version"):
        name = f"inspector {option} ÷ import click"
        result = compare(name, [python, "-c", "import click"], [python, "-m", "inspector", option], 9)
        print(f"{result}   floor: at most ×2")
    times = [float(subprocess.check_output([python, "-c", LOAD])) * 1000 for _ in range(7)]
    middle = statistics.median(times)
    print(f"warm load of the knowledge: {middle:.0f} ms ({min(times):.0f}–{max(times):.0f})   floor: 60 ms")


if __name__ == "__main__":
    main()
