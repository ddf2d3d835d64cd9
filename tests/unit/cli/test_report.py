import json

import pytest
from click.testing import CliRunner

from inspector.cli.report import command
from inspector.errors import UsageError
from inspector.profile.stored import read_profile
from inspector.report import render


@pytest.fixture
def profile(inspect_bytes, tmp_path):
    path = tmp_path / "saved/artifact.json"
    path.parent.mkdir()
    path.write_text(render("json", inspect_bytes(b"server=api.tuyacn.com\n", "app.conf")))
    return path


def test_a_saved_profile_renders_in_another_format(profile, tmp_path):
    result = CliRunner().invoke(command, [str(profile), "-f", f"html={tmp_path / 'x.html'}", "-f", "markdown"])
    assert result.exit_code == 0, result.output
    assert result.output.startswith("# app.conf")
    assert (tmp_path / "x.html").read_text().startswith("<!doctype html>")


def test_a_folder_gives_one_report_for_each_profile(profile, tmp_path):
    (profile.parent / "second.json").write_bytes(profile.read_bytes())
    result = CliRunner().invoke(command, [str(profile.parent), "-f", "sarif", "-o", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["artifact.sarif", "second.sarif"]


def test_what_was_saved_comes_back_the_same(profile):
    assert read_profile(profile)["findings"] == json.loads(profile.read_text())["findings"]


def test_a_saved_profile_goes_out_as_json_the_same_byte_for_byte(profile, tmp_path, inspect_bytes):
    lines = tmp_path / "out.jsonl"
    result = CliRunner().invoke(command, [str(profile), "-f", "json", "-f", f"jsonl={lines}"])
    assert result.stdout_bytes == profile.read_bytes()
    assert lines.read_text() == render("jsonl", inspect_bytes(b"server=api.tuyacn.com\n", "app.conf"))


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", '{"schema": "inspector/profile/2"}', "\x00", "[" * 100_000],
    ids=["empty", "no fields", "list", "null", "other schema", "nul", "deep"],
)
def test_what_is_no_profile_is_refused_in_one_line(tmp_path, text):
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(UsageError, match="is no profile") as refused:
        read_profile(path)
    assert "\n" not in str(refused.value)


def test_a_severity_that_does_not_exist_is_refused(profile):
    document = json.loads(profile.read_text())
    document["verdict"]["rating"] = "<script>"
    profile.write_text(json.dumps(document))
    with pytest.raises(UsageError, match=r"verdict\.rating"):
        read_profile(profile)


def test_missing_files_and_empty_folders_are_usage_errors(tmp_path):
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(UsageError):
            CliRunner().invoke(command, [str(path)], catch_exceptions=False)


def test_two_profiles_do_not_overwrite_one_file(profile, tmp_path):
    (profile.parent / "second.json").write_bytes(profile.read_bytes())
    with pytest.raises(UsageError, match="several inputs and one file"):
        CliRunner().invoke(command, [str(profile.parent), "-f", f"csv={tmp_path / 'x'}"], catch_exceptions=False)


def test_a_folder_makes_one_roll_up(profile):
    (profile.parent / "second.json").write_bytes(profile.read_bytes())
    result = CliRunner().invoke(command, [str(profile.parent), "-f", "json"])
    rolled = json.loads(result.output)
    assert rolled["schema"] == "inspector/rollup/1"
    assert rolled["counts"]["artifacts"] == 2


def test_a_roll_up_holds_the_profiles_of_folders_below_as_a_scan_of_a_tree_leaves_them(profile):
    (profile.parent / "cameras/old").mkdir(parents=True)
    (profile.parent / "cameras/old/artifact.json").write_bytes(profile.read_bytes())
    result = CliRunner().invoke(command, [str(profile.parent), "-f", "json"])
    assert json.loads(result.output)["counts"]["artifacts"] == 2


def test_reports_of_a_tree_of_profiles_keep_its_folders(profile, tmp_path):
    (profile.parent / "cameras").mkdir()
    (profile.parent / "cameras/artifact.json").write_bytes(profile.read_bytes())
    result = CliRunner().invoke(command, [str(profile.parent), "-f", "csv", "-o", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    written = [str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.csv")]
    assert sorted(written) == ["artifact.csv", "cameras/artifact.csv"]


def test_each_profile_of_a_folder_is_reported_where_that_is_asked_for(profile):
    (profile.parent / "second.json").write_bytes(profile.read_bytes())
    result = CliRunner().invoke(command, [str(profile.parent), "--each"])
    assert result.output.count("Coverage") == 2


@pytest.mark.parametrize(("policy", "code"), [("report-only", 0), ("nukib-strict", 1)])
def test_a_policy_decides_over_saved_profiles(profile, tmp_path, policy, code):
    document = json.loads(profile.read_bytes())
    document["verdict"] |= {"status": "failed", "reasons": ["It broke."]}
    failed = tmp_path / "failed.json"
    failed.write_text(json.dumps(document))
    result = CliRunner().invoke(command, [str(failed), "--policy", policy])
    assert result.exit_code == code
    assert f"policy {policy}" in result.output


def test_an_answer_to_no_finding_is_told(profile, tmp_path):
    answers = tmp_path / "answers.toml"
    answers.write_text('[F-000000000000]\nstatus = "explained"\n')
    result = CliRunner().invoke(command, [str(profile), "-f", "questionnaire", "--answers", str(answers)])
    assert result.exit_code == 0
    assert "F-000000000000" in result.stderr
