import pytest

from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context, Presence
from inspector.scan import SCANNERS, scan_leaf
from inspector.scan.base import ScanNotes
from inspector.scan.device.reach import started_paths
from inspector.scan.stage import settle

FILES = {
    "/etc/inittab": ("config", b"::sysinit:/etc/init.d/rcS\n::respawn:/sbin/getty -L ttyS0\n"),
    "/etc/init.d/rcS": (
        "shell",
        b"#!/bin/sh\n# /bin/never\n/usr/local/start.sh &\n[ -x /bin/x ] && httpd -p 80\n",
    ),
    "/usr/local/start.sh": (
        "shell",
        b"cd /usr/local\nexec ./cloudd -d\nmount -o nolock 202.114.4.119:/pm /mnt\n",
    ),
    "/usr/local/cloudd": ("elf", b"\x7fELF" + bytes(64) + b"\0m.tuyacn.com\0"),
    "/usr/local/idle": ("elf", b"\x7fELF" + bytes(64) + b"\0idle.tuyacn.com\0"),
    "/bin/busybox": ("elf", b"\x7fELF"),
    "/bin/never": ("elf", b"\x7fELF"),
}
LINKS = {"/usr/sbin/httpd": "../../bin/busybox"}
UNIT = b"[Service]\nExecStart=/usr/local/idle --x\n"


def device(files):
    sightings, facts = [], []
    members = [("fw!root", path, 0o755) for path in files]
    members += [("fw!root", f"{name} -> {target}", -1) for name, target in LINKS.items()]
    for path, (leaf_format, content) in files.items():
        notes = ScanNotes()
        leaf = Artifact(f"fw!root!{path}", leaf_format, path.rpartition("/")[2], "fw!root", path)
        sightings += scan_leaf(leaf, BufferReader(content), SCANNERS, notes)
        facts += notes.facts
    return sightings, facts, members


def test_follows_scripts_links_and_programs():
    _, facts, members = device(FILES)
    started = {path for _, path in started_paths(facts, members)}
    assert started == {"/etc/inittab", "/etc/init.d/rcS", "/usr/local/start.sh", "/usr/local/cloudd", "/bin/busybox"}


def test_units_start_programs():
    _, facts, members = device(FILES | {"/etc/systemd/system/idle.service": ("config", UNIT)})
    assert ("fw!root", "/usr/local/idle") in started_paths(facts, members)


def test_presence_is_raised_only_in_started_files():
    presence = {s.observable.value: s.presence.value for s in settle(*device(FILES))}
    assert presence["m.tuyacn.com"] == "started"
    assert presence["nfs-mount:202.114.4.119:/pm"] == "started"
    assert presence["202.114.4.119"] == "started"
    assert presence["idle.tuyacn.com"] == "string"


def test_link_loops_end():
    members = [("r", "/etc/init.d/a -> b", -1), ("r", "/etc/init.d/b -> a", -1)]
    assert started_paths([], members) == frozenset()


@pytest.mark.parametrize("folder", ["/usr/share/doc/x", "/opt/tests", "/opt/info", "/opt/bin"])
def test_a_script_that_runs_at_boot_is_code_wherever_it_lies(folder):
    script = b"#!/bin/sh\n# see http://old.tuyacn.com/\nwget http://m.tuyacn.com/x\n"
    files = {
        "/etc/init.d/rcS": ("shell", f"#!/bin/sh\n{folder}/run.sh &\n".encode()),
        f"{folder}/run.sh": ("shell", script),
    }
    found = {s.observable.value: (s.context, s.presence) for s in settle(*device(files))}
    assert found["m.tuyacn.com"] == (Context.CODE, Presence.STARTED)
    assert found["old.tuyacn.com"][0] is not Context.CODE


def test_a_script_among_documents_that_nothing_starts_is_one():
    files = {"/usr/share/doc/x/run.sh": ("shell", b"#!/bin/sh\nwget http://m.tuyacn.com/x\n")}
    assert {s.context for s in settle(*device(files))} == {Context.DOCUMENTATION}
