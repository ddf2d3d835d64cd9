"""Check a bundle: shape, signature, hashes, schema; and compare its profile with that of a new inspection."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from inspector.bundle.archive import Archive
from inspector.bundle.contents import ENVELOPE, PROFILE, read_profile, redacted
from inspector.bundle.envelope import LARGEST_ENVELOPE, opened
from inspector.bundle.statement import Statement, read_statement
from inspector.errors import BundleError, UsageError
from inspector.report.json import written
from inspector.report.printable import printable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MOST_DIFFERENCES: Final = 10
RESULTS: Final = ("verdict", "findings")
GRADES: Final = ("severity", "presence", "confidence")
INPUTS: Final = ("tool", "knowledge", "options", "external_tools", "deterministic")


@dataclass(frozen=True, slots=True)
class Checked:
    """A bundle that holds: its statement, its profile as stored and as read."""

    statement: Statement
    profile: bytes
    document: dict[str, Any]
    files: int
    """Files besides the statement."""

    @property
    def redaction(self) -> str:
        """Return what was left out of the profile, one of `REDACTIONS`."""
        return self.statement.predicate.redaction


def check(path: Path, key: "Ed25519PublicKey") -> Checked:
    """Return the bundle's content once everything is proven. Raises `BundleError` on the first thing that is not.

    The signature comes first: only the zip directory and the envelope are read of a bundle that the key did not sign.
    Raises `OSError` for a file that cannot be opened.
    """
    with path.open("rb") as stream:
        archive = Archive(stream)
        for name in (ENVELOPE, PROFILE):
            if name not in archive.names:
                raise BundleError(f"has no {name}")
        stated = read_statement(opened(archive.read(ENVELOPE, LARGEST_ENVELOPE), key))
        _check_files(stated, archive)
        profile = archive.read(PROFILE)
    try:
        document = read_profile(profile)
    except UsageError as error:
        raise BundleError(str(error)) from error
    _check_profile(stated, document)
    return Checked(stated, profile, document, len(archive.names) - 1)


def _check_files(stated: Statement, archive: Archive) -> None:
    listed = {file.name: file for file in stated.predicate.files}
    present = archive.names - {ENVELOPE}
    for name in sorted(listed.keys() | present):
        if name not in present:
            raise BundleError(f"lacks {printable(name, 80)}, which the statement names")
        if name not in listed:
            raise BundleError(f"has {name}, which the statement does not name")
        hasher = hashlib.sha256()
        for piece in archive.pieces(name):
            hasher.update(piece)
        if (hasher.hexdigest(), archive.size(name)) != (listed[name].digest.sha256, listed[name].size):
            raise BundleError(f"{name} is not the file that was signed")


def _check_profile(stated: Statement, document: dict[str, Any]) -> None:
    (subject,) = stated.subject
    pairs = (
        ("artifact", subject.digest.sha256, document["artifact"]["sha256"]),
        ("knowledge", stated.predicate.inputs.knowledge.digest.sha256, document["knowledge"]["sha256"]),
        ("verdict", stated.predicate.verdict, document["verdict"]["status"]),
        ("rating", stated.predicate.rating, document["verdict"]["rating"]),
    )
    for what, told, found in pairs:
        if told != found:
            raise BundleError(f"the statement and the profile disagree about the {what}")


def check_artifact(checked: Checked, name: str, found: str) -> None:
    """Raise `BundleError` unless the artifact with the SHA-256 `found` is the one that the bundle is about."""
    told = checked.document["artifact"]["sha256"]
    if found != told:
        raise BundleError(f"is about another file: its SHA-256 is {told}, that of {name!r} is {found}")


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a new profile of the same artifact stands to that of the bundle."""

    identical: bool
    """Every byte is the same."""
    inputs: tuple[str, ...] = ()
    """What differs in knowledge, tool, options and the like: where any does, results may differ rightly."""
    results: tuple[str, ...] = ()
    """What differs in verdict and findings."""
    other: tuple[str, ...] = ()
    """The first places at which anything else differs."""


def compare(checked: Checked, fresh: dict[str, Any]) -> Comparison:
    """Compare the bundle's profile with one just made; the new one is redacted as the old one is."""
    old = checked.document
    new = redacted(fresh) if checked.redaction == "excerpts" else fresh
    if written(new) == checked.profile:
        return Comparison(identical=True)
    inputs = [text for key in INPUTS for text in _first(differences(old.get(key), new.get(key), key))]
    inputs += _first(differences(old["coverage"]["limits"], new["coverage"]["limits"], "limits"))
    other = differences(_rest(old), _rest(new), "")
    return Comparison(
        identical=False, inputs=tuple(inputs), results=tuple(_results(old, new)), other=tuple(_first(other))
    )


def _rest(document: dict[str, Any]) -> dict[str, Any]:
    told = {key: value for key, value in document.items() if key not in (*INPUTS, *RESULTS)}
    return told | {"coverage": document["coverage"] | {"limits": {}}}


def _first(texts: Iterator[str]) -> list[str]:
    return [text for _, text in zip(range(MOST_DIFFERENCES), texts, strict=False)]


def _results(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    yield from _first(differences(old["verdict"], new["verdict"], "verdict"))
    before = {finding["id"]: finding for finding in old["findings"]}
    after = {finding["id"]: finding for finding in new["findings"]}
    for gone in sorted(before.keys() - after.keys()):
        yield f"finding {gone} ({before[gone]['subject']['name']}) is not found any more"
    for come in sorted(after.keys() - before.keys()):
        yield f"finding {come} ({after[come]['subject']['name']}) is new"
    for same in sorted(before.keys() & after.keys()):
        yield from _changed(before[same], after[same])


def _changed(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    graded = [f"{grade} {old[grade]} → {new[grade]}" for grade in GRADES if old[grade] != new[grade]]
    name = f"finding {old['id']} ({old['subject']['name']})"
    if graded:
        yield f"{name}: {', '.join(graded)}"
    elif old != new:
        yield f"{name}: {next(differences(old, new, ''), 'the order of its keys')}"


def differences(old: Any, new: Any, where: str) -> Iterator[str]:
    """Yield `path: old → new` for each place where two JSON values differ, depth first."""
    pairs: list[tuple[str, Any, Any]] = [(where, old, new)]
    while pairs:
        at, left, right = pairs.pop()
        if left == right:
            continue
        if isinstance(left, dict) and isinstance(right, dict):
            keys = sorted(left.keys() | right.keys(), reverse=True)
            pairs += [(f"{at}.{key}" if at else key, left.get(key), right.get(key)) for key in keys]
        elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
            numbered = reversed(list(enumerate(zip(left, right, strict=True))))
            pairs += [(f"{at}[{number}]", one, other) for number, (one, other) in numbered]
        else:
            yield f"{at}: {_short(left)} → {_short(right)}"


def _short(value: Any) -> str:
    if isinstance(value, list):
        return f"{len(value)} entries"
    text = "absent" if value is None else str(value)
    return text if len(text) <= 80 else text[:79] + "…"
