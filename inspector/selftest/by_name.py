"""Attacks by names: paths that climb, names for two things, characters that command a terminal or forge a line."""

from collections.abc import Callable
from typing import Final

from inspector.selftest import archives
from inspector.selftest.attack import (
    Attack,
    finds,
    forges_no_line,
    host,
    plain_in_every_report,
    plain_in_terminal,
    read,
    shows,
    tampering,
    text,
)
from inspector.selftest.squashfs import squashfs_of

CONTROLS: Final = ("\x1b[31mred\x1b]8;;http://evil.example\x07", "a\rb\nERROR forged", "\x9b2J", "\x1b]52;c;eA==\x07")
MARKUP: Final = "[red]x[/red][link=evil.example]y[/link]"
FORGED: Final = "x\nforged\r\nforged,=1\nforged;drop"


def _climbing() -> bytes:
    return squashfs_of([(b"..", b"x"), (b"../owned", b"x"), (b"/abs", b"x"), (b"etc", [(b"server.conf", text(7))])])


def _written_through() -> bytes:
    return squashfs_of([(b"d", "/outside"), (b"d", [(b"pwn", text(8))])])


def _named(number: int, *names: str) -> Callable[[], bytes]:
    return lambda: archives.plain_zip([(name, text(number)) for name in names])


def _look_alike() -> bytes:
    hosts = "other=https://\u0430pi.tuyacn.com/\nthird=https://tuya\u202ecn.com/\n".encode()
    return archives.plain_zip([("\u202egpj.conf", text(49) + hosts)])


BY_NAME: Final[tuple[Attack, ...]] = (
    read(7, "squashfs", "squashfs names that climb out", _climbing, tampering("leaves its container")),
    read(8, "squashfs-link", "squashfs that writes through its own link", _written_through, tampering("occurs twice")),
    read(48, "names", "control characters in names", _named(48, *CONTROLS), plain_in_terminal, plain_in_every_report),
    read(
        49,
        "look-alike",
        "right-to-left names, a Cyrillic letter in a host",
        _look_alike,
        finds(host(49), "xn--pi-6kc.tuyacn.com"),
        plain_in_every_report,
    ),
    read(50, "markup", "terminal markup in a name", _named(50, MARKUP), shows(MARKUP)),
    read(51, "lines", "names that forge a line of a report", _named(51, FORGED), forges_no_line, plain_in_every_report),
)
"""In the order of their numbers."""
