"""What a buyer must ask the vendor for each finding, and what the answers are worth against the evidence.

Answers come back in a TOML file, one table for each finding id:

    [F-5ce18aacdf85]
    status = "explained"            # explained | accepted | open
    by = "A. Novak, vendor support"
    date = "2026-11-30"
    operator = "Contec Medical Systems Co., Ltd."
    region = "CN"                   # a code or the name of a country, "EU", or a list of them
    used = true                     # false: "this is not used"
    text = "…"                      # whatever else was said

An answer that the artifact speaks against is marked `contradicted`, whatever status it claims.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from inspector.errors import UsageError
from inspector.report.countries import world

TOPICS: Final = ("operator", "data", "purpose", "region", "disable", "processors", "authority")
"""Questions in the order they are asked; `authority` only where something can be commanded or updated."""
SHOWN_GAPS: Final = 8
_UNION = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
EU: Final = frozenset(_UNION.split())
"""What "in the EU" may mean in an answer: the European Economic Area."""
SHORT_NAMES: Final = {"UK": "GB", "USA": "US", "PRC": "CN", "ČLR": "CN"}
STATUSES: Final = ("explained", "accepted", "open")
_FIELDS: Final = frozenset({"status", "by", "date", "text", "used", *TOPICS})
_LARGEST: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer held against the evidence: its status, what was said, and the keys of what speaks against it."""

    status: str
    said: tuple[tuple[str, str], ...]
    against: tuple[tuple[str, str], ...] = ()
    """(word key, value) of every contradiction."""


def load_answers(path: Path) -> dict[str, Any]:
    """Return the answers by finding id. Raises `UsageError` with the file and what is wrong in it."""
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{str(path)!r} is larger than answers can be")
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read {str(path)!r}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path}: {error}") from error
    for finding, answer in table.items():
        _check(path, finding, answer)
    return table


def _check(path: Path, finding: str, answer: Any) -> None:
    if not isinstance(answer, dict):
        raise UsageError(f"{path}: {finding}: expected a table for each finding id")
    wrong = sorted(set(answer) - _FIELDS)
    if wrong:
        raise UsageError(f"{path}: {finding}: unknown field {wrong[0]!r}; there are {', '.join(sorted(_FIELDS))}")
    if answer.get("status", "open") not in STATUSES:
        raise UsageError(f"{path}: {finding}: status is one of {', '.join(STATUSES)}")
    if not isinstance(answer.get("used", True), bool):
        raise UsageError(f"{path}: {finding}: used is true or false")


def version(document: dict[str, Any]) -> str:
    """Return the version that the artifact tells of itself, or an empty string."""
    identity = document["artifact"]["identity"]
    return str(identity.get("version_name") or identity.get("version") or "")


def unread(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the longest gaps, which only the vendor can fill."""
    gaps: list[dict[str, Any]] = document["coverage"]["gaps"]
    return sorted(gaps, key=lambda gap: -gap["length"])[:SHOWN_GAPS]


def topics(finding: dict[str, Any]) -> tuple[str, ...]:
    """Return the questions that a finding raises."""
    remote = "remote-administration" in finding["limbs"]
    return TOPICS if remote else TOPICS[:-1]


def judged(finding: dict[str, Any], answers: dict[str, Any]) -> Answer | None:
    """Return the answer to a finding with what contradicts it, or None where there is no answer."""
    answer = answers.get(finding["id"])
    if answer is None:
        return None
    said = tuple((field, _text(answer[field])) for field in ("by", "date", *TOPICS, "text") if field in answer)
    against = tuple(_contradictions(finding, answer))
    return Answer("contradicted" if against else answer.get("status", "open"), said, against)


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _countries(said: object) -> set[str]:
    """Return the countries that an answer names, by code or by name in either language; none where it names a city."""
    text = str(said).strip()
    if text.upper() in ("EU", "EEA", "EHP") or re.search(r"european union|evropsk\w+ uni", text, re.IGNORECASE):
        return {*EU}
    code = SHORT_NAMES.get(text.upper(), text.upper())
    if code in world().points:
        return {code}
    folded = text.casefold()
    return {
        code
        for names in world().names.values()
        for code, name in names.items()
        if re.search(rf"\b{re.escape(name.casefold())}\b", folded)
    }


def _contradictions(finding: dict[str, Any], answer: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    if answer.get("used") is False and finding["presence"] in ("referenced", "started"):
        found.append(("against.used", finding["presence"]))
    regions = answer.get("region")
    if regions:
        named = {code for said in (regions if isinstance(regions, list) else [regions]) for code in _countries(said)}
        seen = {endpoint["hosting"] for endpoint in finding["endpoints"]} - {""}
        if named and seen - named:
            found.append(("against.region", ", ".join(sorted(seen - named))))
    operators = {endpoint["operator"] for endpoint in finding["endpoints"]} - {""}
    told = str(answer.get("operator", "")).casefold()
    if (
        told
        and operators
        and not any(operator.casefold() in told or told in operator.casefold() for operator in operators)
    ):
        found.append(("against.operator", ", ".join(sorted(operators))))
    return found
