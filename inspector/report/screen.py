"""A rich console that writes into a string: what all reports for terminals share."""

import sys
from collections.abc import Iterable
from io import StringIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from inspector.report.printable import printable

WIDTH = 100
LONGEST = 10_000
"""Characters of one piece of text: reports cut theirs much earlier."""


class _Gate(Console):
    """A console whose every piece of text holds visible characters only, whatever a report forgot to pass to `safe`.

    Here and not in the finished text: there the colours of the report stand beside what an artifact could have put in.
    """

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield the pieces in order; where one had to be made visible, its line may be longer than the screen."""
        for piece in super().render(renderable, options):
            if piece.control or piece.text.isprintable() or piece.text == "\n":
                yield piece
            else:
                shown = "\n".join(printable(line, LONGEST) for line in piece.text.split("\n"))
                yield Segment(shown, piece.style)


def on_screen(parts: Iterable[RenderableType], color: bool = False) -> str:
    """Return the parts as text; as wide as the terminal, or 100 columns where there is none; in colour with `color`."""
    console = _Gate(
        file=StringIO(),
        force_terminal=color,
        no_color=not color,
        width=None if color or sys.stdout.isatty() else WIDTH,
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
