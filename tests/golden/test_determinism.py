"""The profile is a function of bytes, knowledge, options and tools, not of the day, the place or the workers."""

import io
import os
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

MONITOR = Path(__file__).parents[2] / "samples/patient-monitor/patient-monitor.bin"
ROOT = Path(__file__).parents[2]

RUN = """
import datetime, os, sys, time

shift = float(sys.argv[1])
real = time.time
time.time = lambda: real() + shift

class Day(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time.time(), tz)

class Date(datetime.date):
    @classmethod
    def today(cls):
        return cls.fromtimestamp(time.time())

datetime.datetime, datetime.date = Day, Date
sys.argv[1:] = sys.argv[2:]
from inspector.cli import main
main()
"""


def profile(path, cwd, *options, shift=0, prelude="", **environment):
    command = [sys.executable, "-c", prelude + RUN, str(shift), "scan", str(path), "-f", "json", "--no-cache", *options]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "INSPECTOR_CACHE": str(cwd / "cache"), **environment}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture(scope="module")
def many_members(tmp_path_factory):
    """An archive large enough that its members are spread over workers, with hosts that many members share."""
    chance = random.Random(7)
    hosts = ["openapi.tuyacn.com", "api.io.mi.com", "log.umeng.com", "www.example.org", "a1.tuyaeu.com"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(60):
            lines = [f"server{n}=https://{chance.choice(hosts)}/{chance.random()}" for n in range(8)]
            filler = [f"key{n} = {chance.random()}" for n in range(1500)]
            archive.writestr(zipfile.ZipInfo(f"etc/{number:02}.conf"), "\n".join(lines + filler))
    path = tmp_path_factory.mktemp("many") / "many.zip"
    path.write_bytes(packed.getvalue())
    return path


@pytest.mark.parametrize("name", ["patient-monitor", "clean-router"])
def test_without_hyperscan_the_profile_is_the_same(name, tmp_path):
    sample = ROOT / "samples" / name / f"{name}.bin"
    absent = "import sys; sys.modules['hyperscan'] = None\n"
    assert profile(sample, tmp_path, prelude=absent) == profile(sample, tmp_path)


def test_one_and_several_workers_write_the_same(many_members, tmp_path):
    one = profile(many_members, tmp_path, "--jobs", "1")
    assert b'"status": "exposed"' in one
    assert profile(many_members, tmp_path, "--jobs", "2") == one


def test_another_day_and_place_and_seed_write_the_same(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there/deeper"
    here.mkdir()
    there.mkdir(parents=True)
    copy = there / MONITOR.name
    copy.write_bytes(MONITOR.read_bytes())
    os.utime(copy, (0, 0))
    first = profile(MONITOR, here, PYTHONHASHSEED="1", TZ="UTC", LANG="C")
    later = profile(copy.name, there, shift=400 * 86400, PYTHONHASHSEED="2", TZ="Asia/Shanghai", LANG="C.UTF-8")
    assert first == later
