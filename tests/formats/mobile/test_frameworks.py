import zlib
from base64 import b64decode
from random import Random
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import Encrypted, FormatError, LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.extract.mobile.frameworks import (
    AssemblyStore,
    DartSnapshot,
    Hermes,
    Il2cpp,
    PackedAssembly,
    QtResources,
    Wxapkg,
)
from inspector.formats.reader import BufferReader
from tests.builders.elf import Elf
from tests.builders.frameworks import (
    build_dart,
    build_hermes,
    build_il2cpp,
    build_qt_resources,
    build_store,
    build_wxapkg,
    lock_wxapkg,
    pack_assembly,
)
from tests.formats.promise import every_flip, every_prefix, files, keeps_its_promise, unpack

SOURCE = b"""
var a="https://api.planted-hermes.cn/v1"; var b={host:"mqtt.planted-second.cn", port:1883};
function X(){ return fetch(a+b.host+"\xe6\xb6\x82\xe9\xb8\xa6 https://wide.planted-utf16.cn/x"); } X();
"""
COMPILED = {
    84: (
        "eNp9Uc8rRFEU/s59z8yQlTShNJNixTwzhZqdNJFMUhaDlDczj1Hz3rzxLuPHhknZaGJhpSz8A/4BpbEQRmZhQ8k/YCE7WTnPSFGc"
        "23fvOd/3dX+cexE4VcpKa2ASQLm90nZwM7b+cjtYeDy8v5zdn54ICnyG+IKH0VCjUMLPUBjeX9wb4d/YJohYzdcEUsQV1928E9ct"
        "UCHU2pmbdpEw9fpcfTAIQyXCztp7ZHhwo+LKzUCQ7+8/ADp8ADUCdZu8FhnbgLrLWMjmknp23pCpjJS2E9U03V4M2Vndkka6J2Ms"
        "mYYTSlnaStjMS/ktOEYqZ6VZSCQzOUfauSVZNLuOgshA8rDhIAqNRwGLSMNAiLksdFisGsz0YJmzeYTRz1qKeQ2rfOmkrx66yM+4"
        "/Qq7jwx/Zm57ezFHIHYPgMgDk8jNuBNEArXv4FrxIsI2j404mxNs7xOgOpcUaoQ/w8uT6vMrBJtM7qifMQ7hev+Izruz+J55PXJy"
        "Ho1Zx1tPo4n96gf7el4T"
    ),
    98: (
        "eNptUbtKA0EUPXdm8/DViahgFAsrzRoLC0FEIihqoyj4QCGPjQlsNqs7xhdICAEtJChiJVj4FRY2Wqjgq1XwDxREEAsr78ZHY2Y4"
        "dy7nzMydOfei+VSeyYbmKICzpuvGg5vR9de7/pWnw4erub2ZsXqB0hA/8DIqvykU8X/4GR4GldHey5DbBNHHx6pIikvO23Pkr9Eg"
        "tO9aOTtPmH57vn80COEiYWvts2uwf+PalWuBlgmg7gBo5bpUzaVzvOYZBUDbYSyYmWjETBgqllTKdnp0PWKngrYZsZQR70gaS2nD"
        "CcYsPRtKLyr1JzhGLGPFWZiKJjOOsjNLKp9uO2pBEoqnDQc90HmuIIU4DASZMxGBxarBTAeWOUsghG7WYszrWOVHjwkszvqAcT8q"
        "fj1wfQ27Hw773OBa3Ev7KAh2cZgE+7ArShlpoFI/OBc+DBDBa3LIUi8N8RYPBiSRxrzwcZD+gJR80S5JBEiSxYcp+78Jk9ZH3Yk1"
        "8hCdm++8VYHNc+fl+AuL714V"
    ),
}
"""`SOURCE`, compiled by hermesc of hermes-engine 0.11.0 (84) and of hermes-compiler 250829098.0.4 (98), deflated."""

LONG = "https://long.example.cn/" + "x" * 300
HERMES = build_hermes(["alpha", "https://api.example.cn/v1", "beta", "涂鸦 host.example.cn", LONG])
IL2CPP = build_il2cpp(["https://game.example.cn", "second"], ["Assembly-CSharp.dll", "Player"])
DLL = b"MZ" + b"text " * 200
STORES = {version: build_store({"a.dll": DLL, "b/c.dll": pack_assembly(DLL)}, version) for version in (1, 2)}
WXAPKG = build_wxapkg({"/app-service.js": b"define()", "/pages/a.html": b"<p>"})
LOCKED_WXAPKG = lock_wxapkg(
    build_wxapkg({"/a.js": b"function a() { return 'wx0123456789abcdef' }" * 40}), "wx0123456789abcdef"
)
FILLED = "https://a.example.cn".ljust(32, "n")
TEXTS = [
    "alpha",
    FILLED,
    "z" * 300,
    "涂鸦 host.example.cn",
    "é",
    "package:a/b.dart",
    *("1234567890"[:n] for n in range(1, 9)),
]
DART = build_dart(TEXTS)
TWO_BYTES = ["涂鸦 host.example.cn"]
ONE_BYTE = [text for text in TEXTS if text not in TWO_BYTES]
RCC = build_qt_resources({"main.qml": (b"plain", 0), "api.js": (pack(">I", 600) + zlib.compress(b"packed" * 100), 1)})
SAMPLES = [
    (Hermes(), HERMES),
    (Il2cpp(), IL2CPP),
    (Il2cpp(), build_il2cpp(["https://game.example.cn", "second"], ["Player"], 39)),
    (AssemblyStore(), STORES[1]),
    (AssemblyStore(), STORES[2]),
    (PackedAssembly(), pack_assembly(DLL)),
    (Wxapkg(), WXAPKG),
    (Wxapkg(), LOCKED_WXAPKG),
    (DartSnapshot(), DART),
    (DartSnapshot(), build_dart(TEXTS, words=32, size_bits=8)),
    (QtResources(), RCC),
]


@pytest.mark.parametrize("version", COMPILED)
def test_output_of_hermesc(version):
    blob = zlib.decompress(b64decode(COMPILED[version]))
    ((path, text),) = files(Hermes(), blob).items()
    assert path == f"v{version}/strings"
    lines = text.decode().split("\n")
    assert {"https://api.planted-hermes.cn/v1", "mqtt.planted-second.cn", "fetch"} <= set(lines)
    assert any(line.endswith("https://wide.planted-utf16.cn/x") for line in lines)


def test_hermes_strings_stand_apart_also_wide_and_long_ones():
    text = files(Hermes(), HERMES)["v96/strings"].decode()
    assert text.split("\n")[:5] == ["alpha", "https://api.example.cn/v1", "beta", "涂鸦 host.example.cn", LONG]


def test_hermes_bundle_behind_other_bytes_ends_where_its_header_says():
    span, _, _ = unpack(Hermes(), b"prefix" + HERMES + b"suffix", 6)
    assert len(span) == len(HERMES)


def test_hermes_strings_that_share_their_storage_do_not_multiply():
    blob = bytearray(build_hermes(["x" * 200] * 1000))
    with pytest.raises(LimitReached):
        next(iter(Hermes().unpack(BufferReader(bytes(blob))).members)).open(1000)


def test_old_and_contradicting_hermes_bundles_are_refused():
    with pytest.raises(Unsupported):
        Hermes().measure(BufferReader(build_hermes(["a"], version=40)), 0)
    broken = bytearray(HERMES)
    broken[144:148] = pack("<I", 77)
    with pytest.raises(Malformed):
        Hermes().measure(BufferReader(bytes(broken)), 0)


@pytest.mark.parametrize("words", [64, 32])
@pytest.mark.parametrize("size_bits", [4, 8])
def test_dart_strings_stand_apart_also_where_one_touches_the_next(words, size_bits):
    snapshot = build_dart(TEXTS, words=words, size_bits=size_bits)
    assert words == 32 or FILLED.encode() + b"r" in snapshot
    span, contents, _ = unpack(DartSnapshot(), b"prefix" + snapshot + b"suffix", 6)
    assert files(DartSnapshot(), snapshot)["strings"].decode().split("\n") == [*ONE_BYTE, *TWO_BYTES, ""]
    assert len(span) <= len(snapshot)
    assert contents.properties["strings"] == str(len(TEXTS))


def test_dart_strings_end_with_the_next_snapshot():
    both = build_dart(TEXTS).ljust(2048, b"\0") + build_dart([text + "!" for text in TEXTS])
    assert files(DartSnapshot(), both)["strings"].decode().split("\n") == [*ONE_BYTE, *TWO_BYTES, ""]


def test_a_dart_snapshot_without_strings_is_none():
    with pytest.raises(NotThisFormat):
        DartSnapshot().measure(BufferReader(build_dart(["few"])), 0)


def test_il2cpp_literals_stand_apart():
    found = files(Il2cpp(), IL2CPP)
    assert found["v29/literals"] == b"https://game.example.cn\nsecond\n"
    assert found["v29/names"] == b"Assembly-CSharp.dll\0Player\0"
    with pytest.raises(Unsupported):
        Il2cpp().measure(BufferReader(build_il2cpp([], [], version=111)), 0)


@pytest.mark.parametrize("literals", [["https://one.example.cn"], ["", "a", "https://game.example.cn", "", "second"]])
@pytest.mark.parametrize(
    ("version", "lengths"), [(24, True), (31, True), (31, False), (35, False), (39, False), (110, False)]
)
def test_il2cpp_literals_with_and_without_lengths(version, lengths, literals):
    found = files(Il2cpp(), build_il2cpp(literals, ["Player"], version, lengths=lengths))
    lines = found[f"v{version}/literals"].decode().split("\n")
    assert [line for line in lines if line] == [literal for literal in literals if literal]
    assert found[f"v{version}/names"] == b"Player\0"


@pytest.mark.parametrize(("version", "names"), [(1, ["0000.dll", "0001.dll"]), (2, ["a.dll", "b/c.dll"])])
def test_assembly_stores(version, names):
    found = files(AssemblyStore(), STORES[version])
    assert list(found) == names
    assert set(found.values()) == {DLL}


def test_packed_assembly():
    assert files(PackedAssembly(), pack_assembly(DLL)) == {"assembly.dll": DLL}


def test_a_packed_assembly_ends_with_its_section():
    library = Elf("aarch64", 64, extra={"payload": pack_assembly(DLL * 9)}).build()
    at = library.find(b"XALZ")
    span = PackedAssembly().measure(BufferReader(library), at)
    assert library[span.start : span.end] == pack_assembly(DLL * 9)
    with pytest.raises(NotThisFormat):
        PackedAssembly().measure(BufferReader(bytes(at) + library[at:]), at)
    for end in range(at, len(library), 7):
        with pytest.raises(FormatError):
            PackedAssembly().measure(BufferReader(library[:end]), at)


def test_mini_program():
    assert files(Wxapkg(), WXAPKG) == {"app-service.js": b"define()", "pages/a.html": b"<p>"}
    for sealed in (bytes(100), bytes(9000)):
        _, _, (member,) = unpack(Wxapkg(), b"V1MMWX" + sealed)
        assert isinstance(member.problem, Encrypted)
        assert member.size == len(sealed)
    with pytest.raises(NotThisFormat):
        Wxapkg().measure(BufferReader(b"\xbe" + bytes(40)), 0)


@pytest.mark.parametrize("identifier", ["wx0123456789abcdef", "wx11223344556677aa", "wxfedcba9876543210"])
def test_mini_program_of_a_desktop_that_names_itself(identifier):
    script = b"define(function(){ return wx.go({appId: 'wx99887766554433%s', me: '%s'}) })" % (
        identifier[-2:].encode(),
        identifier.encode(),
    )
    plain = {"app-config.json": b"{}" * 600, "app-service.js": script, "pages/a.html": b"<p>"}
    blob = lock_wxapkg(build_wxapkg({f"/{name}": content for name, content in plain.items()}), identifier)
    span, contents, _ = unpack(Wxapkg(), blob)
    assert files(Wxapkg(), blob) == plain
    assert (len(span), contents.properties["identifier"]) == (len(blob), identifier)
    keeps_its_promise(Wxapkg(), blob)


def test_mini_program_of_a_desktop_without_its_identifier():
    script = b"define(function(){ return 'https://a.example.cn' })"
    package = build_wxapkg({"/a.json": b"{}" * 600, "/app-service.js": script})
    blob = lock_wxapkg(package, "wx0123456789abcdef")
    _, _, (beginning, content) = unpack(Wxapkg(), blob)
    assert isinstance(beginning.problem, Encrypted)
    assert (beginning.extents[0].end, content.extents[0].end) == (1030, len(blob))
    assert bytes(content.open(1 << 20).all()) == package[1023:]
    with pytest.raises(LimitReached):
        content.open(10)


def test_qt_resources():
    assert files(QtResources(), RCC) == {"qml/main.qml": b"plain", "qml/api.js": b"packed" * 100}


def test_qt_tree_that_holds_itself_ends():
    loop = bytearray(RCC)
    loop[20 + 14 + 10 : 20 + 14 + 14] = pack(">I", 0)
    with pytest.raises(Malformed):
        QtResources().measure(BufferReader(bytes(loop)), 0)


@pytest.mark.parametrize(("extractor", "sample"), SAMPLES)
def test_prefixes_and_damage_give_values_or_typed_errors(extractor, sample):
    every_prefix(extractor, sample, 150)
    every_flip(extractor, sample[:400], 150)
    random = Random(3)
    for _ in range(200):
        blob = bytearray(sample)
        for _ in range(3):
            blob[random.randrange(min(len(blob), 300))] = random.choice((0, 0x7F, 0x80, 0xFF))
        keeps_its_promise(extractor, bytes(blob))


@given(st.binary(max_size=200))
def test_any_bytes(blob):
    for extractor, sample in SAMPLES:
        keeps_its_promise(extractor, sample[:16] + blob)
