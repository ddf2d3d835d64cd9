import subprocess
from random import Random
from struct import pack_into, unpack_from

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import FormatError, Malformed, NotThisFormat
from inspector.formats.mobile.embedded_dex import embedded, members
from inspector.formats.program.dex import decode_mutf8, parse_dexes
from inspector.formats.program.dex_code import DexCode, open_code
from inspector.formats.reader import BufferReader
from tests.builders.dex import Class, build_dex, mutf8
from tests.formats.original import tool

API = Class(
    "Lcom/example/Api;",
    {
        "connect": [("load", "https://api.example.com"), ("call", "Lcom/sdk/Push;", "init")],
        "other": [("load", "something else"), ("read", "Lcom/example/Config;", "BASE")],
    },
)
CONFIG = Class("Lcom/example/Config;", statics={"BASE": "https://base.example.com", "NAME": "x"})
PUSH = Class("Lcom/sdk/Push;", {"init": [("load", "https://push.example.net")]}, superclass="Landroid/app/Application;")
SAMPLE = build_dex(API, CONFIG, PUSH, extra_strings=("𝄞\0é",))


def code_of(blob: bytes) -> DexCode:
    (code,) = open_code(BufferReader(blob))
    return code


def walk(blob: bytes) -> None:
    """Read everything there is; only FormatErrors may come out."""
    try:
        codes = open_code(BufferReader(blob))
    except FormatError:
        return
    for code in codes:
        dex = code.dex
        for index in range(-1, min(dex.strings.count, 50) + 1):
            dex.string(index)
        assert len(dex.class_descriptors) == dex.class_defs.count
        for index in range(min(50, dex.class_defs.count)):
            one = dex.class_def(index)
            dex.type_list(one.interfaces)
            dex.class_offset(index)
        for index in range(min(50, dex.methods.count)):
            dex.method(index)
        everything = range(dex.strings.count)
        for use in (*code.string_loads(everything), *code.calls(range(dex.methods.count))):
            assert 0 <= use.offset < len(blob)
        code.static_strings(everything)
        code.called_by(range(dex.methods.count))
        code.calls_between([index % 3 for index in range(dex.types.count)])


@pytest.mark.packers
def test_dexdump_accepts_what_the_builder_writes(tmp_path):
    path = tmp_path / "classes.dex"
    path.write_bytes(SAMPLE)
    listing = subprocess.run([tool("dexdump"), "-d", str(path)], check=True, capture_output=True, text=True).stdout
    assert 'const-string v0, "https://api.example.com"' in listing
    assert "Class descriptor  : 'Lcom/sdk/Push;'" in listing


def test_tables():
    (dex,) = parse_dexes(BufferReader(SAMPLE))
    assert dex.version == "035"
    assert dex.class_descriptors == [b"Lcom/example/Api;", b"Lcom/example/Config;", b"Lcom/sdk/Push;"]
    assert [dex.type_name(one.superclass) for one in dex.classes()][2] == "android.app.Application"
    assert str(dex.method(0)) == "com.example.Api.connect"
    assert str(dex.field(0)) == "com.example.Config.BASE"
    assert dex.string(dex.find_string(mutf8("𝄞\0é"))) == "𝄞\0é"
    assert dex.find_type(b"Lcom/sdk/Push;") >= 0
    assert dex.find_type(b"Lcom/sdk/Pusk;") == -1
    at = dex.class_offset(2)
    assert SAMPLE[at + 1 :].startswith(b"Lcom/sdk/Push;\0")


def test_methods_that_load_a_string_or_read_a_field_that_holds_it():
    code = code_of(SAMPLE)
    dex = code.dex
    loads = code.string_loads(
        [dex.find_string(b"https://api.example.com"), dex.find_string(b"https://push.example.net")]
    )
    assert [str(dex.method(use.method)) for use in loads] == ["com.example.Api.connect", "com.sdk.Push.init"]
    ((string, field),) = code.static_strings([dex.find_string(b"https://base.example.com")])
    assert (dex.string(string), str(dex.field(field))) == ("https://base.example.com", "com.example.Config.BASE")
    assert [str(dex.method(use.method)) for use in code.field_reads([field])] == ["com.example.Api.other"]


def test_calls_from_outside_a_group():
    code = code_of(SAMPLE)
    groups = [int(code.dex.descriptor(kind).startswith(b"Lcom/sdk")) for kind in range(code.dex.types.count)]
    assert {
        group: [str(code.dex.method(use.method)) for use in uses] for group, uses in code.calls_between(groups).items()
    } == {1: ["com.example.Api.connect"]}
    inside = [1 if code.dex.descriptor(kind).startswith(b"Lcom/") else 0 for kind in range(code.dex.types.count)]
    assert code.calls_between(inside) == {}


def test_an_operand_that_looks_like_an_instruction_is_no_use():
    # const-string's index unit 0x001a followed by another unit must not count as an instruction of its own.
    texts = tuple(f"{number:04}" for number in range(40))
    steps = [("load", text) for text in texts]
    code = code_of(build_dex(Class("La/B;", {"m": steps}), extra_strings=texts))
    for text in texts:
        assert len(code.string_loads([code.dex.find_string(text.encode())])) == 1


def test_more_strings_than_a_short_index_holds():
    many = tuple(f"s{number:06}" for number in range(66_000))
    code = code_of(build_dex(Class("La/B;", {"m": [("load", "zz-last"), ("load", "s000001")]}), extra_strings=many))
    loads = code.string_loads([code.dex.find_string(b"zz-last"), code.dex.find_string(b"s000001")])
    assert [code.dex.string(use.index) for use in loads] == ["zz-last", "s000001"]


def test_header_of_ones_is_malformed_at_once():
    with pytest.raises(Malformed):
        parse_dexes(BufferReader(SAMPLE[:8] + b"\xff" * (len(SAMPLE) - 8)))


def test_counts_past_the_end_are_clamped():
    blob = bytearray(SAMPLE)
    pack_into("<I", blob, 56, 0x0FFFFFF0)
    (dex,) = parse_dexes(BufferReader(bytes(blob)))
    assert dex.strings.count <= len(SAMPLE) // 4


def test_no_dex():
    with pytest.raises(NotThisFormat):
        parse_dexes(BufferReader(b"PK\x03\x04" + bytes(200)))


@pytest.mark.parametrize("seed", range(4))
def test_damaged_anywhere(seed):
    random = Random(seed)
    for _ in range(60):
        blob = bytearray(SAMPLE)
        for _ in range(random.randint(1, 8)):
            blob[random.randrange(8, len(blob))] = random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)))
        walk(bytes(blob))


def test_every_prefix():
    for cut in range(0, len(SAMPLE), 7):
        walk(SAMPLE[:cut])


@given(st.binary(max_size=60))
def test_any_text_decodes(raw):
    assert isinstance(decode_mutf8(raw), str)


@given(st.text(max_size=20))
def test_mutf8_round_trip(text):
    assert decode_mutf8(mutf8(text)) == text


def test_dex_behind_other_bytes_is_found_and_read_alone():
    blob = b"\x7fELF" + bytes(96) + SAMPLE + b"tail" * 3 + SAMPLE[:50]
    assert [(span.start, len(span)) for span in embedded(BufferReader(blob))] == [(100, len(SAMPLE))]
    (member,) = members(BufferReader(blob)).members
    assert bytes(member.open(1 << 20).all()) == SAMPLE


def test_compact_dex_counts_its_offsets_from_the_shared_data():
    blob = bytearray(SAMPLE)
    blob[:8] = b"cdex001\0"
    strings, strings_at = unpack_from("<2I", blob, 56)
    classes, classes_at, _, data_at = unpack_from("<4I", blob, 96)
    places = [strings_at + 4 * index for index in range(strings)]
    places += [classes_at + 32 * index + column for index in range(classes) for column in (12, 20, 24, 28)]
    for place in places:
        (value,) = unpack_from("<I", blob, place)
        pack_into("<I", blob, place, value - data_at if value else 0)
    (dex,) = parse_dexes(BufferReader(bytes(blob)))
    assert dex.class_descriptors == [b"Lcom/example/Api;", b"Lcom/example/Config;", b"Lcom/sdk/Push;"]
    assert dex.string(dex.find_string(b"https://api.example.com")) == "https://api.example.com"
    assert open_code(BufferReader(bytes(blob))) == ()
