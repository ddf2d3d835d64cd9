import zlib
from base64 import b64decode
from collections.abc import Callable
from io import BytesIO
from random import Random
from struct import pack, pack_into
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from inspector.errors import FormatError, Malformed, Unsupported
from inspector.extract.mobile.package import Apk
from inspector.formats.media.png import WIDEST, rebuilt
from inspector.formats.media.webp import as_png
from inspector.formats.mobile.aapt_proto import parse_proto_xml
from inspector.formats.mobile.apk_signature import parse_signing_block
from inspector.formats.mobile.app_package import package_at, package_kind
from inspector.formats.mobile.arsc import parse_arsc
from inspector.formats.mobile.art_profile import profile_span, read_profile
from inspector.formats.reader import BufferReader, Reader
from tests.builders.apk import build_arsc, build_png, build_proto, build_signing_block, build_zip, signer, signers
from tests.builders.axml import build_axml, tag

V2, V3, V31 = 0x7109871A, 0xF05368C0, 0x1B93AD61
BLOCK = build_signing_block(
    {
        V2: signers(signer(b"new certificate")),
        V3: signers(signer(b"new certificate", sdks=(28, 32), lineage=(b"old", b"new certificate"))),
        0x71777777: b'{"channel":"huawei"}',
        0x42726577: bytes(16),
        0x12345678: b"?",
    }
)
ARSC = build_arsc(
    [
        (0, "", 0, "App"),
        (0, "cs", 0, "Aplikace"),
        (1, "", 160, "res/m.png"),
        (1, "", 640, "res/xxx.png"),
        (2, "", 0, "@7f010000"),
        (3, "", 0, "@7f010003"),
    ]
)
PROTO = build_proto(
    tag("manifest", tag("application", tag("service", name=".S", exported="true"), label="x"), package="a.b")
)
PROFILE = b"pro\x00010\x00\x02" + pack("<II", 100, len(zlib.compress(bytes(100)))) + zlib.compress(bytes(100))


def test_signing_block():
    block = parse_signing_block(BufferReader(BLOCK))
    assert block.schemes == ("v2", "v3")
    assert block.others == ("channel mark of Walle (Meituan)", "padding", "0x12345678")
    assert [one.certificates for one in block.signers] == [(b"new certificate",)] * 2
    assert (block.signers[1].min_sdk, block.signers[1].max_sdk) == (28, 32)
    assert block.signers[1].lineage == (b"old", b"new certificate")
    assert block.notes == ()


def test_broken_scheme_is_noted_and_the_others_are_read():
    block = parse_signing_block(BufferReader(build_signing_block({V31: pack("<I", 999), V2: signers(signer(b"c"))})))
    assert block.schemes == ("v3.1", "v2")
    assert len(block.signers) == 1
    assert block.notes == ("signature scheme v3.1: part of 999 bytes, 0 there",)


def test_resource_table():
    table = parse_arsc(BufferReader(ARSC))
    assert table.packages == ["com.example"]
    assert table.text(0x7F010000) == "App"
    assert table.text(0x7F010002) == "App"
    assert table.text(0x7F010003) == ""
    assert table.text(0x7F010009) == table.text(0x01010000) == ""
    assert table.files(0x7F010001) == ["res/xxx.png", "res/m.png"]
    at = table.strings.index_at(ARSC.index(b"Aplikace"))
    assert table.strings[at] == "Aplikace"
    assert table.names_of({at}) == {at: "string/k"}


def test_resource_table_with_wild_sizes():
    for at in range(0, len(ARSC) - 4, 4):
        blob = bytearray(ARSC)
        pack_into("<I", blob, at, 0xFFFFFFFF)
        resources(BufferReader(bytes(blob)))


def test_manifest_of_a_bundle():
    manifest, application, service = parse_proto_xml(BufferReader(PROTO))
    assert [one.depth for one in (manifest, application, service)] == [0, 1, 2]
    assert (manifest.get("package"), service.get("name"), service.get("exported")) == ("a.b", ".S", "true")


def test_deeply_nested_message_is_refused():
    one = tag("a")
    for _ in range(150):
        one = tag("a", one)
    with pytest.raises(Malformed):
        parse_proto_xml(BufferReader(build_proto(one)))


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        ({"AndroidManifest.xml", "classes.dex"}, "apk"),
        ({"AndroidManifest.xml"}, "apk"),
        ({"AndroidManifest.xml", "classes.jar", "R.txt"}, "aar"),
        ({"BundleConfig.pb", "base/manifest/AndroidManifest.xml"}, "aab"),
        ({"apex_payload.img", "apex_manifest.pb", "AndroidManifest.xml"}, "apex"),
        ({"manifest.json", "com.example.apk", "config.arm64_v8a.apk"}, "app-set"),
        ({"toc.pb", "splits/base-master.apk"}, "app-set"),
        ({"info.json", "base.apk", "split_config.en.apk"}, "app-set"),
        ({"module.json", "resources.index", "ets/modules.abc"}, "hap"),
        ({"pack.info", "entry-default.hap"}, "app-set"),
        ({"Payload/A.app/Info.plist", "Payload/A.app/A"}, "ipa"),
        ({"A.app/Info.plist"}, "ipa"),
        ({"A.framework/Info.plist", "A.framework/A"}, ""),
        ({"META-INF/MANIFEST.MF", "a/B.class"}, "jar"),
        ({"classes.dex"}, "jar"),
        ({"manifest.json", "app.js"}, ""),
        ({"apps/some.apk", "readme.txt"}, ""),
    ],
)
def test_kind_of_package_by_its_names(names, kind):
    assert package_kind(frozenset(names)) == kind
    assert package_at(BufferReader(build_zip(dict.fromkeys(names, b"x"))), 0)[0] == kind


def test_picture_keeps_its_pixels_and_nothing_else():
    hidden = b"tEXthidden data"
    picture = build_png(extra=pack(">I", 11) + hidden + pack(">I", zlib.crc32(hidden)))
    clean = rebuilt(BufferReader(picture + b"PK\x03\x04 trailer"))
    assert b"hidden" not in clean
    assert b"PK" not in clean
    assert rebuilt(BufferReader(clean)) == clean
    idat = clean.index(b"IDAT")
    assert zlib.decompress(clean[idat + 4 :]) == (b"\0" + b"\x10\x20\x30\xff" * 2) * 2


def test_picture_with_more_or_fewer_pixels_is_refused():
    picture = bytearray(build_png(4, 4))
    for width in (3, 5):
        pack_into(">I", picture, 16, width)
        with pytest.raises(Malformed):
            rebuilt(BufferReader(bytes(picture)))
    with pytest.raises(Unsupported):
        rebuilt(BufferReader(build_png(513, 1)))


def test_art_profile():
    assert len(profile_span(BufferReader(PROFILE + b"more"), 0)) == len(PROFILE)
    (member,) = read_profile(BufferReader(PROFILE)).members
    assert bytes(member.open(1 << 20).all()) == bytes(100)
    with pytest.raises(FormatError):
        member.open(10)


def build_webp(size: tuple[int, int] = (4, 3), **options: Any) -> bytes:
    out = BytesIO()
    Image.new("RGBA", size, (200, 30, 40, 128)).save(out, "WEBP", **options)
    return out.getvalue()


def test_a_webp_becomes_a_png_with_the_same_pixels_and_nothing_else():
    made = as_png(BufferReader(build_webp(lossless=True, exif=b"Exif\0\0place of birth")))
    assert b"place of birth" not in made
    with Image.open(BytesIO(made)) as picture:
        assert (picture.format, picture.size, picture.getpixel((1, 1))) == ("PNG", (4, 3), (200, 30, 40, 128))


def test_a_large_webp_is_refused_before_its_pixels_are_decoded():
    with pytest.raises(Unsupported):
        as_png(BufferReader(build_webp((WIDEST + 1, 1))))


def resources(data: Reader) -> None:
    try:
        table = parse_arsc(data)
    except FormatError:
        return
    for identifier in (*range(0x7F010000, 0x7F010006), 0x01010000):
        table.text(identifier)
        table.files(identifier)
    table.names_of(range(10))
    table.strings.index_at(data.size // 2)


READERS: list[tuple[Callable[[Reader], object], bytes]] = [
    (parse_signing_block, BLOCK),
    (resources, ARSC),
    (parse_proto_xml, PROTO),
    (rebuilt, build_png()),
    (as_png, build_webp(lossless=True)),
    (as_png, build_webp(lossless=False)),
    (lambda data: profile_span(data, 0), PROFILE),
]


@pytest.mark.parametrize(("read", "sample"), READERS)
def test_prefixes_and_damage_give_values_or_typed_errors(read, sample):
    random = Random(7)
    blobs = [sample[:cut] for cut in range(0, len(sample), 3)]
    for _ in range(300):
        blob = bytearray(sample)
        for _ in range(random.randint(1, 5)):
            blob[random.randrange(len(blob))] = random.choice((0, 0x7F, 0x80, 0xFF, random.randrange(256)))
        blobs.append(bytes(blob))
    for blob in blobs:
        try:
            read(BufferReader(blob))
        except FormatError:
            continue


@given(st.binary(max_size=80))
def test_any_bytes(blob):
    for read, sample in READERS:
        try:
            read(BufferReader(sample[:12] + blob))
        except FormatError:
            continue


LAUNCHER = tag("intent-filter", tag("category", name="android.intent.category.LAUNCHER"))
ADAPTIVE = build_axml(tag("adaptive-icon", tag("foreground", drawable=("ref", 0x7F010001))))


@pytest.mark.parametrize(
    ("application", "files", "shown"),
    [
        (tag("application", icon=("ref", 0x7F010000)), {"res/a.png": build_png()}, True),
        (tag("application", roundIcon=("ref", 0x7F010000)), {"res/a.png": build_png()}, True),
        (tag("application", icon=("ref", 0x7F010000)), {"res/a.xml": ADAPTIVE, "res/b.png": build_png()}, True),
        (tag("application", icon=("ref", 0x7F010000)), {"res/a.xml": ADAPTIVE, "res/b.xml": ADAPTIVE}, False),
        (tag("application", icon=("ref", 0x7F010000)), {"res/a.webp": b"RIFF\4\0\0\0WEBP"}, False),
        (tag("application", icon=("ref", 0x7F010000)), {"res/a.xml": ADAPTIVE, "res/b.webp": build_webp()}, True),
        (
            tag("application", tag("activity", label="Other"), tag("activity", LAUNCHER, icon=("ref", 0x7F010000))),
            {"res/a.png": build_png()},
            True,
        ),
        (tag("application", tag("activity", icon=("ref", 0x7F010000))), {"res/a.png": build_png()}, False),
    ],
)
def test_icon_of_an_app(application, files, shown):
    table = build_arsc([(number, "", 0, path) for number, path in enumerate(files)])
    manifest = build_axml(tag("manifest", application, package="com.example"))
    apk = build_zip({"AndroidManifest.xml": manifest, "resources.arsc": table, **files})
    icon = Apk().unpack(BufferReader(apk)).properties.get("app:icon", "")
    assert b64decode(icon).startswith(b"\x89PNG") is shown


def test_label_of_the_first_screen_where_the_app_has_none():
    screens = tag("activity", label="Settings"), tag("activity", LAUNCHER, label="Shown"), tag("activity", LAUNCHER)
    manifest = build_axml(tag("manifest", tag("application", *screens), package="com.example"))
    assert Apk().unpack(BufferReader(build_zip({"AndroidManifest.xml": manifest}))).properties["app:label"] == "Shown"
