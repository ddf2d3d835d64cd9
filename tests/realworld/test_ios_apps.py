"""Real iOS SDKs and an app by package name (tools/real_inputs.tsv); counts are those of other tools."""

import tarfile
import zipfile
from io import BytesIO

import pytest

from inspector.formats.archive.ar import parse_ar
from inspector.formats.data.plist import parse_plist
from inspector.formats.program.dart_snapshot import MAGIC, parse_dart
from inspector.formats.program.fat_macho import parse_fat
from inspector.formats.program.macho import Macho
from inspector.formats.program.swift_small import small_texts
from inspector.formats.reader import BufferReader
from inspector.harvest import Options, Toolbox
from inspector.knowledge import load_knowledge
from inspector.knowledge.addresses import AddressTables
from inspector.session import Session, inspect_files
from tests.realworld.test_android_apps import real

pytestmark = pytest.mark.realworld


def slices(name: str) -> dict[str, BufferReader]:
    members = parse_fat(BufferReader(real(name).read_bytes())).members
    return {member.path: member.open(1 << 30) for member in members}


def test_slices_of_a_static_framework_agree_with_lief():
    lief = pytest.importorskip("lief")
    lief.logging.disable()
    found = slices("alipay-ios")
    assert list(found) == ["arm64", "armv7", "i386", "x86_64"]
    for data in found.values():
        image, other = Macho(data), lief.MachO.parse(BytesIO(bytes(data.all()))).at(0)
        ours = [(s.segment, s.name, s.address, s.size) for s in image.sections]
        assert ours == [(s.segment_name, s.name, s.virtual_address, s.size) for s in other.sections]
        defined = {
            symbol.name.removeprefix("_OBJC_CLASS_$_")
            for symbol in other.symbols
            if symbol.name.startswith("_OBJC_CLASS_$_") and symbol.numberof_sections
        }
        assert defined <= set(image.classes)
        assert "AlipaySDK" in image.classes


def test_objects_of_a_universal_archive_name_their_classes():
    archive = parse_ar(slices("jcore-ios")["arm64"])
    classes = {name for member in archive.members for name in Macho(member.open(1 << 30)).classes}
    assert {"JCOREService", "JCommonLocationController"} <= classes


def test_constants_of_an_object_file_are_named():
    archive = parse_ar(slices("jcore-ios")["arm64"])
    images = [Macho(member.open(1 << 30)) for member in archive.members]
    named = {name: image.string_at(at) for image in images for at, name in image.constants.items()}
    assert len(named) >= 20
    assert all(name.isidentifier() and text for name, text in named.items())


def test_short_texts_of_swift_code():
    data = BufferReader(real("ios-paytm-appinvoke").read_bytes())
    image = Macho(data)
    (section,) = image.named("__text")
    found = {one.text for one in small_texts(data, section.offset, section.offset + section.size)}
    assert {b"Content-Type", b"Accept", b"deviceModel", b"eventCategory"} <= found


def test_app_for_the_simulator():
    archive = zipfile.ZipFile(real("ios-bootstrap"))
    (path,) = (name for name in archive.namelist() if name.endswith("bootstrap.app/Info.plist"))
    assert parse_plist(BufferReader(archive.read(path)))["CFBundleIdentifier"] == "xudafeng.ios-app-bootstrap"
    program = Macho(BufferReader(archive.read(path.replace("Info.plist", "ios-app-bootstrap"))))
    assert len(program.classes) == 25
    assert ("@rpath/Alamofire.framework/Alamofire", "load") in program.libraries


def test_strings_of_a_flutter_app():
    with tarfile.open(real("flutter-linux")) as archive:
        (entry,) = (item for item in archive if item.name.endswith("lib/libapp.so"))
        library = BufferReader(archive.extractfile(entry).read())
    snapshot = parse_dart(library.slice(library.find(MAGIC, 0x9000)))
    lines = bytes(snapshot.members[0].open(1 << 28).all()).decode().split("\n")
    assert snapshot.properties["strings"] == "61116"
    assert {"package:http/src/response.dart", "CupertinoLocalizationEsPa", "弹出菜单"} <= set(lines)
    # Strings that fill their place to the last byte run into the next object when read as plain bytes.
    assert "package:dbus/src/dbus_value.dart" in lines


def test_identity_of_the_app(inspect_path):
    document = inspect_path(real("ios-bootstrap"))
    artifact = document["artifact"]
    assert (artifact["kind"], artifact["format"]) == ("ios-app", "ipa")
    assert (artifact["identity"]["label"], artifact["identity"]["version_name"]) == ("Bootstrap", "1.0")
    assert {"Alamofire", "CryptoSwift"} <= {one["value"] for one in document["observables"]["sdks"]}
    assert document["coverage"]["score"] == 1.0


def test_endpoint_of_an_sdk_names_the_class_that_uses_it(inspect_path):
    document = inspect_path(real("jcore-ios"))
    (found,) = (one for one in document["findings"] if one["subject"]["id"] == "jiguang/jcore")
    assert found["presence"] == "referenced"
    assert any("JCORE" in user for one in found["evidence"] for user in one["referenced_by"])


def test_a_connector_that_only_imports_classes_of_an_sdk_is_a_hint_of_it():
    """Ping++'s connector for WeChat holds no class of either; its symbols say what it was written against."""
    (profile,) = (
        inspection.document
        for inspection in inspect_files([real("pingpp-wx-ios")], session(), 1)
        if inspection.document is not None
    )
    assert profile["findings"] == []
    assert {hint["subject"]["id"] for hint in profile["hints"]} == {"pingpp/sdk", "tencent/wechat-opensdk"}


def session() -> Session:
    knowledge = load_knowledge()
    return Session(Toolbox(knowledge, AddressTables(knowledge)), Options(), many=False)
