"""The pages in a real browser: hostile text does nothing, nothing is fetched, axe finds no fault, 5,000 rows work."""

import json
import os
from pathlib import Path

import pytest

from inspector.profile.rollup import rollup
from inspector.report import render
from inspector.report.rollup_page import render_rollup_page
from tests.browser import browser, missing
from tests.unit.report.pages import PAGES, written

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(bool(missing()), reason=f"needs {missing()}"),
]
AXE = next(
    (
        path
        for folder in (os.environ.get("AXE_FOLDER", ""), "node_modules/axe-core", "/usr/share/javascript/axe-core")
        if folder and (path := Path(folder) / "axe.min.js").is_file()
    ),
    None,
)
"""axe-core (npm), where it is there: `npm install axe-core`, or AXE_FOLDER."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="module")
def window(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("browser")) as session:
        yield session


def shown(window, tmp_path, text):
    path = tmp_path / "page.html"
    path.write_text(text, encoding="utf-8")
    window.log("performance")
    window.open(path)
    return path


def requests(window):
    messages = [json.loads(entry["message"])["message"] for entry in window.log("performance")]
    sent = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    own = ("file:///", "data:image/", "chrome://")  # the last: the browser's own first tab
    return [url for url in sent if not url.startswith(own)]


@pytest.mark.parametrize("document", ["hostile", "forgery"])
@pytest.mark.parametrize("name", PAGES)
def test_hostile_text_runs_nothing_and_fetches_nothing(window, tmp_path, request, name, document):
    shown(window, tmp_path, written(name, request.getfixturevalue(document)))
    window.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    window.run(
        "document.querySelectorAll('input[type=search]').forEach((one) => one.dispatchEvent(new Event('input')))"
    )
    assert window.run("return document.title") != "pwned"
    assert window.run("return document.documentElement.dataset.ready") == "yes"
    assert window.run("return document.querySelectorAll('main a[href^=http], main img:not([src^=data])').length") == 0
    assert requests(window) == []
    assert [entry for entry in window.log("browser") if entry["level"] == "SEVERE"] == []


def test_a_script_that_got_in_would_not_run(window, tmp_path, monitor):
    """The policy holds by itself: markup put into the page after the fact is inert."""
    text = render("html", monitor).replace("</main>", "<script>document.title='pwned'</script><img src=x></main>")
    shown(window, tmp_path, text)
    assert window.run("return document.title") != "pwned"
    assert any("Content Security Policy" in entry["message"] for entry in window.log("browser"))


@pytest.mark.skipif(AXE is None, reason="needs axe-core")
@pytest.mark.parametrize("language", ["en", "cs"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_fault(window, tmp_path, full, name, scheme, language):
    window.emulate(prefers_color_scheme=scheme)
    shown(window, tmp_path, written(name, full, language))
    window.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    window.run(AXE.read_text(encoding="utf-8"))
    body = (
        "const done = arguments[1]; axe.run({runOnly: arguments[0]}).then("
        "(found) => done(found.violations.map((one) => [one.id, one.nodes[0].html])))"
    )
    assert window.later(body, RULES) == []


@pytest.mark.parametrize("width", [360, 768, 1440])
@pytest.mark.parametrize("name", PAGES)
def test_the_page_never_scrolls_sideways(window, tmp_path, full, name, width):
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    window.devtools("Emulation.setDeviceMetricsOverride", metrics)
    shown(window, tmp_path, written(name, full))
    window.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert window.run("return document.documentElement.scrollWidth") <= width
    window.devtools("Emulation.clearDeviceMetricsOverride", {})


def test_five_thousand_endpoints_are_searched_sorted_and_filtered(window, tmp_path, monitor):
    one = monitor["observables"]["ip_addresses"][0]
    names = [
        one | {"value": f"host{n:04}.example.com", "attributes": {}, "jurisdiction": "CN" if n % 2 else "DE"}
        for n in range(5000)
    ]
    document = monitor | {"observables": monitor["observables"] | {"hostnames": names}}
    path = shown(window, tmp_path, render("html", document))
    timing = (
        "const t = performance.getEntriesByType('navigation')[0]; return t.domContentLoadedEventEnd - t.responseEnd"
    )
    taken = [window.run(timing)]
    while min(taken) >= 1000 and len(taken) < 5:  # other work on the machine lengthens one load, not five
        window.open(path)
        taken.append(window.run(timing))
    assert min(taken) < 1000
    sheet = "const s = document.querySelector('#t-endpoints'); const rows = () => [...s.querySelectorAll('tbody tr')];"
    assert window.run(sheet + "return rows().length") == 100
    field = "const f = s.querySelector('input[type=search]');"
    search = field + "f.value = 'HOST4321'; f.dispatchEvent(new Event('input'));"
    assert window.run(sheet + search + "return rows().map((r) => r.cells[0].textContent)") == ["host4321.example.com"]
    clear = field + "f.value = ''; f.dispatchEvent(new Event('input'));"
    twice = "s.querySelector('th button').click(); s.querySelector('th button').click();"
    assert window.run(sheet + clear + twice + "return rows()[0].cells[0].textContent") == "host4999.example.com"
    marked = "s.querySelector('[data-marked]').click(); return rows().every((r) => r.className === 'prc')"
    assert window.run(sheet + marked)


def test_a_roll_up_of_many_is_sorted_as_numbers_and_never_scrolls_sideways(window, tmp_path, full):
    many = [
        full
        | {"artifact": full["artifact"] | {"name": f"device {n:03}", "sha256": f"{n:064x}"}}
        | {"coverage": full["coverage"] | {"score": n / 150}}
        for n in range(1, 150)
    ]
    shown(window, tmp_path, render_rollup_page(rollup(many), "cs"))
    window.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert window.run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    body = (
        "const s = document.querySelector('#t-artifacts'); const done = arguments[0];"
        "setTimeout(() => { [...s.querySelectorAll('th button')].pop().click();"
        "done([...s.querySelectorAll('tbody tr')].slice(0, 16).map((row) => row.cells[1].textContent)); }, 100);"
    )
    assert window.later(body) == [f"device {n:03}" for n in range(1, 17)]


def test_the_page_prints_to_pdf(monitor):
    pdf = render("pdf", monitor)
    assert pdf.startswith(b"%PDF-")
    assert len(pdf) > 50_000


def test_the_decision_takes_one_printed_page(window, tmp_path, monitor):
    """The first page holds the picture of a small flow; behind a larger one the second is not left half empty."""
    shown(window, tmp_path, render("html", monitor))
    window.emulate(media="print")
    metrics = {"width": 688, "height": 1017, "deviceScaleFactor": 1, "mobile": False}  # A4 less margins, at 96 dpi
    window.devtools("Emulation.setDeviceMetricsOverride", metrics)
    assert window.run("return document.querySelector('#flow').getBoundingClientRect().bottom + scrollY") < 1017
    assert window.run("return getComputedStyle(document.querySelector('#flow')).breakAfter") == "auto"
    window.devtools("Emulation.clearDeviceMetricsOverride", {})
