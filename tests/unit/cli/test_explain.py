"""`inspector explain`: the chain of a finding, and its bytes read again."""

import json
import subprocess
import zipfile
from pathlib import Path
from struct import pack
from zlib import crc32

import pytest
from click.testing import CliRunner

from inspector.cli.main import cli
from inspector.errors import UsageError
from inspector.harvest import Options
from inspector.session import inspect_file

MONITOR = Path(__file__).parents[3] / "samples/patient-monitor/patient-monitor.bin"


def run(*arguments):
    return CliRunner().invoke(cli, ["explain", *map(str, arguments)])


@pytest.fixture(scope="module")
def made(tmp_path_factory, toolbox):
    def make(path):
        target = tmp_path_factory.mktemp("explain") / "profile.json"
        target.write_text(json.dumps(inspect_file(path, toolbox, Options())[0]))
        return target

    return make


@pytest.fixture(scope="module")
def monitor(made):
    return made(MONITOR)


def explained(*arguments):
    result = run(*arguments, "-f", "json")
    return json.loads(result.output), result.exit_code


def test_the_chain_is_whole(monitor):
    told, code = explained(monitor, "contec/update-share")
    assert code == 0
    first = told["evidence"][0]
    assert first["location"]["path"].endswith("/opt/bin/monitor")
    assert first["indicator"] == "contec/update-share:update-address"
    assert first["pattern"] == "202.114.4.119/32"
    assert first["indicator_references"]
    assert told["vendor_references"]
    assert told["claim"]["severity_reasons"]
    assert told["claim"]["limbs"][0]["limb"] == "remote-administration"
    assert first["by_hand"][-1].endswith("| xxd -o 200")


@pytest.mark.parametrize(
    "name", ["F-5ce18aacdf85", "F-5ce1", "f-5ce18", "contec/update-share", "contec cms8000 update share"]
)
def test_a_finding_answers_to_its_id_its_beginning_and_its_subject(monitor, name):
    assert explained(monitor, name)[0]["finding"] == "F-5ce18aacdf85"


def test_an_unknown_finding_is_refused_and_the_known_ones_are_named(monitor):
    result = run(monitor, "F-000000")
    assert isinstance(result.exception, UsageError)
    assert "F-5ce18aacdf85" in str(result.exception)


def test_the_bytes_are_read_again_and_are_there(monitor):
    told, code = explained(monitor, "contec/update-share", MONITOR)
    assert code == 0
    assert {item["reread"]["found"] for item in told["evidence"]} == {"there"}
    again = told["evidence"][0]["reread"]
    assert b"202.114.4.119:/pm" in bytes.fromhex(again["hex"])


def test_a_renamed_artifact_is_read_all_the_same(monitor, tmp_path):
    renamed = tmp_path / "other-name.img"
    renamed.write_bytes(MONITOR.read_bytes())
    told, code = explained(monitor, "contec/update-share", renamed)
    assert (code, told["notes"]) == (0, [])


@pytest.fixture
def archive(tmp_path):
    def build(text):
        path = tmp_path / "fw.zip"
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr("etc/cloud.conf", f"# settings\nserver=https://{text}/v1\n")
            packed.writestr("etc/other.conf", "nothing here\n" * 50)
        return path

    return build


def test_other_bytes_at_the_place_are_told_and_fail(archive, made):
    profile = made(archive("openapi.tuyacn.com"))
    finding = json.loads(profile.read_text())["findings"][0]["id"]
    changed = archive("openapi.example.or")
    told, code = explained(profile, finding, changed)
    assert code == 3
    assert {item["reread"]["found"] for item in told["evidence"]} == {"differs"}
    assert "SHA-256 differs" in told["notes"][0]


def test_a_place_that_is_gone_is_told_and_fails(archive, made, tmp_path):
    profile = made(archive("openapi.tuyacn.com"))
    finding = json.loads(profile.read_text())["findings"][0]["id"]
    empty = tmp_path / "empty.bin"
    empty.write_bytes(b"")
    told, code = explained(profile, finding, empty)
    assert code == 3
    assert {item["reread"]["found"] for item in told["evidence"]} == {"not-reached"}


def test_the_lines_lead_through_a_wrapper_that_no_common_tool_reads(tmp_path, made):
    text = b"server=https://openapi.tuyacn.com/v1\n" * 4
    rest = pack("<HH3I", 0, 1, 28, 0, 0) + text
    wrapped = tmp_path / "fw.trx"
    wrapped.write_bytes(b"HDR0" + pack("<II", 12 + len(rest), crc32(rest) ^ 0xFFFFFFFF) + rest)
    profile = made(wrapped)
    finding = json.loads(profile.read_text())["findings"][0]["id"]
    lines = explained(profile, finding, wrapped)[0]["evidence"][0]["by_hand"]
    assert lines[0] == f"tail -c +29 fw.trx | head -c {len(text)} > part1"
    done = subprocess.run(["bash", "-c", "\n".join(lines)], cwd=tmp_path, capture_output=True, check=True)
    assert b"tuyacn" in done.stdout


def test_shell_lines_are_not_folded_on_the_screen(monitor):
    output = run(monitor, "contec/update-share", MONITOR).output
    assert "     $ unsquashfs -o 0 -cat part1 opt/bin/monitor > part2\n" in output
    assert "the bytes are there" in output
    assert "\x1b" not in output
