"""Write signature files in one shape: key order of the schema, two spaces, short lists on one line.

Limits: a comment stays only where it stands on lines of its own before a key or a list entry that keeps its own line;
a file with any other comment is refused rather than written without it.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from inspector.errors import KnowledgeError
from inspector.knowledge.schema import INDICATOR_KEYS, REFERENCE_KEYS, SIGNATURE_KEYS, VENDOR_KEYS
from inspector.knowledge.strict_yaml import Mapping, parse_yaml

WIDTH: Final = 120
_START: Final = re.compile(r"[^\W_]")
_SPECIAL: Final = re.compile(
    r"(?:y|n|yes|no|on|off|true|false|null|~|0x.*|0[0-9]+|[0-9.,_:e+-]*[.,_:e+-][0-9.,_:e+-]*)", re.IGNORECASE
)
"""What other YAML readers take for something else than text."""
_COLON: Final = re.compile(r":(?=\s|$)|\s#")
_IN_FLOW: Final = re.compile(r"[,\[\]{}]")
_QUOTED_KEYS: Final = ("domicile", "hosting", "read", "since", "sha256", "commit", "date")
_BLOCK_KEYS: Final = ("caveats",)

Comments = dict[int, tuple[int, list[str]]]
"""Line of the token after a comment → (line of the comment, its lines); line 0: no key follows on a line of its own."""


def formatted(path: Path) -> str:
    """Return the text of a signature file in the house shape.

    Raises `KnowledgeError` for a file that does not load, or has a comment that would be lost.
    """
    raw = path.read_bytes()
    data = parse_yaml(raw, path)
    writer = _Writer(_comments(raw.decode("utf-8-sig")))
    text = writer.mapping(data)
    if writer.comments:
        line = min(number for number, _ in writer.comments.values())
        raise KnowledgeError("this comment would be lost: put it above a key, or into a `note`", path, line)
    return text


def dump(data: dict[str, Any]) -> str:
    """Return a mapping as YAML text."""
    return _Writer({}).mapping(data)


def _comments(text: str) -> Comments:
    """Find the comments: they stand between tokens only, so a `#` in a text is never taken for one."""
    import yaml

    found: Comments = {}
    end = 0
    for token in yaml.scan(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        gap = text[end : token.start_mark.index]
        if "#" in gap:
            before = gap.partition("#")[0]
            lines = [line.strip() for line in gap.splitlines() if line.strip()]
            alone = end == 0 or "\n" in before
            found[token.start_mark.line + 1 if alone else 0] = (text.count("\n", 0, end + len(before)) + 1, lines)
        end = token.end_mark.index
    return found


class _Writer:
    """Writes one file; `comments` are those not yet written."""

    def __init__(self, comments: Comments) -> None:
        self.comments = comments

    def mapping(self, data: dict[str, Any]) -> str:
        lines = [line for key in _ordered(data) for line in self._entry(data, key, 0)]
        return "\n".join(lines) + "\n"

    def _above(self, line: int, pad: str) -> list[str]:
        return [pad + text for text in self.comments.pop(line, (0, []))[1]]

    def _entry(self, owner: dict[str, Any], key: str, depth: int) -> list[str]:
        value, pad = owner[key], "  " * depth
        above = self._above(owner.lines[key], pad) if isinstance(owner, Mapping) else []
        if not isinstance(value, list | dict):
            return [*above, f"{pad}{key}: {_scalar(value, key)}"]
        flow = _flow(value, key)
        if _is_short(value, key) and len(pad + key + flow) + 2 <= WIDTH:
            return [*above, f"{pad}{key}: {flow}"]
        if isinstance(value, dict):
            inner = [line for k in _ordered(value) for line in self._entry(value, k, depth + 1)]
        else:
            inner = [line for item in value for line in self._item(item, depth + 1, _of_items(key))]
        return [*above, f"{pad}{key}:", *inner]

    def _item(self, item: Any, depth: int, key: str) -> list[str]:
        pad = "  " * depth
        above = self._above(item.line, pad) if isinstance(item, Mapping) else []
        if not isinstance(item, list | dict):
            return [f"{pad}- {_scalar(item, key)}"]
        flow = _flow(item)
        if isinstance(item, list) or (_is_short(item) and len(pad + flow) + 2 <= WIDTH):
            return [*above, f"{pad}- {flow}"]
        lines = [line for key in _ordered(item) for line in self._entry(item, key, depth + 1)]
        return [*above, f"{pad}- {lines[0].lstrip()}", *lines[1:]]


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


def _is_short(value: Any, key: str = "") -> bool:
    if not value:
        return True
    if isinstance(value, dict):
        return all(not isinstance(v, dict) and (not isinstance(v, list) or _is_short(v)) for v in value.values()) and (
            "any" not in value
        )
    return key not in _BLOCK_KEYS and all(not isinstance(item, list | dict) for item in value)


def _flow(value: Any, key: str = "") -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(k)}: {_flow(value[k], k)}" for k in _ordered(value)) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item, _of_items(key)) for item in value) + "]"
    return _scalar(value, key, in_flow=True)


def _of_items(key: str) -> str:
    """Return the key that the items of a list are written for: a name of digits is text, an AS number a number."""
    return key if key == "names" else ""


def _scalar(text: str, key: str = "", in_flow: bool = False) -> str:
    if key == "schema":
        return text
    plain = (
        key not in _QUOTED_KEYS
        and not (key and text.isdigit())  # a name like 4399
        and _START.match(text)
        and text.isprintable()
        and text == text.strip()
        and not _SPECIAL.fullmatch(text)
        and not _COLON.search(text)
        and "?" not in text  # inside a flow list PyYAML takes it for a key
        and not (in_flow and _IN_FLOW.search(text))
    )
    return text if plain else _quoted(text)


def _quoted(text: str) -> str:
    """Return a double-quoted scalar; what YAML does not read raw is escaped its way, which is not quite JSON's."""
    written = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in written)
