"""One hostile text in every field, through every format: a format that is new is here by itself.

Beside what each format's own tests hold, nothing that leaves the inspector may act on the screen it is shown on, and
what a terminal emulator shows is the text, letter by letter.
"""

import importlib
import inspect
import pkgutil
import shutil
import subprocess
import time
from datetime import date
from typing import get_args

import pytest

import inspector.report
from inspector.knowledge import load_knowledge
from inspector.model import profile as profile_model
from inspector.profile.diff import difference
from inspector.profile.explain import explain
from inspector.profile.policy import apply_policy, load_policy
from inspector.profile.rollup import rollup
from inspector.report import REPORTERS, Presentation, render
from inspector.report.decision import render_decision
from inspector.report.diff import render_diff
from inspector.report.explain import render_explanation
from inspector.report.json import written as as_json
from inspector.report.rollup import render_rollup
from tests.unit.report.hostile import MARK, forged
from tests.unit.report.pages import variants
from tests.unit.report.pages import written as page

OTHERS = {
    "roll-up": lambda d: render_rollup(rollup([d, *variants(d)])),
    "roll-up json": lambda d: as_json(rollup([d, *variants(d)])).decode(),
    "roll-up html": lambda d: page("rollup", d),
    "diff": lambda d: render_diff(difference(variants(d)[0], d)),
    "diff json": lambda d: as_json(difference(variants(d)[0], d)).decode(),
    "diff html": lambda d: page("diff", d),
    "explanation": lambda d: render_explanation(explained(d)),
    "explanation json": lambda d: as_json(explained(d)).decode(),
    "decision": lambda d: render_decision(apply_policy(load_policy("nukib-strict"), d, date(2026, 11, 1))),
}
"""Texts that are written of several profiles; the registry holds those of one."""
CLOSED = ("Rating", "Status", "Limb", "Presence", "ArtifactKind")
"""The closed lists of the model."""
BINARY = {"pdf"}
LINES = {"rpz", "hosts", "dnsmasq", "unbound", "nftables", "suricata", "blocklist"}
"""Formats that show less than all of the hostile text: notes in a few letters."""
TEXTS = [*sorted(set(REPORTERS) - BINARY), *OTHERS]
DIRECTIONS = [*range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070), 0xFEFF, 0x061C]
ACTING = {chr(code) for code in [*range(0x20), *range(0x7F, 0xA0), *DIRECTIONS]} - {"\n"}


RENDERERS = {
    *(
        "render_rollup",
        "render_rollup_page",
        "render_diff",
        "render_diff_page",
        "render_explanation",
        "render_decision",
    ),
    *("render", "render_html"),  # of the registry, and of the formats in it
}
"""The functions that make the texts here."""


def explained(document):
    return explain(document, document["findings"][0], load_knowledge(), 5)


def test_nothing_that_renders_is_left_out():
    """A function of the report package that is new has to be tried here too."""
    found = set()
    for module in pkgutil.walk_packages(inspector.report.__path__, "inspector.report."):
        loaded = vars(importlib.import_module(module.name))
        found |= {name for name, one in loaded.items() if name.startswith("render") and inspect.isfunction(one)}
    assert found == RENDERERS


def test_the_forgery_leaves_no_open_text_alone(full):
    """Only closed lists, which the model checks, hold no hostile text."""
    closed = {value for name in CLOSED for value in get_args(getattr(profile_model, name))}
    closed |= {profile_model.SCHEMA, "low", "medium", "high"}
    alone = []

    def walk(value, path):
        if isinstance(value, dict):
            for key, item in value.items():
                walk(item, f"{path}.{key}")
        elif isinstance(value, list):
            for item in value:
                walk(item, path)
        elif isinstance(value, str) and value and MARK not in value and value not in closed:
            alone.append((path, value))

    taken = profile_model.ExposureProfile.model_validate(forged(full))  # raises where a closed list was not left alone
    walk(taken.model_dump(mode="json", by_alias=True), "")
    assert alone == []


@pytest.mark.parametrize("name", TEXTS)
def test_no_character_of_a_forgery_acts_either(name, forgery):
    text = text_of(name, forgery)
    ends = text.replace("\r\n", "\n") if name.endswith(("csv", "csv-endpoints")) else text
    assert set(ends) & ACTING == set()


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
