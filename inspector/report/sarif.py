"""SARIF 2.1.0, for code-scanning services and viewers: one result for each finding, its evidence as locations.

Format: OASIS SARIF 2.1.0 (errata 01); limits after GitHub's "SARIF support for code scanning".
"""

from typing import Any, Final
from urllib.parse import quote

import orjson

from inspector.model.observation import AS_WRITTEN
from inspector.report.page.environment import visible
from inspector.report.presentation import Presentation

MOST_RESULTS: Final = 5000
MOST_LOCATIONS: Final = 100
"""GitHub shows that many of each and drops the rest."""
SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS: Final = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "none": "none"}
SCORES: Final = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0", "none": "0.0"}


def render(document: dict[str, Any], how: Presentation) -> str:  # noqa: ARG001 - the reporters' signature
    """Return the log; what the limits cut off is told in a notification of the run."""
    verdict = document["verdict"]
    run = {
        "tool": {"driver": _driver(document)},
        "artifacts": [_artifact(document["artifact"])],
        "results": [_result(finding) for finding in document["findings"][:MOST_RESULTS]],
        "invocations": [_invocation(document)],
        "columnKind": "unicodeCodePoints",
        "properties": {
            "status": verdict["status"],
            "rating": verdict["rating"],
            "coverage": document["coverage"]["score"],
        },
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return orjson.dumps(log, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _driver(document: dict[str, Any]) -> dict[str, Any]:
    rules = {f["subject"]["id"]: _rule(f) for f in document["findings"][:MOST_RESULTS]}
    tool = document["tool"]
    return {
        "name": visible(tool["name"]),
        "version": visible(tool["version"]),
        "rules": [rules[key] for key in sorted(rules)],
    }


def _rule(finding: dict[str, Any]) -> dict[str, Any]:
    subject, vendor = finding["subject"], finding["vendor"]
    return {
        "id": visible(subject["id"]),
        "name": visible(subject["name"]),
        "shortDescription": {"text": visible(f"{subject['name']} ({vendor['name']})")},
        "fullDescription": {"text": visible(subject["summary"]) or visible(subject["name"])},
        "properties": {
            "tags": ["exposure", *finding["limbs"]][:10],
            "security-severity": SCORES[finding["severity"]],
            "vendor": {key: visible(value) for key, value in vendor.items()},
        },
    }


def _artifact(artifact: dict[str, Any]) -> dict[str, Any]:
    location = {"uri": _uri(artifact["name"])}
    return {"location": location, "length": artifact["size"], "hashes": {"sha-256": visible(artifact["sha256"])}}


def _uri(path: str) -> str:
    """Return the chain of members as a relative URI: every reserved character but the slash is escaped."""
    text = path.encode("utf-8", "surrogateescape" if path.isascii() else "replace")
    return quote(text, safe="/!").replace("//", "/%2F").lstrip("/") or "%20"


def _result(finding: dict[str, Any]) -> dict[str, Any]:
    listed = finding["evidence"][:MOST_LOCATIONS]
    limbs = " and ".join(finding["limbs"]) or "origin only"
    message = (
        f"{finding['subject']['name']} of {finding['vendor']['name']}: {limbs}, {finding['presence']}, "
        f"confidence {finding['confidence']}. " + " ".join(finding["reasons"])
    )
    return {
        "ruleId": visible(finding["subject"]["id"]),
        "level": LEVELS[finding["severity"]],
        "kind": "informational" if finding["severity"] == "none" else "fail",
        "message": {"text": visible(message)},
        "locations": [_location(item) for item in listed],
        "partialFingerprints": {"findingId/v1": visible(finding["id"])},
        "properties": {"caveats": [visible(c) for c in finding["caveats"]], "evidenceTotal": finding["evidence_total"]},
    }


def _location(item: dict[str, Any]) -> dict[str, Any]:
    place = item["location"]
    region: dict[str, Any] = {"byteOffset": place["offset"]}
    if item["decoding"] in AS_WRITTEN:
        codec = item["decoding"] or "utf-8"
        region["byteLength"] = len(item["observable"]["value"].encode(codec, "replace"))
    if item["excerpt"]:
        region["snippet"] = {"text": visible(item["excerpt"])}
    return {
        "physicalLocation": {"artifactLocation": {"uri": _uri(place["path"])}, "region": region},
        "message": {"text": visible(f"{item['observable']['kind']} {item['observable']['value']}")},
    }


def _invocation(document: dict[str, Any]) -> dict[str, Any]:
    notes = [_note(reason) for reason in document["verdict"]["reasons"] if document["verdict"]["status"] != "exposed"]
    findings = document["findings"]
    if len(findings) > MOST_RESULTS:
        notes.append(_note(f"{len(findings) - MOST_RESULTS} results are left out: a service shows {MOST_RESULTS}."))
    cut = [f["id"] for f in findings[:MOST_RESULTS] if f["evidence_total"] > min(len(f["evidence"]), MOST_LOCATIONS)]
    if cut:
        notes.append(_note(f"Not all places are listed for {len(cut)} results: {', '.join(cut[:20])}."))
    succeeded = document["verdict"]["status"] != "failed"
    return {"executionSuccessful": succeeded, "toolExecutionNotifications": notes}


def _note(text: str) -> dict[str, Any]:
    return {"level": "note", "message": {"text": visible(text)}}
