import csv
import io
import json
import uuid
import xml.etree.ElementTree as ET

import pytest

from inspector.report import REPORTERS, Presentation, render
from inspector.report.stix import OBSERVABLES, _uuid5
from tests.unit.report.hostile import POLYGLOT

TEXTS = sorted(set(REPORTERS) - {"pdf"})


@pytest.mark.parametrize("language", ["en", "cs"])
@pytest.mark.parametrize("name", TEXTS)
def test_every_format_renders_every_section(name, language, full):
    text = render(name, full, Presentation(language=language))
    assert "patient-monitor.bin" in text


@pytest.mark.parametrize("name", TEXTS)
def test_a_report_is_the_same_every_time(name, full):
    assert render(name, full) == render(name, full)


def test_json_lines_are_one_line(hostile):
    text = render("jsonl", hostile)
    assert text.count("\n") == 1
    assert json.loads(text) == hostile


@pytest.mark.parametrize("name", ["csv", "csv-endpoints", "risk-register-csv"])
def test_no_csv_field_is_a_formula_or_breaks_its_line(name, hostile):
    rows = list(csv.reader(io.StringIO(render(name, hostile))))
    assert len({len(row) for row in rows}) == 1
    assert not [field for row in rows for field in row if field.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert not [field for row in rows for field in row if any(ord(c) < 32 for c in field)]


def test_csv_marks_a_formula_with_an_apostrophe(full):
    document = full | {"artifact": full["artifact"] | {"name": "=1+1"}}
    rows = list(csv.DictReader(io.StringIO(render("csv", document))))
    assert rows[0]["artifact"] == "'=1+1"
    assert rows[0]["first path"].startswith("patient-monitor.bin!uimage")


def test_junit_fails_for_each_exposing_finding(full):
    suite = ET.fromstring(render("junit", full))
    assert suite.get("failures") == "3"
    assert len(suite.findall("testcase")) == 4


def test_junit_counts_an_inconclusive_profile(full):
    verdict = full["verdict"] | {"status": "inconclusive"}
    suite = ET.fromstring(render("junit", full | {"findings": [], "verdict": verdict}))
    assert suite.find("testcase/failure").get("type") == "inconclusive"


def test_junit_stays_well_formed_with_hostile_text(hostile):
    suite = ET.fromstring(render("junit", hostile))
    assert {element.tag for element in suite.iter()} == {"testsuite", "testcase", "failure"}


def test_sarif_names_rule_place_and_excerpt(monitor):
    run = json.loads(render("sarif", monitor))["runs"][0]
    result = run["results"][0]
    place = result["locations"][0]["physicalLocation"]
    assert result["ruleId"] == "contec/update-share"
    assert result["level"] == "error"
    assert place["region"] == {
        "byteOffset": 216,
        "byteLength": 13,
        "snippet": {"text": "mount -o nolock 202.114.4.119:/pm /mnt"},
    }
    assert place["artifactLocation"]["uri"].endswith("/opt/bin/monitor")


def test_sarif_cuts_to_what_services_show_and_says_so(monitor):
    item = monitor["findings"][0]["evidence"][0]
    finding = monitor["findings"][0] | {"evidence": [item] * 150, "evidence_total": 150}
    run = json.loads(render("sarif", monitor | {"findings": [finding] * 5001}))["runs"][0]
    notes = " ".join(note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"])
    assert (len(run["results"]), len(run["results"][0]["locations"])) == (5000, 100)
    assert "1 results are left out" in notes
    assert "Not all places are listed" in notes


@pytest.mark.parametrize("which", ["full", "hostile", "forgery"])
def test_sarif_fits_the_object_model(which, request):
    sarif = pytest.importorskip("sarif_pydantic", reason="needs sarif-pydantic")
    sarif.Sarif.model_validate_json(render("sarif", request.getfixturevalue(which)))


@pytest.mark.parametrize("which", ["full", "hostile", "forgery"])
def test_cyclonedx_is_valid(which, request):
    validation = pytest.importorskip("cyclonedx.validation.json")
    from cyclonedx.schema import SchemaVersion

    text = render("cyclonedx", request.getfixturevalue(which))
    problem = validation.JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    assert problem is None, str(problem)[:500]


@pytest.mark.parametrize("which", ["monitor", "full", "hostile", "forgery"])
def test_the_library_of_oasis_reads_the_stix_bundle(which, request):
    stix2 = pytest.importorskip("stix2", reason="needs stix2")
    text = render("stix", request.getfixturevalue(which))
    bundle = stix2.parse(text, allow_custom=False)
    by_id = {found.id: found for found in bundle.objects}
    refs = [
        found[key] for found in bundle.objects for key in ("source_ref", "target_ref", "created_by_ref") if key in found
    ]
    assert set(refs) | set(bundle.objects[-1].object_refs) <= set(by_id)
    assert len(by_id) == len(bundle.objects)
    kinds = {"domain-name": stix2.DomainName, "ipv4-addr": stix2.IPv4Address, "ipv6-addr": stix2.IPv6Address}
    seen = [found for found in bundle.objects if found.type in kinds]
    assert seen
    assert [kinds[found.type](value=found.value).id for found in seen] == [found.id for found in seen]


@pytest.mark.parametrize("name", ["", "a", "ä\0b" * 50])
def test_ids_are_those_of_the_standard_library(name):
    assert _uuid5(OBSERVABLES, name) == str(uuid.uuid5(OBSERVABLES, name))


def test_stix_tells_who_where_and_claims_no_malice(monitor):
    objects = json.loads(render("stix", monitor))["objects"]
    named = {found.get("name"): found for found in objects}
    assert named["202.114.4.119"]["pattern"] == "[ipv4-addr:value = '202.114.4.119']"
    assert named["202.114.4.119"]["indicator_types"] == ["unknown"]
    assert named["Contec Medical"]["identity_class"] == "organization"
    assert named["China"]["country"] == "CN"
    assert named["patient-monitor.bin"]["hashes"] == {"SHA-256": monitor["artifact"]["sha256"]}


def test_stix_indicators_are_what_the_block_lists_take(full):
    objects = json.loads(render("stix", full))["objects"]
    listed = [line for line in render("blocklist", full).splitlines() if line and not line.startswith("#")]
    assert sorted(found["name"] for found in objects if found["type"] == "indicator") == sorted(listed)


def test_cyclonedx_tells_provider_direction_and_place(full):
    bom = json.loads(render("cyclonedx", full))
    service = next(s for s in bom["services"] if s["name"] == "Contec CMS8000 update share")
    assert [c["name"] for c in bom["components"]] == ["Example push"]
    assert service["provider"]["name"] == "Contec Medical"
    assert service["endpoints"] == ["//202.114.4.119"]
    assert service["data"] == [{"flow": "bi-directional", "classification": "medical"}]


def test_cyclonedx_lists_no_service_as_a_component(full):
    findings = [finding | {"subject": finding["subject"] | {"kind": "service"}} for finding in full["findings"]]
    bom = json.loads(render("cyclonedx", full | {"findings": findings}))
    assert "components" not in bom
    assert "Example push" in [service["name"] for service in bom["services"]]


@pytest.mark.parametrize("name", ["markdown", "questionnaire", "risk-register"])
def test_markdown_holds_no_markup_of_the_sample(name, hostile):
    markdown = pytest.importorskip("markdown_it")
    html = markdown.MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(render(name, hostile))
    assert "<script" not in html
    assert "<img" not in html
    assert "<svg" not in html
    assert "<a " not in html


def test_the_terminal_shows_a_line_of_evidence_once(monitor):
    text = render("terminal", monitor)
    assert monitor["findings"][0]["evidence_total"] == 3
    assert text.count("mount -o nolock 202.114.4.119:/pm /mnt") == 1
    assert "and 2 more" in text


def test_the_terminal_shows_the_offset_of_a_place_longer_than_the_screen(monitor):
    first, *rest = monitor["findings"]
    item = first["evidence"][0]
    place = {"path": "fw.bin" + "!container" * 30 + "!/usr/bin/agent", "offset": 0xC0FFEE}
    longer = first | {"evidence": [item | {"location": place}]}
    text = render("terminal", monitor | {"findings": [longer, *rest]})
    joined = "".join(line.strip() for line in text.splitlines())
    assert f"{place['path']}+0xc0ffee" in joined


def test_the_terminal_shows_refused_texts_by_reason_and_says_how_many_there_are(full, monitor):
    text = render("terminal", full)
    assert "file-name  30  a file" in text
    assert "lib9.so  a!b+0x9" in text
    assert "lib10.so" not in text
    assert "and 20 more (see -f json)" in text
    assert "Refused" not in render("terminal", monitor)


def test_the_terminal_gets_no_control_characters(hostile):
    text = render("terminal", hostile)
    assert not [c for c in text if c != "\n" and not c.isprintable()]


@pytest.mark.parametrize("name", sorted(set(TEXTS) - {"json", "jsonl"}))
def test_no_text_format_lets_control_characters_through(name, hostile):
    text = render(name, hostile)
    assert not [c for c in text if c not in "\n\r\t" and (ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u200b")]


def test_the_polyglot_reached_the_reports(hostile):
    assert POLYGLOT in hostile["artifact"]["name"]


def test_terminal_tells_of_tampering(monitor):
    artifact = {**monitor["artifact"], "tampering": ["x.apk!apk!classes.dex: duplicate name"]}
    assert "classes.dex: duplicate name" in render("terminal", {**monitor, "artifact": artifact})
    assert "tampering" not in render("terminal", monitor)


IN_CZECH = frozenset(
    ("html", "pdf", "markdown", "questionnaire", "questionnaire-html", "risk-register", "risk-register-csv")
)


@pytest.mark.parametrize("name", sorted(set(REPORTERS) - {"pdf"}))
def test_the_formats_that_the_docs_call_czech_are(name, monitor):
    czech = render(name, monitor, Presentation(language="cs"))
    assert (czech != render(name, monitor)) is (name in IN_CZECH)
