"""The explanation of one finding for a terminal."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from inspector.report.countries import hosted
from inspector.report.screen import on_screen, safe
from inspector.report.terminal import STYLES

Entry = Mapping[str, Any]
FOUND_WORDS: Final = {
    "there": ("the bytes are there", "green"),
    "named": ("the name stands in this member; the place is the record or the member that bears it", "green"),
    "decoded": ("the bytes are there; the value shows only after decoding", "green"),
    "differs": ("the value does not stand at this place", "bold red"),
    "not-reached": ("this place could not be reached", "bold red"),
}
_ROW: Final = 16


def render_explanation(explanation: Entry, color: bool = False) -> str:
    """Return the explanation as text, with ANSI colours where `color` is set. Shell lines are never wrapped."""
    return on_screen(_parts(explanation), color)


def _parts(explanation: Entry) -> Iterator[RenderableType]:
    subject, vendor, claim = explanation["subject"], explanation["vendor"], explanation["claim"]
    head = Text(f" {claim['severity']} ", STYLES[claim["severity"]])
    head.append("  ").append_text(safe(subject["name"], "bold")).append_text(safe(f"  {explanation['finding']}", "dim"))
    rows: list[RenderableType] = [head, safe(subject["summary"] or subject["category"])]
    rows += [safe(f"note: {note}", "yellow") for note in explanation["notes"]]
    yield Panel(Group(*rows), title=safe(explanation["artifact"]["name"], most=60), title_align="left")
    yield from _claim(claim)
    yield from _vendor(vendor, explanation["vendor_references"])
    for caveat in explanation["caveats"]:
        yield _pair("caveat", caveat)
    sources = [_reference(reference) for reference in explanation["references"]]
    for number, source in enumerate(sources, 1):
        yield _pair(f"source [{number}]", source)
    shown, total = len(explanation["evidence"]), explanation["evidence_total"]
    yield Text(f"\nEvidence: {shown} of {total}", "bold")
    for index, item in enumerate(explanation["evidence"], 1):
        yield from _evidence(index, item, sources)
        for line in item["by_hand"]:
            yield Text("     $ ", "dim", no_wrap=True).append(line, "cyan")


def _pair(name: str, value: str) -> Text:
    return Text(f"{name:<12}", "dim").append_text(safe(value, most=1200))


def _claim(claim: Entry) -> Iterator[Text]:
    for entry in claim["limbs"]:
        yield _pair("limb", f"{entry['limb']}: {entry['why']}")
    if not claim["limbs"]:
        yield _pair("limb", "none: origin only")
    yield _pair("presence", f"{claim['presence']}: {claim['presence_why']}")
    yield _pair("confidence", f"{claim['confidence']}: {claim['confidence_why']}")
    yield _pair("severity", claim["severity"])
    for reason in claim["severity_reasons"]:
        yield _pair("", f"– {reason}")
    for endpoint in claim["endpoints"][:8]:
        port = f":{endpoint['port']}" if endpoint["port"] else ""
        operator = f", operator {endpoint['operator']}" if endpoint["operator"] else ""
        yield _pair("endpoint", f"{endpoint['value']}{port}: {hosted(endpoint['kind'], endpoint['hosting'])}{operator}")


def _vendor(vendor: Entry, references: list[Entry]) -> Iterator[Text]:
    entity = f" ({vendor['legal_entity']})" if vendor["legal_entity"] else ""
    seat = vendor["domicile"] or "unknown"
    yield _pair("vendor", f"{vendor['name']}{entity}, group {vendor['group'] or 'unknown'}, seat {seat}")
    if vendor["disputed"]:
        yield _pair("disputed", vendor["disputed"])
    for reference in references[:4]:
        yield _pair("", f"– {_reference(reference)}")


def _reference(reference: Entry) -> str:
    read = f", read {reference['read']}" if reference.get("read") else ""
    locator = f" – {reference['locator']}" if reference.get("locator") else ""
    return f"{reference['title']}{locator}{read}"


def _evidence(index: int, item: Entry, sources: list[str]) -> Iterator[Text]:
    place = item["location"]
    yield (
        Text(f"\n{index:>2}. ")
        .append_text(safe(item["observable"]["value"], "bold", 200))
        .append(f"  {item['observable']['kind']}, {item['presence']}", "dim")
    )
    yield _fact("where", f"{place['path']}+{place['offset']:#x} ({place['offset']:,}), {item['context_words']}")
    if item["key"]:
        yield _fact("key", item["key"])
    if item["decoding"]:
        yield _fact("decoded", item["decoding"])
    if item["referenced_by"]:
        yield _fact("used by", ", ".join(item["referenced_by"]))
    kind = f" ({item['indicator_kind']}, {item['confidence']})" if item["indicator_kind"] else ""
    yield _fact("indicator", f"{item['indicator']}{kind}: {item.get('pattern', '')}")
    if item["indicator_note"]:
        yield _fact("", item["indicator_note"])
    cited = [_reference(reference) for reference in item["indicator_references"]]
    if cited:
        yield _fact("source", ", ".join(f"[{sources.index(c) + 1}]" if c in sources else c for c in cited))
    if item["excerpt"]:
        yield _fact("text", item["excerpt"])
    again = item.get("reread")
    if again:
        words, style = FOUND_WORDS[again["found"]]
        yield Text(f"     {'read again':<11}", "dim").append(words, style)
        yield from (Text(f"     {row}", "green") for row in hex_rows(again["start"], bytes.fromhex(again["hex"])))
    yield from (Text("     ", "dim").append_text(safe(line, "magenta")) for line in item.get("code", ()))


def _fact(name: str, value: str) -> Text:
    return Text(f"     {name:<11}", "dim").append_text(safe(value, most=600))


def hex_rows(start: int, raw: bytes) -> Iterator[str]:
    """Yield rows of sixteen bytes: offset, hex, text."""
    for at in range(0, len(raw), _ROW):
        row = raw[at : at + _ROW]
        text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
        yield f"{start + at:08x}: {row.hex(' '):<{_ROW * 3}} {text}"
