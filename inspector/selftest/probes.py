"""Attacks without an artifact: on the folder for external extractors, and by packs of signatures."""

import os
import stat
import time
from pathlib import Path
from typing import Final

from inspector.errors import KnowledgeError
from inspector.selftest.attack import Probe

VENDOR: Final = """schema: 1
id: probe
name: Probe
domicile: "CN"
summary: A vendor of the self-test.
references:
  - {id: doc, kind: document, title: Page, url: "https://example.org/", read: "2026-11-23"}
"""
SUBJECT: Final = """schema: 1
id: probe/cloud
name: Probe cloud
kind: cloud
category: iot-platform
limbs: [data-transfer]
summary: A subject of the self-test.
references:
  - {id: doc, kind: document, title: Page, url: "https://example.org/", read: "2026-11-23"}
indicators:
  - id: pattern
    kind: regex
    any: ['%s']
    confidence: high
    references: [doc]
    examples: {match: [a], no_match: [b]}
"""
EXPRESSIONS: Final = (
    r"(([a-z0-9]+)+\.)+cn",
    "(a|aa)+probe",
    "(a{1,99}){1,99}probe",
    "a{1,99}a{1,99}a{1,99}probe",
    "(?=a)probe",
    "probe[",
)
"""The first takes ten seconds on 28 characters in an engine that goes back."""


def _planted_folder(folder: Path) -> list[str]:
    """Plant links where an extractor's folder could be; neither they nor what they lead to may be touched."""
    from inspector import external

    victim = folder / "victim"
    (victim / "kept").mkdir(parents=True)
    (victim / "kept").chmod(0o755)
    for number in (0, os.getpid(), 1 << 30):
        planted = folder / f"{external.PREFIX}{number}-planted"
        planted.symlink_to(victim)
        os.utime(planted, (0, 0), follow_symlinks=False)
    with external.workshop(folder) as made:
        status = made.lstat()
        private = stat.S_ISDIR(status.st_mode) and stat.S_IMODE(status.st_mode) == 0o700
    wrong = [] if private else ["the folder is no private folder"]
    if made.exists():
        wrong.append("the folder is left behind")
    if not (victim / "kept").is_dir() or stat.S_IMODE((victim / "kept").stat().st_mode) != 0o755:
        wrong.append("a link was followed")
    return wrong


def _hostile_yaml(folder: Path) -> list[str]:
    hit = folder / "hit"
    aliases = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
    call = f"!!python/object/apply:os.mkdir ['{hit}']"
    texts = {
        "aliases": aliases,
        "a call": call,
        "a nested call": VENDOR.replace("A vendor of the self-test.", call),
        "depth": "a: " + "[" * 100_000,
        "control characters": "\x00\x01",
    }
    wrong = [f"{name}: {problem}" for name, text in texts.items() if (problem := _refused(folder, text, SUBJECT))]
    return [*wrong, *(["a call in YAML was made"] if hit.exists() else [])]


def _hostile_expressions(folder: Path) -> list[str]:
    return [
        f"{expression}: {problem}"
        for expression in EXPRESSIONS
        if (problem := _refused(folder, VENDOR, SUBJECT % expression))
    ]


def _refused(folder: Path, vendor: str, subject: str) -> str:
    """Return what is wrong unless the pack is refused at once with the file's name."""
    from inspector.knowledge import load_knowledge

    (folder / "probe").mkdir(exist_ok=True)
    (folder / "probe/_vendor.yaml").write_text(vendor)
    (folder / "probe/cloud.yaml").write_text(subject)
    began = time.process_time()
    try:
        load_knowledge([folder])
    except KnowledgeError as error:
        seconds = time.process_time() - began
        return "" if error.path and seconds < 20 else f"refused after {seconds:.0f} s"
    except Exception as error:  # anything else would be a traceback on the user's screen
        return f"{type(error).__name__} instead of a complaint"
    return "was taken"


PROBES: Final = (
    Probe("A9-planted", "links planted where an extractor's folder could be", _planted_folder),
    Probe("A38-yaml", "alias bombs, calls and depth in a pack of signatures", _hostile_yaml),
    Probe("A41-pack", "expressions in a pack of signatures that never end", _hostile_expressions),
)
