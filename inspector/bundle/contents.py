"""What goes into a bundle: the profile, its reports, its excerpts, the record of the run, and the signed statement."""

import hashlib
import platform
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final

import orjson

from inspector import __version__
from inspector.bundle.archive import LARGEST_FILE, pack
from inspector.bundle.envelope import sign
from inspector.bundle.statement import first_complaint, statement
from inspector.errors import UsageError
from inspector.report import Presentation, render
from inspector.report.registry import suffix

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PROFILE: Final = "profile.json"
ENVELOPE: Final = "statement.dsse.json"
EXCERPTS: Final = "excerpts.jsonl"
RUN_RECORD: Final = "run-record.json"
READ_ME: Final = "read-me.txt"
REPORTS: Final = ("terminal", "html", "markdown", "csv", "csv-endpoints", "sarif", "cyclonedx")
"""Formats that go in: for people, for tables, for other tools."""
REDACTIONS: Final = ("none", "excerpts")
EXPLANATION: Final = """Evidence bundle of inspector {version}.

profile.json          the exposure profile; everything else here is made from it
reports/              the same for people and for other tools
excerpts.jsonl        what stands at the places of the evidence, one line for each (absent when redacted)
run-record.json       facts of the run, where they were recorded
statement.dsse.json   in-toto Statement v1 in a DSSE envelope: hashes of the artifact, of the knowledge and of every
                      file here, signed with ed25519

Check it:   inspector verify BUNDLE.zip [ARTIFACT] --pub KEY.pub
"""


def read_profile(raw: bytes) -> dict[str, Any]:
    """Return a saved profile, checked against the model. Raises `UsageError` with the reason."""
    from pydantic import ValidationError

    from inspector.model.profile import ExposureProfile

    if len(raw) > LARGEST_FILE:
        raise UsageError(f"the profile is larger than {LARGEST_FILE >> 20} MiB")
    try:
        document = orjson.loads(raw)
        ExposureProfile.model_validate(document)
    except orjson.JSONDecodeError as error:
        raise UsageError(f"the profile is no JSON: {error}") from error
    except (ValidationError, RecursionError) as error:
        raise UsageError(f"the profile does not follow its schema: {first_complaint(error)}") from error
    read: dict[str, Any] = document
    return read


def redacted(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document without any excerpt: places, values and hashes stay, the bytes around them do not."""
    findings = [
        finding | {"evidence": [item | {"excerpt": ""} for item in finding["evidence"]]}
        for finding in document["findings"]
    ]
    observables = {
        kind: [item | {"excerpt": ""} if "excerpt" in item else item for item in items]
        for kind, items in document["observables"].items()
    }
    return document | {"findings": findings, "observables": observables}


def bundle(
    raw: bytes,
    key: "Ed25519PrivateKey",
    redaction: str = "none",
    run_record: bytes | None = None,
    language: str = "en",
) -> bytes:
    """Return the bundle of a profile as zip bytes. Raises `UsageError` for a profile that is none.

    `raw` goes in byte for byte, unless excerpts are left out. The same input, key and libraries give the same bytes.
    """
    document = read_profile(raw)
    if redaction == "excerpts":
        document = redacted(document)
        raw = _json(document)
    files = {READ_ME: EXPLANATION.format(version=__version__).encode(), PROFILE: raw}
    how = Presentation(language=language)
    for name in REPORTS:
        written = render(name, document, how)
        files[f"reports/report{suffix(name)}"] = (
            written.encode("utf-8", "surrogateescape") if isinstance(written, str) else written
        )
    if redaction == "none":
        files[EXCERPTS] = _excerpts(document)
    if run_record is not None:
        files[RUN_RECORD] = run_record
    listed = [listing(name, files[name]) for name in sorted(files)]
    files[ENVELOPE] = sign(statement(document, listed, redaction, _tools()), key)
    return pack(files)


def listing(name: str, data: bytes) -> dict[str, Any]:
    """Return how the statement names a file."""
    return {"name": name, "digest": {"sha256": hashlib.sha256(data).hexdigest()}, "size": len(data)}


def _json(document: dict[str, Any]) -> bytes:
    written = render("json", document)
    return written.encode() if isinstance(written, str) else written


def _excerpts(document: dict[str, Any]) -> bytes:
    lines = []
    for finding in document["findings"]:
        for item in finding["evidence"]:
            line = {
                "finding": finding["id"],
                "observable": item["observable"],
                "location": item["location"],
                "decoding": item.get("decoding", ""),
                "excerpt": item.get("excerpt", ""),
            }
            lines.append(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    return b"".join(lines)


def _tools() -> list[dict[str, str]]:
    """Return the versions of the interpreter and of the libraries that the product declares."""
    tools = [{"name": "inspector", "version": __version__}, {"name": "python", "version": platform.python_version()}]
    for name in ("cryptography", "hyperscan", "jinja2", "lief", "orjson", "pydantic", "tldextract"):
        try:
            tools.append({"name": name, "version": metadata.version(name)})
        except metadata.PackageNotFoundError:
            continue
    return tools
