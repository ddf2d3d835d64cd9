"""Packages of apps in the walk: what the scanners get to see of built APKs, sets, bundles and code containers."""

import zipfile
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from struct import pack

import pytest

from inspector.extract.archive.shelf import EXTRACTORS as ARCHIVES
from inspector.extract.budget import Budget, Limits
from inspector.extract.carve import Carver
from inspector.extract.mobile.second_opinion import disagreements
from inspector.extract.mobile.shelf import EXTRACTORS
from inspector.extract.registry import EXTRACTORS as ALL
from inspector.extract.walk import Node, Walker
from inspector.formats.data.x509 import read_certificate
from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.scan.android.apk_signature import ApkSignature
from inspector.scan.base import ScanNotes
from tests.builders.apk import (
    build_arsc,
    build_png,
    build_proto,
    build_signing_block,
    build_zip,
    signer,
    signers,
    with_signing_block,
)
from tests.builders.axml import build_axml, tag
from tests.builders.dex import Class, build_dex

DEX = build_dex(Class("Lcom/example/Api;", {"go": [("load", "https://api.example.com")]}))
OTHER = build_dex(Class("Lcom/hidden/Api;", {"go": [("load", "https://hidden.example.com")]}))
MANIFEST = build_axml(
    tag("manifest", tag("application", label=("ref", 0x7F010000), icon=("ref", 0x7F010001)), package="com.example")
)
ENTRIES = {
    "AndroidManifest.xml": MANIFEST,
    "classes.dex": DEX,
    "resources.arsc": build_arsc([(0, "", 0, "My App"), (1, "", 640, "res/icon.png")]),
    "res/icon.png": build_png(),
}
APK = build_zip(ENTRIES)


class Seen:
    """Records the leaves of a walk."""

    def __init__(self) -> None:
        self.leaves: list[tuple[Artifact, bytes]] = []

    def visit(self, artifact, data, base):
        self.leaves.append((artifact, bytes(data.all())))
        return []

    def skip(self, path):
        return False

    def at(self, path):
        pass


def walk(blob: bytes, name: str = "x"):
    seen = Seen()
    data = BufferReader(blob)
    walker = Walker(Carver((*EXTRACTORS, *ARCHIVES)), Budget(Limits(), data.size), seen)
    walker.walk(Node(name, data, name))
    return seen.leaves, walker.found


def formats(blob: bytes) -> dict[str, str]:
    return {artifact.path: artifact.format for artifact, _ in walk(blob)[0]}


def test_apk_names_its_app_and_shows_its_face():
    leaves, found = walk(APK)
    assert {artifact.app for artifact, _ in leaves} == {"x!apk"}
    face = {key: value for path, key, value in found.properties if path == "x!apk"}
    assert face["app:label"] == "My App"
    assert face["app:icon"].startswith("iVBOR")
    assert formats(APK)["x!apk!classes.dex"] == "dex"


def test_parts_of_a_set_are_one_app_of_parts():
    paths = formats(
        build_zip({"manifest.json": b"{}", "base.apk": APK, "config.cs.apk": APK}, method=zipfile.ZIP_STORED)
    )
    assert paths["x!app-set!base.apk!apk!classes.dex"] == "dex"
    assert paths["x!app-set!config.cs.apk!apk!AndroidManifest.xml"] == "axml"


def test_manifest_of_a_bundle_is_typed_by_its_place():
    manifest = build_proto(tag("manifest", package="a.b"))
    paths = formats(build_zip({"BundleConfig.pb": b"\x0a\x00", "base/manifest/AndroidManifest.xml": manifest}))
    assert paths["x!aab!base/manifest/AndroidManifest.xml"] == "aapt-proto"


def test_code_appended_to_another_file_is_found():
    paths = formats(build_zip({**ENTRIES, "assets/picture.dat": b"\0" * 300 + OTHER}))
    assert paths["x!apk!assets/picture.dat!embedded-dex@0x12c!classes.dex"] == "dex"


@pytest.mark.parametrize("mark", [b"", b"\0\0\0"])
@pytest.mark.parametrize("corrected", [False, True])
def test_code_behind_other_code_is_found(inspect_bytes, mark, corrected):
    first, second = (
        build_dex(Class(f"Lcom/{name}/Api;", {"go": [("load", f"https://{name}.widgets.cn")]}))
        for name in ("one", "two")
    )
    whole = bytearray(first + mark + second + b" and https://three.widgets.cn/x")
    if corrected:  # loaders set the size that Android checks to that of the whole
        whole[32:36] = pack("<I", len(whole))
    document = inspect_bytes(build_zip({**ENTRIES, "classes.dex": bytes(whole)}), "x.apk")
    hosts = {one["value"]: one for one in document["observables"]["hostnames"]}
    assert set(hosts) == {"one.widgets.cn", "two.widgets.cn", "three.widgets.cn"}
    assert hosts["two.widgets.cn"]["referenced_by"] == ["com.two.Api.go"]
    assert document["artifact"]["tampering"] == [
        f"x.apk!apk!classes.dex: {len(whole) - len(first)} bytes stand behind the code"
    ]


def test_encrypted_bytes_behind_code_are_not_seen(inspect_bytes):
    payload = b"".join(sha256(bytes([n & 255, n >> 8])).digest() for n in range(8000))
    document = inspect_bytes(build_zip({**ENTRIES, "classes.dex": DEX + payload}), "x.apk")
    assert document["verdict"]["status"] == "inconclusive"
    assert document["coverage"]["score"] < 0.2


def test_code_right_behind_a_picture_is_found():
    picture = build_png()
    blob = build_zip({**ENTRIES, "res/picture.png": picture + OTHER})
    seen = Seen()
    data = BufferReader(blob)
    Walker(Carver(ALL), Budget(Limits(), data.size), seen).walk(Node("x", data, "x"))
    paths = {artifact.path: artifact.format for artifact, _ in seen.leaves}
    assert paths[f"x!apk!res/picture.png!embedded-dex@{len(picture):#x}!classes.dex"] == "dex"


@pytest.mark.parametrize(
    ("blob", "notes"),
    [
        (APK, []),
        (bytes(4096) + APK, ["4096 bytes stand in front of the package"]),
        (APK + b"junk" * 100, ["400 bytes stand behind the package"]),
    ],
)
def test_what_stands_around_an_app_is_said(blob, notes):
    assert [note for _, note in walk(blob, "x.apk")[1].oddities if "stand" in note] == notes
    assert not [note for _, note in walk(blob, "image.bin")[1].oddities if "stand" in note]


@pytest.mark.parametrize("between", [b"", b"junk" * 30])
def test_both_of_two_packages_behind_one_another_are_scanned(between):
    leaves, found = walk(APK + between + build_zip({"AndroidManifest.xml": MANIFEST, "classes.dex": OTHER}), "x.apk")
    assert {DEX, OTHER} <= {content for artifact, content in leaves if artifact.format == "dex"}
    assert any(note.endswith("bytes stand behind the package") for _, note in found.oddities)


def test_leftovers_in_front_of_the_first_entry_are_no_package():
    fewer = build_zip({"gone.txt": b"left over by a packer", **ENTRIES})
    at = fewer.index(b"PK\x01\x02")
    gone = at + 46 + len("gone.txt")
    leaves, _ = walk(fewer[:at] + fewer[gone:], "x.apk")
    assert {artifact.app for artifact, _ in leaves} == {"x.apk!apk"}


def test_both_of_two_files_with_one_name_are_scanned():
    out = BytesIO(APK)
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("classes.dex", OTHER)
    leaves, found = walk(out.getvalue())
    assert {DEX, OTHER} <= {content for _, content in leaves}
    assert any("duplicate name" in note for _, note in found.oddities)


def test_dex_in_front_of_an_apk_is_code_and_the_apk_is_still_found():
    leaves, _ = walk(OTHER + APK)
    assert any(artifact.format == "dex" and content.startswith(OTHER) for artifact, content in leaves)
    assert any(artifact.path.endswith("!classes.dex") and content == DEX for artifact, content in leaves)


@pytest.mark.parametrize("name", ["x.apk", "sample"])
def test_dex_in_front_of_an_apk_is_said_to_be_code_and_no_clean_answer(name):
    found = walk(OTHER + APK, name)[1]
    notes = [note for _, note in found.oddities if "in front" in note]
    assert [note.partition(",")[0] for note in notes] == [f"{len(OTHER)} bytes of DEX code in front of the package"]
    assert [(gap.reason, gap.length) for gap in found.gaps] == [("ambiguous", 0)]


def test_vdex_and_odex_give_their_dex():
    vdex = b"vdex027\0" + pack("<I", 4) + bytes(52) + DEX + bytes(4) + OTHER
    assert [content for artifact, content in walk(vdex)[0] if artifact.format == "dex"] == [DEX, OTHER]
    odex = b"dey\n036\0" + pack("<8I", 40, len(DEX), 40 + len(DEX), 0, 40 + len(DEX), 0, 0, 0) + DEX
    assert [content for artifact, content in walk(odex)[0] if artifact.format == "dex"] == [DEX]


def certificate(name: str) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding

    key = Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32, b"."))
    subject = x509.Name.from_rfc4514_string(name)
    start, end = datetime(2020, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), 7, start, end)
    return builder.sign(key, None).public_bytes(Encoding.DER)


def test_signers_of_an_apk():
    old, new = certificate("O=Old,C=CN"), certificate("CN=Android Debug,O=Android,C=US")
    pairs = {0x7109871A: signers(signer(new)), 0xF05368C0: signers(signer(new, sdks=(28, 99), lineage=(old, new)))}
    leaves, _ = walk(with_signing_block(APK, build_signing_block(pairs)))
    ((artifact, raw),) = [one for one in leaves if one[0].format == "apk-signing-block"]
    notes = ScanNotes()
    found = list(ApkSignature().scan(artifact, BufferReader(raw), notes))
    assert [dict(one.attributes)["subject"] for one in found] == ["CN=Android Debug,O=Android,C=US", "O=Old,C=CN"]
    assert dict(found[0].attributes)["known-key"] == "debug key"
    assert all(raw[one.location.offset :].startswith(b"\x30") for one in found)
    facts = {(kind, value) for kind, _, value in notes.facts}
    assert {("app:signing", "v2"), ("app:signing", "v3"), ("app:signing-key", "debug key")} <= facts
    rotated = sha256(old).hexdigest()
    assert ("app:rotated-from", rotated) in facts
    # The form of every other certificate, so that one indicator matches both.
    assert found[1].observable.value == f"sha256:{rotated} C=CN, O=Old" == read_certificate(old).value


def test_readers_that_see_another_list_are_named():
    assert disagreements(BufferReader(APK), ENTRIES) == ()
    fewer, more = set(ENTRIES) - {"classes.dex"}, {*ENTRIES, "classes2.dex"}
    assert disagreements(BufferReader(APK), fewer) == (
        "parser disagreement: zipfile sees 'classes.dex'",
        "parser disagreement: apkInspector sees 'classes.dex'",
    )
    assert "zipfile does not see 'classes2.dex'" in disagreements(BufferReader(APK), more)[0]
    refused = disagreements(BufferReader(b"PK\x03\x04" + bytes(100)), ENTRIES)
    assert refused[0] == "parser disagreement: zipfile refuses the archive (BadZipFile)"


def test_other_readers_are_asked_about_a_tampered_archive():
    tampered = bytearray(APK)
    at = tampered.rindex(b"PK\x01\x02")
    tampered[at + 46 : at + 49] = b"dir"  # the directory names the last entry otherwise than its local header
    _, found = walk(bytes(tampered))
    notes = [note for _, note in found.oddities]
    assert "local header says name 'res/icon.png'" in notes


def test_base_of_a_set_speaks_for_its_parts(inspect_bytes):
    split = build_axml(tag("manifest", tag("application"), package="com.example", split="config.cs", versionCode=1))
    block = build_signing_block({0x7109871A: signers(signer(certificate("O=Own,C=CN")))})
    signed = with_signing_block(build_zip({"AndroidManifest.xml": split}), block)
    parts = {"manifest.json": b"{}", "a.apk": signed, "base.apk": APK}
    document = inspect_bytes(build_zip(parts, method=zipfile.ZIP_STORED), "app.xapk")
    assert document["artifact"]["kind"] == "android-app"
    assert document["artifact"]["identity"]["package"] == "com.example"
    assert document["artifact"]["identity"]["label"] == "My App"
    assert "split" not in document["artifact"]["identity"]


@pytest.mark.parametrize("utf8", [True, False])
def test_texts_of_resources_name_the_methods_that_load_them(inspect_bytes, utf8):
    texts = ["https://one.widgets.cn/v1", "two.widgets.cn", "Hello to everybody", "https://three.widgets.cn"]
    names = ("api_url", "push.host", "greeting", "unused_url")
    table = build_arsc([(n, "", 0, text) for n, text in enumerate(texts)], names=names, utf8=utf8)
    code = build_dex(
        Class("Lcom/example/R$string;", statics={"push_host": "stands for a number"}),
        Class("Lcom/example/Api;", {"go": [("const", "0x7f010000")], "greet": [("const", "0x7f010002")]}),
        Class("Lcom/sdk/Push;", {"start": [("read", "Lcom/example/R$string;", "push_host")]}),
    )
    document = inspect_bytes(build_zip({**ENTRIES, "resources.arsc": table, "classes.dex": code}))
    hosts = {one["value"]: one for one in document["observables"]["hostnames"]}
    users = {name: (one["presence"], *one["referenced_by"]) for name, one in hosts.items()}
    assert users["one.widgets.cn"] == ("referenced", "com.example.Api.go")
    assert users["two.widgets.cn"] == ("referenced", "com.sdk.Push.start")
    assert users["three.widgets.cn"] == ("configured",)


def test_readers_that_see_other_entries_leave_a_gap(inspect_bytes):
    """zipfile ends a name at NUL, so it sees `assets/a`; a package that only a strict reader refuses is whole."""
    apk = build_zip({"AndroidManifest.xml": build_axml(tag("manifest", package="com.example")), "assets/a.txt": b"x"})
    document = inspect_bytes(apk.replace(b"assets/a.txt", b"assets/a\0txt"), "x.apk")
    assert document["verdict"]["status"] == "inconclusive"
    (gap,) = document["coverage"]["gaps"]
    assert gap["reason"] == "malformed"
    assert gap["detail"] == ("parser disagreement: zipfile does not see 'assets/a\\x00txt', zipfile sees 'assets/a'")
    refused = inspect_bytes(apk + apk[apk.rindex(b"PK\5\6") :], "y.apk")
    assert (refused["verdict"]["status"], refused["coverage"]["gaps"]) == ("none-found", [])
    assert "refuses the archive" in "".join(refused["artifact"]["tampering"])
