"""Reference pages made from the product itself: formats, scanners, vendors, commands, JSON Schemas."""

import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final

from inspector.extract.base import ExtractorInfo, Family, Grade
from inspector.extract.registry import EXTRACTORS
from inspector.model.knowledge import Knowledge
from inspector.scan import SCANNERS

MADE: Final = "<!-- Made by `make docs`; edit the code or the signatures, not this page. -->\n\n"
GRADES: Final = {Grade.FULL: "full", Grade.LIST: "list", Grade.RECOGNISE: "recognise"}


def format_rows() -> list[ExtractorInfo]:
    """Return the documentation of every extractor, shelf by shelf, best grade first."""
    order = list(Grade)
    return sorted(
        (e.INFO for e in EXTRACTORS), key=lambda i: (list(Family).index(i.family), order.index(i.grade), i.name)
    )


def formats_page(_: Knowledge) -> str:
    """Return `formats.md`: what is read, how far, and on what that was tested."""
    text = [MADE, "# Formats\n\n"]
    text.append(
        "Grades: **full** contents are read · **list** members are named, not all contents are read · "
        "**recognise** a named gap. A grade is earned by the material in the last column.\n"
    )
    shelves: dict[Family, list[ExtractorInfo]] = defaultdict(list)
    for info in format_rows():
        shelves[info.family].append(info)
    for family in Family:
        if not shelves[family]:
            continue
        counts = {grade: sum(1 for info in shelves[family] if info.grade is grade) for grade in Grade}
        words = ", ".join(f"{count} {GRADES[grade]}" for grade, count in counts.items() if count)
        text.append(
            f"\n## {family.value.capitalize()}\n\n{words}\n\n"
            "| format | grade | what | limits | tested on |\n|---|---|---|---|---|\n"
        )
        text += [_format_row(info) for info in shelves[family]]
    return "".join(text)


def _format_row(info: ExtractorInfo) -> str:
    limits = " ".join(info.limitations) or (f"Read by: {info.remedy}." if info.remedy else "–")
    cells = (f"**{info.name}** {info.title}", GRADES[info.grade], info.summary, limits, info.tested or "–")
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def scanners_page(_: Knowledge) -> str:
    """Return `scanners.md`: what is looked for, where, and what is not seen."""
    text = [MADE, "# Scanners\n\n| scanner | finds | in | what | limits |\n|---|---|---|---|---|\n"]
    for scanner in SCANNERS:
        info = scanner.INFO
        reads = "every leaf" if "*" in info.reads else ", ".join(info.reads)
        cells = (info.name, ", ".join(info.emits), reads, info.summary, " ".join(info.limitations) or "–")
        text.append("| " + " | ".join(_cell(str(cell)) for cell in cells) + " |\n")
    return "".join(text)


def vendors_page(knowledge: Knowledge) -> str:
    """Return `vendors.md`: every vendor with seat and subjects."""
    subjects = defaultdict(list)
    for signature in knowledge.signatures.values():
        subjects[signature.vendor].append(signature)
    indicators = sum(len(i.patterns) for s in knowledge.signatures.values() for i in s.indicators)
    text = [MADE, "# Vendors\n\n"]
    text.append(f"{len(knowledge.vendors)} vendors, {len(knowledge.signatures)} subjects, {indicators} patterns.\n\n")
    text.append("| vendor | group | seat | subjects |\n|---|---|---|---|\n")
    for vendor in sorted(knowledge.vendors.values(), key=lambda v: v.name.lower()):
        names = "; ".join(f"{s.name} ({s.category})" for s in subjects[vendor.id])
        seat = vendor.domicile + (" (disputed)" if vendor.disputed else "")
        text.append("| " + " | ".join(_cell(cell) for cell in (vendor.name, vendor.group, seat, names)) + " |\n")
    return "".join(text)


def commands_page(_: Knowledge) -> str:
    """Return `commands.md`: the help of every command."""
    import click

    from inspector.cli.main import COMMANDS, cli

    text = [MADE, "# Commands\n"]
    context = click.Context(cli, info_name="inspector", max_content_width=100, terminal_width=100)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        text += _command(command, click.Context(command, info_name=name, parent=context, terminal_width=100))
    return "".join(text)


def _command(command: Any, context: Any) -> list[str]:
    import click

    text = [f"\n## {context.command_path}\n\n```\n{command.get_help(context)}\n```\n"]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            text += _command(child, click.Context(child, info_name=name, parent=context, terminal_width=100))
    return text


def policies_page(_: Knowledge) -> str:
    """Return `policies.md`: the policies that come with the product, rule by rule."""
    import tomllib
    from importlib.resources import files

    usage = "`inspector scan … --policy NAME` or `--policy FILE.toml`. The first rule that fits decides."
    text = [MADE, f"# Policies\n\n{usage}\n"]
    for item in sorted(files("inspector.policies").iterdir(), key=lambda entry: entry.name):
        if not item.name.endswith(".toml"):
            continue
        policy = tomllib.loads(item.read_text(encoding="utf-8"))
        text.append(f"\n## {item.name.removesuffix('.toml')}\n\n{policy['title']}. {policy['summary']}\n\n")
        text.append(f"Where no rule fits: **{policy['default']}**.\n\n| rule | decides | why |\n|---|---|---|\n")
        rows = [[_cell(rule[key]) for key in ("id", "decide", "reason")] for rule in policy.get("rule", ())]
        text += [f"| {' | '.join(row)} |\n" for row in rows]
    text.append(
        "\n## Waivers\n\nA `[[waiver]]` names a finding id, a reason, an approver and an expiry date. It takes its "
        "finding out of the decision until that day (`--as-of DATE` sets today); an expired one counts again and is "
        "listed.\n"
    )
    return "".join(text)


def profile_schema(_: Knowledge) -> str:
    """Return `profile.schema.json`."""
    from inspector.model.profile import ExposureProfile

    return json.dumps(ExposureProfile.model_json_schema(by_alias=True), indent=1, ensure_ascii=False) + "\n"


def signature_schema(knowledge: Knowledge) -> str:
    """Return `signature.schema.json`, for editors and for other tools that write signatures."""
    from inspector.knowledge.json_schema import signature_schema as schema

    return json.dumps(schema(list(knowledge.categories)), indent=1, ensure_ascii=False) + "\n"


PAGES: Final[dict[str, Callable[[Knowledge], str]]] = {
    "formats.md": formats_page,
    "scanners.md": scanners_page,
    "vendors.md": vendors_page,
    "commands.md": commands_page,
    "policies.md": policies_page,
    "profile.schema.json": profile_schema,
    "signature.schema.json": signature_schema,
}
