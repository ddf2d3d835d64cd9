"""The report for a terminal: the answer first, then findings with evidence, then what could not be seen."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from inspector.report.answer import Action, actions
from inspector.report.countries import hosted
from inspector.report.endpoint_groups import grouped
from inspector.report.language import words
from inspector.report.presentation import Presentation
from inspector.report.screen import on_screen, safe

STYLES: Final = {"critical": "bold white on red", "high": "bold red", "medium": "yellow", "low": "cyan", "none": "dim"}
STATUS_STYLES: Final = {"exposed": "red", "none-found": "green", "inconclusive": "yellow", "failed": "magenta"}
STATUS_WORDS: Final = {
    "exposed": "EXPOSED",
    "none-found": "NONE FOUND",
    "inconclusive": "INCONCLUSIVE",
    "failed": "FAILED",
}
SHOWN_EVIDENCE: Final = 3
SHOWN_GAPS: Final = 8
SHOWN_ENDPOINTS: Final = 12
SHOWN_VALUES: Final = 3
SHOWN_REJECTIONS: Final = 10
"""Refused texts shown for one reason."""


def render(document: dict[str, Any], how: Presentation) -> str:
    """Return the report as text, with ANSI colours where they are wanted; wide as the terminal, or 100 columns."""
    return on_screen(_parts(document), how.color)


def _parts(document: dict[str, Any]) -> Iterator[RenderableType]:
    yield _answer(document)
    rated = [finding for finding in document["findings"] if finding["severity"] != "none"]
    others = [finding for finding in document["findings"] if finding["severity"] == "none"]
    for finding in rated:
        yield _finding(finding)
    if others:
        yield _others(others)
    if document["artifact"]["tampering"]:
        yield _tampering(document["artifact"]["tampering"])
    yield _coverage(document["coverage"])
    if document.get("rejections", {}).get("listed"):
        yield _rejections(document["rejections"])
    yield _foot(document)


def _answer(document: dict[str, Any]) -> RenderableType:
    verdict, artifact = document["verdict"], document["artifact"]
    style = STATUS_STYLES[verdict["status"]]
    head = Text()
    head.append(f" {STATUS_WORDS[verdict['status']]} ", f"bold white on {style}")
    if verdict["rating"] != "none":
        head.append("  rating ").append(verdict["rating"], STYLES[verdict["rating"]])
    for limb in verdict["limbs"]:
        head.append(f"  · {limb}", "bold")
    lines: list[RenderableType] = [head, Text(), safe(verdict["headline"], "bold")]
    lines += [safe(f"– {reason}") for reason in verdict["reasons"]]
    lines.append(Text())
    steps = list(enumerate(actions(document, words("en")), 1))
    lines += [_step(number, action) for number, action in steps]
    formats = [f"{', '.join(action.formats)} ({number})" for number, action in steps if action.command]
    if formats:
        lines.append(safe(f"   inspector report PROFILE.json -f FORMAT: {' · '.join(formats)}", "dim"))
    name = safe(artifact["name"], most=60)
    return Panel(Group(*lines), title=name, title_align="left", border_style=style, subtitle=_identity(artifact))


def _step(number: int, action: Action) -> RenderableType:
    text = safe(action.text)
    values = action.values[:SHOWN_VALUES]
    if values:
        left = action.more + len(action.shown) - len(values)
        text.append(" ").append_text(safe(", ".join(values), "bold")).append(f" and {left} more." if left else ".")
    for point in action.points:
        text.append(" ").append_text(safe(point))
    row = Table.grid(padding=(0, 1))
    row.add_column(no_wrap=True)
    row.add_column(ratio=1)
    row.add_row(Text(f"{number}.", "bold"), text)
    return row


def _identity(artifact: dict[str, Any]) -> Text:
    text = f"{artifact['kind']} · {artifact['format']} · {artifact['size']:,} bytes · sha256 {artifact['sha256'][:16]}…"
    return safe(text, "dim")


def _finding(finding: dict[str, Any]) -> RenderableType:
    vendor, subject = finding["vendor"], finding["subject"]
    title = Text()
    title.append(f" {finding['severity']} ", STYLES[finding["severity"]])
    title.append("  ").append_text(safe(subject["name"], "bold"))
    title.append("  ").append_text(safe(_whose(vendor)))
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="dim", no_wrap=True)
    rows.add_column(ratio=1, overflow="fold")  # the offset of a long place stands at its end
    rows.add_row("what", safe(subject["summary"] or subject["category"]))
    how = (
        f"{' + '.join(finding['limbs']) or 'origin only'} · {finding['presence']} · confidence {finding['confidence']}"
    )
    rows.add_row("how", safe(how))
    if finding["endpoints"]:
        rows.add_row("where", _endpoints(finding["endpoints"]))
    shown = _told_apart(finding["evidence"])[:SHOWN_EVIDENCE]
    for item in shown:
        rows.add_row("evidence", _evidence(item))
    left = finding["evidence_total"] - len(shown)
    if left > 0:
        rows.add_row("", safe(f"and {left} more (see -f json or -f html)", "dim"))
    for caveat in finding["caveats"]:
        rows.add_row("note", safe(caveat, "italic"))
    if vendor["disputed"]:
        rows.add_row("disputed", safe(vendor["disputed"], "italic"))
    rows.add_row("id", safe(finding["id"], "dim"))
    return Group(title, Padding(rows, (0, 0, 1, 2)))


def _whose(vendor: dict[str, Any]) -> str:
    seat = f", {vendor['domicile']}" if vendor["domicile"] else ""
    group = f" ({vendor['group']})" if vendor["group"] and vendor["group"] != vendor["name"] else ""
    return f"{vendor['name']}{group}{seat}"


def _endpoints(endpoints: list[dict[str, Any]]) -> Text:
    text = Text()
    left = SHOWN_ENDPOINTS
    for group in grouped(endpoints):
        values = group.values[:left]
        left -= len(values)
        if not values:
            break
        facts = [hosted(group.kind, group.hosting)]
        if group.operator:
            facts.append(f"operator {group.operator}")
        text.append_text(safe(", ".join(values), "bold", 2000)).append("  ")
        text.append_text(safe(f"({', '.join(facts)})", "dim")).append("\n")
    if len(endpoints) > SHOWN_ENDPOINTS:
        text.append(f"and {len(endpoints) - SHOWN_ENDPOINTS} more\n", "dim")
    text.right_crop(1)
    return text


def _told_apart(evidence: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the evidence, in its order, without what another item of the same line of the same file shows as well."""
    lines: dict[tuple[str, str | int], dict[str, Any]] = {}
    for item in evidence:
        place = item["location"]
        lines.setdefault((place["path"], item["excerpt"] or place["offset"]), item)
    return list(lines.values())


def _evidence(item: dict[str, Any]) -> Text:
    place = item["location"]
    text = Text()
    text.append_text(safe(item["observable"]["value"], "bold", 120))
    extras = [item["context"], item["presence"], item["key"], item["decoding"]]
    text.append("  ").append_text(safe(" · ".join(extra for extra in extras if extra), "dim"))
    text.append("\n").append_text(safe(f"{place['path']}+{place['offset']:#x}", "cyan"))
    if item["referenced_by"]:
        text.append("\nused by ", "dim").append_text(safe(", ".join(item["referenced_by"][:3])))
    if item["excerpt"]:
        text.append("\n").append_text(safe(item["excerpt"], "green", 160))
    return text


def _others(findings: list[dict[str, Any]]) -> RenderableType:
    text = Text("Also identified, no exposure to the PRC by itself: ", "dim")
    names = [f"{f['subject']['name']} ({f['vendor']['name']}, {f['vendor']['domicile'] or '?'})" for f in findings]
    return Padding(text.append_text(safe(", ".join(names), most=2000)), (0, 0, 1, 0))


def _tampering(notes: Sequence[str]) -> RenderableType:
    lines: list[RenderableType] = [Text(words("en")("tampering"), "bold")]
    lines += [safe(f"  {note}", "yellow", most=200) for note in notes[:SHOWN_GAPS]]
    if len(notes) > SHOWN_GAPS:
        lines.append(Text(f"  and {len(notes) - SHOWN_GAPS} more", "dim"))
    return Group(*lines, Text())


def _coverage(coverage: dict[str, Any]) -> RenderableType:
    part = coverage["partition"]
    total = sum(part.values()) or 1
    percent = words("en").percent
    head = Text("Coverage ", "bold").append(percent(coverage["score"]), "bold")
    shares = " · ".join(f"{kind} {percent(size / total)}" for kind, size in part.items() if size)
    if shares:
        head.append(f"  {shares}", "dim")
    files = coverage["files"]
    parts = "part" if files["scanned"] == 1 else "parts"
    head.append(f"  ·  {files['scanned']:,} {parts} scanned, {files['failed']:,} not readable", "dim")
    lines: list[RenderableType] = [head]
    gaps = sorted(coverage["gaps"], key=lambda gap: -gap["length"])
    for gap in gaps[:SHOWN_GAPS]:
        where = f"{gap['location']['path']}+{gap['location']['offset']:#x}"
        line = Text("  not seen: ", "yellow").append_text(safe(where, most=120))
        line.append(f"  {gap['length']:,} bytes, " if gap["length"] else "  ").append_text(
            safe(f"{gap['reason']}: {gap['detail']}")
        )
        if gap["remedy"]:
            line.append_text(safe(f" → {gap['remedy']}", "dim"))
        lines.append(line)
    if len(gaps) > SHOWN_GAPS:
        lines.append(Text(f"  and {len(gaps) - SHOWN_GAPS} more gaps", "dim"))
    lines += [safe(f"  limit reached: {limit}", "yellow") for limit in coverage["limits_hit"]]
    return Group(*lines)


def _rejections(rejections: dict[str, Any]) -> RenderableType:
    texts: dict[str, list[dict[str, Any]]] = {}
    for item in rejections["listed"]:
        texts.setdefault(item["reason"], []).append(item)
    lines: list[RenderableType] = [Text(), Text("Refused: looked like an endpoint and is none", "bold")]
    for reason in rejections["reasons"]:
        shown = texts.get(reason["reason"], [])[:SHOWN_REJECTIONS]
        head = safe(reason["reason"], "yellow").append(f"  {reason['different']:,}")
        lines.append(head.append_text(safe(f"  {reason['meaning']}", "dim")))
        for item in shown:
            place = item["location"]
            line = safe(item["value"], most=100).append("  ")
            line.append_text(safe(f"{place['path']}+{place['offset']:#x}", "cyan", 160))
            lines.append(Padding(line, (0, 0, 0, 2)))
        if (left := reason["different"] - len(shown)) > 0:
            lines.append(Text(f"  and {left:,} more (see -f json)", "dim"))
    return Group(*lines, Text())


def _foot(document: dict[str, Any]) -> RenderableType:
    knowledge = document["knowledge"]
    text = (
        f"inspector {document['tool']['version']} · knowledge {knowledge['sha256'][:12]} of {knowledge['date']}"
        f" ({knowledge['vendors']} vendors, {knowledge['signatures']} subjects)"
    )
    if knowledge["ip_data"]["date"]:
        text += f" · address data {knowledge['ip_data']['date']}"
    return safe(text, "dim")
