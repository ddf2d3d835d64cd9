"""Write inspector/extract/catalogue.py from the registered extractors: `python tools/build_catalogue.py` (`make docs`)."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from inspector.extract.announced import row_of  # noqa: E402
from inspector.extract.base import Extractor  # noqa: E402
from inspector.extract.registry import EXTRACTORS  # noqa: E402

TARGET = ROOT / "inspector/extract/catalogue.py"
HEAD = '''"""All built-in extractors as they announce themselves. Made by `make docs` from `registry.EXTRACTORS`: do not edit."""

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
    """Return where the extractor is found: its class, or a tuple of the same module that holds it."""
    module = sys.modules[type(extractor).__module__]
    named = vars(module).get(type(extractor).__name__)
    if named is type(extractor):
        return f"{module.__name__}:{named.__name__}"
    (name,) = (name for name, value in vars(module).items() if isinstance(value, tuple) and extractor in value)
    return f"{module.__name__}:{name}"


def main() -> None:
    """Write the module where it differs."""
    text = catalogue()
    if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
        TARGET.write_text(text, encoding="utf-8")
        print(f"wrote {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
