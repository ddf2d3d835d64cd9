"""One hostile text in every field, through every format: a format that is new is here by itself.

Beside what each format's own tests hold, nothing that leaves the inspector may act on the screen it is shown on, and
what a terminal emulator shows is the text, letter by letter.
"""

import shutil
import subprocess
import time

import pytest

from inspector.profile.diff import difference
from inspector.profile.rollup import rollup
from inspector.report import REPORTERS, Presentation, render
from inspector.report.diff import render_diff
from inspector.report.json import written as as_json
from inspector.report.rollup import render_rollup
from tests.unit.report.hostile import MARK
from tests.unit.report.pages import variants
from tests.unit.report.pages import written as page

OTHERS = {
    "roll-up": lambda d: render_rollup(rollup([d, *variants(d)])),
    "roll-up json": lambda d: as_json(rollup([d, *variants(d)])).decode(),
    "roll-up html": lambda d: page("rollup", d),
    "diff": lambda d: render_diff(difference(variants(d)[0], d)),
    "diff json": lambda d: as_json(difference(variants(d)[0], d)).decode(),
    "diff html": lambda d: page("diff", d),
}
"""Texts that are written of several profiles; the registry holds those of one."""
BINARY = {"pdf"}
LINES = {"rpz", "hosts", "dnsmasq", "unbound", "nftables", "suricata", "blocklist"}
"""Formats that show less than all of the hostile text: notes in a few letters."""
TEXTS = [*sorted(set(REPORTERS) - BINARY), *OTHERS]
DIRECTIONS = [*range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070), 0xFEFF, 0x061C]
ACTING = {chr(code) for code in [*range(0x20), *range(0x7F, 0xA0), *DIRECTIONS]} - {"\n"}


def text_of(name, document, language="en"):
    return OTHERS[name](document) if name in OTHERS else render(name, document, Presentation(language=language))


@pytest.mark.parametrize("language", ["en", "cs"])
@pytest.mark.parametrize("name", TEXTS)
def test_no_character_acts_on_a_screen(name, language, hostile):
    text = text_of(name, hostile, language)
    ends = text.replace("\r\n", "\n") if name.endswith(("csv", "csv-endpoints")) else text
    assert set(ends) & ACTING == set()


@pytest.mark.parametrize("name", sorted(set(TEXTS) - LINES))
def test_the_hostile_text_is_shown_and_not_dropped(name, hostile):
    assert MARK in text_of(name, hostile)


@pytest.fixture(scope="module")
def screen(tmp_path_factory):
    """Return a function that gives a text to a terminal emulator and returns what stands on its screen then."""
    tmux = shutil.which("tmux") or pytest.skip("needs tmux")
    folder = tmp_path_factory.mktemp("tmux")
    base = [tmux, "-S", str(folder / "socket"), "-f", "/dev/null"]

    def run(*arguments):
        return subprocess.run([*base, *arguments], capture_output=True, text=True, timeout=30, check=True).stdout

    def shown(text):
        path, done = folder / "text", folder / "done"
        path.write_text(text, encoding="utf-8")
        done.unlink(missing_ok=True)
        command = f"cat '{path}'; touch '{done}'; exec sleep 60"
        run("new-session", "-d", "-s", "x", "-x", "500", "-y", "50", command)
        try:
            while not done.exists():
                time.sleep(0.02)
            time.sleep(0.2)  # the emulator draws what `cat` has written
            title = run("display-message", "-p", "-t", "x", "#{pane_title}")
            return run("capture-pane", "-p", "-e", "-J", "-S", "-", "-t", "x"), title
        finally:
            run("kill-session", "-t", "x")

    run("new-session", "-d", "-s", "keep", ";", "set-option", "-g", "history-limit", "50000")
    yield shown
    run("kill-server")


def test_the_emulator_would_act_on_the_raw_text(screen):
    """What the next test relies on: unescaped, the text does colour the screen and name the window."""
    text, title = screen("[\x1b[31mred\x1b[0m\x1b]2;pwned\x07]\n")
    assert "\x1b[31m" in text
    assert title.strip() == "pwned"


@pytest.mark.parametrize("name", TEXTS)
def test_a_terminal_shows_the_text_and_nothing_else(screen, name, hostile):
    text = text_of(name, hostile).replace("\r\n", "\n")
    cut = "\n".join(line[:480] for line in text.splitlines()[:4000])
    seen, title = screen(cut + "\n")
    assert MARK not in title
    assert "\x1b" not in seen
    assert [line.rstrip() for line in seen.rstrip().splitlines()] == [
        line.rstrip() for line in cut.rstrip().splitlines()
    ]
