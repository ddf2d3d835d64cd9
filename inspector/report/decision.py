"""The answer of a policy for a terminal: outcome first, then what led to it, then waivers."""

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from inspector.model.decision import Decision, Ruling, Waiver
from inspector.report.printable import printable
from inspector.report.screen import on_screen

STYLES = {"deny": "bold white on red", "review": "bold black on yellow", "allow": "bold white on green"}
BORDERS = {"deny": "red", "review": "yellow", "allow": "green"}


def decision_panel(decision: Decision) -> RenderableType:
    """Return the panel that stands under the verdict."""
    head = Text().append(f" {decision.outcome.upper()} ", STYLES[decision.outcome])
    head.append("  ").append(printable(decision.title), "bold").append(f"  as of {decision.as_of}", "dim")
    lines: list[RenderableType] = [head]
    lines += [_ruling(ruling) for ruling in decision.rulings]
    lines += [_note("expired waiver", waiver) for waiver in decision.expired]
    lines += [_note("waiver without its finding", waiver) for waiver in decision.unused]
    title = Text(printable(f"policy {decision.policy}"))
    return Panel(Group(*lines), title=title, title_align="left", border_style=BORDERS[decision.outcome])


def _ruling(ruling: Ruling) -> Text:
    text = Text()
    text.append(f"{ruling.outcome:<7}", BORDERS[ruling.outcome])
    if ruling.finding:
        text.append(printable(f"{ruling.subject} ({ruling.vendor})"), "bold")
        text.append(f", {ruling.severity}  {ruling.finding}  ", "dim")
    else:
        text.append(f"{ruling.subject}  ", "bold")
    text.append(printable(f"{ruling.reason} ")).append(printable(f"[{ruling.rule}]"), "dim")
    if ruling.waiver:
        text.append(f"\n       {ruling.waived_from} waived until {ruling.waiver.expires} by ", "italic")
        text.append(printable(f"{ruling.waiver.approver}: {ruling.waiver.reason}"), "italic")
    return text


def _note(what: str, waiver: Waiver) -> Text:
    text = f"{what}: {waiver.finding}, {waiver.expires}, {waiver.approver}: {waiver.reason}"
    return Text(printable(text), "italic yellow")


def render_decision(decision: Decision, color: bool = False) -> str:
    """Return the panel as text, with ANSI colours where `color` is set."""
    return on_screen([decision_panel(decision)], color)
