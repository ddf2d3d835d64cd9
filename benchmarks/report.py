"""How long each text format takes on a profile with 5,000 endpoints, in a warm process, and how large it gets.

Usage: python benchmarks/report.py PROFILE.json [ENDPOINTS]
The endpoints are those of the profile, repeated under made-up names until there are enough. Times are those of the
processor, which other work on the machine does not lengthen; one process, one thread.
"""

import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from inspector.profile.stored import read_profile
from inspector.report import REPORTERS, render

RUNS = 5


def enlarged(document: dict[str, Any], wanted: int) -> dict[str, Any]:
    """Return the profile with `wanted` host names, each with the sightings of a real one."""
    observed = document["observables"]
    pattern = [*observed["hostnames"], *observed["ip_addresses"]] or sys.exit("no endpoints in this profile")
    names = [pattern[n % len(pattern)] | {"value": f"host{n:05}.example.com"} for n in range(wanted)]
    endpoint = {"kind": "hostname", "port": 443, "hosting": "CN", "operator": ""}
    share = [endpoint | {"value": item["value"]} for item in names]
    first, *rest = document["findings"]
    return document | {
        "observables": observed | {"hostnames": names},
        "findings": [first | {"endpoints": share}, *rest],
    }


def main(path: Path, wanted: int) -> None:
    """Print one line for each format: median and worst of five runs after one to warm up, and the size."""
    document = enlarged(read_profile(path), wanted)
    for name in REPORTERS:
        if name == "pdf":
            continue
        times = []
        size = len(render(name, document))
        for _ in range(RUNS):
            start = time.process_time()
            render(name, document)
            times.append(time.process_time() - start)
        print(f"{name:20} median {statistics.median(times):7.3f} s  worst {max(times):7.3f} s  {size:>12,} characters")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5000)
