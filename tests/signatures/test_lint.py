"""Each rule of the loader and the linter has a failing case."""

from pathlib import Path

import pytest

from inspector.errors import KnowledgeError
from inspector.knowledge import load_knowledge
from inspector.lint import lint

CATEGORIES = "categories:\n  cloud: {title: Cloud, sensitivity: high, description: Clouds.}\n"
VENDOR = """schema: 1
id: acme
name: Acme
domicile: "CN"
summary: A maker.
references:
  - {id: doc, kind: document, title: Page, url: "https://acme.example/", read: "2026-11-23"}
"""
SIGNATURE = """schema: 1
id: acme/cloud
name: Acme cloud
kind: cloud
category: cloud
limbs: [data-transfer]
summary: The cloud of Acme.
references:
  - {id: doc, kind: document, title: Page, url: "https://acme.example/", read: "2026-11-23"}
indicators:
  - id: hosts
    kind: hostname
    any: [acme-cloud.com]
    confidence: high
    references: [doc]
    examples: {match: [api.acme-cloud.com], no_match: [notacme-cloud.com]}
"""


@pytest.fixture
def pack(tmp_path: Path):
    def write(signature: str = SIGNATURE, vendor: str = VENDOR, **more: str):
        (tmp_path / "acme").mkdir(exist_ok=True)
        (tmp_path / "categories.yaml").write_text(CATEGORIES)
        (tmp_path / "acme/_vendor.yaml").write_text(vendor)
        (tmp_path / "acme/cloud.yaml").write_text(signature)
        for name, text in more.items():
            (tmp_path / f"acme/{name}.yaml").write_text(text)
        return tmp_path

    return write


def test_a_sound_pack_loads_without_complaint(pack):
    assert lint(load_knowledge(builtin=pack()), None, lambda _: False) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("kind: cloud", "kind: tornado", 4, "not one of"),
        ("category: cloud", "category: weather", 5, "not one of"),
        ("limbs: [data-transfer]", "limbs: [mind-control]", 6, "mind-control"),
        ("id: acme/cloud", "id: acme/fog", 2, "the path says"),
        ("schema: 1", "schema: 2", 1, "schema"),
        ("summary: The cloud of Acme.", "colour: blue\nsummary: x", 7, "unknown key"),
        ("    references: [doc]\n    examples", "    references: [other]\n    examples", 15, "not defined"),
        ("no_match: [notacme-cloud.com]", "no_match: []", 16, "needs at least"),
        ("name: Acme cloud", "name: Acme cloud\nname: again", 4, "twice"),
        ("summary: The cloud of Acme.", "summary: &a The cloud\ncaveats: [*a]", 8, "alias"),
        ("summary: The cloud of Acme.", "summary: !!python/name:os.system x", 7, "tag"),
    ],
)
def test_the_loader_names_file_and_line(pack, old, new, line, message):
    with pytest.raises(KnowledgeError, match=message) as caught:
        load_knowledge(builtin=pack(SIGNATURE.replace(old, new, 1)))
    assert caught.value.path is not None
    assert caught.value.path.name == "cloud.yaml"
    assert abs((caught.value.line or 0) - line) <= 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("match: [api.acme-cloud.com]", "match: [api.acme.com]", "does not match"),
        ("no_match: [notacme-cloud.com]", "no_match: [x.acme-cloud.com]", "must not match"),
        ("any: [acme-cloud.com]", "any: [com]", "public suffix"),
        ('read: "2026-11-23"', 'read: "yesterday"', "date of reading"),
        ("    kind: hostname\n    any: [acme-cloud.com]", "    kind: ip-range\n    any: [10.0.0.0/8]", "not public"),
        ("    kind: hostname\n    any: [acme-cloud.com]", "    kind: string\n    any: [acme]", "shorter"),
    ],
)
def test_the_linter_sees(pack, old, new, message):
    complaints = lint(load_knowledge(builtin=pack(SIGNATURE.replace(old, new, 1))), None, lambda name: name == "com")
    assert any(message in str(complaint) for complaint in complaints), complaints


@pytest.mark.parametrize(
    ("kind", "pattern", "message"),
    [
        ("regex", r"(([a-z0-9]+)+\.)+cn", "without a bound"),
        ("regex", "ac.*me", "without a bound"),
        ("regex", "acme{3,}", "without a bound"),
        ("regex", "(a{1,9}){1,9}acme", "more than 1000 ways"),
        ("regex", "(acme|a{1,500}b{1,500}c)", "more than 1000 ways"),
        ("regex", "(?=a)acme", "only"),
        ("regex", "(?i)acme", "only"),
        ("regex", "^acme", "uses at"),
        ("regex", r"(acme)\1", "uses groupref"),
        ("regex", "acme[", "no regular expression"),
        ("regex", "(" * 5000 + "acme" + ")" * 5000, "no regular expression"),
        ("regex", "[a-z]{1,600}acme", "without a bound|allowed are"),
        ("regex", "a{0,3}", "allowed are"),
        ("regex", "\u6d82\u9e26acme", "ASCII"),
        ("ip-range", "10.0.0.0/99", "no address range"),
        ("ip-range", "8.8.8.8/8", "no address range"),
        ("asn", "ASx", "no AS number"),
        ("asn", "AS\u0663", "no AS number"),
        ("string", "x" * 600, "longer than"),
    ],
)
def test_the_loader_refuses_patterns_that_no_engine_should_get(pack, kind, pattern, message):
    hosts = "    kind: hostname\n    any: [acme-cloud.com]"
    with pytest.raises(KnowledgeError, match=message) as caught:
        load_knowledge(builtin=pack(SIGNATURE.replace(hosts, f"    kind: {kind}\n    any: ['{pattern}']")))
    assert caught.value.line == 13


@pytest.mark.parametrize("pattern", ["CN-[0-9]{4}-[A-F]{2}", r"[a-z0-9]{1,63}\.acme\.cn", "(?:acme|bolt)[0-9]?cloud"])
def test_ordinary_expressions_are_taken_by_loader_and_engine(pack, pattern):
    from inspector.scan.database import load_database

    hosts = "    kind: hostname\n    any: [acme-cloud.com]"
    known = load_knowledge(builtin=pack(SIGNATURE.replace(hosts, f"    kind: regex\n    any: ['{pattern}']")))
    assert known.signatures["acme/cloud"].indicators[0].patterns == (pattern,)
    load_database([(1, pattern.encode())])


@pytest.mark.parametrize("text", ["a: " + "[" * 100_000, "- " * 100_000, "? " * 100_000, "{a: " * 100_000])
def test_depth_is_refused_before_it_reaches_a_recursive_parser(pack, text):
    with pytest.raises(KnowledgeError, match="too deep"):
        load_knowledge(builtin=pack(text))


def test_a_pattern_stands_in_one_file_only(pack):
    twin = SIGNATURE.replace("acme/cloud", "acme/twin")
    complaints = lint(load_knowledge(builtin=pack(twin=twin)), None, lambda _: False)
    assert any("stands in acme/cloud:hosts already" in str(complaint) for complaint in complaints)


def test_a_benign_value_may_not_match(pack, tmp_path):
    folder = pack()
    (folder / "benign.txt").write_text("hostname www.acme-cloud.com\n")
    complaints = lint(load_knowledge(builtin=folder), folder / "benign.txt", lambda _: False)
    assert any("is benign and matches acme/cloud:hosts" in str(complaint) for complaint in complaints)


def test_a_pack_adds_and_never_replaces(pack):
    folder = pack()
    with pytest.raises(KnowledgeError, match="does not replace"):
        load_knowledge(packs=[folder], builtin=folder)


def test_the_country_code_of_norway_stays_text(pack):
    assert load_knowledge(builtin=pack(vendor=VENDOR.replace('"CN"', "NO"))).vendors["acme"].domicile == "NO"
