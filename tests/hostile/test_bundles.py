"""Bundles that somebody made to do harm: one clear line, a bounded cost, nothing written."""

import io
import struct
import subprocess
import sys
import time
import zipfile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.bundle.archive import Archive, pack
from inspector.bundle.envelope import opened
from inspector.errors import BundleError

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
ENVELOPE = b'{"payload":"","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":""}]}'


def archive_of(*entries, method=zipfile.ZIP_DEFLATED, comment=b""):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name), data, method)
        archive.comment = comment
    return buffer.getvalue()


def shrunk(raw, name, size):
    """Let the directory understate the size of an entry."""
    at = raw.rindex(name.encode()) - 46
    return raw[: at + 24] + struct.pack("<I", size) + raw[at + 28 :]


PLAIN = (("profile.json", b"{}"), ("statement.dsse.json", ENVELOPE))
HOSTILE = {
    "empty": b"",
    "text": b"hello",
    "end only": b"PK\x05\x06" + bytes(18),
    "prefix": b"x" + archive_of(*PLAIN),
    "suffix": archive_of(*PLAIN) + b"x",
    "comment": archive_of(*PLAIN, comment=b"c"),
    "lzma": archive_of(*PLAIN, method=zipfile.ZIP_LZMA),
    "traversal": archive_of(*PLAIN, ("../../etc/passwd", b"x")),
    "absolute": archive_of(*PLAIN, ("/etc/passwd", b"x")),
    "escape": archive_of(*PLAIN, ("a\x1b[2Jb", b"x")),
    "nul": archive_of(*PLAIN).replace(b"profile.json", b"profile\0json"),
    "folder": archive_of(*PLAIN, ("reports/", b"")),
    "many": archive_of(*PLAIN, *((f"f{number}", b"") for number in range(65))),
    "long name": archive_of(*PLAIN, ("a" * 60_000, b"")),
    "count lies": archive_of(*PLAIN)[:-12] + struct.pack("<H", 1) + archive_of(*PLAIN)[-10:],
    "wrong signature": archive_of(*PLAIN),
    "no envelope": archive_of(("profile.json", b"{}")),
    "no profile": archive_of(("statement.dsse.json", ENVELOPE)),
    "envelope list": archive_of(("profile.json", b"{}"), ("statement.dsse.json", b"[]")),
    "envelope deep": archive_of(("profile.json", b"{}"), ("statement.dsse.json", b"[" * 100_000)),
    "envelope number": archive_of(("profile.json", b"{}"), ("statement.dsse.json", b'{"signatures": 7}')),
    "envelope large": archive_of(("profile.json", b"{}"), ("statement.dsse.json", bytes(2 << 20))),
    "damaged": archive_of(*PLAIN)[:40] + b"\xff\xff\xff" + archive_of(*PLAIN)[43:],
}


@pytest.fixture
def verify(tmp_path):
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = tmp_path / "key.pub"
    public.write_bytes(KEY.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    def run(raw):
        path = tmp_path / "bundle.zip"
        path.write_bytes(raw)
        command = [sys.executable, "-m", "inspector", "verify", str(path), "--pub", str(public)]
        return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)

    return run


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_bundle_is_one_line(verify, tmp_path, name):
    result = verify(HOSTILE[name])
    assert result.returncode == 3
    assert result.stdout == ""
    assert result.stderr.startswith("inspector: ")
    assert result.stderr.count("\n") == 1
    assert result.stderr.rstrip("\n").isprintable()
    assert {path.name for path in tmp_path.iterdir()} == {"bundle.zip", "key.pub"}


def test_two_files_of_one_name_are_refused():
    raw = archive_of(("profile.json", b"{}"), ("profilf.json", b"[]")).replace(b"profilf.json", b"profile.json")
    with pytest.raises(BundleError, match="two files"):
        Archive(io.BytesIO(raw))


def test_a_bomb_that_understates_its_size_inflates_no_further():
    raw = shrunk(pack({"profile.json": bytes(100 << 20)}), "profile.json", 10)
    archive = Archive(io.BytesIO(raw))
    start = time.monotonic()
    with pytest.raises(BundleError, match="damaged"):
        archive.read("profile.json")
    assert time.monotonic() - start < 0.2


def test_a_bomb_that_tells_its_size_is_refused_before_it_is_opened():
    raw = shrunk(pack({"profile.json": bytes(1000)}), "profile.json", 1 << 30)
    with pytest.raises(BundleError, match="too large"):
        Archive(io.BytesIO(raw))


def test_a_zip64_record_cannot_replace_the_checked_end():
    raw = pack({"a": b"1"})
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, 0, 1)
    end = bytearray(raw[-22:])
    struct.pack_into("<I", end, 12, struct.unpack_from("<I", end, 12)[0] + len(locator))
    with pytest.raises(BundleError, match="shape"):
        Archive(io.BytesIO(raw[:-22] + locator + bytes(end)))


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_in_place_of_an_envelope_are_refused(raw):
    with pytest.raises(BundleError):
        opened(raw, KEY)


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
@settings(max_examples=300, deadline=None)
def test_any_damage_gives_the_same_files_or_a_refusal(at, noise):
    files = {"profile.json": b"{}" * 100, "statement.dsse.json": ENVELOPE}
    raw = bytearray(pack(files))
    at %= len(raw)
    raw[at : at + len(noise)] = noise
    try:
        archive = Archive(io.BytesIO(bytes(raw)))
        found = {name: archive.read(name) for name in sorted(archive.names)}
    except BundleError:
        return
    assert sorted(found.values()) == sorted(files.values())
