"""Write docs/reference from the product itself: `python tools/build_reference.py` (or `make docs`)."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from inspector.knowledge import load_knowledge  # noqa: E402
from inspector.reference import PAGES  # noqa: E402


def main() -> None:
    """Write every page that differs."""
    knowledge = load_knowledge()
    folder = ROOT / "docs/reference"
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        text = make(knowledge)
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
