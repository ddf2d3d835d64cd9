"""Many profiles as one self-contained page, in the dress of the profile page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from inspector.report.answer import to_do
from inspector.report.language import Words, words
from inspector.report.page.environment import page
from inspector.report.page.tables import Column, Table
from inspector.report.page.worldmap import world_map

Entry = Mapping[str, Any]

LISTED: Final = 40
"""Artifacts that the page lists with a sentence each, worst first; the searchable table holds all."""
COLUMNS: Final = 40
"""Artifacts that the matrix has room for, worst first."""
SHARED: Final = 200
"""Shared subjects that are listed, most severe first; those without exposure stay in the JSON."""
MOST_NAMED: Final = 200
"""Artifacts named for one shared subject or cluster."""
SEARCHED_FROM: Final = 12
"""Artifacts from which on the page holds a table to search and sort."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the bar of answers, on a scale of 1,000."""

    status: str
    count: int
    x: float
    width: float


def render_rollup_page(rolled: Entry, language: str = "en") -> str:
    """Return the page; text from the artifacts stands between tags only."""
    text = words(language)
    artifacts = rolled["artifacts"]
    seats = _seats(rolled["vendors"])
    return page(
        "rollup.html.j2",
        text,
        d=rolled,
        sentence=sentence(rolled["counts"], text),
        worst=artifacts[0]["status"] if artifacts else "none-found",
        parts=tuple(_parts(rolled["counts"])),
        listed=artifacts[:LISTED],
        columns=artifacts[:COLUMNS],
        rows=[(row, {cell["artifact"]: cell["rating"] for cell in row["artifacts"]}) for row in rolled["vendors"]],
        most_named=MOST_NAMED,
        shared=[entry for entry in rolled["shared"] if entry["severity"] != "none"][:SHARED],
        world=world_map(seats, language) if seats else None,
        table=_table(artifacts, text) if len(artifacts) >= SEARCHED_FROM else None,
        said=text.sentence,
        task=lambda entry: to_do(entry, text),
    )


def sentence(counts: Entry, text: Words) -> str:
    """Return the answer over all profiles; nothing found counts only where every file was seen."""
    total, found = counts["artifacts"], counts["status"]
    if exposed := found.get("exposed", 0):
        return text.count("rollup.exposed", exposed, all=text.number(total))
    if unclear := total - found.get("none-found", 0):
        return text.count("rollup.unclear", unclear, all=text.number(total))
    return text("rollup.clean", all=text.number(total))


def _parts(counts: Entry) -> Iterator[Part]:
    at = 0.0
    for status, count in counts["status"].items():
        width = 1000 * count / counts["artifacts"]
        yield Part(status, count, round(at, 1), round(width, 1))
        at += width


def _seats(vendors: Sequence[Entry]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in vendors:
        if row["domicile"]:
            found.setdefault(row["domicile"], {"seat": 0})["seat"] += 1
    return dict(sorted(found.items()))


def _table(artifacts: Sequence[Entry], text: Words) -> Table:
    """Return all artifacts as plain rows that the page's script searches and sorts."""
    styles = {"artifact": "code", "answer": "text", "severity": "text"}
    columns = tuple(
        Column(text(f"rollup.{name}"), styles.get(name, "number"), styles.get(name) == "text")
        for name in ("number", "artifact", "answer", "severity", "findings", "seen")
    )
    rows = tuple(
        (
            str(number),
            entry["label"],
            text(f"status.{entry['status']}"),
            text.term("rating", entry["rating"]),
            str(entry["findings"]),
            text.percent(entry["score"]),
        )
        for number, entry in enumerate(artifacts, 1)
    )
    marks = tuple(entry["status"] == "exposed" for entry in artifacts)
    return Table("artifacts", text("rollup.all"), columns, rows, marks)
