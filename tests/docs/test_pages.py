"""The pages agree with the product, their links lead somewhere, and the site is made of them alone."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from inspector.cli.exit_codes import Exit
from inspector.extract.budget import Limits
from inspector.model.observation import Presence
from inspector.report import REPORTERS
from tests.browser import browser, missing
from tools.build_site import build, slug

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
LINK = re.compile(r"(?<!`)\]\(([^)\s]+)\)")
ROW = re.compile(r"^\| `?([\w-]+)`? \| (.+?) \|", re.MULTILINE)


def rows(page, heading=""):
    text = (DOCS / page).read_text(encoding="utf-8")
    return dict(ROW.findall(text[text.index(heading) :]))


def test_the_limits_page_states_the_defaults():
    stated = rows("limits.md")
    assert {name: int(stated[name]) for name, _ in Limits().as_pairs()} == dict(Limits().as_pairs())


def test_the_exit_codes_are_all_told():
    stated = rows("getting-started.md", "## Exit codes")
    assert {int(code) for code in stated if code.isdigit()} == {int(code) for code in Exit}


def test_every_format_is_told_with_its_title():
    stated = rows("getting-started.md", "## Outputs")
    assert {name: stated.get(name) for name in REPORTERS} == {name: found.title for name, found in REPORTERS.items()}


def test_the_grades_are_told_in_order():
    stated = rows("reading-a-profile.md", "### Presence")
    assert [grade for grade in stated if grade in list(Presence)] == list(Presence)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_links_of_a_page_lead_somewhere(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for link in LINK.findall(text):
        parts = urlsplit(link)
        if parts.scheme:
            continue
        target = page.parent / unquote(parts.path) if parts.path else page
        assert target.exists(), f"{page.relative_to(ROOT)}: {link}"
        if parts.fragment and target.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert parts.fragment in {slug(heading) for heading in headings}, f"{page.relative_to(ROOT)}: {link}"


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.targets, self.ids, self.tags = [], set(), set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("href", "src"):
                self.targets.append((tag, value))
            if name == "id":
                self.ids.add(value)


def read(path):
    links = Links()
    links.feed(path.read_text(encoding="utf-8"))
    return links


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    build(DOCS, folder)
    return folder


def test_every_page_is_in_the_site_and_in_its_navigation(site):
    navigation = {target for _, target in read(site / "index.html").targets}
    for page in DOCS.rglob("*.md"):
        name = str(page.relative_to(DOCS).with_suffix(".html"))
        assert (site / name).is_file()
        assert name in navigation


def test_the_site_loads_nothing_from_elsewhere_and_runs_nothing(site):
    for path in site.rglob("*.html"):
        links = read(path)
        assert "script" not in links.tags
        assert not [value for tag, value in links.targets if tag != "a" and urlsplit(value).scheme]


def test_the_links_of_the_site_lead_somewhere(site):
    ids = {path: read(path).ids for path in site.rglob("*.html")}
    for path in ids:
        for _, value in read(path).targets:
            parts = urlsplit(value)
            if parts.scheme:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.is_file(), f"{path.relative_to(site)}: {value}"
            if parts.fragment:
                assert parts.fragment in ids[target], f"{path.relative_to(site)}: {value}"


def test_the_site_is_made_the_same_way_every_time(site, tmp_path):
    build(DOCS, tmp_path)
    files = sorted(path.relative_to(site) for path in site.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert all((site / name).read_bytes() == (tmp_path / name).read_bytes() for name in files)


@pytest.mark.browser
@pytest.mark.skipif(bool(missing()), reason=f"needs {missing()}")
def test_no_page_of_the_site_scrolls_sideways_on_a_telephone(site, tmp_path):
    metrics = {"width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    with browser(tmp_path) as window:
        window.devtools("Emulation.setDeviceMetricsOverride", metrics)
        wide = {}
        for page in sorted(site.rglob("*.html")):
            window.open(page)
            wide[page.name] = window.run("return document.documentElement.scrollWidth")
    assert {name: width for name, width in wide.items() if width > 360} == {}
