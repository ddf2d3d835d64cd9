"""The bundle for closed networks: what goes in, and an installation from it that may use no network."""

import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest

from tools.build_offline_bundle import ROOT, build, canonical, needed, packed, read_lock, runtime_lock, tags

SAMPLE = ROOT / "samples/patient-monitor/patient-monitor.bin"
LOCK = """\
# comment
brotli==1.1 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via product (pyproject.toml)
left==2 ; platform_machine == "x86_64" \\
    --hash=sha256:cc
    # via
    #   middle
    #   test-tool
middle==3 \\
    --hash=sha256:dd
    # via brotli
test-tool==4 \\
    --hash=sha256:ee
    # via product (pyproject.toml)
"""


def test_what_the_product_needs_goes_in_and_test_tools_stay_out():
    packages = read_lock(LOCK)
    assert needed(packages, ["Brotli>=1"]) == ["brotli", "left", "middle"]
    assert packages["left"].text == 'left==2 ; platform_machine == "x86_64" \\\n    --hash=sha256:cc'


def test_the_lock_of_this_tree_gives_all_dependencies_with_hashes():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    chosen = read_lock(runtime_lock())
    assert {canonical(name.split(">")[0]) for name in project["dependencies"]} <= set(chosen)
    assert not set(chosen) & {"pytest", "mypy", "ruff", "hypothesis"}
    assert all("--hash=sha256:" in locked.text for locked in chosen.values())


def test_a_platform_stands_for_the_older_ones_too():
    assert {"manylinux_2_17_x86_64", "manylinux2014_x86_64"} < set(tags("manylinux_2_28_x86_64"))
    assert "manylinux_2_29_x86_64" not in tags("manylinux_2_28_x86_64")
    assert tags("macosx_11_0_arm64") == ["--platform", "macosx_11_0_arm64"]
    assert tags("") == []


def test_the_archive_is_the_same_every_time_and_only_the_installer_runs():
    files = {"install.sh": b"#!/bin/sh\n", "wheels/a.whl": b"a"}
    assert packed("x", files) == packed("x", dict(reversed(files.items())))


def test_the_installer_is_a_posix_script():
    subprocess.run(["sh", "-n", ROOT / "tools/install.sh"], check=True)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundle")
    with tarfile.open(build(folder)) as archive:
        archive.extractall(folder, filter="data")
    return next(path for path in folder.iterdir() if path.is_dir())


def without_network(*command, **more):
    """Run in a network namespace of its own where that is allowed; without any index in any case."""
    alone = shutil.which("unshare") and subprocess.run(["unshare", "-rn", "true"], check=False).returncode == 0
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "PYTHON"))}
    environment |= {"PYTHON": sys.executable, "PIP_NO_INDEX": "1", "INSPECTOR_CACHE": "/nonexistent"} | more
    prefix = ["unshare", "-rn"] if alone else []
    return subprocess.run(
        [*prefix, *map(str, command)], check=False, capture_output=True, text=True, timeout=600, env=environment
    )


@pytest.mark.realworld
def test_it_installs_and_inspects_without_network(bundle, tmp_path):
    done = without_network(bundle / "install.sh", tmp_path / "own")
    assert done.returncode == 0, done.stderr
    assert "/own/bin/inspector" in done.stdout
    written = tmp_path / "own.json"
    done = without_network(tmp_path / "own/bin/inspector", "scan", "-q", SAMPLE, "-f", f"json={written}")
    assert done.returncode == 0, done.stderr
    here = tmp_path / "here.json"
    subprocess.run([sys.executable, "-m", "inspector", "scan", "-q", SAMPLE, "-f", f"json={here}"], check=True)
    assert written.read_bytes() == here.read_bytes()


@pytest.mark.realworld
def test_a_bundle_that_was_changed_does_not_install(bundle, tmp_path):
    copy = Path(shutil.copytree(bundle, tmp_path / "copy"))
    wheel = next((copy / "wheels").glob("click-*.whl"))
    wheel.write_bytes(wheel.read_bytes() + b"x")
    done = without_network(copy / "install.sh", tmp_path / "own")
    assert done.returncode != 0
    assert not (tmp_path / "own").exists()


@pytest.mark.realworld
def test_another_python_is_refused_in_one_line(bundle, tmp_path):
    other = tmp_path / "python"
    other.write_text("#!/bin/sh\necho 3.99\n")
    other.chmod(0o755)
    done = without_network(bundle / "install.sh", tmp_path / "own", PYTHON=str(other))
    assert done.returncode == 1
    assert "this bundle is for Python" in done.stderr
