"""Risk-register entries: one for each finding, what the profile knows filled in, what only the organisation knows left.

Likelihood and impact are suggestions on the five words of the ratings, each with its reason: the likelihood follows the
warning's own level (High: likely to very likely) as far as the presence bears it, the impact follows the severity.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from inspector.report.blocklists.selection import Entry, entries
from inspector.report.exposing import exposing
from inspector.report.language import Words
from inspector.report.presentation import Presentation
from inspector.report.questions import Answer, judged, version

COLUMNS: Final = (
    "asset",
    "threat",
    "limb",
    "finding",
    "evidence",
    "likelihood",
    "likelihood_why",
    "impact",
    "impact_why",
    "controls",
    "measures",
    "residual",
    "justification",
    "owner",
    "review",
)
LIKELIHOOD: Final = {"started": "high", "referenced": "high", "configured": "medium", "string": "low"}


@dataclass(frozen=True, slots=True)
class Risk:
    """One entry; `cells` are the texts of `COLUMNS`, empty where the organisation must fill in."""

    cells: dict[str, str]


def risks(document: dict[str, Any], how: Presentation, t: Words) -> Iterator[Risk]:
    """Yield the entries in the order of the findings."""
    listed = entries(document, how)
    for finding in exposing(document):
        yield Risk(_cells(document, finding, how, t, [entry for entry in listed if finding["id"] in entry.findings]))


def _cells(
    document: dict[str, Any], finding: dict[str, Any], how: Presentation, t: Words, listed: list[Entry]
) -> dict[str, str]:
    artifact, vendor = document["artifact"], finding["vendor"]
    likelihood = LIKELIHOOD[finding["presence"]]
    if finding["confidence"] != "high" and likelihood == "high":
        likelihood = "medium"
    answer = judged(finding, how.answers)
    stated = [version(document)] if version(document) else []
    cells = dict.fromkeys(COLUMNS, "")
    cells |= {
        "asset": f"{' '.join([artifact['name'], *stated])} (sha256 {artifact['sha256'][:16]})",
        "threat": t("risk.threat_text"),
        "limb": " + ".join(t(f"limb.{limb}") for limb in finding["limbs"]),
        "finding": f"{finding['id']}: {finding['subject']['name']} ({vendor['name']})",
        "evidence": "; ".join(_place(item) for item in finding["evidence"][:3]),
        "likelihood": t.term("rating", likelihood),
        "likelihood_why": t("risk.likelihood_text", presence=t.term("presence", finding["presence"])),
        "impact": t.term("impact_level", finding["severity"]),
        "impact_why": " ".join(t.sentence(reason)[0] for reason in finding["reasons"]),
        "measures": _measures(listed, t),
        "justification": _answered(answer, t) if answer else "",
    }
    return cells


def _answered(answer: Answer, t: Words) -> str:
    """Return what the vendor said and what speaks against it; the decision itself is for the organisation to write."""
    said = "; ".join(f"{t.term('answer_field', field)}: {text}" for field, text in answer.said)
    against = " ".join(t(key, value=value) for key, value in answer.against)
    told = f"{t('answer_status.' + answer.status)} ({said})." if said else f"{t('answer_status.' + answer.status)}."
    return f"{told} {against}".strip()


def _place(item: dict[str, Any]) -> str:
    return f"{item['observable']['value']} @ {item['location']['path']}+{item['location']['offset']:#x}"


def _measures(listed: list[Entry], t: Words) -> str:
    told = []
    if listed:
        values = ", ".join(entry.value for entry in listed[:8])
        more = f" {t('and_more', n=len(listed) - 8)}" if len(listed) > 8 else ""
        told.append(t("risk.block", values=values + more))
        breaks = sorted({t(f"breaks.{what}") for entry in listed for what in entry.breaks})
        if breaks:
            told.append(t("risk.breaks", what=", ".join(breaks)))
    told.append(t("risk.segment"))
    told.append(t("risk.ask"))
    return " ".join(told)
