"""Many profiles on one screen: the worst first, who appears where, what is shared, and clusters."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from rich.console import RenderableType
from rich.table import Column, Table
from rich.text import Text

from inspector.report.answer import to_do
from inspector.report.language import words
from inspector.report.screen import on_screen, safe
from inspector.report.terminal import STATUS_STYLES, STATUS_WORDS, STYLES

Entry = Mapping[str, Any]
SHOWN: Final = 40
NAMED: Final = 6
RUNS: Final = 12
ALL: Final = "-f json holds all of them, -f html has them to search"
"""Where to see what a list leaves out."""


def render_rollup(rolled: Entry, color: bool = False) -> str:
    """Return the picture as text, with ANSI colours where `color` is set."""
    return on_screen(_parts(rolled), color)


def _parts(rolled: Entry) -> Iterator[RenderableType]:
    counts = rolled["counts"]
    status = ", ".join(f"{count} {name}" for name, count in counts["status"].items())
    head = Text(f"{counts['artifacts']} artifacts: {status}", "bold")
    yield head.append(f"  ·  {counts['unseen']:.1%} of {counts['bytes']:,} bytes were not seen", "dim")
    for note in rolled["notes"]:
        yield safe(f"– {note}", "yellow")
    yield _artifacts(rolled["artifacts"])
    yield from _to_do(rolled["artifacts"])
    if rolled["vendors"]:
        yield _matrix(rolled["vendors"], rolled["artifacts"])
    yield from _shared(rolled["shared"], rolled["artifacts"])
    yield from _clusters(rolled["clusters"], rolled["artifacts"])
    if _is_cut(rolled):
        yield Text(f"\n“and … more”: {ALL}.", "dim")


def _is_cut(rolled: Entry) -> bool:
    """Tell whether a list of artifacts, vendors or places was too long for the screen."""
    lists = [rolled[name] for name in ("artifacts", "vendors", "shared", "clusters")]
    held = [entry["artifacts"] for entries in lists[1:] for entry in entries]
    return (
        any(len(entries) > SHOWN for entries in lists)
        or any(len(numbers) > NAMED for numbers in held)
        or any(len(_grouped(numbers)) > RUNS for numbers in _tasks(rolled["artifacts"]).values())
    )


def _more(left: int) -> str:
    """Return the end of a list that leaves so many out, or nothing."""
    return f" and {left} more" if left > 0 else ""


def _artifacts(artifacts: Sequence[Entry]) -> Table:
    name = Column("artifact", overflow="fold")
    table = Table("#", name, "answer", "rating", "findings", "seen", title="Worst first", title_justify="left")
    for number, entry in enumerate(artifacts[:SHOWN], 1):
        table.add_row(
            str(number),
            safe(entry["label"], most=96),
            Text(STATUS_WORDS[entry["status"]], STATUS_STYLES[entry["status"]]),
            Text(entry["rating"], STYLES[entry["rating"]]),
            _counted(entry),
            words("en").percent(entry["score"]),
        )
    table.caption = _more(len(artifacts) - SHOWN).strip()
    return table


def _to_do(artifacts: Sequence[Entry]) -> Iterator[RenderableType]:
    """Yield what to do about each artifact; those with the same task stand together."""
    tasks = _tasks(artifacts)
    yield Text("What to do", "bold")
    for task, numbers in list(tasks.items())[:SHOWN]:
        head = Text(f"  {_runs(numbers)}  ", "bold")
        yield head.append_text(safe(task, most=400))
    if more := _more(len(tasks) - SHOWN):
        yield Text(f" {more} tasks (-f json names the vendors of each artifact)", "dim")
    yield Text()


def _tasks(artifacts: Sequence[Entry]) -> dict[str, list[int]]:
    """Return each task with the numbers of its artifacts, in the order of the table."""
    tasks: dict[str, list[int]] = {}
    for number, entry in enumerate(artifacts, 1):
        tasks.setdefault(to_do(entry, words("en")), []).append(number)
    return tasks


def _grouped(numbers: Sequence[int]) -> list[list[int]]:
    """Return ascending numbers in runs without a break."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _runs(numbers: Sequence[int]) -> str:
    """Return ascending numbers in short: `#1, #3 to #9`."""
    runs = _grouped(numbers)
    told = (f"#{run[0]} to #{run[-1]}" if len(run) > 2 else ", ".join(f"#{number}" for number in run) for run in runs)
    return ", ".join(islice(told, RUNS)) + _more(sum(map(len, runs[RUNS:])))


def _counted(entry: Entry) -> str:
    if not entry["findings"]:
        return "–"
    return f"{entry['findings']} from {entry['vendors']} vendor{'s' * (entry['vendors'] > 1)}"


def _matrix(vendors: Sequence[Entry], artifacts: Sequence[Entry]) -> Table:
    table = Table("vendor", "seat", "worst", "in", "artifacts", title="Who appears where", title_justify="left")
    for row in vendors[:SHOWN]:
        seat = (row["domicile"] or "?") + (", disputed" if row["disputed"] else "")
        cells = [f"{cell['artifact'] + 1} {cell['rating']}" for cell in row["artifacts"]]
        table.add_row(
            safe(row["name"], "bold", 40),
            safe(seat),
            Text(row["rating"], STYLES[row["rating"]]),
            f"{len(cells)}/{len(artifacts)}",
            ", ".join(f"#{cell}" for cell in cells[:NAMED]) + _more(len(cells) - NAMED),
        )
    table.caption = _more(len(vendors) - SHOWN).strip()
    return table


def _shared(shared: Sequence[Entry], artifacts: Sequence[Entry]) -> Iterator[RenderableType]:
    if shared:
        yield Text("\nShared by several artifacts", "bold")
    for entry in shared[:SHOWN]:
        text = Text(f"  {entry['severity']:<8} ", STYLES[entry["severity"]])
        text.append_text(safe(f"{entry['subject']} ({entry['vendor']}, {entry['domicile'] or '?'})"))
        yield text.append_text(safe(f"  {_names(entry['artifacts'], artifacts)}", "dim"))
    if more := _more(len(shared) - SHOWN):
        yield Text(f" {more}", "dim")


def _clusters(clusters: Sequence[Entry], artifacts: Sequence[Entry]) -> Iterator[RenderableType]:
    if clusters:
        yield Text("\nThe same under different brands (a sign, no proof)", "bold")
    for entry in clusters[:SHOWN]:
        values = ", ".join(entry["values"][:3]) + ("…" if len(entry["values"]) > 3 else "")
        text = safe(f"  same {entry['why']}: {', '.join(entry['brands'])}", "yellow")
        text.append_text(safe(f"  {values} {entry['detail']}", "dim", 160))
        yield text.append_text(safe(f"  {_names(entry['artifacts'], artifacts)}", "dim"))
    if more := _more(len(clusters) - SHOWN):
        yield Text(f" {more}", "dim")


def _names(numbers: Sequence[int], artifacts: Sequence[Entry]) -> str:
    named = ", ".join(f"#{number + 1} {artifacts[number]['label']}" for number in numbers[:NAMED])
    return named + _more(len(numbers) - NAMED)
