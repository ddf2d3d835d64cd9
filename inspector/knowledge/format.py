"""Write signature files in one shape: key order of the schema, two spaces, short lists on one line."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from inspector.knowledge.schema import INDICATOR_KEYS, REFERENCE_KEYS, SIGNATURE_KEYS, VENDOR_KEYS
from inspector.knowledge.strict_yaml import read_yaml

WIDTH: Final = 120
_PLAIN: Final = re.compile(r"[A-Za-z0-9\u4e00-\u9fff][\w ./@:+()\u4e00-\u9fff-]*")
_SPECIAL: Final = re.compile(r"^(?:y|n|yes|no|on|off|true|false|null|~|[0-9._:+-]+|0x.*)$", re.IGNORECASE)


def formatted(path: Path) -> str:
    """Return the text of a signature file in the house shape. Raises `KnowledgeError` for a file that does not load."""
    text = path.read_text(encoding="utf-8")
    head = "".join(line for line in text.splitlines(keepends=True)[: _comment_lines(text)])
    return head + dump(read_yaml(path))


def dump(data: dict[str, Any]) -> str:
    """Return a mapping as YAML text."""
    lines: list[str] = []
    for key in _ordered(data):
        lines += _entry(key, data[key], 0)
    return "\n".join(lines) + "\n"


def _comment_lines(text: str) -> int:
    lines = text.splitlines()
    return next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))


def _ordered(data: dict[str, Any]) -> list[str]:
    order = list(_schema_of(data))
    return sorted(data, key=lambda key: order.index(key) if key in order else len(order))


def _schema_of(data: dict[str, Any]) -> Iterable[str]:
    """Return the keys of the kind of mapping this is, in their order in the schema."""
    if "indicators" in data:
        return SIGNATURE_KEYS
    if "domicile" in data:
        return VENDOR_KEYS
    if "any" in data:
        return INDICATOR_KEYS
    return REFERENCE_KEYS.get(str(data.get("kind")), ())


def _entry(key: str, value: Any, depth: int) -> list[str]:
    pad = "  " * depth
    flow = _flow(value, key)
    if not isinstance(value, list | dict) or (_is_short(value) and len(pad + key + flow) + 2 <= WIDTH):
        return [f"{pad}{key}: {flow}"]
    if isinstance(value, dict):
        return [f"{pad}{key}:", *(line for k in _ordered(value) for line in _entry(k, value[k], depth + 1))]
    return [f"{pad}{key}:", *(line for item in value for line in _item(item, depth + 1))]


def _item(item: Any, depth: int) -> list[str]:
    pad = "  " * depth
    flow = _flow(item)
    if not isinstance(item, dict) or (_is_short(item) and len(pad + flow) + 2 <= WIDTH):
        return [f"{pad}- {flow}"]
    lines = [line for key in _ordered(item) for line in _entry(key, item[key], depth + 1)]
    return [f"{pad}- {lines[0].lstrip()}", *lines[1:]]


def _is_short(value: Any) -> bool:
    if isinstance(value, dict):
        return all(not isinstance(v, dict) and (not isinstance(v, list) or _is_short(v)) for v in value.values()) and (
            "any" not in value
        )
    return all(not isinstance(item, list | dict) for item in value)


def _flow(value: Any, key: str = "") -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_flow(value[k], k)}" for k in _ordered(value)) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return _scalar(value, key)


def _scalar(text: str, key: str) -> str:
    if key == "schema":
        return text
    quoted = key in ("domicile", "hosting", "read", "since", "sha256", "commit", "date")
    safe = _PLAIN.fullmatch(text) and not _SPECIAL.match(text) and ": " not in text and not text.endswith((":", " "))
    return text if safe and not quoted else json.dumps(text, ensure_ascii=False)
