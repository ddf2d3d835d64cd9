"""Strings end to end: cut where data or code of the program points at them."""

import shutil
import subprocess
from itertools import pairwise
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.formats.program.elf import Elf
from inspector.formats.program.fused_strings import BLOB, fused_strings
from inspector.formats.reader import BufferReader
from tests.builders.elf import Elf as Writer

HOSTS = [b"api.tuyacn.com", b"api.tuyaeu.com", b"mqtt.hikvision.com", b"https://open.ys7.com/api"]
WORDS = [b"Error: wrong number of arguments", b"invalid", b"panicked"] * 8
BIG = [*WORDS, *HOSTS, *WORDS]
SHORT = [b"\0", *HOSTS, b"\0"]


def texts(image: bytes) -> list[bytes]:
    data = BufferReader(image)
    return [data.read_at(span.start, len(span)) for span in fused_strings(data, Elf(data))]


def built(strings, make, **fields) -> bytes:
    """Return a program whose section `make` builds from the addresses and lengths of its strings."""
    blob = b"".join(strings)
    name, size = make([(0x10000, len(text)) for text in strings])[0], len(make([(0, 1) for _ in strings])[1])
    extra = {".gopclntab": b"\0"}

    def image(content):
        code = content if name == ".text" else b"\0" * 64
        rest = extra if name == ".text" else extra | {name: content}
        return Writer(code=code, rodata=blob, extra=rest, **fields).build()

    empty = image(b"\0" * size)
    elf = Elf(BufferReader(empty))
    constants, own = (next(s.start for s in elf.sections if s.name == wanted) for wanted in (".rodata", name))
    places, at = [], constants
    for text in strings:
        places.append((elf.address_of(at), len(text)))
        at += len(text)
    return image(make(places, elf.address_of(own))[1])


def pairs(word):
    return lambda places, at=0: (".data", b"".join(pack(word, *place) for place in places))


def lea(places, at=0):
    code = b""
    for address, length in places:
        code += b"\x48\x8d\x05" + pack("<i", address - (at + len(code) + 7)) + b"\xbb" + pack("<I", length)
    return ".text", code + b"\x90" * 32


def adrp(places, at=0):
    code = b""
    for address, length in places:
        pages = (address >> 12) - (at + len(code) >> 12)
        code += pack("<I", 0x90000001 | (pages & 3) << 29 | (pages >> 2 & 0x7FFFF) << 5)
        code += pack("<I", 0x91000021 | (address & 0xFFF) << 10) + pack("<I", 0xD2800002 | length << 5)
    return ".text", code


def lui(places, at=0):
    halves = [(address + 0x8000 >> 16, address & 0xFFFF) for address, _ in places]
    return ".text", b"".join(pack("<II", 0x3C040000 | high, 0x24840000 | low) for high, low in halves)


def pool(places, at=0):
    return ".text", b"".join(pack("<I", address) for address, _ in places)


@pytest.mark.parametrize(
    ("make", "fields"),
    [
        (pairs("<QQ"), {"machine": "x86_64", "bits": 64}),
        (pairs("<II"), {"machine": "arm", "bits": 32}),
        (pairs(">II"), {"machine": "mips", "bits": 32, "little": False}),
        (lea, {"machine": "x86_64", "bits": 64}),
        (adrp, {"machine": "aarch64", "bits": 64}),
        (lui, {"machine": "mips", "bits": 32}),
        (pool, {"machine": "arm", "bits": 32}),
    ],
    ids=["pairs", "pairs of 32 bits", "pairs, big-endian", "LEA", "ADRP", "LUI", "literal pool"],
)
def test_cuts_where_the_program_points(make, fields):
    found = texts(built(BIG, make, **fields))
    assert [text for text in found if text in HOSTS] == HOSTS
    assert not [text for text in found if any(host in text and text != host for host in HOSTS)]


@pytest.mark.parametrize("make", [pairs("<QQ"), lea], ids=["pairs", "LEA and length"])
def test_a_short_stretch_is_cut_where_lengths_say_so(make):
    assert texts(built(SHORT, make, machine="x86_64", bits=64)) == HOSTS


def test_a_pointer_into_a_c_string_cuts_nothing():
    shared = [b"\0", b"api.", b"tuyacn.com", b"\0"]
    assert texts(built(shared, lui, machine="mips")) == []
    assert texts(built(shared, pool, machine="arm")) == []


@pytest.mark.parametrize(("make", "machine"), [(pool, "arm"), (lui, "mips")])
def test_a_library_holds_no_whole_addresses_in_its_code(make, machine):
    image = bytearray(built(BIG, make, machine=machine))
    image[16] = 3  # e_type: ET_DYN
    assert not [text for text in texts(bytes(image)) if text in HOSTS]


def test_only_programs_of_go_and_rust_do_so():
    plain = Elf(BufferReader(Writer(rodata=b"x" * BLOB).build()))
    rust = Elf(BufferReader(Writer(rodata=b"/rustc/0/library/core/src/fmt/mod.rs" * 9).build()))
    go = Elf(BufferReader(Writer(rodata=b"x" * BLOB, extra={".go.buildinfo": b"\0"}).build()))
    assert (plain.fuses_strings, rust.fuses_strings, go.fuses_strings) == (False, True, True)


@given(
    st.binary(max_size=600), st.binary(max_size=200), st.binary(max_size=200), st.binary(max_size=96),
    st.sampled_from([("x86_64", 64), ("aarch64", 64), ("mips", 32), ("arm", 32), ("x86", 32)]), st.booleans(),
)  # fmt: skip
def test_any_bytes_give_strings_in_order_inside_the_constants(rodata, code, words, relocations, machine, little):
    extra = {".data": words, ".rela.dyn": relocations}
    image = Writer(
        machine=machine[0], bits=machine[1], little=little, rodata=rodata * 2, code=code, extra=extra
    ).build()
    data = BufferReader(image)
    spans = list(fused_strings(data, Elf(data)))
    assert all(a.end - a.start > 0 and a.end <= b.start for a, b in pairwise(spans))
    assert all(data.read_at(span.start, len(span)) in rodata * 2 for span in spans)


@pytest.mark.skipif(shutil.which("go") is None, reason="needs the Go compiler")
@pytest.mark.parametrize("processor", ["amd64", "arm64", "arm", "386", "mipsle"])
def test_what_the_compiler_builds(tmp_path, processor):
    hosts = ["api.tuyacn.com", "api.tuyaeu.com", "p2p.xmcsrv.net"]
    (tmp_path / "go.mod").write_text("module t\n")
    (tmp_path / "main.go").write_text(
        "package main\nimport \"os\"\nvar t = []string{\"api.tuyacn.com\", \"api.tuyaeu.com\"}\n"
        "func main() {\n\tfor _, h := range t { os.Stdout.WriteString(h) }\n"
        "\tif len(os.Args) > 1 { os.Stdout.WriteString(\"p2p.xmcsrv.net\") }\n}\n"
    )  # fmt: skip
    environment = {"PATH": "/usr/bin:/bin:/usr/local/go/bin", "HOME": str(tmp_path), "GOARCH": processor}
    environment |= {"CGO_ENABLED": "0", "GOPROXY": "off", "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local"}
    command = [str(shutil.which("go")), "build", "-ldflags", "-s -w", "-o", "program", "."]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    found = texts((tmp_path / "program").read_bytes())
    assert sorted(text.decode() for text in found if text in map(str.encode, hosts)) == sorted(hosts)
