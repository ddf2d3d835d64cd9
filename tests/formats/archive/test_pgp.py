"""OpenPGP messages against gpg: signed and compressed ones are read, encrypted ones stay a gap."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import LimitReached, NotThisFormat
from inspector.extract.budget import Budget, Limits
from inspector.extract.carve import Carver
from inspector.extract.catalogue import CATALOGUE
from inspector.extract.walk import Node, Walker
from inspector.formats.archive.pgp import ARMOR_HEAD, parse_armor, parse_message
from inspector.formats.reader import BufferReader
from tests.formats.original import tool
from tests.formats.wrapper_checks import attempt, check_hostile, parts

TEXT = b"server=https://planted.example.cn/v1\n" * 3000
NOISE = Random(4).randbytes(70_000).hex().encode()


class Leaves:
    """A visitor that keeps what it is shown."""

    def __init__(self):
        self.seen = {}

    def visit(self, artifact, data, base):
        self.seen.setdefault(artifact.path, bytes(data.all()))
        return []

    def skip(self, path):
        return False

    def at(self, path):
        pass


def walked(blob: bytes):
    leaves = Leaves()
    walker = Walker(Carver(CATALOGUE), Budget(Limits(), len(blob)), leaves)
    score, _, name = walker.walk(Node("x", BufferReader(blob), "x"))
    return score, name, leaves.seen, walker.found.gaps


@pytest.fixture(scope="module")
def gpg():
    home = Path(tempfile.mkdtemp(prefix="gpg"))  # its socket allows no long path
    key = ["--passphrase", "", "--quick-generate-key", "test@example.org", "future-default", "default", "never"]

    def run(*options: str, data: bytes = b"") -> bytes:
        command = [tool("gpg"), "--homedir", str(home), "--batch", "--quiet", "--pinentry-mode", "loopback", *options]
        return subprocess.run(command, input=data, capture_output=True, check=True).stdout

    run(*key)
    yield run
    if shutil.which("gpgconf"):
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)
    shutil.rmtree(home, ignore_errors=True)


@pytest.mark.packers
@pytest.mark.parametrize("armor", [[], ["--armor"]])
@pytest.mark.parametrize(
    "options",
    [["--sign"], ["--sign", "-z", "0"], ["--sign", "--compress-algo", "zlib"], ["--sign", "--compress-algo", "bzip2"],
     ["--store"], ["--store", "-z", "0"], ["--sign", "--set-filename", "fw.bin", "-z", "0"]],
    ids=" ".join,
)  # fmt: skip
@pytest.mark.parametrize("content", [TEXT, NOISE], ids=["text", "noise"])
def test_what_gpg_signs_is_read(gpg, options, armor, content):
    """From standard input gpg does not know the length, so that what it writes lies in pieces."""
    blob = gpg(*options, *armor, data=content)
    score, name, leaves, gaps = walked(blob)
    assert name == ("pgp-armor" if armor else "pgp-message")
    assert content in leaves.values()
    assert (score, gaps) == (1.0, [])
    if "--set-filename" in options:
        assert any(path.endswith("!fw.bin") for path in leaves)


@pytest.mark.packers
@pytest.mark.parametrize("armor", [[], ["--armor"]])
@pytest.mark.parametrize("to", [["--recipient", "test@example.org"], ["--symmetric", "--passphrase", "secret"]])
def test_what_gpg_encrypts_stays_a_gap(gpg, armor, to):
    options = to if to[0] == "--symmetric" else ["--encrypt", "--trust-model", "always", *to]
    score, _, leaves, gaps = walked(gpg(*options, *armor, data=TEXT))
    assert score == 0
    assert [gap.reason for gap in gaps] == ["encrypted"]
    assert TEXT not in leaves.values()


@pytest.mark.packers
def test_a_signature_alone_is_no_message(gpg):
    with pytest.raises(NotThisFormat):
        parse_message(BufferReader(gpg("--detach-sign", data=TEXT)))


@pytest.mark.packers
def test_damage_and_limits(gpg):
    blob = gpg("--sign", "-z", "0", "--set-filename", "a", data=TEXT[:2000])
    image = parse_message(BufferReader(blob))
    assert parts(image) == {"a": TEXT[:2000]}
    assert image.size == len(blob)
    with pytest.raises(LimitReached):
        image.members[0].open(1999)
    check_hostile(parse_message, blob, rounds=600)
    packed = gpg("--sign", data=NOISE[:3000])
    check_hostile(parse_message, packed)
    check_hostile(parse_armor, gpg("--sign", "--armor", data=TEXT[:400]))


def test_packets_of_every_length():
    """RFC 9580, 4.2.1: one, two and five bytes of length, and pieces; 4.2.2: the older kind."""
    for size in (1, 100, 191, 192, 8383, 8384, 70_000):
        body = b"b\x01f\0\0\0\0" + NOISE[:size]
        n = len(body)
        told = [b"\xcb\xff" + n.to_bytes(4, "big"), b"\xae" + n.to_bytes(4, "big"), b"\xaf"]
        if n < 192:
            told += [b"\xcb" + bytes([n]), b"\xac" + bytes([n])]
        elif n < 8384:
            told.append(b"\xcb" + (n - 192 + (192 << 8)).to_bytes(2, "big"))
        if n > 1024:
            told.append(b"\xcb\xea")  # 1,024 bytes, then the rest
        for head in told:
            blob = head + body
            if head == b"\xcb\xea":
                blob = head + body[:1024] + b"\xff" + (n - 1024).to_bytes(4, "big") + body[1024:]
            assert parts(parse_message(BufferReader(blob))) == {"f": NOISE[:size]}


def test_bytes_that_only_begin_like_a_message_are_none():
    for blob in (
        b"\xcb\x0ab\x01f\0\0\0\0abc" + bytes(50),
        b"\xa3\x01" + NOISE,
        b"\x88\x20" + bytes(32),
        b"\xc8\x02\x07a",
    ):
        with pytest.raises(NotThisFormat):
            parse_message(BufferReader(blob))


@given(st.sampled_from([0x88, 0x90, 0xA0, 0xA3, 0xAC, 0xAF, 0xC2, 0xC8, 0xCB]), st.binary(max_size=300))
def test_any_bytes(code, raw):
    attempt(parse_message, bytes([code]) + raw)


@given(st.binary(max_size=300))
def test_any_armor(raw):
    attempt(parse_armor, ARMOR_HEAD + b"\n\n" + raw + b"\n-----END PGP MESSAGE-----\n")
