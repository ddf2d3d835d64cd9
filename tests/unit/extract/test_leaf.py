"""Leaves are typed by their first bytes."""

import struct
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from inspector.extract.leaf import leaf_format, stays_text
from inspector.formats.reader import BufferReader


def number(value: int) -> bytes:
    raw = value.to_bytes(value.bit_length() // 8 + 1, "big")
    return struct.pack(">I", len(raw)) + raw


def dropbear_key() -> bytes:
    """An RSA host key as dropbear stores it: name, e, n, d, p, q."""
    private = rsa.generate_private_key(65537, 1024).private_numbers()
    public = private.public_numbers
    fields = (public.e, public.n, private.d, private.p, private.q)
    return struct.pack(">I", 7) + b"ssh-rsa" + b"".join(map(number, fields))


def test_a_host_key_of_dropbear_is_no_unknown_data(inspect_bytes):
    blob = dropbear_key()
    assert leaf_format(BufferReader(blob), "/etc/rsa_host_key") == "ssh-key"
    document = inspect_bytes(blob, "rsa_host_key")
    assert (document["artifact"]["format"], document["coverage"]["score"]) == ("ssh-key", 1.0)


@pytest.mark.parametrize("blob", [b"\0\0\0\x07ssh-rsa", b"\0\0\0\x08ssh-rsa\0\0\0\3", b"ssh-rsa\0\0\0\3"])
def test_what_only_resembles_one(blob):
    assert leaf_format(BufferReader(blob), "file") != "ssh-key"


def packet(tag: int, body: bytes, *, new: bool = False) -> bytes:
    head = bytes([0xC0 | tag, 255]) if new else bytes([0x80 | tag << 2 | 2])
    return head + struct.pack(">I", len(body)) + body


def keyring(first: int = 6, *, new: bool = False) -> bytes:
    """A key, its name and a signature, twice; numbers are noise."""
    noise = Random(3)
    one = [(first, b"\4" + noise.randbytes(3000)), (13, b"Name <a@example.org>"), (2, b"\4" + noise.randbytes(3000))]
    return b"".join(packet(tag, body, new=new) for tag, body in one * 2)


@pytest.mark.parametrize("first", [5, 6])
@pytest.mark.parametrize("new", [False, True])
def test_a_keyring_is_no_unknown_data(first, new, inspect_bytes):
    document = inspect_bytes(keyring(first, new=new), "pubring.gpg")
    assert (document["artifact"]["format"], document["coverage"]["score"]) == ("openpgp-keyring", 1.0)
    assert document["coverage"]["gaps"] == []


@pytest.mark.parametrize("blob", [
    keyring()[:-1], keyring() + b"x", keyring(13), keyring() + packet(18, b"\1" + bytes(40)), packet(6, b"\4" * 90),
    packet(6, b"\x09" * 90) + packet(13, b"name"), b"\x99\0", b"\x9b" + keyring(),
])  # fmt: skip
def test_packets_that_are_no_keyring(blob):
    assert leaf_format(BufferReader(blob), "pubring.gpg") != "openpgp-keyring"


@pytest.mark.parametrize(("head", "label"), [
    (b"\x1c\0\0\0TFL3" + bytes(60), "tflite"), (b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0", "hdf5"),
])  # fmt: skip
def test_models_and_measurements_have_a_name(head, label, inspect_bytes):
    assert leaf_format(BufferReader(head + bytes(100)), "file") == label
    noise = head + Random(1).randbytes(1 << 17)
    document = inspect_bytes(noise, "model")
    assert document["artifact"]["format"] == label
    assert [gap["reason"] for gap in document["coverage"]["gaps"]] == ["unknown-data"]  # nothing proves what follows


@pytest.mark.parametrize("shift", range(4))
@pytest.mark.parametrize("letter", ["中", "é", "𠮷"])
def test_text_is_text_wherever_a_sample_cuts_a_character(letter, shift):
    blob = ("x" * shift + letter * 60_000).encode()
    assert leaf_format(BufferReader(blob), "Player.h") == "text"
    assert stays_text(BufferReader(blob))


def test_bytes_that_are_no_character_are_no_text():
    assert leaf_format(BufferReader(b"\xff\xfa\xc3\x28" * 2000), "Player.h") == "data"
