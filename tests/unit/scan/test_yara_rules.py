"""The user's YARA rules: matches become findings with the rule's metadata, a slow rule a gap, a bad rule one line."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from inspector.errors import KnowledgeError, UsageError
from inspector.formats.reader import BufferReader
from inspector.harvest import Options, Toolbox
from inspector.knowledge import load_knowledge
from inspector.knowledge.yara_pack import read_rules, with_rules
from inspector.model.artifact import Artifact
from inspector.scan.base import ScanNotes
from inspector.session import inspect_file

SAMPLE = Path(__file__).parents[3] / "samples/patient-monitor/patient-monitor.bin"
RULE = """
rule central_station : medical {
  meta:
    vendor = "Acme"
    domicile = "CN"
    limb = "data-transfer"
    description = "Talks to a central station."
  strings:
    $a = "connect to central station"
  condition:
    $a
}
"""


@pytest.fixture
def rules(tmp_path):
    def write(text, name="mine.yar"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def box(path):
    return Toolbox(with_rules(load_knowledge(), read_rules([path])))


def test_a_match_is_a_finding_with_the_metadata_of_the_rule(rules):
    document, _ = inspect_file(SAMPLE, box(rules(RULE)), Options())
    found = next(f for f in document["findings"] if f["subject"]["id"] == "yara/central_station")
    assert (found["vendor"]["name"], found["vendor"]["domicile"]) == ("Acme", "CN")
    assert found["limbs"] == ["data-transfer"]
    evidence = found["evidence"][0]
    assert evidence["location"]["path"].endswith("!/opt/bin/monitor")
    assert "central station" in evidence["excerpt"]


def test_rules_of_one_toolbox_are_not_those_of_another(rules, toolbox):
    mine = box(rules(RULE))
    mine.warm()
    leaf, data = Artifact("fw", "text", "fw"), BufferReader(b"connect to central station")
    assert [found.observable.value for found in mine.scan(leaf, data, ScanNotes())] == ["central_station"]
    assert toolbox.scan(leaf, data, ScanNotes()) == []


def test_rules_add_to_the_knowledge_and_change_its_hash(rules):
    plain = load_knowledge()
    more = with_rules(plain, read_rules([rules(RULE)]))
    assert len(more.signatures) == len(plain.signatures) + 1
    assert more.sha256 != plain.sha256


def test_a_folder_of_rules_is_read_in_order(rules, tmp_path):
    rules(RULE, "b.yar")
    rules(RULE.replace("central_station :", "again :"), "a.yara")
    assert [name for name, _ in read_rules([tmp_path])] == ["a", "b"]


def test_a_folder_without_rules_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError):
        read_rules([tmp_path])


@pytest.mark.parametrize("text", ["rule broken {", 'include "/etc/passwd"\nrule a { condition: true }'])
def test_a_bad_rule_is_one_clear_line(rules, text):
    with pytest.raises(KnowledgeError, match="YARA"):
        with_rules(load_knowledge(), read_rules([rules(text)]))


def test_the_command_line_says_what_is_wrong_with_a_rule(rules):
    command = [sys.executable, "-m", "inspector", "scan", str(SAMPLE), "--yara", str(rules("rule broken {"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_rule_set_past_its_time_is_a_gap(rules, inspect_bytes, tmp_path, monkeypatch):
    monkeypatch.setattr("inspector.scan.yara_rules.TOTAL_SECONDS", -1)
    document, _ = inspect_file(SAMPLE, box(rules(RULE)), Options())
    assert [gap for gap in document["coverage"]["gaps"] if "YARA" in gap["detail"]]
    assert not [f for f in document["findings"] if f["subject"]["id"].startswith("yara/")]


SLOW = """
rule slow { condition: for all i in (0..100000000) : (for any j in (0..100000000) : (uint8(0) == i + j)) }
rule quick { meta: title = "quick" strings: $a = "tuyacn" condition: $a }
"""


def test_a_rule_that_really_is_slow_is_a_gap_and_the_scan_goes_on(rules, tmp_path, monkeypatch):
    monkeypatch.setattr("inspector.scan.yara_rules.LEAF_SECONDS", 1)
    path = tmp_path / "artifact.bin"
    path.write_bytes(b"\0\0http://api.tuyacn.com/v1\0\0" * 50)
    start = time.monotonic()
    document, _ = inspect_file(path, box(rules(SLOW)), Options())
    assert time.monotonic() - start < 30
    [gap] = [gap for gap in document["coverage"]["gaps"] if "YARA" in gap["detail"]]
    assert (gap["reason"], gap["location"]["path"]) == ("limit", "artifact.bin")
    assert "took longer than" in gap["detail"]
    assert "api.tuyacn.com" in {host["value"] for host in document["observables"]["hostnames"]}
    assert document["verdict"]["status"] == "exposed"
