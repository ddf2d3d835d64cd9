"""External extractors: called only where nothing explains the bytes, boxed in, read as data, nothing left behind."""

import json
import mmap
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import venv
import zlib
from pathlib import Path

import pytest

from inspector import external
from inspector.external import Tool
from inspector.extract.carve import Carver
from inspector.extract.registry import EXTRACTORS
from inspector.formats.reader import BufferReader, Span
from inspector.harvest import Options
from inspector.isolate import sandbox
from inspector.selftest.files import noise
from inspector.session import Session, inspect_files

ROOT = Path(__file__).parents[2]
HIDDEN = noise(150_000) + zlib.compress(b"server=inside.tuyacn.com\n" * 40_000, 9) + noise(100_000, 4)
COMPLETE = sandbox.complete([n for n, w in sandbox.offered().items() if w == "yes" or w.startswith("ABI")])


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    yield
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.fixture(scope="module")
def blind(toolbox):
    """A toolbox that lacks two readers: that of `HIDDEN` and that of ARJ. Something has to be left for a tool."""
    box = type(toolbox)(toolbox.knowledge, toolbox.addresses)
    known = tuple(extractor for extractor in EXTRACTORS if extractor.INFO.name not in ("zlib", "arj"))
    box.__dict__ |= {"index": toolbox.index, "scan": toolbox.scan, "carver": Carver(known)}
    return box


@pytest.fixture
def inspect(blind, tmp_path):
    def run(data=HIDDEN, mode="auto", **options):
        path = tmp_path / "fw.bin"
        path.write_bytes(data)
        (inspection,) = inspect_files([path], Session(blind, Options(external=mode, **options)), 1)
        return inspection.document

    return run


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """Install a program of our own as the only tool; its body runs in the folder it may write to."""

    def install(body):
        folder = tmp_path / "bin"
        folder.mkdir()
        script = folder / "extractor"
        script.write_text(f"#!/bin/sh\n{body}\n")
        script.chmod(0o755)
        found = (Tool("extractor", "9.9", str(script)),)
        monkeypatch.setattr(external, "installed", lambda: found)
        monkeypatch.setattr(external, "present", lambda: {"extractor": str(script)})
        monkeypatch.setattr(Tool, "command", lambda self, source, target: [self.path, str(source), str(target)])

    return install


def hosts(document):
    return {entry["value"] for entry in document["observables"]["hostnames"]}


def details(document):
    return " ".join(gap["detail"] for gap in document["coverage"]["gaps"])


@pytest.mark.skipif(not shutil.which("binwalk"), reason="binwalk is not installed")
def test_binwalk_opens_what_nothing_here_explains(inspect):
    document = inspect()
    assert hosts(document) == {"inside.tuyacn.com"}
    (named,) = [t for t in document["external_tools"] if t["name"] == "binwalk"]
    (place,) = {s["path"] for e in document["observables"]["hostnames"] for s in e["sightings"]}
    assert place.startswith("fw.bin!external@0x0!")
    assert f"binwalk {named['version']} took out" in details(document)


@pytest.mark.skipif(not shutil.which("binwalk"), reason="binwalk is not installed")
def test_the_version_of_each_installed_tool_is_known_and_asking_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    external.installed.cache_clear()
    assert {found.name for found in external.installed()} == set(external.present())
    assert not (tmp_path / "home").exists()
    assert all(found.version[0].isdigit() for found in external.installed())


def test_a_tool_that_pip_installed_can_read_its_own_environment(tmp_path, monkeypatch):
    venv.create(tmp_path / "env", symlinks=True)
    packages = next((tmp_path / "env/lib").iterdir()) / "site-packages"
    (packages / "made.py").write_text('print("unblob 1.2.3")')
    program = tmp_path / "env/bin/unblob"
    program.write_text(f"#!{tmp_path}/env/bin/python\nimport made\n")
    program.chmod(0o755)
    (tmp_path / "unblob").symlink_to(program)
    monkeypatch.setattr(external, "present", lambda: {"unblob": str(tmp_path / "unblob")})
    external.installed.cache_clear()
    assert [(tool.name, tool.version) for tool in external.installed()] == [("unblob", "1.2.3")]
    external.installed.cache_clear()


@pytest.mark.skipif(not os.environ.get("UNBLOB"), reason="UNBLOB names no unblob program")
@pytest.mark.skipif(not shutil.which("arj"), reason="arj is not installed")
def test_unblob_opens_what_nothing_here_explains(inspect, tmp_path, monkeypatch):
    (tmp_path / "cloud.conf").write_bytes(b"server=inside.tuyacn.com\n" * 4000)
    for name in ("first", "last"):  # noise to both ends: only what is dense by its statistics is handed over
        (tmp_path / name).write_bytes(noise(120_000))
    subprocess.run(["arj", "a", "-y", "made.arj", "first", "cloud.conf", "last"], cwd=tmp_path, check=True)
    monkeypatch.setattr(external, "present", lambda: {"unblob": os.environ["UNBLOB"]})
    external.installed.cache_clear()
    document = inspect((tmp_path / "made.arj").read_bytes())
    external.installed.cache_clear()
    assert hosts(document) == {"inside.tuyacn.com"}
    assert [tool["name"] for tool in document["external_tools"]] == ["unblob"]
    assert not [node for node in document["tree"] if node["path"].endswith(".log")]


def test_a_tool_never_raises_the_score_or_the_partition(inspect, tool):
    without = inspect(mode="never")
    tool('cp "$1" copy; echo server=made.tuyacn.com > made.conf')
    document = inspect()
    assert hosts(document) == {"made.tuyacn.com"}
    assert document["coverage"]["partition"] == without["coverage"]["partition"]
    assert document["coverage"]["score"] == without["coverage"]["score"]


def test_never_means_never(inspect, tool):
    tool("echo server=made.tuyacn.com > made.conf")
    document = inspect(mode="never")
    assert hosts(document) == set()
    assert document["external_tools"] == []


def test_auto_waits_for_a_large_range_and_always_does_not(inspect, tool):
    tool("echo server=made.tuyacn.com > made.conf")
    assert hosts(inspect(noise(20_000), "auto")) == set()
    assert hosts(inspect(noise(20_000), "always")) == {"made.tuyacn.com"}


def test_a_missing_tool_is_named_where_it_mattered(inspect, monkeypatch):
    monkeypatch.setattr(external, "installed", lambda: ())
    monkeypatch.setattr(external, "present", dict)
    (gap,) = inspect()["coverage"]["gaps"]
    assert gap["remedy"] == "install binwalk or unblob and scan again"


def test_links_pipes_and_closed_folders_are_data_at_most(inspect, tool, tmp_path):
    (tmp_path / "secret").write_text("server=outside.tuyacn.com\n")
    tool(
        f"ln -s {tmp_path}/secret link; ln -s {tmp_path} folder; mkfifo pipe;"
        "mkdir d; echo server=kept.tuyacn.com > d/kept; chmod 0 d/kept; mkdir e; chmod 0 e"
    )
    assert hosts(inspect()) == {"kept.tuyacn.com"}
    assert (tmp_path / "secret").exists()


@pytest.mark.skipif(not COMPLETE, reason="this kernel lacks Landlock or seccomp")
def test_a_tool_writes_nowhere_else_and_reaches_no_network(inspect, tool, tmp_path):
    tool(
        f"echo x > {tmp_path}/escaped; echo x > ../../escaped; rm -f {tmp_path}/fw.bin;"
        "python3 -c 'import socket; socket.socket()' 2>error || echo server=no-socket.tuyacn.com > made.conf;"
        "rm -f error"
    )
    assert hosts(inspect()) == {"no-socket.tuyacn.com"}
    assert not (tmp_path / "escaped").exists()
    assert (tmp_path / "fw.bin").read_bytes() == HIDDEN


def test_a_tool_that_hangs_is_ended_with_its_children(inspect, tool, monkeypatch):
    monkeypatch.setattr(external, "SECONDS", 1)
    tool("echo server=early.tuyacn.com > made.conf; (sleep 600 &) ; sleep 600")
    document = inspect()
    assert hosts(document) == {"early.tuyacn.com"}
    assert "1 s" in details(document)
    assert not document["deterministic"]  # another day it may be faster: not to be kept as the answer


def test_a_tool_that_floods_the_disk_is_ended(inspect, tool, monkeypatch):
    monkeypatch.setattr(external, "MOST_FILES", 50)
    tool('i=0; while [ $i -lt 100000 ]; do echo x > "f$i"; i=$((i+1)); done')
    assert "wrote more than its budget" in details(inspect())


def test_a_single_file_cannot_outgrow_the_budget(inspect, tool, monkeypatch):
    monkeypatch.setattr(external, "MOST_BYTES", 1 << 20)
    tool("head -c 100000000 /dev/zero > big; ls -l big | grep -q 1048576 && echo server=capped.tuyacn.com > made.conf")
    document = inspect()
    assert hosts(document) <= {"capped.tuyacn.com"}


def test_a_tool_that_crashes_is_told(inspect, tool):
    tool("kill -SEGV $$")
    document = inspect()
    assert "ended with status -11" in details(document)
    assert document["deterministic"]


def test_a_disk_without_room_is_told(inspect, tool, monkeypatch):
    tool("true")
    monkeypatch.setattr(external, "enough_room", lambda folder, size: False)
    document = inspect()
    assert "not enough room" in details(document)
    assert not document["deterministic"]


def test_killing_the_run_ends_a_tool_with_its_children(tmp_path):
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "binwalk").write_text(
        '#!/bin/sh\ncase "$1" in --version) echo v2.3.3; exit;; esac\nsleep 600 & echo $! $$ > pids; sleep 600\n'
    )
    (tools / "binwalk").chmod(0o755)
    (tmp_path / "fw.bin").write_bytes(noise(100_000))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    environment = os.environ | {"PATH": f"{tools}:/usr/bin:/bin", "TMPDIR": str(scratch)}
    line = [sys.executable, "-m", "inspector", "scan", "--no-cache", "-q", "-f", "json", str(tmp_path / "fw.bin")]
    running = subprocess.Popen(line, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    pids: list[str] = []
    for _ in range(600):
        time.sleep(0.1)
        pids = [pid for noted in scratch.rglob("pids") for pid in noted.read_text().split()]
        if pids:
            break
    running.kill()
    running.wait()
    assert len(pids) == 2
    for _ in range(50):
        time.sleep(0.1)
        if not any(is_alive(pid) for pid in pids):
            return
    pytest.fail("the tool outlived the run")


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_file_that_shrinks_while_it_is_copied_is_an_error_and_no_crash(tmp_path):
    path = tmp_path / "fw.bin"
    path.write_bytes(bytes(1 << 20))
    with path.open("rb") as stream:
        mapped = mmap.mmap(stream.fileno(), 0, prot=mmap.PROT_READ)
    os.truncate(path, 0)
    child = os.fork()
    if child == 0:
        try:
            external.copy(BufferReader(mapped), Span(1, (1 << 20) - 5), tmp_path / "copy")
        except OSError:
            os._exit(7)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_the_folder_is_private_and_what_a_killed_run_left_is_removed(tmp_path):
    ended = os.fork()
    if ended == 0:
        os._exit(0)
    os.waitpid(ended, 0)
    left = tmp_path / "tmp" / f"{external.PREFIX}{ended}-abc"
    (left / "closed").mkdir(parents=True)
    (left / "closed").chmod(0)
    young = tmp_path / "tmp" / f"{external.PREFIX}{ended}-young"
    young.mkdir()
    os.utime(left, (0, 0))
    with external.workshop() as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert not left.exists()
        assert young.exists()  # it may belong to a run in another container
    assert not folder.exists()
    young.rmdir()


def test_the_profile_is_the_same_twice(inspect, tool):
    tool("for n in b a c; do echo server=$n.tuyacn.com > $n.conf; done")
    assert json.dumps(inspect()) == json.dumps(inspect(workers=2))


def test_gaps_that_touch_are_handed_over_as_one_range():
    def gap(path, offset, length, reason="unknown-data"):
        return {"location": {"path": path, "offset": offset}, "length": length, "reason": reason}

    gaps = [gap("f", 70_000, 40_000), gap("f", 0, 70_000), gap("f!zip!a", 0, 1 << 20), gap("f", 0, 1 << 20, "failed")]
    document = {"artifact": {"name": "f"}, "coverage": {"gaps": gaps}}
    assert [(span.start, span.end) for span in external.regions(document, "auto")] == [(0, 110_000)]


def test_a_copy_is_new_and_private(tmp_path):
    from inspector.formats.reader import BufferReader, Span

    target = tmp_path / "range.bin"
    external.copy(BufferReader(b"0123456789"), Span(2, 5), target)
    assert target.read_bytes() == b"234"
    assert stat.S_IMODE(Path(target).stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        external.copy(BufferReader(b"x"), Span(0, 1), target)
