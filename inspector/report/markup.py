"""The gate for Markdown: text from an artifact is neither markup, link, HTML nor a new line."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from inspector.report.page.environment import visible

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~&$@])")
_SCHEME: Final = re.compile(r"(?i)\b(https?|ftp|mailto|xmpp):|\b(www)\.")
_BLOCK: Final = re.compile(r"^(\s*)([-+=])")
_NUMBER: Final = re.compile(r"^(\s*\d{1,9})([.)])")
_RUN: Final = re.compile("`+")


def plain(text: object) -> str:
    """Return the text with everything escaped that could begin markup, a block, an autolink or an entity."""
    shown = _SPECIAL.sub(r"\\\1", visible(text))
    shown = _SCHEME.sub(lambda found: f"{found[1]}\\:" if found[1] else f"{found[2]}\\.", shown)
    shown = _NUMBER.sub(r"\1\\\2", shown)
    return _BLOCK.sub(lambda found: f"{found[1]}&#{ord(found[2][0])};{found[2][1:]}", shown)


def code(text: object) -> str:
    """Return the text as a code span, fenced longer than any run of backticks in it; a pipe stays out of tables."""
    shown = visible(text).replace("|", "¦") or " "
    fence = "`" * (1 + max((len(run) for run in _RUN.findall(shown)), default=0))
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def row(cells: Iterable[str]) -> str:
    """Return a table row of cells that passed `plain` or `code`."""
    return "| " + " | ".join(cells) + " |"


def table(head: Sequence[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """Return the lines of a table."""
    return [row(plain(title) for title in head), row("---" for _ in head), *(row(cells) for cells in rows)]
