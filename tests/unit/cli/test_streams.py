"""Pipes: what is no regular file is said to be none, and a reader that has seen enough does not change the answer."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from inspector.cli.main import cli
from inspector.errors import UsageError
from inspector.report import render

ROOT = Path(__file__).parents[3]
MONITOR = ROOT / "samples/patient-monitor/patient-monitor.bin"
DEVICE = b"server=api.tuyacn.com\n"


@pytest.mark.parametrize("arguments", [["report"], ["diff", str(MONITOR)], ["explain"]])
def test_a_pipe_is_refused_by_its_name_and_never_waited_for(tmp_path, arguments):
    os.mkfifo(tmp_path / "pipe")
    further = ["F-1"] if arguments[0] == "explain" else []
    with pytest.raises(UsageError, match="is no regular file"):
        CliRunner().invoke(cli, [*arguments, str(tmp_path / "pipe"), *further], catch_exceptions=False)


def unread(*arguments):
    """Run a command whose standard output nobody reads; return its exit code and what it said on stderr."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "inspector", *map(str, arguments)],
            cwd=ROOT,
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        os.close(writer)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("gate", "code"),
    [(["--fail-on", "low"], 1), (["--policy", "nukib-strict"], 1), (["--fail-on-incomplete"], 0), ([], 0)],
)
def test_a_gate_holds_when_nobody_reads_the_report(gate, code):
    assert unread("scan", MONITOR, *gate) == (code, "")


@pytest.mark.parametrize("arguments", [("formats",), ("signatures", "list"), ("lookup", "tuyacn.com")])
def test_a_list_that_nobody_reads_to_its_end_is_no_error(arguments):
    assert unread(*arguments) == (0, "")


def test_the_gates_of_saved_profiles_hold_too(tmp_path, inspect_bytes):
    clean, exposed = tmp_path / "a.json", tmp_path / "b.json"
    clean.write_text(render("json", inspect_bytes(b"nothing\n", "app.conf")))
    exposed.write_text(render("json", inspect_bytes(DEVICE, "app.conf")))
    assert json.loads(exposed.read_text())["verdict"]["status"] == "exposed"
    assert unread("diff", clean, exposed, "--fail-on-new", "low") == (1, "")
    assert unread("report", exposed, "--policy", "nukib-strict") == (1, "")
    assert unread("report", tmp_path) == (0, "")


def test_a_pack_without_a_signature_is_an_error(tmp_path):
    (tmp_path / "notes.yml").write_text("not read")
    with pytest.raises(UsageError, match="no signatures"):
        CliRunner().invoke(cli, ["scan", str(MONITOR), "--signatures", str(tmp_path)], catch_exceptions=False)


def test_the_recipes_of_the_samples_tell_their_names():
    def run(*arguments):
        command = [sys.executable, "samples/build.py", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert "clean-router" in run("--help").stdout
    wrong = run("nosuch")
    assert (wrong.returncode, wrong.stderr.count("Traceback")) == (2, 0)
    assert "no such sample: nosuch" in wrong.stderr


def test_words_that_fit_no_format_are_said_to():
    result = CliRunner().invoke(cli, ["formats", "nosuchformat"])
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "inspector: no format here has 'nosuchformat' in its name or summary\n"


def test_who_asks_is_told_what_was_done_and_of_each_part(tmp_path):
    (tmp_path / "device.conf").write_bytes(DEVICE)
    (tmp_path / "bad\x1b[2J.gz").write_bytes(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + b"\xff" * 64)

    def said(*options):
        command = [sys.executable, "-m", "inspector", "scan", "--no-cache", *options, "-f", "jsonl", str(tmp_path)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True).stderr

    assert said() == ""
    assert f"INFO: device.conf: config, {len(DEVICE)} bytes, 1 parts scanned, 0 not readable, 0 gaps; " in said("-v")
    all_of_it = said("-vv")
    assert f"DEBUG: device.conf: config, {len(DEVICE)} bytes, seen: 100.0%" in all_of_it
    assert "DEBUG: bad\\x1b[2J.gz+0x" in all_of_it
    assert "\x1b" not in all_of_it


def test_a_bundle_holds_when_nobody_reads_that_it_does(tmp_path):
    key, public, bundled = tmp_path / "k.pem", tmp_path / "k.pub", tmp_path / "b.zip"
    signer = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    key.write_bytes(signer.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(signer.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    assert unread("bundle", MONITOR, "-o", bundled, "--key", key)[0] == 0
    assert unread("verify", bundled, "--pub", public) == (0, "")
    assert unread("verify", bundled, MONITOR, "--pub", public) == (0, "")
