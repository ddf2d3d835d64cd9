"""An endpoint planted in a bundle of each framework is found, with the container and the module that hold it."""

import gzip
import tarfile
from io import BytesIO

import pytest

from inspector.extract.archive import EXTRACTORS as ARCHIVES
from inspector.extract.budget import Budget, Limits
from inspector.extract.carve import Carver
from inspector.extract.mobile import EXTRACTORS
from inspector.extract.walk import Node, Walker
from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.model.observation import Kind, Presence
from inspector.scan import SCANNERS, scan_leaf
from inspector.scan.base import ScanNotes
from tests.builders.apk import build_zip
from tests.builders.axml import build_axml, tag
from tests.builders.frameworks import (
    build_hermes,
    build_il2cpp,
    build_qt_resources,
    build_store,
    build_wxapkg,
    encrypt,
    pack_assembly,
)

HOST = "planted.example.cn"
URL = f"https://{HOST}/v1"
MANIFEST = build_axml(tag("manifest", package="com.example"))
DLL = b"MZ" + bytes(60) + URL.encode("utf-16-le") + bytes(40)
METRO = b"""var __BUNDLE_START_TIME__=1;
__d(function(g,r,i,a,m,e,d){m.exports="x"},0,[1]);
__d(function(g,r,i,a,m,e,d){var u={host:"%s"};},7,[0,1],"src/api.js");
__d(function(g,r){},8,[]);
""" % URL.encode()
MINI = (
    b'define("pages/a.js", function(require){});\ndefine("pages/login.js", function(require){fetch("%s")});'
    % URL.encode()
)
ARK = b"PANDA\0\0\0" + bytes(40) + bytes([2 * len(HOST) + 1]) + HOST.encode() + b"\0" + bytes(8)
LUA = b"\x1bLua\x53" + bytes(20) + b"\x04" + bytes([len(HOST) + 1]) + HOST.encode() + b"\x04\x02x"

CASES = [
    ("react-native-hermes", "assets/index.android.bundle", build_hermes(["abc", URL, "def"]),
     "!hermes!v96/strings", ""),
    ("react-native", "assets/index.android.bundle", METRO, "index.android.bundle", "src/api.js"),
    ("unity-il2cpp", "assets/bin/Data/Managed/Metadata/global-metadata.dat", build_il2cpp(["abc", URL, "d"], ["n"]),
     "!il2cpp-metadata!v29/literals", ""),
    ("xamarin", "assemblies/assemblies.blob", build_store({"a.dll": pack_assembly(DLL)}, 2),
     "!assembly-store!a.dll", ""),
    ("xamarin", "assemblies/App.dll", pack_assembly(DLL), "!xalz!assembly.dll", ""),
    ("wechat-mini-program", "assets/mini.wxapkg", build_wxapkg({"/app-service.js": MINI}),
     "!wxapkg!app-service.js", "pages/login.js"),
    ("uni-app", "assets/apps/__UNI__ABC123/www/app-service.js", MINI, "app-service.js", "pages/login.js"),
    ("capacitor", "assets/capacitor.config.json", b'{"server": {"url": "%s"}}' % URL.encode(),
     "capacitor.config.json", ""),
    ("cordova", "res/xml/config.xml", b'<widget><access origin="%s"/></widget>' % URL.encode(), "config.xml", ""),
    ("harmonyos-arkts", "ets/modules.abc", ARK, "modules.abc", ""),
    ("", "assets/a.rcc", build_qt_resources({"a.js": (f'u="{URL}"'.encode(), 0)}), "!qt-resources!qml/a.js", ""),
    ("", "assets/a.luac", LUA, "a.luac", ""),
]  # fmt: skip


class Collected:
    """Scans every leaf of a walk with all scanners."""

    def __init__(self) -> None:
        self.sightings, self.notes = [], ScanNotes()

    def visit(self, artifact, data, base):
        self.sightings += scan_leaf(artifact, data, SCANNERS, self.notes)

    def skip(self, path):
        return False

    def at(self, path):
        pass


def inspect(blob: bytes) -> Collected:
    seen, data = Collected(), BufferReader(blob)
    Walker(Carver((*EXTRACTORS, *ARCHIVES)), Budget(Limits(), data.size), seen).walk(Node("x", data, "x"))
    return seen


@pytest.mark.parametrize(("framework", "path", "content", "container", "module"), CASES)
def test_planted_endpoint(framework, path, content, container, module):
    seen = inspect(build_zip({"AndroidManifest.xml": MANIFEST, path: content}))
    hosts = [s for s in seen.sightings if s.observable.kind is Kind.HOSTNAME and s.observable.value == HOST]
    assert hosts, {s.observable.value for s in seen.sightings}
    assert any(s.location.path.endswith(container) for s in hosts)
    if module:
        assert {s.referenced_by for s in hosts} == {(module,)}
    components = {s.observable.value for s in seen.sightings if s.observable.kind is Kind.COMPONENT}
    assert not framework or f"framework:{framework}" in components


KEY = b"6362a1d8-f9b1-4b"


def test_scripts_of_cocos_are_decrypted_with_the_key_in_the_library():
    library = b"\x7fELF" + bytes(60) + b"\0not-the-key\0" + KEY + b"\0src/x\0main.js\0" + bytes(20)
    script = b'window.host = "%s"; // end' % URL.encode()
    files = {
        "AndroidManifest.xml": MANIFEST,
        "lib/arm64-v8a/libcocos2djs.so": library,
        "assets/src/small.jsc": encrypt(b"var a = 1;", KEY),
        "assets/src/project.jsc": encrypt(script, KEY),
    }
    seen = inspect(build_zip(files))
    (host,) = [s for s in seen.sightings if s.observable.kind is Kind.HOSTNAME and s.observable.value == HOST]
    assert (host.location.path, host.key) == ("x!apk!assets/src/project.jsc", "window.host")
    other = {**files, "lib/arm64-v8a/libcocos2djs.so": library.replace(KEY, b"x" * 16)}
    assert not any(s.observable.value == HOST for s in inspect(build_zip(other)).sightings)


def test_scripts_of_cocos_on_ios_are_decrypted_with_the_key_in_the_program():
    files = {
        "Payload/Game.app/Info.plist": b"<?xml version='1.0'?><plist><dict></dict></plist>",
        "Payload/Game.app/Game": b"\xcf\xfa\xed\xfe" + bytes(60) + b"\0" + KEY + b"\0main.js\0",
        "Payload/Game.app/assets/main.jsc": encrypt(gzip.compress(b'window.host = "%s";' % URL.encode() * 20), KEY),
    }
    hosts = [s for s in inspect(build_zip(files)).sightings if s.observable.value == HOST]
    assert {(s.location.path, s.key) for s in hosts} == {("x!ipa!Payload/Game.app/assets/main.jsc", "window.host")}


def test_python_for_android():
    out = BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        entry = tarfile.TarInfo("main.py")
        content = f'HOST = "{URL}"\n'.encode()
        entry.size = len(content)
        archive.addfile(entry, BytesIO(content))
    seen = inspect(build_zip({"AndroidManifest.xml": MANIFEST, "assets/private.tar": out.getvalue()}))
    values = {s.observable.value for s in seen.sightings}
    assert {HOST, "framework:python-for-android"} <= values


def test_constants_of_bytecode_are_referenced():
    (sighting,) = [
        s
        for s in inspect(build_hermes([URL])).sightings
        if s.observable.kind is Kind.HOSTNAME and s.observable.value == HOST
    ]
    assert (sighting.presence, sighting.key) == (Presence.REFERENCED, "constants")


def test_dart_packages_and_snapshot_version():
    snapshot = b"\xf5\xf5\xdc\xdc" + bytes(16) + b"0123456789abcdef" * 2 + b"product no-code_comments"
    blob = b"\x7fELF" + bytes(100) + snapshot + b"\0package:dio/src/dio.dart\0package:tuya_sdk/api.dart\0"
    leaf = Artifact("x!apk!lib/arm64-v8a/libapp.so", "elf", "libapp.so", "x!apk", "/lib/arm64-v8a/libapp.so", "x!apk")
    found = scan_leaf(leaf, BufferReader(blob), SCANNERS, ScanNotes())
    components = {s.observable.value: dict(s.attributes) for s in found if s.observable.kind is Kind.COMPONENT}
    assert {"dart-package:dio", "dart-package:tuya_sdk", "framework:flutter"} <= set(components)
    assert any(
        s.observable.value == "framework:flutter" and dict(s.attributes).get("version") == "0123456789abcdef" * 2
        for s in found
    )


@pytest.mark.parametrize("path", ["assets/bin/Data/Managed/Metadata/global-metadata.dat", "assets/src/main.jsc"])
def test_what_cannot_be_decoded_is_a_named_gap(path):
    leaf = Artifact(f"x!apk!{path}", "data", path.rpartition("/")[2], "x!apk", f"/{path}", "x!apk")
    notes = ScanNotes()
    scan_leaf(leaf, BufferReader(bytes(range(128, 256)) * 10), SCANNERS, notes)
    assert [(size, reason) for _, size, reason, _ in notes.gaps] == [(1280, "encrypted")]
