"""How a report is to be written: what the reader chose, apart from what the profile says."""

from dataclasses import dataclass, field
from typing import Any, Final

LANGUAGES: Final = ("en", "cs")


@dataclass(frozen=True, slots=True)
class Presentation:
    """The choices that a reporter may heed; each reporter ignores what does not concern it."""

    color: bool = False
    """ANSI colours, for a terminal."""
    language: str = "en"
    """One of `LANGUAGES`; the machine-readable formats stay English."""
    answers: dict[str, Any] = field(default_factory=dict)
    """A vendor's answers by finding id, as `report.questions` reads them."""
    shared_too: bool = False
    """Block lists also name what serves others than the vendor."""
