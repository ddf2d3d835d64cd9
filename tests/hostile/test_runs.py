"""Runs over many artifacts: nothing lost, nothing twice, whatever happens to children, files, disk and operator."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from inspector import results
from inspector.cli.exit_codes import Exit, worst
from inspector.cli.inputs import inputs
from inspector.cli.outputs import Outputs, Target, write_whole
from inspector.cli.progress import Progress
from inspector.errors import InspectorError
from inspector.harvest import Options
from inspector.results import Results
from inspector.session import ATTEMPTS, Session, inspect_files

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples/patient-monitor/patient-monitor.bin"


@pytest.fixture(scope="module")
def warm(tmp_path_factory):
    """Return a cache that holds the compiled knowledge and patterns, and no results: making them takes seconds."""
    folder = tmp_path_factory.mktemp("warm")
    environment = {**os.environ, "INSPECTOR_CACHE": str(folder)}
    subprocess.run(command(SAMPLE, "-q", "--no-cache"), env=environment, cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, warm, monkeypatch):
    folder = tmp_path_factory.mktemp("cache")
    shutil.copytree(warm, folder, dirs_exist_ok=True)
    monkeypatch.setenv("INSPECTOR_CACHE", str(folder))


def command(*arguments):
    return [sys.executable, "-m", "inspector", "scan", *map(os.fsencode, map(str, arguments))]


def scan(*arguments, **options):
    done = subprocess.run(command(*arguments), capture_output=True, timeout=120, check=False, cwd=ROOT, **options)
    assert b"Traceback" not in done.stderr + done.stdout, done.stderr.decode()
    return done


def folder_of(tmp_path, count=12):
    folder = tmp_path / "in"
    for number in range(count):
        path = folder / f"d{number % 3}" / f"f{number}.conf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"server=device{number}.tuyacn.com\n")
    return folder


def names_in(lines):
    return [json.loads(line)["artifact"]["name"] for line in lines.splitlines()]


def test_every_file_gives_one_line_in_the_order_of_the_listing(tmp_path):
    folder = folder_of(tmp_path)
    expected = [source.path.name for source in inputs([folder])]
    assert len(expected) == 12
    outputs = {jobs: scan(folder, "-f", "jsonl", "--no-cache", "--jobs", jobs).stdout for jobs in (1, 2, 5)}
    assert names_in(outputs[1]) == expected
    assert outputs[1] == outputs[2] == outputs[5]


def test_a_folder_of_profiles_mirrors_the_inputs_and_holds_nothing_else(tmp_path):
    folder = folder_of(tmp_path)
    assert scan(folder, "-o", tmp_path / "out").returncode == 0
    written = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.*"))
    assert written == sorted(f"{source.inside}.json" for source in inputs([folder]))


def test_the_second_run_takes_unchanged_artifacts_from_the_cache(tmp_path):
    folder, record = folder_of(tmp_path, 4), tmp_path / "run.json"
    first = scan(folder, "-f", "jsonl")
    changed = folder / "d1/f1.conf"
    changed.write_text("server=other.hikvision.com\n")
    second = scan(folder, "-f", "jsonl", "--run-record", record)
    cached = {Path(entry["path"]).name: entry["cached"] for entry in json.loads(record.read_text())["artifacts"]}
    assert cached == {"f0.conf": True, "f3.conf": True, "f1.conf": False, "f2.conf": True}
    differing = [a != b for a, b in zip(first.stdout.splitlines(), second.stdout.splitlines(), strict=True)]
    assert differing == [False, False, True, False]


def test_other_options_and_a_damaged_entry_are_no_hits(tmp_path, toolbox):
    path = tmp_path / "a.conf"
    path.write_text("server=a.tuyacn.com\n")

    def cached(**options):
        (inspection,) = inspect_files([path], Session(toolbox, Options(**options), results=Results()), 1)
        return not inspection.outcomes

    assert not cached()
    assert cached()
    assert cached(workers=2)
    assert not cached(show_rejected=True)
    for entry in Path(os.environ["INSPECTOR_CACHE"], "results").iterdir():
        entry.write_bytes(entry.read_bytes()[:-1] + b"x")
    assert not cached()


def test_changed_code_is_no_hit(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "__file__", str(tmp_path / "results.py"))
    (tmp_path / "scan").mkdir()
    (tmp_path / "scan" / "hosts.py").write_text("old = 1\n")
    results._code.cache_clear()
    before = results._code()
    (tmp_path / "scan" / "hosts.py").write_text("newer = 1\n")
    results._code.cache_clear()
    assert results._code() != before
    results._code.cache_clear()


def test_old_entries_go_when_there_are_too_many(tmp_path, toolbox, monkeypatch):
    monkeypatch.setattr("inspector.results.LARGEST", 6000)
    for number in range(6):
        path = tmp_path / f"{number}.conf"
        path.write_text(f"server={number}.tuyacn.com\n")
        list(inspect_files([path], Session(toolbox, results=Results()), 1))
    Results().prune()
    entries = list(Path(os.environ["INSPECTOR_CACHE"], "results").iterdir())
    assert 0 < sum(entry.stat().st_size for entry in entries) <= 6000


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_says_so_and_the_next_one_goes_on(tmp_path, number):
    folder, lines = folder_of(tmp_path, 300), tmp_path / "all.jsonl"
    running = subprocess.Popen(
        command(folder, "-f", f"jsonl={lines}"),
        cwd=ROOT,
        stderr=subprocess.PIPE,
        # A shell starts what it runs in the background with the signal ignored; that must not reach the run.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - this process has one thread
    )
    kept = Path(os.environ["INSPECTOR_CACHE"], "results")
    deadline = time.monotonic() + 60
    while (not kept.exists() or len(list(kept.iterdir())) < 5) and time.monotonic() < deadline:
        time.sleep(0.02)
    running.send_signal(number)
    _, told = running.communicate(timeout=20)
    assert running.returncode == 130
    assert b"run again to go on" in told
    assert [path.name for path in tmp_path.iterdir()] == ["in"]  # half a file would look like a whole one
    done_before = len(list(kept.iterdir()))
    assert 5 <= done_before < 300
    record = tmp_path / "run.json"
    assert scan(folder, "-f", f"jsonl={lines}", "--run-record", record).returncode == 0
    assert len(set(names_in(lines.read_bytes()))) == 300
    assert sum(entry["cached"] for entry in json.loads(record.read_text())["artifacts"]) >= done_before - 1


def test_killing_the_parent_leaves_no_process_and_the_next_run_goes_on(tmp_path):
    folder = folder_of(tmp_path, 40)
    running = subprocess.Popen(command(folder, "-o", tmp_path / "out"), cwd=ROOT, start_new_session=True)
    deadline = time.monotonic() + 60
    while not list((tmp_path / "out").rglob("*.json")) and time.monotonic() < deadline:
        time.sleep(0.02)
    running.kill()
    running.wait()
    time.sleep(0.5)
    assert [pid for pid in os.listdir("/proc") if pid.isdigit() and _session_of(pid) == running.pid] == []
    for path in (tmp_path / "out").rglob("*.json"):
        json.loads(path.read_text())
    assert scan(folder, "-o", tmp_path / "out").returncode == 0
    assert len(list((tmp_path / "out").rglob("*.json"))) == 40


def _session_of(pid):
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return 0
    return int(fields[3]) if fields[0] != b"Z" else 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_killed_child_costs_its_artifact_alone(tmp_path, toolbox, number):
    folder = folder_of(tmp_path, 6)
    scan_leaf = toolbox.scan

    def scan_or_die(artifact, data, notes):
        if artifact.name == "f4.conf":
            os.kill(os.getpid(), number)
        return scan_leaf(artifact, data, notes)

    box = type(toolbox)(toolbox.knowledge, toolbox.addresses)
    box.__dict__["scan"] = scan_or_die
    paths = [source.path for source in inputs([folder])]
    found = {i.path.name: i.document["verdict"]["status"] for i in inspect_files(paths, Session(box), 3)}
    assert found.pop("f4.conf") == "failed"
    assert set(found.values()) == {"exposed"}
    assert len(found) == 5


def test_odd_file_names_are_inspected_and_their_profiles_readable(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    names = [b"\xff\xfe.conf", b"new\nline", b"esc\x1b[31m", b"con", "e\u0301".encode(), "\u00e9".encode(), b"x" * 255]
    for name in names:
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text("server=a.tuyacn.com\n")
    done = scan(folder, "-o", tmp_path / "out", "-f", "json", "-f", "jsonl")
    assert done.returncode == 0
    assert len(set(names_in(done.stdout))) == len(names)
    written = list((tmp_path / "out").iterdir())
    assert len(written) == len(names)
    for path in written:
        path.name.encode("utf-8")
        assert path.name.isprintable()
        json.loads(path.read_text(encoding="utf-8"))


def test_a_missing_and_an_unreadable_path_do_not_stop_the_others(tmp_path):
    (tmp_path / "good.conf").write_text("server=a.tuyacn.com\n")
    os.mkfifo(tmp_path / "pipe")
    done = scan(tmp_path / "absent", tmp_path / "good.conf", tmp_path / "pipe", "-f", "jsonl")
    assert done.returncode == 2
    assert names_in(done.stdout) == ["good.conf"]
    assert b"no such file" in done.stderr
    assert b"no regular file" in done.stderr


def test_a_file_that_vanishes_before_its_turn_is_named(tmp_path, toolbox):
    path = tmp_path / "a"
    path.write_bytes(b"x")

    def listing():
        yield path
        path.unlink(missing_ok=True)
        yield path

    inspections = list(inspect_files(listing(), Session(toolbox), 1))
    assert [inspection.error for inspection in inspections] == ["", "No such file or directory"]


def test_a_file_that_keeps_changing_is_failed_not_guessed(tmp_path, toolbox):
    path = tmp_path / "growing"
    path.write_bytes(b"server=a.tuyacn.com\n")
    box = type(toolbox)(toolbox.knowledge, toolbox.addresses)

    def touching(_):  # also when the child has ended and nobody looked at its answer yet
        os.utime(path, ns=(time.time_ns(), time.time_ns()))
        return True

    (inspection,) = inspect_files([path], Session(box), 1, touching)
    assert inspection.document["verdict"]["status"] == "failed"
    assert "changed while it was read" in inspection.document["verdict"]["reasons"][0]


def test_folders_nested_deeper_than_the_stack_are_listed(tmp_path):
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=here)
        following = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = following
    os.close(os.open("bottom", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)
    try:
        (only,) = inputs([tmp_path])
    finally:
        subprocess.run(["rm", "-r", tmp_path / "d"], check=True)  # shutil.rmtree recurses
    assert only.path.name == "bottom"
    assert len(only.path.parts) > 1500


def test_a_large_folder_is_listed_without_being_held(tmp_path):
    for number in range(3000):
        (tmp_path / f"{number:04}").touch()
    found = inputs([tmp_path])
    assert next(found).path.name == "0000"
    assert sum(1 for _ in found) == 2999


def test_a_full_disk_leaves_no_half_file_and_names_the_path(tmp_path, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InspectorError, match=r"profile\.json.*No space left.*run again to go on"):
        write_whole(tmp_path / "profile.json", b"{}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
def test_a_really_full_disk_ends_the_run_and_the_next_one_goes_on(tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", small], check=False).returncode:
        pytest.skip("mount is not allowed here")
    try:
        folder = folder_of(tmp_path, 40)
        done = scan(folder, "-o", small)
        assert done.returncode == 2
        assert b"No space left on device" in done.stderr
        for path in small.rglob("*.*"):
            json.loads(path.read_text())
    finally:
        subprocess.run(["umount", small], check=True)
    assert scan(folder, "-o", tmp_path / "out").returncode == 0
    assert len(list((tmp_path / "out").rglob("*.json"))) == 40


def test_one_file_for_several_profiles_is_refused(tmp_path):
    done = scan(folder_of(tmp_path, 2), "-f", f"json={tmp_path}/one.json")
    assert done.returncode == 2
    assert b"use -o FOLDER" in done.stderr


def test_a_pipe_or_device_is_written_to_and_never_replaced(tmp_path):
    # A pipe of our own stands for /dev/null and /dev/stdout: a failing test must not cost the machine a device.
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_whole(pipe, b"{}")
    assert os.read(reader, 10) == b"{}"
    outputs = Outputs([Target("jsonl", pipe), Target("json", pipe)], None, "en")
    outputs.refuse_collisions()
    outputs.write({"x": 1}, next(inputs([SAMPLE])))
    outputs.close()
    outputs.abandon()
    assert os.read(reader, 100).startswith(b'{\n  "x": 1')
    assert pipe.is_fifo()
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]
    os.close(reader)


def test_standard_output_can_be_named_as_a_file_where_it_is_a_pipe():
    assert scan(SAMPLE, "-q", "-f", "json=/dev/stdout").stdout == scan(SAMPLE, "-q", "-f", "json").stdout


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_larger_files_go_first_and_are_told_in_the_order_of_the_listing(tmp_path, jobs):
    for number in range(20):
        (tmp_path / f"f{number:02}.conf").write_text("server=device.tuyacn.com\n" * (number * 7 % 20 + 1))
    done = scan(tmp_path, "-f", "jsonl", "--jobs", jobs, "--no-cache")
    assert names_in(done.stdout) == [f"f{number:02}.conf" for number in range(20)]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "link.json").symlink_to(tmp_path / "true.json")
    write_whole(tmp_path / "link.json", b"{}")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "true.json").read_bytes() == b"{}"


def test_an_unwritable_cache_only_costs_time(tmp_path, monkeypatch):
    monkeypatch.setenv("INSPECTOR_CACHE", "/dev/null/nothing")
    assert scan(folder_of(tmp_path, 2), "-f", "jsonl").returncode == 0


def test_the_run_record_tells_what_the_profile_must_not(tmp_path):
    record = tmp_path / "run.json"
    done = scan(SAMPLE, "-f", "json", "--run-record", record, "--no-cache")
    told = json.loads(record.read_text())
    assert told["exit"] == 0
    (entry,) = told["artifacts"]
    assert entry["status"] == "exposed"
    assert entry["peak_memory"] > 0
    assert entry["sandbox"] == [n for n, w in told["sandbox"]["offered"].items() if w == "yes" or w.startswith("ABI")]
    for volatile in (told["host"]["name"], told["started"], str(tmp_path)):
        assert volatile.encode() not in done.stdout


def test_progress_stays_off_pipes_and_estimates_on_terminals(tmp_path):
    assert scan(SAMPLE, "-f", "json").stderr == b""
    progress = Progress(100, enabled=True)
    progress.done = 20
    assert progress.line(10.0, 2) == "20 of 100 files, 2.0/s, 40 s left, 2 under way"


def test_interruption_wins_over_everything():
    assert worst([Exit.POLICY, Exit.FAILED, Exit.USAGE, Exit.INTERRUPTED]) is Exit.INTERRUPTED
    assert worst([Exit.DONE, Exit.NOTHING, Exit.INCOMPLETE, Exit.POLICY, Exit.FAILED, Exit.USAGE]) is Exit.USAGE
    assert worst([Exit.DONE, Exit.NOTHING, Exit.INCOMPLETE, Exit.POLICY, Exit.FAILED]) is Exit.FAILED
    assert worst([Exit.DONE, Exit.NOTHING, Exit.INCOMPLETE, Exit.POLICY]) is Exit.POLICY
    assert worst([Exit.DONE, Exit.NOTHING, Exit.INCOMPLETE]) is Exit.INCOMPLETE
    assert worst([Exit.DONE, Exit.NOTHING]) is Exit.NOTHING


def test_abandoned_lines_are_removed(tmp_path):
    outputs = Outputs([Target("jsonl", tmp_path / "a.jsonl")], None, "en")
    outputs.write({"x": 1}, next(inputs([SAMPLE])))
    outputs.abandon()
    assert list(tmp_path.iterdir()) == []


def test_a_poisoned_file_is_tried_a_few_times_and_no_more(tmp_path, toolbox):
    path = tmp_path / "poison.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(20):
            archive.writestr(f"{number}.conf", "server=a.tuyacn.com\n")
    box = type(toolbox)(toolbox.knowledge, toolbox.addresses)
    box.__dict__["scan"] = lambda artifact, data, notes: os.kill(os.getpid(), signal.SIGKILL)
    (inspection,) = inspect_files([path], Session(box), 1)
    assert len(inspection.outcomes) == ATTEMPTS
    assert len({outcome.culprits for outcome in inspection.outcomes}) == ATTEMPTS  # another member each time
    assert inspection.document["verdict"]["status"] == "failed"


WITHOUT_SECCOMP = """
import sys
from inspector.isolate import sandbox

sandbox._seccomp = lambda may_run_programs: False
from inspector.cli import main

sys.argv[0] = "inspector"
main()
"""


def without_seccomp(*arguments):
    """Run the command line on a machine whose kernel lacks a layer of the sandbox."""
    line = [sys.executable, "-c", WITHOUT_SECCOMP, *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT)


def test_a_sandbox_that_is_demanded_and_missing_stops_the_run_before_a_byte_is_parsed():
    done = without_seccomp("scan", SAMPLE, "-f", "json", "-q", "--no-cache", "--require-sandbox")
    document = json.loads(done.stdout)
    assert done.returncode == Exit.FAILED
    assert document["verdict"]["status"] == "failed"
    assert "sandbox" in document["verdict"]["reasons"][0]
    assert "seccomp" not in document["verdict"]["reasons"][0]
    assert (document["findings"], document["tree"]) == ([], [])


def test_a_lower_level_is_told_where_it_is_accepted(tmp_path):
    record = tmp_path / "run.json"
    done = without_seccomp("scan", SAMPLE, "-f", "json", "-q", "--no-cache", "--run-record", record)
    assert done.returncode == 0
    (entry,) = json.loads(record.read_text())["artifacts"]
    assert "seccomp" not in entry["sandbox"]
    told = without_seccomp("doctor", "--require-sandbox")
    assert told.returncode == Exit.FAILED
    assert "seccomp         not reached" in told.stdout
    assert "The sandbox is incomplete on this machine." in told.stdout


def shell(script, *arguments):
    """Run a line of shell in which "$@" is the command line of the product."""
    line = ["sh", "-c", script, "sh", *command(*arguments)]
    done = subprocess.run(line, capture_output=True, timeout=120, check=False, cwd=ROOT)
    assert b"Traceback" not in done.stderr + done.stdout, done.stderr.decode()
    return done


@pytest.mark.parametrize("form", ["json", "jsonl", "terminal"])
@pytest.mark.parametrize("redirected", [">/dev/full", ">&-"])
def test_a_standard_output_that_takes_nothing_is_an_error_and_no_policy_hit(form, redirected):
    done = shell(f'"$@" {redirected}', SAMPLE, "-f", form)
    assert done.returncode == Exit.USAGE
    assert done.stderr.startswith(b"inspector: cannot write to standard output: ")
    assert done.stderr.count(b"\n") == 1


def test_closed_standard_streams_change_nothing_else():
    plain = scan(SAMPLE, "-f", "json")
    for redirected in ("2>&-", "<&-", "<&- 2>&-"):
        done = shell(f'"$@" {redirected}', SAMPLE, "-f", "json", "--no-cache")
        assert (done.returncode, done.stdout) == (0, plain.stdout), redirected


def test_a_bug_ends_with_the_code_of_a_bug():
    broken = WITHOUT_SECCOMP.replace("main()", "from inspector.cli.scan import Run; Run.over = None; main()")
    done = subprocess.run([sys.executable, "-c", broken, "scan", SAMPLE], capture_output=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stdout) == (Exit.FAILED, b"")
    assert done.stderr == b"inspector: internal error: TypeError: 'NoneType' object is not callable\n"


@pytest.mark.skipif(not shutil.which("setpriv"), reason="setpriv is not installed")
def test_an_unreadable_path_is_one_line_and_does_not_stop_the_others(tmp_path):
    (tmp_path / "good.conf").write_text("server=a.tuyacn.com\n")
    for name in ("closed.bin", "shut/closed.bin"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(0)
    (tmp_path / "shut").chmod(0)
    rights = "-dac_override,-dac_read_search"  # root reads everything
    plain = f'setpriv --bounding-set {rights} --inh-caps {rights} "$@"' if os.geteuid() == 0 else '"$@"'
    paths = [tmp_path / "closed.bin", tmp_path / "shut", tmp_path / "good.conf"]
    done = shell(plain, *paths, "-f", "jsonl")
    (tmp_path / "shut").chmod(0o700)
    assert done.returncode == Exit.USAGE
    assert names_in(done.stdout) == ["good.conf"]
    lines = done.stderr.decode().splitlines()
    assert [line.startswith("inspector: cannot read ") for line in lines] == [True, True]


def test_what_lies_in_a_folder_and_is_no_file_is_told(tmp_path):
    folder = folder_of(tmp_path, 2)
    (folder / "link").symlink_to("d0/f0.conf")
    (folder / "dangling").symlink_to("nowhere")
    os.mkfifo(folder / "pipe")
    done = scan(folder, "-f", "jsonl")
    assert (done.returncode, len(names_in(done.stdout))) == (0, 2)
    assert b"not inspected (links: 2, pipes, sockets and devices: 1)" in done.stderr
    assert scan(folder, "-f", "jsonl", "-q").stderr == b""
    for path in (folder / "d0", folder / "d1"):
        shutil.rmtree(path)
    done = scan(folder)
    assert done.returncode == Exit.NOTHING
    assert b"nothing to inspect: no files there (links: 2" in done.stderr


def test_a_file_without_a_true_size_is_an_error_and_no_empty_file():
    done = scan("/proc/version", "-f", "jsonl")
    assert (done.returncode, done.stdout) == (Exit.USAGE, b"")
    assert b"cannot read '/proc/version'" in done.stderr


def test_profiles_from_the_cache_are_not_waited_for(tmp_path, toolbox):
    paths = sorted(path for path in folder_of(tmp_path, 60).rglob("*.conf"))
    session = Session(toolbox, Options(), results=Results())
    first = [inspection.document for inspection in inspect_files(paths, session, 2)]
    began = time.monotonic()
    again = list(inspect_files(paths, session, 1))
    assert time.monotonic() - began < 3
    assert not any(inspection.outcomes for inspection in again)
    assert sorted(map(repr, first)) == sorted(repr(inspection.document) for inspection in again)


def test_a_folder_for_profiles_is_filled_beside_other_outputs(tmp_path):
    folder = folder_of(tmp_path, 3)
    scan(folder, "-o", tmp_path / "out", "-f", f"jsonl={tmp_path}/all.jsonl")
    assert len(list((tmp_path / "out").rglob("*.json"))) == 3
    assert len(names_in((tmp_path / "all.jsonl").read_bytes())) == 3


def test_equal_names_from_different_places_have_a_profile_each(tmp_path):
    for place in ("x", "y"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "same.bin").write_text(f"server={place}.tuyacn.com\n")
    for paths in ([tmp_path / "x", tmp_path / "y"], [tmp_path / "x/same.bin", tmp_path / "y/same.bin"]):
        out = tmp_path / f"out{len(list(tmp_path.iterdir()))}"
        assert scan(*paths, tmp_path / "x", "-o", out).returncode == 0
        written = [json.loads(path.read_text()) for path in out.rglob("*.json")]
        assert {entry["value"] for document in written for entry in document["observables"]["hostnames"]} == {
            "x.tuyacn.com",
            "y.tuyacn.com",
        }
        assert len(written) == 2
        assert (out / "same.bin.json").is_file()


def test_a_lower_level_of_the_sandbox_is_told_once(tmp_path):
    done = without_seccomp("scan", folder_of(tmp_path, 3), "-f", "jsonl", "--no-cache")
    told = "the sandbox is incomplete on this machine, it only reached: rlimits, no-new-privs, landlock"
    assert (done.returncode, done.stderr.count(told)) == (0, 1)


def test_a_demanded_sandbox_takes_no_profile_that_was_made_without(tmp_path, monkeypatch):
    monkeypatch.setenv("INSPECTOR_CACHE", str(tmp_path / "cache"))
    assert without_seccomp("scan", SAMPLE, "-f", "json").returncode == 0
    assert without_seccomp("scan", SAMPLE, "-f", "json", "--require-sandbox").returncode == Exit.FAILED
