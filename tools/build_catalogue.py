"""Write inspector/extract/catalogue.py: `python tools/build_catalogue.py` (or `make docs`)."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from inspector.extract.announced import row_of  # noqa: E402
from inspector.extract.base import Extractor  # noqa: E402
from inspector.extract.registry import EXTRACTORS  # noqa: E402

TARGET = ROOT / "inspector/extract/catalogue.py"
HEAD = '''"""All built-in extractors as they announce themselves; made by `make docs` from `registry.EXTRACTORS`."""

# ruff: noqa: E501
# fmt: off

from typing import Final

from inspector.extract.announced import Announced, Row

_ROWS: Final[tuple[Row, ...]] = (
'''
FOOT = """)
CATALOGUE: Final = tuple(map(Announced, _ROWS))
"""


def catalogue() -> str:
    """Return the module: one line for each extractor, in the order of the registry."""
    return HEAD + "".join(f"    {row_of(one, _place(one))!r},\n" for one in EXTRACTORS) + FOOT


def _place(extractor: Extractor) -> str:
    """Return where the extractor is found: a tuple of its module that holds it, else its class."""
    module = sys.modules[type(extractor).__module__]
    tuples = [name for name, value in vars(module).items() if isinstance(value, tuple) and extractor in value]
    return f"{module.__name__}:{tuples[0] if tuples else type(extractor).__name__}"


def main() -> None:
    """Write the module where it differs."""
    text = catalogue()
    if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
        TARGET.write_text(text, encoding="utf-8")
        print(f"wrote {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
