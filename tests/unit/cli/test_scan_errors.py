"""Wrong input: one clear line or a recorded gap, the contract's exit code, never a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[3] / "samples/patient-monitor/patient-monitor.bin"


def scan(*arguments):
    command = [sys.executable, "-m", "inspector", "scan", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in done.stderr + done.stdout
    return done


def test_a_missing_file_is_a_usage_error(tmp_path):
    done = scan(tmp_path / "absent.bin")
    assert done.returncode == 2
    assert "no such file" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_a_usage_error(tmp_path):
    path = tmp_path / "secret.bin"
    path.write_bytes(b"x")
    path.chmod(0)
    done = scan(path)
    assert done.returncode == 2
    assert "permission denied" in done.stderr.lower()


def test_an_unknown_format_is_a_usage_error():
    done = scan(SAMPLE, "-f", "papyrus")
    assert done.returncode == 2
    assert "papyrus" in done.stderr


def test_an_unset_variable_does_not_mean_the_current_folder():
    done = scan("")
    assert done.returncode == 2
    assert "empty path" in done.stderr


def test_an_empty_directory_holds_nothing_scannable(tmp_path):
    assert scan(tmp_path).returncode == 5


def test_an_empty_file_holds_nothing_scannable(tmp_path):
    (tmp_path / "empty.bin").write_bytes(b"")
    assert scan(tmp_path / "empty.bin").returncode == 5


def test_random_bytes_hold_nothing_scannable_and_are_not_called_clean(tmp_path):
    path = tmp_path / "random.bin"
    path.write_bytes(os.urandom(1 << 18))
    done = scan(path, "-f", f"json={tmp_path}/out.json")
    document = json.loads((tmp_path / "out.json").read_text())
    assert document["verdict"]["status"] == "inconclusive"
    assert document["coverage"]["gaps"]
    assert done.returncode == 5


def test_a_truncated_image_is_a_gap_and_no_clean_answer(tmp_path):
    path = tmp_path / "cut.bin"
    path.write_bytes(SAMPLE.read_bytes()[:-200])
    done = scan(path, "-f", f"json={tmp_path}/out.json")
    document = json.loads((tmp_path / "out.json").read_text())
    assert document["verdict"]["status"] in ("inconclusive", "exposed")
    assert [gap for gap in document["coverage"]["gaps"] if gap["reason"] == "malformed"]
    assert done.returncode in (0, 5)


def test_fail_on_turns_the_rating_into_an_exit_code():
    assert scan(SAMPLE, "--fail-on", "high", "-f", "json=/dev/null").returncode == 1


def test_the_worst_of_several_inputs_wins(tmp_path):
    (tmp_path / "empty.bin").write_bytes(b"")
    assert scan(tmp_path / "empty.bin", SAMPLE, "--fail-on", "high", "-f", "json=/dev/null").returncode == 1


@pytest.mark.parametrize("option", [("--as-of", "2026-12-01"), ("--as-of", "yesterday")])
def test_a_day_without_a_policy_is_a_usage_error(option):
    done = scan(SAMPLE, *option)
    assert done.returncode == 2
    assert done.stderr.strip() == "inspector: --as-of needs --policy"


def test_examples_of_nobody_do_not_pass():
    command = [sys.executable, "-m", "inspector", "signatures", "test", "contec", "nosuch"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert "no subject whose id starts with 'nosuch'" in done.stderr


def test_who_pipes_an_artifact_in_is_told_what_to_do():
    done = scan("-")
    assert done.returncode == 2
    assert done.stderr == "inspector: no such file: '-'; standard input is not read: save it to a file first\n"


@pytest.mark.parametrize("option", ["-fjson={}", "-fjsonl={}", "--run-record={}"])
def test_a_file_in_a_folder_that_is_not_there_is_a_usage_error_and_makes_no_folder(tmp_path, option):
    done = scan(SAMPLE, option.format(tmp_path / "absent/deep/out"))
    assert done.returncode == 2
    assert f"no such folder: '{tmp_path}/absent/deep'" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_where_a_file_was_wanted_is_told_before_the_inspection(tmp_path):
    done = scan(SAMPLE, f"-fjson={tmp_path}")
    assert done.returncode == 2
    assert "it is a folder" in done.stderr
