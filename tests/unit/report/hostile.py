"""One polyglot text in every field of a profile: what a hostile sample or a forged profile could put there."""

from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from inspector.model.profile import ExposureProfile

MARK = "pwned"
POLYGLOT = (
    "=cmd|' /C calc'!A0\"'`><svg/onload=document.title='pwned'><script>document.title='pwned'</script>"
    "</script><img src=x onerror=\"document.title='pwned'\"><a href=\"javascript:document.title='pwned'\">"
    "{{7*7}}${7*7}[x](http://evil.example.net/)[red]\x1b[31m\x1b]8;;http://evil.example.net\x07\x9b\u202e\u200b|a;drop"
    '\r\nalert tcp any any -> any any (msg:"forged"; sid:1;)\n0.0.0.0 forged.example.org\n; \\'
)
"""Formula, HTML in each context, template, Markdown, Rich markup, terminal and bidi controls, and forged lines."""
KEPT = frozenset(
    [
        *("schema", "status", "rating", "severity", "presence", "confidence", "limbs", "sha256", "start", "end"),
        *("kind", "deterministic"),
    ]
)
"""Fields that choose how a report is laid out; `forged` poisons also those of them that the model leaves open."""


def poisoned(value: Any, name: str = "") -> Any:
    """Return a copy of a profile in which every free text holds the polyglot."""
    if name in KEPT:
        return value
    if isinstance(value, dict):
        return {key: poisoned(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [poisoned(item, name) for item in value]
    return value + POLYGLOT if isinstance(value, str) else value


def forged(value: Any, kind: Any = ExposureProfile, name: str = "") -> Any:
    """Return a copy of a profile in which every text that the public model does not refuse is hostile, keys included.

    The model is asked, not a list of names: a field that is new is poisoned by itself.
    """
    if get_origin(kind) is Literal or name == "schema":
        return value
    if isinstance(value, dict):
        fields = kind.model_fields if isinstance(kind, type) and issubclass(kind, BaseModel) else None
        if fields is None:
            inner = get_args(kind)[1] if get_origin(kind) is dict else Any
            return {key: forged(item, inner) for key, item in value.items()} | _extra(value, inner)
        aliases = {field.alias or key: field.annotation for key, field in fields.items()}
        return {key: forged(item, aliases.get(key, Any), key) for key, item in value.items()}
    if isinstance(value, list):
        inner = next((one for one in get_args(kind) if one is not Ellipsis), Any)
        return [forged(item, inner) for item in value]
    return value + POLYGLOT if isinstance(value, str) else value


def _extra(value: dict[str, Any], inner: Any) -> dict[str, Any]:
    """Return one more entry under a hostile key, of a type that the table takes."""
    if inner in (Any, str):
        return {POLYGLOT: POLYGLOT}
    if inner is int:
        return {POLYGLOT: 1}
    return {POLYGLOT: next(iter(value.values()))} if value else {}
