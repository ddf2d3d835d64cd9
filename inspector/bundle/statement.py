"""What a bundle states and signs: the artifact, what it was inspected with, and the hash of every file.

Format: in-toto Statement v1; the artifact is the subject, so that other tools find the statement by its hash.
"""

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from inspector.errors import BundleError

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "urn:exposure-inspector:evidence-bundle:1"
SHA256: Final = r"^[0-9a-f]{64}$"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Digest(_Part):
    """Hashes by algorithm; only SHA-256 is used."""

    sha256: str = Field(pattern=SHA256)


class Resource(_Part):
    """A thing with a name and a hash."""

    name: str
    digest: Digest


class File(Resource):
    """A file of the bundle; `size` in bytes."""

    size: int = Field(ge=0)


class Tool(_Part):
    """A program or library and its version."""

    name: str
    version: str


class Inputs(_Part):
    """What the profile was made from, besides the artifact."""

    tool: Tool
    knowledge: Resource
    external_tools: list[Tool]


class Predicate(_Part):
    """The bundle: files in the order of their names."""

    inputs: Inputs
    bundled_with: list[Tool]
    """Versions on the machine that wrote the reports and the bundle."""
    redaction: Literal["none", "excerpts"]
    verdict: Literal["exposed", "none-found", "inconclusive", "failed"]
    rating: Literal["none", "low", "medium", "high", "critical"]
    files: list[File]


class Statement(BaseModel):
    """The whole statement."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type_: Literal["https://in-toto.io/Statement/v1"] = Field(alias="_type")
    subject: tuple[Resource]
    predicateType: Literal["urn:exposure-inspector:evidence-bundle:1"]  # noqa: N815 - the name in the format
    predicate: Predicate


def read_statement(raw: bytes) -> Statement:
    """Return the statement in a payload. Raises `BundleError` where it is another one, or none."""
    try:
        return Statement.model_validate_json(raw)
    except (ValidationError, RecursionError) as error:
        raise BundleError(f"the signed statement is not that of a bundle: {first_complaint(error)}") from error


def first_complaint(error: Exception) -> str:
    """Return where and what the first validation error is, in one line; nothing of the input is quoted."""
    if not isinstance(error, ValidationError):
        return "it is nested too deep"
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return f"{'.'.join(map(str, first['loc'][:6])) or 'it'}: {first['msg']}"


def statement(
    document: dict[str, Any], files: list[dict[str, Any]], redaction: str, tools: list[dict[str, str]]
) -> dict[str, Any]:
    """Return the statement about a profile document and the files beside it."""
    artifact, knowledge = document["artifact"], document["knowledge"]
    name = f"knowledge {knowledge['version']} {knowledge.get('date', '')}".strip()
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": artifact["name"], "digest": {"sha256": artifact["sha256"]}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "inputs": {
                "tool": _tool(document["tool"]),
                "knowledge": {"name": name, "digest": {"sha256": knowledge["sha256"]}},
                "external_tools": [_tool(tool) for tool in document.get("external_tools", [])],
            },
            "bundled_with": tools,
            "redaction": redaction,
            "verdict": document["verdict"]["status"],
            "rating": document["verdict"]["rating"],
            "files": files,
        },
    }


def _tool(tool: dict[str, Any]) -> dict[str, str]:
    return {"name": tool["name"], "version": tool["version"]}
