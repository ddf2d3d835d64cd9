"""`inspector lookup`: who is behind a value."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click


@click.command("lookup")
@click.argument("values", nargs=-1, required=True)
@click.option("-f", "--format", "form", type=click.Choice(["table", "jsonl"]), default="table", show_default=True)
@click.option(
    "--signatures", "packs", multiple=True, type=click.Path(path_type=Path), help="Folder with more signatures."
)
@click.option("--ip-data", type=click.Path(exists=True, path_type=Path), help="Newer country table (.mmdb).")
def command(values: Sequence[str], form: str, packs: Sequence[Path], ip_data: Path | None) -> None:
    """Say who is behind VALUES: hosts, addresses, packages, components, libraries, frameworks; `-` reads lines."""
    from inspector.classify import Index
    from inspector.knowledge import load_knowledge
    from inspector.knowledge.addresses import AddressTables
    from inspector.lookup import lookup

    knowledge = load_knowledge(packs)
    lines: Iterable[str] = sys.stdin if list(values) == ["-"] else values
    answers = lookup(lines, Index(knowledge), AddressTables(knowledge, override=ip_data))
    if form == "jsonl":
        from inspector.report.json import written

        for answer in answers:
            sys.stdout.buffer.write(written(answer, indent=False))
        return
    for answer in answers:
        for line in _rows(answer):
            click.echo(line)


def _rows(answer: dict[str, Any]) -> list[str]:
    from inspector.report.countries import hosted
    from inspector.report.printable import printable

    value = printable(answer["value"], 80)
    known = answer.get("address", {})
    place = (
        f"registered in {known.get('registered', '?')}, operator {known.get('operator', 'unknown')}" if known else ""
    )
    if not answer["findings"]:
        return [f"{value}\tnot known" + (f" ({place})" if place else "")]
    rows = []
    for finding in answer["findings"]:
        vendor = finding["vendor"]
        facts = [
            f"{finding['subject']['name']}, {finding['subject']['category']}",
            " + ".join(finding["limbs"]) or "origin only",
            hosted(answer["kind"], finding["hosting"]),
            f"operator {finding['operator']}" if finding["operator"] else "",
            f"confidence {finding['confidence']}",
            f"disputed: {vendor['disputed']}" if vendor["disputed"] else "",
        ]
        seat = f"{vendor['name']} ({vendor['domicile'] or 'seat unknown'})"
        rows.append(f"{value}\t{seat}\t{'; '.join(fact for fact in facts if fact)}")
    return rows
