"""A rich console that writes into a string: what all reports for terminals share."""

from collections.abc import Iterable

from rich.console import Console, RenderableType
from rich.text import Text

from inspector.report.printable import printable

WIDTH = 100


def on_screen(parts: Iterable[RenderableType], color: bool = False) -> str:
    """Return the parts as text; with `color` as wide as the terminal and in ANSI colours, else 100 columns of text."""
    console = Console(
        force_terminal=color,
        no_color=not color,
        width=None if color else WIDTH,
        highlight=False,
        markup=False,
        emoji=False,
        color_system="auto" if color else None,
    )
    with console.capture() as capture:
        for part in parts:
            # What is marked as not to be wrapped (a shell line) is written as it is, however long.
            console.print(part, soft_wrap=isinstance(part, Text) and bool(part.no_wrap))
    return capture.get()


def safe(text: object, style: str = "", most: int = 400) -> Text:
    """Return text born in an artifact as visible characters only, cut to `most`."""
    return Text(printable(str(text), most), style=style)
