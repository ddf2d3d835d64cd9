"""Every page that the product writes, from one profile: those of the registry, the roll-up and the comparison."""

from typing import Any

from inspector.model.profile import ExposureProfile
from inspector.profile.diff import difference
from inspector.profile.rollup import rollup
from inspector.report import REPORTERS, Presentation, render
from inspector.report.diff_page import render_diff_page
from inspector.report.rollup_page import render_rollup_page

PAGES = [*(name for name, reporter in REPORTERS.items() if reporter.suffix.endswith(".html")), "rollup", "diff"]


def written(name: str, document: dict[str, Any], language: str = "en") -> str:
    """Return one of `PAGES`."""
    if name == "rollup":
        return render_rollup_page(rollup([document, *variants(document)]), language)
    if name == "diff":
        earlier = variants(document)[0]
        return render_diff_page(difference(earlier, document), language)
    text = render(name, document, Presentation(language=language))
    assert isinstance(text, str)
    return text


def variants(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the same artifact as another brand with weaker and other findings, and as one that could not be read."""
    first, *others = document["findings"]
    weaker = first | {"severity": "low", "presence": "string", "endpoints": [], "evidence": first["evidence"][:1]}
    gone = first | {"id": "F-00000000dead", "severity": "medium"}
    other = document | {
        "artifact": document["artifact"] | {"name": "brand " + document["artifact"]["name"], "sha256": "1" * 64},
        "findings": [weaker, gone, *others[1:]],
        "observables": {key: list(found)[:-1] for key, found in document["observables"].items()},
        "coverage": document["coverage"] | {"score": 0.75, "gaps": []},
    }
    verdict = document["verdict"] | {"status": "inconclusive", "rating": "none", "limbs": []}
    unread = document | {"findings": [], "verdict": verdict}
    return [ExposureProfile.model_validate(one).model_dump(mode="json", by_alias=True) for one in (other, unread)]
