"""Local packs made out of other projects' lists: all of a list, weaker than ours, and loadable."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from inspector.cli.main import cli
from inspector.errors import UsageError
from inspector.knowledge.importers import import_pack

LONG = 12_345
"""More patterns than one indicator or one file of a pack takes."""


def test_every_line_of_a_long_list_is_taken(tmp_path: Path) -> None:
    source = tmp_path / "china.conf"
    source.write_text("".join(f"server=/host{i:05}.example-list.net/114.114.114.114\n" for i in range(LONG)))
    pack = tmp_path / "pack"
    assert import_pack("dnsmasq", source, pack) == LONG
    values = ["host00000.example-list.net", f"www.host{LONG - 1}.example-list.net"]
    answer = CliRunner().invoke(cli, ["lookup", "-f", "jsonl", "--signatures", str(pack), *values])
    assert answer.exit_code == 0, answer.output
    assert answer.output.count("(imported)") >= len(values)


def test_a_brand_of_v2fly_keeps_its_name(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "acme").write_text("# a comment\nacme-list.net\nfull:api.acme-list.com @cn\ninclude:other\nregexp:^x$\n")
    assert import_pack("v2fly", data, tmp_path / "pack") == 2
    text = (tmp_path / "pack/imported-v2fly-acme/list.yaml").read_text()
    for expected in ("acme-list.net", "api.acme-list.com", "confidence: low"):
        assert expected in text


def test_rules_of_libchecker_and_exodus(tmp_path: Path) -> None:
    rules = tmp_path / "rules.jsonl"
    rules.write_text(json.dumps({"group": "native-libs", "pattern": "libacme.so", "team": "Acme"}) + "\n")
    assert import_pack("libchecker", rules, tmp_path / "one") == 1
    tracker = {"name": "Acme", "code_signature": "net.acme.|net.acme.push", "network_signature": r"acme-list\.net"}
    trackers = tmp_path / "trackers.json"
    trackers.write_text(json.dumps({"trackers": {"1": tracker}}))
    assert import_pack("exodus", trackers, tmp_path / "two") == 3


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("not a list of trackers")
    with pytest.raises(UsageError, match="exodus"):
        import_pack("exodus", tmp_path / "other", tmp_path / "pack")
