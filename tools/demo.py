"""The demo: inspect the sample firmware, and a real app when it can be fetched; write JSON and HTML."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tools.fetch import FetchError, fetch, sources  # noqa: E402

OUTPUT = Path("demo-output")


def show(path: Path) -> int:
    """Inspect one file: the report on the terminal, the profile as JSON and HTML in the output folder."""
    target = OUTPUT / path.stem
    outputs = ["-f", "terminal", "-f", f"json={target}.json", "-f", f"html={target}.html"]
    code = subprocess.run([sys.executable, "-m", "inspector", "scan", str(path), *outputs], check=False).returncode
    print(f"→ {target}.html and {target}.json\n", flush=True)
    return code


def main() -> int:
    """Run both inspections; return the first exit code that is not 0."""
    OUTPUT.mkdir(exist_ok=True)
    print("1. A patient monitor, built after the public facts of the Contec CMS8000 case\n", flush=True)
    code = show(ROOT / "samples/patient-monitor/patient-monitor.bin")
    print("2. A real Android app from a public package (Yosemite.apk out of airtest 1.4.3)\n", flush=True)
    try:
        app = fetch(sources("yosemite")[0])
    except FetchError as error:
        print(f"   left out: {error}")
        return code
    return code or show(app)


if __name__ == "__main__":
    sys.exit(main())
