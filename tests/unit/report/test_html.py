import json
import re
from html.parser import HTMLParser

import pytest

from inspector.report import Presentation, render
from inspector.report.html import icon
from inspector.report.language import words
from inspector.report.page.excerpts import dump
from inspector.report.page.flow import flow
from tests.unit.report.hostile import MARK
from tests.unit.report.pages import PAGES, written


class Tags(HTMLParser):
    """Collects elements and attributes of a page."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


@pytest.mark.parametrize("name", PAGES)
def test_hostile_text_adds_no_element_and_no_acting_attribute(name, full, hostile):
    allowed = {tag for tag, _ in Tags(written(name, full)).found} | {"b"}
    seen = Tags(written(name, hostile)).found
    assert {tag for tag, _ in seen} <= allowed
    links = [attributes["href"] for _, attributes in seen if "href" in attributes]
    assert all(re.fullmatch(r"#[a-z0-9-]+", link) for link in links)
    assert not [key for _, attributes in seen for key in attributes if key.startswith("on")]
    assert {attributes.get("src", "data:image/png;base64,")[:22] for _, attributes in seen} == {
        "data:image/png;base64,"
    }


@pytest.mark.parametrize("name", PAGES)
def test_a_page_in_czech_says_nothing_of_its_own_in_english(name, full):
    text = re.sub(
        r"<(script|style).*?</\1>|<(\w+)[^>]* lang=\"en\"[^>]*>.*?</\2>|<[^>]+>",
        " ",
        written(name, full, "cs"),
        flags=re.S,
    )
    own = re.findall(r"\b(?:the|with|none|found|findings?|vendors?|seat|artifacts?|was|were|seen|new|gone|of)\b", text)
    assert own == []


@pytest.mark.parametrize("name", PAGES)
def test_the_page_asks_for_nothing_from_outside(name, full):
    seen = Tags(written(name, full)).found
    policy = next(a["content"] for tag, a in seen if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not [tag for tag, _ in seen if tag in ("link", "iframe", "object", "embed", "form", "base")]
    assert not [attributes for _, attributes in seen if "style" in attributes]


def test_data_for_the_script_cannot_end_its_element(hostile):
    text = render("html", hostile)
    blocks = re.findall(r'<script type="application/json">(.*?)</script>', text, re.DOTALL)
    assert blocks
    for block in blocks:
        assert "<" not in block
        assert any(MARK in cell for row in json.loads(block)["rows"] for cell in row)


def test_identifiers_are_unique_even_in_a_forged_profile(hostile):
    ids = [attributes["id"] for _, attributes in Tags(render("html", hostile)).found if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_the_answer_comes_first(monitor):
    text = render("html", monitor)
    body = text[text.index("<main>") :]
    assert body.index(monitor["verdict"]["headline"]) < body.index("Contec CMS8000 update share")


def test_czech_pages_say_so_and_mark_what_stays_english(monitor):
    text = render("html", monitor, Presentation(language="cs"))
    assert '<html lang="cs"' in text
    assert "vzdálenou správu" in text
    assert '<p class="summary" lang="en">' in text


def test_an_ordinary_page_is_small(monitor):
    assert len(render("html", monitor).encode()) < 150_000


@pytest.mark.parametrize("bad", ["", "x", "PHN2Zz4=", 7, None, '"><script>'])
def test_only_a_png_is_a_picture(bad):
    assert icon(bad) == ""


def test_the_dump_points_at_the_bytes_in_the_file():
    shown = dump("mount -o nolock 202.114.4.119:/pm /mnt", "202.114.4.119", 216, "")
    assert shown.absolute
    assert shown.rows[0].address == "000000c8"
    assert [text for _, text, hit in shown.rows[1].runs if hit] == ["202.114.4.119"]


def test_the_dump_of_gbk_shows_the_bytes_of_the_file():
    shown = dump("连接host.cn 失败", "host.cn", 20, "gb18030")
    assert shown.absolute
    assert shown.rows[0].address == "00000010"
    assert "".join(run for run, _, _ in shown.rows[0].runs).startswith("c1 ac bd d3 68 6f")


@pytest.mark.parametrize(
    ("excerpt", "decoding"), [("abc", "base64"), ("\ufffdabc", ""), ("other", ""), ("head abc", "")]
)
def test_addresses_are_relative_where_the_place_is_not_certain(excerpt, decoding):
    assert not dump(excerpt, "abc", 2, decoding).absolute


def test_seat_and_hosting_are_drawn_apart(full):
    picture = flow(full, full["findings"], "{n} more")
    kinds = [link.kind for link in picture.links]
    assert kinds.count("seat") == 2
    assert kinds.count("hosting") == 3


def test_a_box_holds_the_name_in_the_language_of_the_page(full):
    first = full["findings"][0]
    named = first | {
        "subject": first["subject"] | {"name": "Web sites registered in the PRC (ICP number)"},
        "vendor": first["vendor"] | {"name": "Unknown operator"},
    }
    picture = flow(full, [named], "{n} more", lambda name: words("cs").sentence(name)[0])
    drawn = {node.kind: (node.label, node.short) for node in picture.nodes}
    assert drawn["subject"] == ("Weby registrované v ČLR (číslo ICP)", "Weby registrované v ČLR (čí…")
    assert drawn["vendor"] == ("Neznámý provozovatel", "Neznámý provozovatel")


def test_many_findings_share_a_box(full):
    findings = [full["findings"][0] | {"id": f"F-{n:012}"} for n in range(30)]
    picture = flow(full, findings, "and {n} more")
    assert [node.label for node in picture.nodes if node.key == "s:rest"] == ["and 20 more"]
