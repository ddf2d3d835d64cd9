"""YAML without its traps: every scalar is text, no aliases, no tags, no duplicate keys, and each value knows its line.

Text-only scalars keep Norway (`NO`) a country and `1.10` a version. Aliases are refused, so nothing can be made to
expand (attack case A38).
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from inspector.errors import KnowledgeError

LARGEST: Final = 1 << 20
DEEPEST: Final = 12
PLAIN_TAGS: Final = ("str", "int", "float", "bool", "null", "timestamp", "seq", "map")
"""What plain YAML resolves to by itself; everything else was written as a tag."""


class Mapping(dict[str, Any]):
    """A mapping that remembers the line it starts on and the line of each key (both from 1)."""

    line: int
    lines: dict[str, int]


class Sequence(list[Any]):
    """A sequence that remembers the line it starts on."""

    line: int


def read_yaml(path: Path) -> Mapping:
    """Return the mapping in a file. Raises `KnowledgeError` with file and line."""
    raw = path.read_bytes()
    if len(raw) > LARGEST:
        raise KnowledgeError(f"larger than {LARGEST} bytes", path)
    return parse_yaml(raw, path)


def parse_yaml(raw: bytes, path: Path) -> Mapping:
    """Return the mapping in `raw`; `path` is for error texts only."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _check_depth(yaml.parse(raw, Loader=loader), path)
        node = yaml.compose(raw, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise KnowledgeError(str(getattr(error, "problem", error)), path, mark.line + 1 if mark else None) from error
    if not isinstance(node, yaml.MappingNode):
        raise KnowledgeError("is not a mapping", path, 1)
    value = _Converter(path).convert(node, 0)
    assert isinstance(value, Mapping)
    return value


def _check_depth(events: Iterable[Any], path: Path) -> None:
    """Raise before anything is composed: the C parser composes recursively and would take the process down."""
    depth = 0
    for event in events:
        kind = type(event).__name__
        depth += kind.endswith("StartEvent") - kind.endswith("EndEvent")
        if depth > DEEPEST + 3:  # the stream, the document, the top mapping
            raise KnowledgeError("nested too deep", path, event.start_mark.line + 1)


class _Converter:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.seen: set[int] = set()

    def convert(self, node: Any, depth: int) -> Any:
        line = node.start_mark.line + 1
        if id(node) in self.seen:
            raise KnowledgeError("aliases are not allowed", self.path, line)
        self.seen.add(id(node))
        if depth > DEEPEST:
            raise KnowledgeError("nested too deep", self.path, line)
        if node.tag.rpartition(":")[2] not in PLAIN_TAGS or not node.tag.startswith("tag:yaml.org,2002:"):
            raise KnowledgeError(f"tag {node.tag!r} is not allowed", self.path, line)
        if isinstance(node.value, str):
            return node.value
        if node.id == "sequence":
            items = Sequence(self.convert(item, depth + 1) for item in node.value)
            items.line = line
            return items
        return self._mapping(node, line, depth)

    def _mapping(self, node: Any, line: int, depth: int) -> Mapping:
        result = Mapping()
        result.line, result.lines = line, {}
        for key_node, value_node in node.value:
            key = self.convert(key_node, depth + 1)
            at = key_node.start_mark.line + 1
            if not isinstance(key, str):
                raise KnowledgeError("keys are plain text", self.path, at)
            if key in result:
                raise KnowledgeError(f"key {key!r} stands twice", self.path, at)
            result[key] = self.convert(value_node, depth + 1)
            result.lines[key] = at
        return result
