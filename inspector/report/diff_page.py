"""The difference of two profiles as one self-contained page, in the dress of the profile page."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from inspector.report.language import Words, words
from inspector.report.page.environment import page

Entry = Mapping[str, Any]

SIGNS: Final = {"new": "+", "changed": "~", "gone": "−"}
"""The three directions in the order they are told, with their signs."""
SHOWN: Final = 40
"""Values of one list that stand open; the others are behind a fold."""
MOST: Final = 2_000
"""Values of one list that the page holds at all."""


def render_diff_page(diff: Entry, language: str = "en") -> str:
    """Return the page; text from the artifacts stands between tags only."""
    text = words(language)
    counting = {which: _counting(diff["findings"][which]) for which in ("new", "gone")}
    return page(
        "diff.html.j2",
        text,
        d=diff,
        signs=SIGNS,
        shown=SHOWN,
        most=MOST,
        sentence=sentence(diff, text),
        mood="worse" if _worse(diff) else "better" if counting["gone"] and not counting["new"] else "same",
        counting=counting,
        others={which: [f for f in diff["findings"][which] if f["severity"] == "none"] for which in counting},
        sections=[(name, found) for name, found in diff["observables"].items() if any(found[which] for which in SIGNS)],
        said=text.sentence,
    )


def sentence(diff: Entry, text: Words) -> str:
    """Return what the step from old to new means: what it adds comes before what it takes away."""
    new, gone = _counting(diff["findings"]["new"]), _counting(diff["findings"]["gone"])
    if new:
        return text.count("diff.adds", len(new), rating=text.term("rating", new[0]["severity"]))
    if _risen(diff):
        return text.count("diff.rises", len(_risen(diff)))
    if gone:
        return text.count("diff.removes", len(gone))
    return text("diff.nothing")


def _counting(findings: Sequence[Entry]) -> list[Entry]:
    """Return the findings that count against an artifact, most severe first, as the document lists them."""
    return [finding for finding in findings if finding["severity"] != "none"]


def _worse(diff: Entry) -> bool:
    return bool(_counting(diff["findings"]["new"]) or _risen(diff))


def _risen(diff: Entry) -> list[Entry]:
    order = ("none", "low", "medium", "high", "critical")
    changes = (finding for finding in diff["findings"]["changed"] if "severity" in finding)
    return [f for f in changes if order.index(f["severity"]["new"]) > order.index(f["severity"]["old"])]
