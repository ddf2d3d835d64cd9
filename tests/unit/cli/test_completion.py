"""The completion of shells: the scripts are sound, and what they ask for is answered."""

import os
import shutil
import subprocess
import sys

import pytest

from inspector.cli.completion import SHELLS


def inspector(*arguments, **environment):
    command = [sys.executable, "-m", "inspector", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | environment)
    return done.stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_one_its_shell_can_read(shell, tmp_path):
    script = tmp_path / "script"
    script.write_text(inspector("completion", shell))
    assert "_INSPECTOR_COMPLETE" in script.read_text()
    if program := shutil.which(shell):
        subprocess.run([program, "-n", script], check=True)


@pytest.mark.parametrize(
    ("line", "offered"),
    [("inspector sc", "scan"), ("inspector scan --fail-on hi", "high"), ("inspector report --lang c", "cs")],
)
def test_commands_options_and_values_are_completed(line, offered):
    words = line.split()
    told = inspector(_INSPECTOR_COMPLETE="bash_complete", COMP_WORDS=line, COMP_CWORD=str(len(words) - 1))
    assert [entry.partition(",")[2] for entry in told.splitlines()] == [offered]
