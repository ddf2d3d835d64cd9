from random import Random
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import FormatError, Malformed, NotThisFormat
from inspector.extract.mobile.apple import FatMacho
from inspector.formats.program.code_signature import parse_code_signature
from inspector.formats.program.macho import Encryption, Macho, architecture
from inspector.formats.reader import BufferReader
from tests.builders.macho import build_fat, build_macho, build_signature, dylib
from tests.formats.promise import every_flip, every_prefix, files, keeps_its_promise

SIGNATURE = build_signature("com.example.app", "TEAM123456", {"aps-environment": "production", "get-task-allow": True})
IMAGE = build_macho(
    [b"plain text", b"https://api.example.com/v1", b"other"],
    classes=("EXClient", "_TtC7Example5Model"),
    literals=2,
    uses=("CLLocationManager", "NSString"),
    defines=("EXHidden",),
    commands=(dylib("@rpath/Sdk.framework/Sdk"), dylib("/usr/lib/libSystem.B.dylib", 0x80000018)),
    signature=SIGNATURE,
    encrypted=(0x4000, 0x8000, 1),
)
FAT = build_fat({(12, 9): build_macho([b"old"], cpu=(12, 9)), (0x0100000C, 0): IMAGE, (0x0100000C, 2): IMAGE})


def test_what_tables_tell():
    image = Macho(BufferReader(IMAGE))
    assert (image.architecture, image.bits, image.kind) == ("arm64", 64, 2)
    assert image.libraries == [("@rpath/Sdk.framework/Sdk", "load"), ("/usr/lib/libSystem.B.dylib", "weak")]
    assert image.encryption == Encryption(0x4000, 0x8000, 1)
    assert list(image.classes) == ["EXClient", "EXHidden", "_TtC7Example5Model"]
    assert image.used_classes == ("CLLocationManager", "NSString")


def test_literals_are_the_texts_that_constant_strings_point_to():
    image = Macho(BufferReader(IMAGE))
    assert image.literals == {IMAGE.index(b"plain text"), IMAGE.index(b"https://api")}
    section = image.section_at(IMAGE.index(b"https://api"))
    assert section is not None
    assert section.title == "__TEXT,__cstring"


def test_constants_have_the_names_of_their_symbols():
    texts = [b"https://one.example.com", b"unnamed", b"two.example.com", b"three.example.com"]
    named = {"kHost": 0, "_private": 2, "EXSecondHost": 3}
    blob = build_macho(texts, literals=2, constants=named)
    found = {blob[at:].split(b"\0")[0]: name for at, name in Macho(BufferReader(blob)).constants.items()}
    assert found == {texts[0]: "kHost", texts[3]: "EXSecondHost"}
    assert Macho(BufferReader(IMAGE)).constants == {}
    for end in range(0, len(blob), 40):
        try:
            image = Macho(BufferReader(blob[:end]))
        except FormatError:
            continue
        assert set(image.constants.values()) <= set(named)


def test_code_signature():
    image = Macho(BufferReader(IMAGE))
    assert image.signature is not None
    found = parse_code_signature(BufferReader(IMAGE).slice(image.signature.start, image.signature.end))
    assert (found.identifier, found.team, found.adhoc) == ("com.example.app", "TEAM123456", False)
    assert found.entitlements == {"aps-environment": "production", "get-task-allow": True}


def test_slices_of_a_universal_file_come_with_64_bit_arm_first():
    found = files(FatMacho(), FAT)
    assert list(found) == ["arm64", "arm64e", "armv7"]
    assert found["arm64"] == IMAGE


@pytest.mark.parametrize(
    ("cpu", "kind", "name"),
    [(7, 3, "i386"), (12, 11, "armv7s"), (0x0100000C, 0x80000002, "arm64e"), (99, 0, "cpu-0x63")],
)
def test_architectures(cpu, kind, name):
    assert architecture(cpu, kind) == name


def test_a_class_file_is_no_universal_file():
    with pytest.raises(NotThisFormat):
        FatMacho().measure(BufferReader(b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(100)), 0)


def test_counts_past_the_file_are_cut():
    with pytest.raises(Malformed):
        FatMacho().measure(BufferReader(b"\xca\xfe\xba\xbe\0\0\0\x02" + pack(">5I", 7, 3, 0x1000, 1 << 31, 0) * 2), 0)
    blob = bytearray(IMAGE)
    blob[16:24] = pack("<2I", 0xFFFFFFFF, 0xFFFFFFFF)
    read_everything(bytes(blob))


def read_everything(blob: bytes) -> None:
    try:
        image = Macho(BufferReader(blob))
        assert image.classes is not None
        assert image.used_classes is not None
        assert image.literals is not None
        image.section_at(len(blob) // 2)
        if image.signature:
            parse_code_signature(BufferReader(blob).slice(image.signature.start, image.signature.end))
    except FormatError:
        return


def test_prefixes_and_damage_give_values_or_typed_errors():
    random = Random(11)
    for cut in range(0, len(IMAGE), 7):
        read_everything(IMAGE[:cut])
    for _ in range(400):
        blob = bytearray(IMAGE)
        for _ in range(random.randint(1, 4)):
            blob[random.randrange(len(blob))] = random.choice((0, 0x7F, 0x80, 0xFF))
        read_everything(bytes(blob))
    every_prefix(FatMacho(), FAT, 100)
    every_flip(FatMacho(), FAT[:200], 100)


@given(st.binary(max_size=200))
def test_any_bytes(blob):
    read_everything(IMAGE[:32] + blob)
    read_everything(b"\xfe\xed\xfa\xce" + blob)
    keeps_its_promise(FatMacho(), b"\xca\xfe\xba\xbe" + blob)
