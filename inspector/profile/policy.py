"""A policy: rules, coverage demands and waivers as data (TOML), applied to a profile document when reporting.

The first rule whose every condition holds decides a finding; without one, `default` does. Findings that are no exposure
(severity `none`) are ruled on only by rules that name that severity's subjects through `vendor`, `subject` or `kind`.
A waiver turns the ruling on its finding into `allow` until the end of its last day; an expired one counts no more and
is listed. What could not be seen is ruled on under `[coverage]`.

Limits: TOML parsers give no lines for keys, so only syntax errors carry a line.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path
from typing import Any, Final

from inspector.errors import KnowledgeError, UsageError
from inspector.model.decision import Decision, Outcome, Ruling, Waiver
from inspector.model.finding import Rating
from inspector.model.knowledge import Confidence
from inspector.model.observation import Presence
from inspector.profile.verdict import Thresholds, unseen

LISTS: Final = (
    "vendor",
    "subject",
    "kind",
    "category",
    "limb",
    "domicile",
    "hosting",
    "jurisdiction",
    "artifact",
    "finding",
)
"""Conditions that hold when any value of the finding is in the list."""
LEAST: Final[dict[str, type[Rating] | type[Presence] | type[Confidence]]] = {
    "severity": Rating,
    "presence": Presence,
    "confidence": Confidence,
}
"""Conditions that hold from this grade on."""
NAMING: Final = frozenset({"vendor", "subject", "kind", "finding"})
CONDITIONS: Final = (*LISTS, *LEAST, "disputed")
COVERAGE_KEYS: Final = frozenset({"score", "opaque-span", "incomplete", "failed"})
WAIVER_KEYS: Final = ("finding", "reason", "approver", "expires")
SHIPPED: Final = "policies"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `when` holds its conditions as they stand in the file, all of which must be met."""

    id: str
    outcome: Outcome
    reason: str
    when: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy file, checked."""

    name: str
    title: str
    summary: str
    default: Outcome
    rules: tuple[Rule, ...]
    thresholds: Thresholds = field(default_factory=Thresholds)
    incomplete: Outcome = Outcome.REVIEW
    """What holds when the conditions of `none-found` are not met, with or without findings."""
    failed: Outcome = Outcome.DENY
    waivers: tuple[Waiver, ...] = ()


# ---------------------------------------------------------------------- reading


def shipped_policies() -> list[str]:
    """Return the names of the policies that come with the product, sorted."""
    folder = resources.files("inspector") / SHIPPED
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def load_policy(name: str) -> Policy:
    """Read a policy by path or by the name of a shipped one.

    Raises `UsageError` where there is none, `KnowledgeError` where it is wrong.
    """
    path = Path(name)
    if path.is_file():
        return parse_policy(_read(path), path.stem, path)
    if name in shipped_policies():
        entry = resources.files("inspector") / SHIPPED / f"{name}.toml"
        return parse_policy(entry.read_bytes(), name, Path(f"{name}.toml"))
    raise UsageError(f"no policy file {name!r}; policies that come with the product: {', '.join(shipped_policies())}")


def load_waivers(path: Path) -> tuple[Waiver, ...]:
    """Read a file that holds nothing but `[[waiver]]` tables. Raises like `load_policy`."""
    if not path.is_file():
        raise UsageError(f"no waiver file {str(path)!r}")
    table = _table(_read(path), path)
    _only(table, {"waiver"}, path, "a waiver file")
    return _waivers(table, path)


def parse_policy(raw: bytes, name: str, path: Path) -> Policy:
    """Return the policy written in `raw`; `path` stands in the errors. Raises `KnowledgeError`."""
    table = _table(raw, path)
    _only(table, {"title", "summary", "default", "coverage", "rule", "waiver"}, path, "a policy")
    coverage = table.get("coverage", {})
    _only(coverage, COVERAGE_KEYS, path, "[coverage]")
    base = Thresholds()
    score = _number(coverage.get("score", base.score), "score", path)
    span = _number(coverage.get("opaque-span", base.opaque_span), "opaque-span", path)
    rules = tuple(_rule(entry, number, path) for number, entry in enumerate(_entries(table, "rule", path), 1))
    repeated = {rule.id for rule in rules if sum(other.id == rule.id for other in rules) > 1}
    if repeated:
        raise KnowledgeError(f"rule ids stand twice: {', '.join(sorted(repeated))}", path)
    return Policy(
        name=name,
        title=str(table.get("title", name)),
        summary=str(table.get("summary", "")),
        default=_outcome(table.get("default", "review"), "default", path),
        rules=rules,
        thresholds=Thresholds(float(score), int(span)),
        incomplete=_outcome(coverage.get("incomplete", "review"), "incomplete", path),
        failed=_outcome(coverage.get("failed", "deny"), "failed", path),
        waivers=_waivers(table, path),
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {str(path)!r}: {error.strerror}") from error


def _table(raw: bytes, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        place = re.search(r"at line (\d+)", str(error))
        raise KnowledgeError(str(error), path, int(place[1]) if place else None) from error


def _only(table: Any, known: Iterable[str], path: Path, where: str) -> None:
    if not isinstance(table, dict):
        raise KnowledgeError(f"{where} has to be a table", path)
    strange = sorted(set(table) - set(known))
    if strange:
        raise KnowledgeError(f"{where} does not know {', '.join(strange)}; it knows {', '.join(sorted(known))}", path)


def _entries(table: Mapping[str, Any], key: str, path: Path) -> list[Any]:
    entries = table.get(key, [])
    if not isinstance(entries, list):
        raise KnowledgeError(f"{key} has to be written as [[{key}]] tables", path)
    return entries


def _number(value: Any, key: str, path: Path) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise KnowledgeError(f"{key} has to be a number from 0 on, not {value!r}", path)
    return value


def _outcome(value: Any, key: str, path: Path) -> Outcome:
    try:
        return Outcome(value)
    except ValueError as error:
        raise KnowledgeError(f"{key} has to be allow, review or deny, not {value!r}", path) from error


def _rule(entry: Any, number: int, path: Path) -> Rule:
    _only(entry, {"id", "decide", "reason", "when"}, path, f"rule {number}")
    name = str(entry.get("id", f"rule-{number}"))
    when = entry.get("when", {})
    _only(when, CONDITIONS, path, f"`when` of {name}")
    for key, value in when.items():
        _condition(name, key, value, path)
    return Rule(name, _outcome(entry.get("decide"), f"decide of {name}", path), str(entry.get("reason", "")), when)


def _condition(rule: str, key: str, value: Any, path: Path) -> None:
    if key in LISTS and not (isinstance(value, list) and value and all(isinstance(item, str) for item in value)):
        raise KnowledgeError(f"{key} of {rule} has to be a list of texts", path)
    if key in LEAST and value not in list(LEAST[key]):
        raise KnowledgeError(f"{key} of {rule} has to be one of {', '.join(LEAST[key])}, not {value!r}", path)
    if key == "disputed" and not isinstance(value, bool):
        raise KnowledgeError(f"disputed of {rule} has to be true or false", path)


def _waivers(table: Mapping[str, Any], path: Path) -> tuple[Waiver, ...]:
    return tuple(_waiver(entry, number, path) for number, entry in enumerate(_entries(table, "waiver", path), 1))


def _waiver(entry: Any, number: int, path: Path) -> Waiver:
    _only(entry, {*WAIVER_KEYS, "artifact"}, path, f"waiver {number}")
    missing = [key for key in WAIVER_KEYS if not str(entry.get(key, "")).strip()]
    if missing:
        raise KnowledgeError(f"waiver {number} needs {', '.join(missing)}", path)
    try:
        expires = date.fromisoformat(str(entry["expires"]))
    except ValueError as error:
        raise KnowledgeError(f"waiver {number}: expires has to be a date like 2027-06-30", path) from error
    artifact = str(entry.get("artifact", "")).lower()
    if artifact and not re.fullmatch(r"[0-9a-f]{12,64}", artifact):
        raise KnowledgeError(f"waiver {number}: artifact has to be a SHA-256 or its first 12 digits or more", path)
    finding, reason, approver = (str(entry[key]).strip() for key in ("finding", "reason", "approver"))
    return Waiver(finding, reason, approver, expires.isoformat(), artifact)


# ---------------------------------------------------------------------- deciding


def apply_policy(policy: Policy, document: Mapping[str, Any], as_of: date, waivers: Sequence[Waiver] = ()) -> Decision:
    """Return what the policy says about a profile document on the day `as_of`; `waivers` add to the policy's own."""
    sha256 = str(document["artifact"]["sha256"])
    mine = [w for w in (*policy.waivers, *waivers) if not w.artifact or sha256.startswith(w.artifact)]
    standing = {w.finding: w for w in mine if date.fromisoformat(w.expires) >= as_of}
    rulings = [ruling for item in document["findings"] if (ruling := _ruling(policy, item, document))]
    rulings = [_waived(ruling, standing.get(ruling.finding)) for ruling in rulings]
    rulings += _unseen(policy, document)
    rulings.sort(key=lambda ruling: -ruling.outcome.rank)
    present = {item["id"] for item in document["findings"]}
    return Decision(
        policy=policy.name,
        title=policy.title,
        as_of=as_of.isoformat(),
        outcome=max((ruling.outcome for ruling in rulings), key=lambda o: o.rank, default=Outcome.ALLOW),
        rulings=tuple(rulings),
        expired=tuple(w for w in mine if date.fromisoformat(w.expires) < as_of and w.finding in present),
        unused=tuple(w for w in mine if w.finding not in present),
    )


def _ruling(policy: Policy, finding: Mapping[str, Any], document: Mapping[str, Any]) -> Ruling | None:
    exposing = finding["severity"] != Rating.NONE
    for rule in policy.rules:
        if (exposing or NAMING & set(rule.when)) and _holds(rule, finding, document):
            return _made(finding, rule.outcome, rule.id, rule.reason)
    return _made(finding, policy.default, "default", "No rule speaks of it.") if exposing else None


def _made(finding: Mapping[str, Any], outcome: Outcome, rule: str, reason: str) -> Ruling:
    subject, vendor = finding["subject"]["name"], finding["vendor"]["name"]
    return Ruling(finding["id"], subject, vendor, finding["severity"], outcome, rule, reason)


def _waived(ruling: Ruling, waiver: Waiver | None) -> Ruling:
    if waiver is None or ruling.outcome is Outcome.ALLOW:
        return ruling
    return Ruling(
        ruling.finding,
        ruling.subject,
        ruling.vendor,
        ruling.severity,
        Outcome.ALLOW,
        ruling.rule,
        ruling.reason,
        waiver,
        ruling.outcome,
    )


def _unseen(policy: Policy, document: Mapping[str, Any]) -> list[Ruling]:
    verdict = document["verdict"]
    if verdict["status"] == "failed":
        reason = " ".join(verdict["reasons"]) or verdict["headline"]
        return [Ruling("", "inspection", "", "none", policy.failed, "coverage.failed", reason)]
    packers = [entry["value"] for entry in document.get("observables", {}).get("packers", ())]
    missing = unseen(document["coverage"], packers, policy.thresholds)
    return [Ruling("", "coverage", "", "none", policy.incomplete, "coverage.incomplete", text) for text in missing]


def _holds(rule: Rule, finding: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    return all(_met(key, value, finding, document) for key, value in rule.when.items())


def _met(key: str, wanted: Any, finding: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    if key in LEAST:
        grades = list(LEAST[key])
        return grades.index(LEAST[key](finding[key])) >= grades.index(LEAST[key](wanted))
    if key == "disputed":
        return bool(finding["vendor"]["disputed"]) is bool(wanted)
    values = document["artifact"]["kind"] if key == "artifact" else VALUES[key](finding)
    values = [values] if isinstance(values, str) else values
    return any(fnmatchcase(value, pattern) for value in values for pattern in wanted)


VALUES: Final[dict[str, Callable[[Mapping[str, Any]], Any]]] = {
    "vendor": lambda f: [f["vendor"]["id"], f["vendor"]["name"], f["vendor"]["group"]],
    "subject": lambda f: f["subject"]["id"],
    "kind": lambda f: f["subject"]["kind"],
    "category": lambda f: f["subject"]["category"],
    "limb": lambda f: f["limbs"],
    "domicile": lambda f: f["vendor"]["domicile"],
    "hosting": lambda f: [endpoint["hosting"] for endpoint in f["endpoints"] if endpoint["hosting"]],
    "jurisdiction": lambda f: f["jurisdictions"],
    "finding": lambda f: f["id"],
}
"""How the values of a list condition are read from a finding; `*` in a condition matches any run of characters."""
