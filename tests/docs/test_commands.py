"""Every command that a page shows is run, page by page, in a folder with sample files.

Run are: lines with `$ ` in blocks marked `console`, and lines that start with `inspector ` in any other block. A
command is expected to end with 0, or with the code that a comment behind it names: `# exit 1`. What is shown as output
below a command is not compared. A page finds `firmware.bin`, `patient-monitor.bin`, `clean-router.bin`,
`old.bin`, `new.bin`, `app.apk`, `downloads/`, `KEY.pem` and `KEY.pub`, and what its own commands above have written.
"""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "docs/guides"
"""Walked by `tests/contracts/test_guides.py`, which also compares what they show as output."""
PAGES = [
    ROOT / "README.md",
    *(page for page in sorted((ROOT / "docs").rglob("*.md")) if not page.is_relative_to(GUIDES)),
]
FENCE = re.compile(r"^[ ]*```[ ]*(\S*)[^\n]*\n(.*?)^[ ]*```[ ]*$", re.MULTILINE | re.DOTALL)
EXIT = re.compile(r"\s#.*\bexit (\d+)\b")
SAMPLES = {
    "firmware.bin": "patient-monitor",
    "patient-monitor.bin": "patient-monitor",
    "clean-router.bin": "clean-router",
    "old.bin": "clean-router",
    "new.bin": "patient-monitor",
    "downloads/a.bin": "clean-router",
    "downloads/b.bin": "patient-monitor",
}


@dataclass(frozen=True)
class Command:
    text: str
    line: int
    code: int


def commands(page: Path) -> list[Command]:
    text = page.read_text(encoding="utf-8")
    found = []
    for block in FENCE.finditer(text):
        first = text.count("\n", 0, block.start(2)) + 1
        prefix = "$ " if block[1] == "console" else "inspector "
        lines = block[2].splitlines()
        for number, line in enumerate(lines):
            if not line.strip().startswith(prefix):
                continue
            end = number
            while lines[end].endswith("\\") and end + 1 < len(lines):
                end += 1
            shown = "\n".join(lines[number : end + 1]).strip().removeprefix("$ ")
            code = EXIT.search(shown)
            found.append(Command(shown, first + number, int(code[1]) if code else 0))
    return found


WITH_COMMANDS = [page for page in PAGES if commands(page)]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A cache of its own: what earlier versions have left in the user's says nothing about this one."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def folder(tmp_path):
    for name, sample in SAMPLES.items():
        target = tmp_path / name
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(ROOT / f"samples/{sample}/{sample}.bin", target)
    with zipfile.ZipFile(tmp_path / "app.apk", "w") as archive:
        archive.writestr("AndroidManifest.xml", b"no manifest that can be read")
        archive.writestr("assets/config.json", b'{"push": "https://push.example.com/v1"}')
    key = Ed25519PrivateKey.generate()
    (tmp_path / "KEY.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "KEY.pub").write_bytes(public)
    programs = tmp_path / ".bin"
    programs.mkdir()
    for name, text in {"inspector": f'exec "{sys.executable}" -m inspector "$@"', "xdg-open": "exit 0"}.items():
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_of_a_page_do_what_it_says(page, folder, cache):
    path = f"{folder / '.bin'}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "INSPECTOR_CACHE": str(cache)}
    for command in commands(page):
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command.text],
            check=False,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=180,
        )
        where = f"{page.relative_to(ROOT)}:{command.line}: {command.text}"
        assert done.returncode == command.code, f"{where}\n{done.stdout.decode()[-800:]}\n{done.stderr.decode()[-800:]}"


def test_the_pages_show_commands():
    assert ROOT / "README.md" in WITH_COMMANDS
    assert ROOT / "docs/getting-started.md" in WITH_COMMANDS
