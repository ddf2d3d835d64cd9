"""`inspector signatures fmt` loses nothing and settles at once; the JSON Schema says what the loader says."""

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from inspector.errors import KnowledgeError
from inspector.knowledge.format import dump, formatted
from inspector.knowledge.strict_yaml import parse_yaml, read_yaml

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "signatures").rglob("*.yaml"))
SCHEMA = json.loads((ROOT / "docs/reference/signature.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)
SUBJECT = next(path for path in FILES if path.parent.name == "tuya" and path.name != "_vendor.yaml")
VENDOR = SUBJECT.parent / "_vendor.yaml"


@pytest.mark.parametrize("folder", sorted({path.parent.name[:1] for path in FILES}))
def test_a_file_of_the_house_stays_as_it_is(folder):
    for path in (path for path in FILES if path.parent.name.startswith(folder)):
        assert formatted(path) == path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize("path", FILES[::150], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_in_another_shape_holds_the_same_and_settles_at_once(path, tmp_path):
    again = tmp_path / path.name
    plain = json.loads(json.dumps(read_yaml(path)))
    again.write_text(yaml.safe_dump(plain, allow_unicode=True, sort_keys=True, width=60), encoding="utf-8")
    text = formatted(again)
    assert parse_yaml(text.encode(), path) == read_yaml(again) == read_yaml(path)
    again.write_text(text, encoding="utf-8")
    assert formatted(again) == text


def test_other_yaml_readers_see_the_same_texts():
    words = [
        "NO",
        "1.10",
        "1e3",
        "0x10",
        "2026-11-23",
        "on",
        "a: b",
        "a #b",
        "#a",
        "*a",
        "x, y",
        "[z",
        "",
        " a ",
        "涂鸦",
    ]
    assert yaml.safe_load(dump({"texts": words, "one": "NO"})) == {"texts": words, "one": "NO"}


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1), st.booleans())
def test_any_text_goes_round(texts, sentences):
    data = {"caveats" if sentences else "any": texts, "summary": texts[0]}
    assert parse_yaml(dump(data).encode(), Path("x.yaml")) == data
    assert yaml.safe_load(dump({"names": [*texts, "360"]})) == {"names": [*texts, "360"]}


COMMENTED = """# At the top.
schema: 1
# Above a key.
indicators:
  # Above an entry.
  - id: one
    # Above a key of an entry.
    kind: hostname
    any: [a#b.example]
"""


def test_comments_above_keys_are_kept(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text(COMMENTED)
    assert formatted(path) == COMMENTED


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("schema: 1  # behind a value\n", 1),
        ("schema: 1\n# at the end\n", 2),
        ("schema: 1\nany:\n  - a\n  # between texts\n  - b\n", 4),
        ("schema: 1\nnames: [a,\n  # inside brackets\n  b]\n", 3),
        ("schema: 1\nexamples: # behind a key\n  match: [a]\n", 2),
    ],
)
def test_a_comment_that_would_be_lost_stops_the_formatter(tmp_path, text, line):
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(KnowledgeError, match=f"x.yaml:{line}: .*comment"):
        formatted(path)


@pytest.mark.parametrize("folder", sorted({path.parent.name[:1] for path in FILES}))
def test_every_file_follows_the_json_schema(folder):
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for path in (path for path in FILES if path.parent.name.startswith(folder)):
        errors = [error.message for error in VALIDATOR.iter_errors(yaml.load(path.read_bytes(), loader))]
        assert errors == [], path


@pytest.mark.parametrize("path", [SUBJECT, VENDOR], ids=lambda path: path.name)
def test_the_json_schema_misses_no_required_key_and_takes_no_unknown_one(path):
    data = yaml.safe_load(path.read_bytes())
    required = SCHEMA["$defs"]["vendor" if path is VENDOR else "subject"]["required"]
    for key in required:
        assert not VALIDATOR.is_valid({k: v for k, v in data.items() if k != key}), key
    assert not VALIDATOR.is_valid(data | {"surprise": "x"})
    assert not VALIDATOR.is_valid(data | {"schema": 2})
