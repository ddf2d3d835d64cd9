"""One attack: how its file is made, what it may cost, and what must be true of the profile. Or no file: a probe."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inspector.extract.budget import Limits

Document = dict[str, Any]
Check = Callable[[Document], str]
"""Returns what is wrong, or an empty string."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One row of the corpus; `id` is its number and a word (`A11-bomb`)."""

    id: str
    title: str
    build: Callable[[], bytes]
    checks: tuple[Check, ...]
    limits: Limits = field(default_factory=lambda: Limits(seconds=60))
    name: str = "attack.bin"
    mock: bool = False
    """Whether the misbehaving reader and scanner take part."""
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Probe:
    """An attack that does not come with an artifact: on the knowledge, or on the folders the product works in."""

    id: str
    title: str
    run: Callable[[Path], list[str]]
    """Gets an empty folder of its own; returns what did not hold."""
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one attack ended; `complaints` is empty when everything held."""

    attack: Attack | Probe
    complaints: tuple[str, ...] = ()
    seconds: float = 0.0


def host(number: int, part: str = "") -> str:
    """Return the host name planted in the file of one attack."""
    return f"a{number}{part}.tuyacn.com"


def text(number: int, part: str = "") -> bytes:
    """Return a settings line that holds the planted host."""
    return f"server={host(number, part)}\n".encode()


def read(number: int, word: str, title: str, build: Callable[[], bytes], *more: object, **fields: object) -> Attack:
    """Return an attack in spite of which the planted host must be found."""
    return Attack(f"A{number}-{word}", title, build, (not_failed, finds(host(number)), *more), **fields)  # type: ignore[arg-type]


def survive(number: int, word: str, title: str, build: Callable[[], bytes], *more: object, **fields: object) -> Attack:
    """Return an attack that only has to end in an ordinary profile."""
    return Attack(f"A{number}-{word}", title, build, (not_failed, *more), **fields)  # type: ignore[arg-type]


def judge(attack: Attack, document: Document, seconds: float) -> tuple[str, ...]:
    """Return what did not hold: the checks of the attack, and what must be true of every profile."""
    checks = (*attack.checks, adds_up, names_what_it_missed)
    complaints = [complaint for check in checks if (complaint := check(document))]
    allowed = attack.limits.seconds * 2 + 20
    if seconds > allowed:
        complaints.append(f"took {seconds:.0f} s, {allowed} allowed")
    return tuple(complaints)


def adds_up(document: Document) -> str:
    """Every byte of the artifact is in exactly one part of the partition."""
    total, size = sum(document["coverage"]["partition"].values()), document["artifact"]["size"]
    return "" if total == size else f"the partition sums to {total} of {size} bytes"


def names_what_it_missed(document: Document) -> str:
    """A score below one has a reason in the gaps, unless the rest is too short to be listed."""
    coverage = document["coverage"]
    unseen = (1 - coverage["score"]) * document["artifact"]["size"]
    return "bytes are missing and no gap says why" if unseen > 2048 and not coverage["gaps"] else ""


def finds(*hosts: str) -> Check:
    """Demand that the planted host names are among the findings' endpoints or the observed names."""

    def check(document: Document) -> str:
        seen = {entry["value"] for entry in document["observables"].get("hostnames", ())}
        missed = sorted(set(hosts) - seen)
        return f"not seen: {', '.join(missed)}" if missed else ""

    return check


def status(*allowed: str) -> Check:
    """Demand one of these verdicts."""

    def check(document: Document) -> str:
        word = document["verdict"]["status"]
        return "" if word in allowed else f"verdict is {word}, not {' or '.join(allowed)}"

    return check


def hits(*limits: str) -> Check:
    """Demand that one of these limits is reported as reached."""

    def check(document: Document) -> str:
        hit = document["coverage"]["limits_hit"]
        return "" if set(hit) & set(limits) else f"limits reached: {hit}, expected {' or '.join(limits)}"

    return check


def hits_nothing(document: Document) -> str:
    """Demand that no limit was reached."""
    hit = document["coverage"]["limits_hit"]
    return f"limits reached below them: {hit}" if hit else ""


def gap(reason: str = "", words: str = "") -> Check:
    """Demand a gap with this reason whose detail holds these words."""

    def check(document: Document) -> str:
        gaps = document["coverage"]["gaps"]
        if any((not reason or g["reason"] == reason) and words in g["detail"] for g in gaps):
            return ""
        return f"no gap {reason} {words!r}; there are {[(g['reason'], g['detail']) for g in gaps[:4]]}"

    return check


def no_gap(document: Document) -> str:
    """Demand that nothing was left out."""
    gaps = document["coverage"]["gaps"]
    return f"gaps: {[g['detail'] for g in gaps[:4]]}" if gaps else ""


def tampering(words: str) -> Check:
    """Demand a note on tampering that holds these words."""

    def check(document: Document) -> str:
        notes = document["artifact"]["tampering"]
        return "" if any(words in note for note in notes) else f"no note {words!r} in {notes[:4]}"

    return check


def not_failed(document: Document) -> str:
    """Demand that the file was inspected at all."""
    return "the inspection failed: " + document["verdict"]["reasons"][0] if _is(document, "failed") else ""


def not_called_clean(document: Document) -> str:
    """Demand that nothing found is not called none found."""
    return "called none-found" if _is(document, "none-found") else ""


def plain_in_terminal(document: Document) -> str:
    """Demand that no control or bidi character of a name reaches the terminal report."""
    return _unprintable("terminal", document, "\n")


def plain_in_every_report(document: Document) -> str:
    """Demand the same of every format made of lines of text; in JSON such characters are escapes."""
    from inspector.report import REPORTERS

    names = sorted(set(REPORTERS) - {"pdf", "json", "jsonl"})
    return "; ".join(filter(None, (_unprintable(name, document, "\n\r\t") for name in names)))


def shows(words: str) -> Check:
    """Demand that the terminal shows these words of the artifact as they are: nothing in them is a command to it."""

    def check(document: Document) -> str:
        from inspector.report import render

        return "" if words in str(render("terminal", document)) else f"{words!r} is not shown"

    return check


def forges_no_line(document: Document) -> str:
    """Demand that no report has a line that begins with the word `forged`, and that JSON lines are one line."""
    from inspector.report import REPORTERS, render

    texts = {name: str(render(name, document)) for name in sorted(set(REPORTERS) - {"pdf"})}
    wrong = [name for name, text in texts.items() if any(line.startswith("forged") for line in text.splitlines())]
    wrong += ["jsonl"] if texts["jsonl"].count("\n") != 1 else []
    return f"lines are forged in {', '.join(wrong)}" if wrong else ""


def _unprintable(name: str, document: Document, allowed: str) -> str:
    from inspector.report import render

    text = str(render(name, document))
    raw = sorted({hex(ord(c)) for c in text if unicodedata.category(c) in ("Cc", "Cf") and c not in allowed})
    return f"characters {', '.join(raw)} reach {name}" if raw else ""


def _is(document: Document, word: str) -> bool:
    return bool(document["verdict"]["status"] == word)
