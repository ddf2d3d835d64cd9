from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.formats.program import swift_small
from inspector.formats.program.swift_small import small_texts
from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.model.observation import Kind, Presence
from inspector.scan import SCANNERS, scan_leaf
from inspector.scan.base import ScanNotes
from tests.builders.macho import build_macho, moves, swift_text

CALL = 0x94000010
NOP = 0xD503201F
STORE = 0xA9002408
"""stp x8, x9, [x0]"""


def code(*parts: int | list[int]) -> bytes:
    words = [word for part in parts for word in (part if isinstance(part, list) else [part])]
    return pack(f"<{len(words)}I", *words)


def read(blob: bytes) -> list[bytes]:
    return [found.text for found in small_texts(BufferReader(blob), 0, len(blob))]


@pytest.mark.parametrize("text", [b"1.cn", b"jpush.cn", b"8.8.8.8:1", b"a.tuyacn.com", b"api.example.cn!"])
@pytest.mark.parametrize("registers", [(0, 1), (8, 9), (9, 8)])
def test_texts_of_all_lengths(text, registers):
    assert read(code([NOP] * 20, swift_text(text, registers), CALL, [NOP] * 20)) == [text]


def test_texts_one_behind_the_other_stay_apart():
    texts = [b"a.tuyacn.com", b"m.tuyaeu.com", b"jpush.cn", b"longer.text.cn"]
    assert read(code(*(part for text in texts for part in (swift_text(text), CALL)))) == texts
    assert read(code(*(part for text in texts for part in (swift_text(text, (8, 9)), STORE)))) == texts


@pytest.mark.parametrize("window", [80, 96, 128, 400])
def test_borders_of_windows_neither_hide_nor_double_a_text(monkeypatch, window):
    texts = [b"host%02d.example" % number for number in range(40)]
    blob = code(*(part for text in texts for part in (swift_text(text), CALL, [NOP] * 3)))
    monkeypatch.setattr(swift_small, "WINDOW", window)
    assert read(blob) == texts
    assert [found.text for found in small_texts(BufferReader(blob), 0, len(blob), b".")] == texts
    assert list(small_texts(BufferReader(blob), 0, len(blob), b"#")) == []


def test_a_word_that_is_made_from_another_by_adding():
    raw = b"identifier".ljust(15, b"\0") + b"\xea"
    low, high = int.from_bytes(raw[:8], "little"), int.from_bytes(raw[8:], "little")
    add = 0x91000000 | 0xCF0 << 10 | 9 << 5 | 9
    assert read(code(moves(9, high - 0xCF0), moves(8, low), add, STORE)) == [b"identifier"]
    # The word that is added to is the text of nothing: here it lies in a register that keeps it for others.
    shared = 0x91000000 | 0xCF0 << 10 | 7 << 5 | 9
    assert read(code(moves(7, high - 0xCF0), moves(8, low), shared, STORE)) == [b"identifier"]


def test_halves_that_do_not_belong_together_are_no_text():
    whole = swift_text(b"a.tuyacn.com")
    assert read(code(whole[:4], CALL, whole[4:])) == []  # the call may have changed the first half
    assert read(code(whole[:4], [NOP] * 12, whole[4:])) == []
    assert read(code(swift_text(b"a.tuyacn.com", (3, 17)), CALL)) == []
    assert read(code(whole[4:], [NOP] * 20)) == []
    assert read(code(swift_text(b"caf\xc3\xa9.example"), CALL)) == []
    first, other = (moves(at, int.from_bytes(text, "little")) for at, text in ((0, b"a.tuyacn"), (2, b"b.tuyaeu")))
    two = [*first, *whole[4:], *other]
    assert read(code(two)) == []


@given(st.binary(max_size=400))
def test_any_code(blob):
    whole = code(swift_text(b"a.tuyacn.com")) + blob
    assert all(found.offset < len(whole) for found in small_texts(BufferReader(whole), 0, len(whole)))


def scan(program: bytes) -> dict[str, object]:
    found = scan_leaf(Artifact("App", "macho", "App"), BufferReader(program), SCANNERS, ScanNotes())
    return {s.observable.value: s for s in found if s.observable.kind in (Kind.HOSTNAME, Kind.IP_ADDRESS, Kind.URL)}


def test_endpoints_in_the_code_of_a_swift_program_are_found():
    parts = [swift_text(b"a.tuyacn.com"), CALL, swift_text(b"47.88.0.1:1883"), CALL, swift_text(b"Context.host"), CALL]
    program = build_macho([b"plain"], code=code(*parts))
    found = scan(program)
    assert set(found) == {"a.tuyacn.com", "47.88.0.1"}
    host = found["a.tuyacn.com"]
    assert (host.presence, host.decoding, host.key) == (Presence.REFERENCED, "swift-small-text", "__TEXT,__text")
    assert program[host.location.offset : host.location.offset + 4] == code(swift_text(b"a.tuyacn.com")[-1:])


def test_other_processors_and_programs_without_swift_are_left_alone():
    body = code(swift_text(b"a.tuyacn.com"), CALL)
    assert scan(build_macho([b"plain"], code=body, cpu=(0x01000007, 3))) == {}
    assert scan(build_macho([b"plain"], code=body).replace(b"__swift5_types", b"__other_types_")) == {}
