"""A damaged leaf is never silently missed: where a table lies, the raw bytes are still searched."""

import plistlib
import random
import sqlite3
import struct

import pytest

from inspector.extract.leaf import leaf_format
from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.scan.base import ScanNotes
from tests.builders.apk import build_arsc
from tests.builders.axml import build_axml, tag
from tests.builders.dex import Class, build_dex
from tests.builders.elf import Elf
from tests.builders.macho import build_macho

HOST = "damaged.tuyacn.com"
LINE = f"https://{HOST}/v1"


def dex():
    return build_dex(Class("Lcom/example/A;", {"run": [("load", LINE), ("call", "Lcom/example/B;", "go")]}))


def pe():
    """A head, one section header, and a constant; no import table."""
    head = b"MZ" + bytes(58) + struct.pack("<I", 64)
    coff = struct.pack("<4sHHIIIHH", b"PE\0\0", 0x14C, 1, 0, 0, 0, 224, 0x102)
    optional = struct.pack("<HBBIII", 0x10B, 14, 0, 512, 512, 0).ljust(224, b"\0")
    section = struct.pack("<8s6I2HI", b".rdata", 512, 4096, 512, 512, 0, 0, 0, 0, 0x40000040)
    return (head + coff + optional + section).ljust(512, b"\0") + LINE.encode().ljust(512, b"\0")


def java_class():
    texts = [b"com/example/A", b"java/lang/Object", LINE.encode()]
    pool = b"".join(struct.pack(">BH", 1, len(text)) + text for text in texts)
    pool += struct.pack(">BHBHBH", 7, 1, 7, 2, 8, 3)
    return struct.pack(">IHHH", 0xCAFEBABE, 0, 52, 7) + pool + struct.pack(">7H", 0x21, 4, 5, 0, 0, 0, 0)


def sqlite():
    connection = sqlite3.connect(":memory:")
    connection.execute("create table settings (name text, value text)")
    connection.execute("insert into settings values ('server', ?)", (LINE,))
    connection.commit()
    return connection.serialize()


LEAVES = {
    "elf": lambda: Elf(rodata=LINE.encode() + b"\0", imports=("connect", "system")).build(),
    "dex": dex,
    "axml": lambda: build_axml(tag("manifest", tag("application", label=LINE), package="com.example")),
    "arsc": lambda: build_arsc([(0, "", 0, LINE), (1, "cs", 0, "x")]),
    "macho": lambda: build_macho([LINE.encode()], classes=("TuyaA",), literals=1, uses=("NSURL",)),
    "pe": pe,
    "class": java_class,
    "plist": lambda: plistlib.dumps({"server": LINE, "n": [1, 2]}, fmt=plistlib.FMT_BINARY),
    "sqlite": sqlite,
}


def values(toolbox, data, name="leaf"):
    label = leaf_format(BufferReader(data), name)
    leaf = Artifact(path=f"fw!{name}", format=label, name=name)
    notes = ScanNotes()
    found = {sighting.observable.value for sighting in toolbox.scan(leaf, BufferReader(data), notes)}
    return found, label, notes


def is_there(data):
    """Tell whether the text still stands in the bytes, in one of the encodings in which tables hold it."""
    return any(LINE.encode(codec) in data for codec in ("utf-8", "utf-16-le", "utf-16-be"))


@pytest.mark.parametrize("kind", LEAVES)
def test_a_sound_leaf_is_read(kind, toolbox):
    data = LEAVES[kind]()
    found, label, notes = values(toolbox, data)
    assert (label, HOST in found) == (kind, True)
    assert notes.gaps == []


@pytest.mark.parametrize("kind", LEAVES)
@pytest.mark.parametrize("filler", [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f"])
def test_a_lie_in_any_field_hides_nothing(kind, filler, toolbox):
    """Overwrite four bytes at every place of the tables; where the text is still in the bytes it must be found."""
    data = LEAVES[kind]()
    places = sorted({*range(0, min(len(data), 400), 4), *range(max(0, len(data) - 200), len(data), 4)})
    missed = []
    for at in random.Random(kind).sample(places, min(60, len(places))):
        broken = data[:at] + filler[: len(data) - at] + data[at + 4 :]
        if is_there(broken) and HOST not in values(toolbox, broken)[0]:
            missed.append(at)
    assert missed == []


@pytest.mark.parametrize("kind", LEAVES)
def test_a_leaf_cut_behind_its_text_hides_nothing(kind, toolbox):
    data = LEAVES[kind]()
    missed = [
        end
        for end in random.Random(kind).sample(range(8, len(data)), min(60, len(data) - 8))
        if is_there(data[:end]) and HOST not in values(toolbox, data[:end])[0]
    ]
    assert missed == []


@pytest.mark.parametrize("kind", LEAVES)
def test_nothing_but_the_head_and_junk_hides_nothing(kind, toolbox):
    head = LEAVES[kind]()[:12]
    for junk in (b"\xff" * 200, bytes(200), random.Random(5).randbytes(200)):
        broken = head + junk + b"\0" + LINE.encode() + b"\0" + junk
        assert HOST in values(toolbox, broken)[0], junk[:4]
