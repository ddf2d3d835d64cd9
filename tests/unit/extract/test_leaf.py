"""Leaves are typed by their first bytes."""

import struct

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


@pytest.mark.parametrize("shift", range(4))
@pytest.mark.parametrize("letter", ["中", "é", "𠮷"])
def test_text_is_text_wherever_a_sample_cuts_a_character(letter, shift):
    blob = ("x" * shift + letter * 60_000).encode()
    assert leaf_format(BufferReader(blob), "Player.h") == "text"
    assert stays_text(BufferReader(blob))


def test_bytes_that_are_no_character_are_no_text():
    assert leaf_format(BufferReader(b"\xff\xfa\xc3\x28" * 2000), "Player.h") == "data"
