"""The guides are walked through: every command runs, ends as it says, and prints what the page shows."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDES = sorted((ROOT / "docs/guides").glob("*.md"))
MONITOR = ROOT / "samples/patient-monitor/patient-monitor.bin"
ROUTER = ROOT / "samples/clean-router/clean-router.bin"
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def shell(tmp_path, cache):
    """Run a line in a folder with the samples, `inspector` being this tree's."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/inspector").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m inspector "$@"\n')
    (tmp_path / "bin/inspector").chmod(0o755)
    work = tmp_path / "work"
    (work / "downloads").mkdir(parents=True)
    for name, source in (("patient-monitor.bin", MONITOR), ("new.bin", MONITOR), ("old.bin", ROUTER)):
        shutil.copy(source, work / name)
    for source in (MONITOR, ROUTER):
        shutil.copy(source, work / "downloads")
    env = {**os.environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    env |= {"INSPECTOR_CACHE": str(cache), "LC_ALL": "C.UTF-8", "COLUMNS": "100"}

    def run(line):
        return subprocess.run(
            ["bash", "-c", line], cwd=work, env=env, capture_output=True, text=True, check=False, timeout=300
        )

    run.folder = work
    return run


def words(text):
    """Return text without frames and without the line breaks of a screen."""
    return " ".join(re.sub(r"[\u2500-\u257f]", " ", text).split())


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_the_walk_through_works_and_prints_what_it_shows(guide, shell):
    shown, printed = 0, ""
    for label, body in FENCE.findall(guide.read_text(encoding="utf-8")):
        if label == "console":
            printed = ""
            for line in body.splitlines():
                command, _, code = line.removeprefix("$ ").partition(" # exit ")
                done = shell(command)
                assert done.returncode == int(code or 0), (command, done.stdout, done.stderr)
                assert "Traceback" not in done.stderr
                printed += done.stdout
        elif label:
            (shell.folder / label.split()[1]).write_text(body, encoding="utf-8")
        else:
            for line in body.splitlines():
                assert words(line) in words(printed), f"{guide.name}: no longer printed: {line}"
                shown += 1
    assert shown >= 10


def test_every_group_of_users_has_its_guide():
    assert [path.stem for path in GUIDES] == ["app-reviewer", "hospital", "procurement-lab"]
