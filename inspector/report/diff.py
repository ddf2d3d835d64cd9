"""The difference of two profiles for a terminal: answers first, then what is new, gone and changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from inspector.report.language import words
from inspector.report.screen import on_screen, safe
from inspector.report.terminal import STATUS_STYLES, STATUS_WORDS, STYLES

Entry = Mapping[str, Any]

SHOWN: Final = 12
TITLES: Final = {
    "hostnames": "host names",
    "ip_addresses": "addresses",
    "urls": "URLs",
    "sdks": "SDKs and packages",
    "components": "components",
    "permissions": "permissions",
    "mechanisms": "mechanisms",
    "certificates": "certificates",
    "private_keys": "private keys",
    "packers": "packers",
}
MARKS: Final = {"new": ("+", "red"), "gone": ("-", "green"), "changed": ("~", "yellow")}


def render_diff(diff: Entry, color: bool = False) -> str:
    """Return the difference as text, with ANSI colours where `color` is set."""
    return on_screen(_parts(diff), color)


def _parts(diff: Entry) -> Iterator[RenderableType]:
    lines: list[RenderableType] = [_side("old", diff["old"]), _side("new", diff["new"])]
    lines += [safe(f"– {note}") for note in diff["notes"]]
    yield Panel(Group(*lines), title="difference", title_align="left")
    anything = False
    for part in (*_findings(diff["findings"]), *_vendors(diff["vendors"]), *_observables(diff["observables"])):
        anything = True
        yield part
    yield from _coverage(diff["coverage"])
    if not anything:
        yield Text("No finding, vendor or observable came, went or changed.")


def _side(which: str, side: Entry) -> Text:
    text = Text(f"{which}  ", "dim").append(
        f" {STATUS_WORDS[side['status']]} ", f"white on {STATUS_STYLES[side['status']]}"
    )
    if side["rating"] != "none":
        text.append(f" {side['rating']}", STYLES[side["rating"]])
    text.append("  ").append_text(safe(side["name"], "bold", 60))
    version = side["identity"].get("version_name", "")
    if version:
        text.append_text(safe(f" {version}"))
    return text.append(f"  sha256 {side['sha256'][:16]}…", "dim")


def _findings(findings: Entry) -> Iterator[RenderableType]:
    for which in ("new", "gone"):
        for item in findings[which]:
            mark, style = MARKS[which]
            text = Text(f"{mark} {item['severity']:<8} ", style if item["severity"] != "none" else "dim")
            text.append_text(safe(f"{item['subject']} ({_whose(item)})", "bold"))
            text.append_text(
                safe(f"  {' + '.join(item['limbs']) or 'origin only'} · {item['presence']}  {item['id']}", "dim")
            )
            if item["evidence"]:
                place = item["evidence"]["location"]
                value = item["evidence"]["observable"]["value"]
                text.append("\n           ").append_text(
                    safe(f"{value}  {place['path']}+{place['offset']:#x}", most=200)
                )
            yield text
    for item in findings["changed"]:
        yield _changed(item)


def _whose(item: Entry) -> str:
    seat = item["domicile"] or "seat unknown"
    return f"{item['vendor']}, {seat}{', disputed' if item['disputed'] else ''}"


def _changed(item: Entry) -> Text:
    text = Text(f"~ {item['rating']:<8} ", "yellow").append_text(safe(f"{item['subject']} ({item['vendor']})", "bold"))
    steps = [
        f"{key} {item[key]['old']} → {item[key]['new']}"
        for key in ("severity", "presence", "confidence")
        if key in item
    ]
    for key in ("endpoints", "places"):
        if key in item:
            steps += [f"{key} +{value}" for value in item[key]["new"][:SHOWN]]
            steps += [f"{key} -{value}" for value in item[key]["gone"][:SHOWN]]
    return text.append_text(safe(f"  {', '.join(steps)}", most=800)).append_text(safe(f"  {item['id']}", "dim"))


def _vendors(vendors: Entry) -> Iterator[RenderableType]:
    for which in ("new", "gone"):
        named = [f"{entry['name']} ({entry['domicile'] or '?'}, {entry['rating']})" for entry in vendors[which]]
        if named:
            yield _row(which, f"{which} vendors", named)


def _observables(observables: Entry) -> Iterator[RenderableType]:
    for section, title in TITLES.items():
        found = observables[section]
        for which in ("new", "gone"):
            if found[which]:
                yield _row(which, f"{which} {title}", [_named(item) for item in found[which]])
        if found["changed"]:
            told = [
                f"{item['value']} {item['presence']['old']} → {item['presence']['new']}" for item in found["changed"]
            ]
            yield _row("changed", f"presence of {title}", told)


def _named(item: Entry) -> str:
    owner = "/".join(part for part in (item["vendor"], item["jurisdiction"]) if part)
    detail = f" {item['detail']}" if item["detail"] else ""
    return f"{item['value']}{f' [{owner}]' if owner else ''}{detail}"


def _row(which: str, title: str, values: Sequence[str]) -> Text:
    mark, style = MARKS[which]
    text = Text(f"{mark} ", style).append(f"{title} ({len(values)}): ", "bold")
    text.append_text(safe(", ".join(values[:SHOWN]), most=2000))
    return text.append(f" and {len(values) - SHOWN} more", "dim") if len(values) > SHOWN else text


def _coverage(coverage: Entry) -> Iterable[RenderableType]:
    score = coverage["score"]
    text = Text("Coverage ", "bold").append(" → ".join(words("en").percent(score[side]) for side in ("old", "new")))
    yield text
    for which in ("new", "gone"):
        for gap in coverage["gaps"][which][:SHOWN]:
            mark, style = MARKS[which]
            line = Text(f"  {mark} not seen: ", style).append_text(safe(gap["path"], most=120))
            yield line.append_text(safe(f"  {gap['length']:,} bytes, {gap['reason']}: {gap['detail']}", "dim"))
