"""The hooks, the container recipe: as far as they can be checked without the services that use them."""

import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from tools.build_offline_bundle import ROOT

HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
SAMPLES = ROOT / "samples"
SIGNATURE = """\
schema: 1
id: acme/cloud
name: Acme cloud
kind: cloud
category: iot-platform
limbs: [data-transfer]
summary: Cloud of the devices of Acme.
references:
  - {id: page, kind: document, title: Hosts, url: "https://example.com/hosts", read: "2026-11-23"}
indicators:
  - id: hosts
    kind: hostname
    any: [acme-cloud.cn]
    confidence: high
    references: [page]
    examples: {match: [api.acme-cloud.cn], no_match: [notacme-cloud.cn]}
"""
RECIPE = (ROOT / "Containerfile").read_text()


@pytest.mark.parametrize("name", ["fw.bin", "app.APK", "x.tar.gz", "libfoo.so", "root.squashfs", "ext4.img.xz"])
def test_the_hook_takes_firmware_and_packages(name):
    assert re.search(HOOKS["inspector"]["files"], f"vendor/{name}")


@pytest.mark.parametrize("name", ["main.py", "binary.md", "image.png", "sobin", "notes.txt", "README"])
def test_the_hook_leaves_other_files_alone(name):
    assert not re.search(HOOKS["inspector"]["files"], f"vendor/{name}")


@pytest.fixture
def repository(tmp_path):
    """A repository that uses both hooks as its own, run by this Python instead of an environment of their own."""
    folder = tmp_path / "repository"
    (folder / "blobs").mkdir(parents=True)
    for name in ("clean-router", "patient-monitor"):
        shutil.copyfile(SAMPLES / f"{name}/{name}.bin", folder / f"blobs/{name}.bin")
    local = [hook | {"language": "system"} for hook in HOOKS.values()]
    for hook in local:
        hook["entry"] = f"{sys.executable} -m {hook['entry']}"
    config = {"repos": [{"repo": "local", "hooks": local}]}
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


def pre_commit(folder, *arguments):
    program = shutil.which("pre-commit") or pytest.skip("needs pre-commit")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    return subprocess.run(
        [program, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def test_pre_commit_takes_the_manifest():
    done = pre_commit(ROOT, "validate-manifest", ".pre-commit-hooks.yaml")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("name", "code"), [("clean-router", 0), ("patient-monitor", 1)])
def test_the_hook_stops_what_leads_to_the_prc(repository, name, code):
    done = pre_commit(repository, "run", "inspector", "--files", f"blobs/{name}.bin")
    assert done.returncode == code, done.stdout + done.stderr
    assert ("202.114.4.119" in done.stdout) == bool(code)


@pytest.mark.parametrize(("line", "code"), [("", 0), ("surprise: yes\n", 1)])
def test_the_hook_checks_signatures(repository, line, code):
    vendor = repository / "signatures/acme/_vendor.yaml"
    vendor.parent.mkdir(parents=True)
    vendor.write_text((ROOT / "signatures/tuya/_vendor.yaml").read_text().replace("tuya", "acme") + line)
    vendor.with_name("cloud.yaml").write_text(SIGNATURE)
    subprocess.run(["git", "add", "."], cwd=repository, check=True)
    done = pre_commit(repository, "run", "inspector-signatures", "--all-files")
    assert bool(done.returncode) == bool(code), done.stdout + done.stderr
    assert ("surprise" in done.stdout) == bool(code)


def test_the_container_runs_without_rights_of_root():
    last = RECIPE.rpartition("FROM ")[2]
    users = re.findall(r"^USER (\S+)$", last, re.MULTILINE)
    assert users
    assert all(int(number) >= 1000 for number in users[-1].split(":"))
    assert re.search(r'^ENTRYPOINT \["inspector"\]$', last, re.MULTILINE)


def test_the_container_fetches_nothing_but_its_base():
    assert not re.search(r"https?://|\b(curl|wget|apt-get|apk add)\b|pip install", RECIPE)
    assert re.findall(r"^FROM (\S+)", RECIPE, re.MULTILINE) == ["${BASE}", "${BASE}"]
    ignored = (ROOT / ".containerignore").read_text().split()
    assert ignored[0] == "*"


def test_every_instruction_of_the_recipe_is_one_that_builders_know():
    text = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", RECIPE, flags=re.MULTILINE))
    known = {"ARG", "FROM", "ADD", "RUN", "LABEL", "COPY", "ENV", "USER", "WORKDIR", "ENTRYPOINT", "CMD"}
    assert {line.split()[0] for line in text.splitlines() if line} <= known
