"""One polyglot text in every field of a profile: what a hostile sample or a forged profile could put there."""

from typing import Any

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
"""Fields with a closed list of values: the model refuses anything else."""


def poisoned(value: Any, name: str = "") -> Any:
    """Return a copy of a profile in which every free text holds the polyglot."""
    if name in KEPT:
        return value
    if isinstance(value, dict):
        return {key: poisoned(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [poisoned(item, name) for item in value]
    return value + POLYGLOT if isinstance(value, str) else value
