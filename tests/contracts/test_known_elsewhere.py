"""Whatever binwalk 2.3 and 3 or unblob give a name has a name here, or hides nothing that a search does not see."""

import re
from pathlib import Path

import pytest

from inspector.extract.budget import Budget, Limits
from inspector.extract.carve import Carver
from inspector.extract.catalogue import CATALOGUE
from inspector.extract.leaf import leaf_format
from inspector.extract.registry import EXTRACTORS
from inspector.extract.walk import Node, Walker
from inspector.formats.parts import sets_of
from inspector.formats.reader import BufferReader
from tests.contracts import known_elsewhere as known
from tests.formats.original import tool

BY_NAME = {extractor.INFO.name: extractor for extractor in EXTRACTORS}
BINWALK = {name: ours for ours, names in known.FORMATS.items() for name in names}
LEAVES = {name: label for label, names in known.LEAVES.items() for name in names}
HEADS = {
    "elf": b"\x7fELF\x01\x01\x01" + bytes(60),
    "pe": b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0",
    "class": b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(20),
    "pem": b"-----BEGIN CERTIFICATE-----\n",
    "sqlite": b"SQLite format 3\0",
    "shell": b"#!/bin/sh\n",
    "html": b"<html><body>",
    "xml": b"<?xml version='1.0'?>",
}
MAGIC = re.compile(r"(0x[0-9a-fA-F]+|\d+)\s+(\S+)\s+(\S+(?:\\ \S*)*)\s+(.*)")
NUMBERS = {"belong": ">4", "lelong": "<4", "beshort": ">2", "leshort": "<2", "bequad": ">8", "lequad": "<8"}
ANNOUNCED_OTHERWISE = {
    ("arj-jar", b"JARCS"): "the second version has a row of its own",
    ("bcm-tag", b"6\0\0\0"): "a version number; the maker's name behind it tells",
    ("bzimage", None): "binwalk tells the code of the boot sector; we the header that stands in it",
    ("cobalt-rom", b"Cobalt\\"): "a slip: the same text as in its other line",
    ("csys-le", b"CSYS\x80"): "the other byte order has a row of its own",
    ("iso9660", b"\0CD001\1"): "a boot record; the volume descriptor of the same image tells",
    ("mpeg-ts", None): "one sync byte, proved by the packets behind it",
    ("pgp-binary", None): "one tag, proved by the packet behind it",
    ("qnx6", b"\xeb\x10\x90\0"): "the boot block, of QNX6 in truth; the superblock behind it tells",
    ("stuffit", b"SIT!"): "its second mark tells",
    ("ubi", b"UBI!"): "a volume header stands behind an erase header, which tells",
    ("vmdk", b"VMDK"): "the mark in the other byte order; no such image is known",
    ("xerox-dlm", b"%%OID_ATT_DLM_NAME"): "a line of the header whose first line tells",
    ("xerox-dlm", b"%%OID_ATT_DLM_VERSION"): "a line of the header whose first line tells",
    ("xerox-dlm", b"%%XRXend"): "the last line of that header",
}
"""(format, mark of binwalk) → why it is not looked for here."""


def test_every_name_leads_to_a_format():
    wanted = {*known.FORMATS, *known.UNBLOB, *known.UNBLOB_SETS_NAMED.values(), *known.BINWALK_3}
    assert wanted - set(BY_NAME) == set()
    assert set(known.BINWALK_3_LEAVES) <= set(known.LEAVES)


def test_no_name_stands_twice():
    names = [*BINWALK, *LEAVES, *known.CLEAR, *known.CODE]
    assert len(names) == len(set(names))
    third = [*known.BINWALK_3.values(), *known.BINWALK_3_LEAVES.values(), known.BINWALK_3_OTHERS]
    third = [name for names in third for name in names]
    assert len(third) == len(set(third)) >= 110
    handlers = [name for names in known.UNBLOB.values() for name in names]
    assert len(handlers) == len(set(handlers))


@pytest.mark.parametrize("label", known.LEAVES)
def test_a_leaf_is_told_by_its_beginning(label):
    assert leaf_format(BufferReader(HEADS[label]), "file") == label


class Leaves:
    """A visitor that keeps what it is shown."""

    def __init__(self):
        self.seen = []

    def visit(self, artifact, data, base):
        self.seen.append(bytes(data.all()))
        return []

    def skip(self, path):
        return False

    def at(self, path):
        pass


@pytest.mark.parametrize("name", known.CLEAR)
def test_what_has_no_format_of_its_own_is_searched_as_it_is(name):
    text = b" and further on https://a1.example.cn/path "
    blob = (known.CLEAR[name] + b"\n").ljust(2048, b"\n") + text.ljust(1024, b"\n")
    leaves = Leaves()
    walker = Walker(Carver(CATALOGUE), Budget(Limits(), len(blob)), leaves)
    score, _, _ = walker.walk(Node("file", BufferReader(blob), "file"))
    assert any(text in seen for seen in leaves.seen)
    assert (score, walker.found.gaps) == (1.0, [])


@pytest.mark.parametrize("name", known.UNBLOB_SETS)
def test_what_is_read_from_several_files(name):
    assert [found.names for found in sets_of(known.UNBLOB_SETS[name], lambda _: 1024)] == [
        tuple(known.UNBLOB_SETS[name])
    ]


def magic_lines():
    """Return (description, offset, bytes or None) of every signature of the installed binwalk 2.3."""
    tool("binwalk")
    folder = Path("/usr/lib/python3/dist-packages/binwalk/magic")
    if not folder.is_dir():
        pytest.skip("binwalk is not the Debian package of 2.3")
    for path in sorted(folder.iterdir()):
        for line in path.read_text("utf-8", "replace").splitlines():
            if found := MAGIC.match(line):
                offset, kind, value, description = found.groups()
                head = re.sub(r"\{[^}]*\}", "", description).split(",")[0].strip()
                yield head, int(offset, 0), as_bytes(kind, value)


def as_bytes(kind: str, value: str) -> bytes | None:
    if kind in NUMBERS and value.startswith("0x"):
        order = "big" if NUMBERS[kind][0] == ">" else "little"
        return int(value, 16).to_bytes(int(NUMBERS[kind][1]), order)
    if kind != "string":
        return None
    raw = value.encode("latin-1").replace(b"\\ ", b" ")
    return re.sub(rb"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)", unescaped, raw)


def unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    if code[:1] == b"x" and len(code) > 1:
        return bytes([int(code[1:], 16)])
    if code.isdigit():
        return bytes([int(code, 8) & 0xFF])
    return {b"n": b"\n", b"r": b"\r", b"t": b"\t"}.get(code, code)


@pytest.mark.packers
def test_the_list_is_that_of_the_installed_binwalk():
    names = {name for name, _, _ in magic_lines()}
    assert names == {*BINWALK, *LEAVES, *known.CLEAR, *known.CODE}


@pytest.mark.packers
def test_what_binwalk_looks_for_is_what_the_format_here_looks_for():
    silent = []
    for name, offset, pattern in magic_lines():
        extractor = BY_NAME.get(BINWALK.get(name, ""))
        if extractor is None or pattern is None:
            continue
        ours = extractor.INFO.name
        if (ours, pattern) in ANNOUNCED_OTHERWISE or (ours, None) in ANNOUNCED_OTHERWISE:
            continue
        magics = [magic for magic in extractor.MAGIC if magic.pattern]
        if magics and not any(agree(offset, pattern, magic.offset, magic.pattern) for magic in magics):
            silent.append((name, offset, pattern, extractor.INFO.name))
    assert silent == []


def agree(offset: int, pattern: bytes, place: int, magic: bytes) -> bool:
    start, end = max(offset, place), min(offset + len(pattern), place + len(magic))
    return end - start >= 2 and pattern[start - offset : end - offset] == magic[start - place : end - place]
