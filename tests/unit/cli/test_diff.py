"""`inspector diff` over the samples: formats, the gate, and what it refuses."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from inspector.cli.main import cli
from inspector.errors import UsageError

SAMPLES = Path(__file__).parents[3] / "samples"
CLEAN = str(SAMPLES / "clean-router/clean-router.bin")
MONITOR = str(SAMPLES / "patient-monitor/patient-monitor.bin")


def run(*arguments):
    return CliRunner().invoke(cli, ["diff", *arguments])


@pytest.fixture(scope="module")
def profiles(tmp_path_factory, toolbox):
    from inspector.harvest import Options
    from inspector.session import inspect_file

    folder = tmp_path_factory.mktemp("profiles")
    for path in (CLEAN, MONITOR):
        target = folder / f"{Path(path).stem}.json"
        target.write_text(json.dumps(inspect_file(Path(path), toolbox, Options())[0]))
    return str(folder / "clean-router.json"), str(folder / "patient-monitor.json")


def test_profiles_and_artifacts_compare_alike(profiles):
    stored = run(*profiles, "-f", "json")
    fresh = run(CLEAN, MONITOR, "-f", "json")
    assert (stored.exit_code, fresh.exit_code) == (0, 0)
    assert json.loads(stored.output) == json.loads(fresh.output)


def test_the_parts_of_an_app_compare_as_one_and_other_folders_are_refused(tmp_path):
    for folder, text in (("old", b"x"), ("new", b"https://api.tuyacn.com/")):
        (tmp_path / folder).mkdir()
        for name in ("base.apk", "split_a.apk"):
            (tmp_path / folder / name).write_bytes(text)
    result = run(str(tmp_path / "old"), str(tmp_path / "new"), "-f", "json")
    assert result.exit_code == 0, result.output
    assert "api.tuyacn.com" in result.output
    refused = run(str(tmp_path), str(tmp_path / "new")).exception
    assert isinstance(refused, UsageError)
    assert "is no regular file" in str(refused)


@pytest.mark.parametrize(("gate", "code"), [("critical", 1), ("low", 1)])
def test_something_new_closes_the_gate(profiles, gate, code):
    assert run(*profiles, "--fail-on-new", gate).exit_code == code


def test_what_is_gone_leaves_the_gate_open(profiles):
    assert run(*reversed(profiles), "--fail-on-new", "low").exit_code == 0


def test_the_terminal_names_what_is_new(profiles):
    output = run(*profiles).output
    assert "+ critical Contec CMS8000 update share" in output
    assert "+ new vendors (1): Contec Medical (CN, critical)" in output


def test_the_page_escapes_what_an_artifact_says(profiles, tmp_path):
    document = json.loads(Path(profiles[1]).read_text())
    document["findings"][0]["subject"]["name"] = "<script>alert(1)</script>"
    hostile = tmp_path / "hostile.json"
    hostile.write_text(json.dumps(document))
    page = run(profiles[0], str(hostile), "-f", "html").output
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize(
    "text", ['{"schema": "inspector/profile/1"', '{"schema": "inspector/profile/1", "findings": 3}']
)
def test_a_broken_profile_is_refused_with_one_line(profiles, tmp_path, text):
    broken = tmp_path / "broken.json"
    broken.write_text(text)
    result = run(profiles[0], str(broken))
    assert isinstance(result.exception, UsageError)
    assert "is no profile" in str(result.exception)


def test_an_unknown_format_is_refused(profiles):
    assert isinstance(run(*profiles, "-f", "pdf").exception, UsageError)
