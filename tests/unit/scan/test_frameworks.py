"""An endpoint planted in a bundle of each framework is found, with the container and the module that hold it."""

import gzip
import marshal
import tarfile
import zlib
from io import BytesIO
from struct import pack

import pytest

from inspector.extract.archive.shelf import EXTRACTORS as ARCHIVES
from inspector.extract.budget import Budget, Limits
from inspector.extract.carve import Carver
from inspector.extract.mobile.shelf import EXTRACTORS
from inspector.extract.walk import Node, Walker
from inspector.formats.program.dart_snapshot import MAGIC
from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.model.observation import Kind, Presence
from inspector.scan import SCANNERS, scan_leaf
from inspector.scan.base import ScanNotes
from tests.builders.apk import build_zip
from tests.builders.axml import build_axml, tag
from tests.builders.elf import Elf
from tests.builders.frameworks import (
    build_dart,
    build_hermes,
    build_il2cpp,
    build_store,
    build_unity_assets,
    build_unityfs,
    build_wxapkg,
    encrypt,
    lock_wxapkg,
    pack_assembly,
)
from tests.builders.macho import build_macho
from tests.builders.original_tools import HERMES, LUA, RCC, inflated

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
LUA_BUILT = b"\x1bLua\x53" + bytes(20) + b"\x04" + bytes([len(HOST) + 1]) + HOST.encode() + b"\x04\x02x"

WEBPACK = (
    b'(()=>{var e={10:(e,t)=>{t.a={success:function(e){}}},\n"./src/api.js":function(e,t,n){fetch("%s")},'
    b"20:function(e){}};})();" % URL.encode()
)
NUMBERED = b'(self.webpackChunk=self.webpackChunk||[]).push([[1],{7:(e,t,n)=>{var u="%s"},8:(e)=>{}}]);' % URL.encode()
KOTLIN = b"(function (root, factory) {}(this, function (_, kotlin_kotlin) { var host = '%s'; }));" % URL.encode()


def tarred(files: dict[str, bytes], mode: str = "w") -> bytes:
    out = BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, BytesIO(content))
    return out.getvalue()


def compiled_python() -> bytes:
    code = compile(f"HOST = {URL!r}\ndef call(): return HOST\n", "main.py", "exec")
    return b"\xa7\r\r\n" + bytes(12) + marshal.dumps(code)


TEXTS = [f"text {number} of many, so that the library is large enough" for number in range(99)]
WEEX = Elf("aarch64", 64, rodata=URL.encode() + bytes(1)).build()
DART = Elf("aarch64", 64, rodata=build_dart([f"the server at {HOST}", *TEXTS])).build()
DART_AT = f"!dart-snapshot@{DART.index(MAGIC):#x}!strings"
AMR = build_zip({"20210101.tar": tarred({"index.worker.js": MINI, "appConfig.json": b"{}"}), "CERT.json": b"{}"})
HAP = build_zip({"module.json": b'{"app":{"bundleName":"cn.example"}}', "ets/modules.abc": ARK})
APP = build_zip({"pack.info": b'{"summary":{}}', "entry-default.hap": HAP})
MANAGED = "assets/bin/Data/Managed"
MACHO = build_macho([build_dart([f"the server at {HOST}", *TEXTS])], kind=6)
MACHO_AT = f"!dart-snapshot@{MACHO.index(MAGIC):#x}!strings"
HERMES_CASES = [
    ("react-native-hermes", "assets/index.android.bundle", inflated(blob), f"!hermes!v{version}/strings", "")
    for version, blob in HERMES.items()
]
LUA_CASES = [("", f"assets/{name}.luac", inflated(blob), f"{name}.luac", "") for name, blob in LUA.items()]
RCC_CASES = [
    ("", "assets/app.rcc", inflated(blob), f"!qt-resources!app/qml/{name}", "")
    for blob in RCC.values()
    for name in ("main.qml", "api.js")
]

CASES = [
    *HERMES_CASES,
    *LUA_CASES,
    *RCC_CASES,
    ("react-native", "assets/index.android.bundle", METRO, "index.android.bundle", "src/api.js"),
    ("flutter", "lib/arm64-v8a/libapp.so", DART, DART_AT, ""),
    ("flutter", "Payload/A.app/Frameworks/App.framework/App", MACHO, MACHO_AT, ""),
    ("unity-il2cpp", f"{MANAGED}/Metadata/global-metadata.dat", build_il2cpp(["abc", URL, "d"], ["n"]),
     "!il2cpp-metadata!v29/literals", ""),
    ("unity-mono", f"{MANAGED}/Assembly-CSharp.dll", DLL, "Assembly-CSharp.dll", ""),
    ("unity", "assets/bin/Data/data.unity3d", build_unityfs({"CAB-1": build_unity_assets([URL, "x" * 99] * 9)}),
     "!unityfs!CAB-1", ""),
    ("unity", "Payload/A.app/Data/data.unity3d", build_unityfs({"CAB-1": build_unity_assets([URL])}, codec=1),
     "!unityfs!CAB-1", ""),
    ("xamarin", "assemblies/assemblies.blob", build_store({"a.dll": pack_assembly(DLL)}, 1),
     "!assembly-store!0000.dll", ""),
    ("xamarin", "lib/arm64-v8a/libassemblies.arm64-v8a.blob.so", build_store({"a.dll": pack_assembly(DLL)}, 2),
     "!assembly-store!a.dll", ""),
    ("xamarin", "assemblies/App.dll", pack_assembly(DLL), "!xalz!assembly.dll", ""),
    ("wechat-mini-program", "assets/mini.wxapkg", build_wxapkg({"/app-service.js": MINI}),
     "!wxapkg!app-service.js", "pages/login.js"),
    ("wechat-mini-program", "", lock_wxapkg(
        build_wxapkg({"/a": b"  " * 900, "/app-service.js": MINI}), "wx0123456789abcdef"),
     "!wxapkg!content", "pages/login.js"),
    ("wechat-mini-program", "", lock_wxapkg(
        build_wxapkg({"/a": b"wx0123456789abcdef" * 90, "/app-service.js": MINI}), "wx0123456789abcdef"),
     "!wxapkg!app-service.js", "pages/login.js"),
    ("alipay-mini-program", "assets/nebulaPreset/app.amr", AMR, "!tar!index.worker.js", "pages/login.js"),
    ("uni-app", "assets/apps/__UNI__ABC123/www/app-service.js", MINI, "app-service.js", "pages/login.js"),
    ("uni-app", "assets/apps/__UNI__ABC123/www/app-service.js", WEBPACK, "app-service.js", "./src/api.js"),
    ("uni-app", "assets/apps/__UNI__ABC123.wgt", build_zip({"manifest.json": b"{}", "app-service.js": MINI}),
     ".wgt!zip!app-service.js", "pages/login.js"),
    ("weex", "lib/arm64-v8a/libweexcore.so", WEEX, "libweexcore.so", ""),
    ("", "assets/dist/index.weex.js", b'// { "framework": "Vue" }\n' + NUMBERED, "index.weex.js", "module 7"),
    ("capacitor", "assets/capacitor.config.json", b'{"server": {"url": "%s"}}' % URL.encode(),
     "capacitor.config.json", ""),
    ("cordova", "res/xml/config.xml", b'<widget><access origin="%s"/></widget>' % URL.encode(), "config.xml", ""),
    ("cordova", "assets/www/cordova.js", b'define("cordova", function(){ var u = "%s"; });' % URL.encode(),
     "cordova.js", "cordova"),
    ("ionic", "assets/www/build/ionic.bundle.js", WEBPACK, "ionic.bundle.js", "./src/api.js"),
    ("kotlin-js", "assets/www/kotlin-kotlin-stdlib.js", KOTLIN, "kotlin-kotlin-stdlib.js", ""),
    ("python-for-android", "assets/private.tar", tarred({"main.pyc": compiled_python()}, "w:gz"), "main.pyc", ""),
    ("python-for-android", "lib/arm64-v8a/libpybundle.so", tarred({"_python_bundle/m.pyc": compiled_python()}, "w:gz"),
     "_python_bundle/m.pyc", ""),
    ("python-for-android", "assets/private.mp3", tarred({"main.py": f"A = {URL!r}\n".encode()}, "w:gz"), "main.py", ""),
    ("harmonyos-arkts", "", HAP, "!hap!ets/modules.abc", ""),
    ("harmonyos-arkts", "", APP, "!hap!ets/modules.abc", ""),
    ("react-native-hermes", "Payload/A.app/main.jsbundle", inflated(HERMES[96]), "!hermes!v96/strings", ""),
    ("react-native", "Payload/A.app/main.jsbundle", METRO, "main.jsbundle", "src/api.js"),
    ("unity-il2cpp", "Payload/A.app/Data/Managed/Metadata/global-metadata.dat", build_il2cpp([URL], ["n"], 31),
     "!il2cpp-metadata!v31/literals", ""),
    ("", "assets/a.luac", LUA_BUILT, "a.luac", ""),
]  # fmt: skip


class Collected:
    """Scans every leaf of a walk with all scanners."""

    def __init__(self) -> None:
        self.sightings, self.notes = [], ScanNotes()

    def visit(self, artifact, data, base):
        self.sightings += scan_leaf(artifact, data, SCANNERS, self.notes)
        return []

    def skip(self, path):
        return False

    def at(self, path):
        pass


def inspect(blob: bytes) -> Collected:
    seen, data = Collected(), BufferReader(blob)
    Walker(Carver((*EXTRACTORS, *ARCHIVES)), Budget(Limits(), data.size), seen).walk(Node("x", data, "x"))
    return seen


def packaged(path: str, content: bytes) -> bytes:
    """Return an APK or an IPA that holds the file; the content itself where no path is given."""
    if not path:
        return content
    if path.startswith("Payload/"):
        return build_zip(
            {"Payload/A.app/Info.plist": b"<?xml version='1.0'?><plist><dict></dict></plist>", path: content}
        )
    return build_zip({"AndroidManifest.xml": MANIFEST, path: content})


@pytest.mark.parametrize(("framework", "path", "content", "container", "module"), CASES)
def test_planted_endpoint(framework, path, content, container, module):
    seen = inspect(packaged(path, content))
    hosts = [s for s in seen.sightings if s.observable.kind is Kind.HOSTNAME and s.observable.value == HOST]
    assert hosts, {s.observable.value for s in seen.sightings}
    assert any(s.location.path.endswith(container) for s in hosts)
    if module:
        assert {s.referenced_by for s in hosts} == {(module,)}
    components = {s.observable.value for s in seen.sightings if s.observable.kind is Kind.COMPONENT}
    assert not framework or f"framework:{framework}" in components


KEY = b"6362a1d8-f9b1-4b"


@pytest.mark.parametrize("registers", [True, False])
def test_resources_of_qt_compiled_into_a_program_are_unpacked(registers):
    script = b'import QtQuick 2.0\nItem { property string host: "%s" }\n' % URL.encode() + b"// filled\n" * 90
    packed = zlib.compress(script)
    held = pack(">2I", len(packed) + 4, len(script)) + packed
    name = b"\0_Z21qRegisterResourceDataiPKhS0_S0_\0" if registers else b""
    library = Elf("aarch64", 64, extra={".qt": bytes(64) + held + bytes(64) + name}).build()
    seen = inspect(build_zip({"AndroidManifest.xml": MANIFEST, "lib/arm64-v8a/libapp_arm64-v8a.so": library}))
    hosts = [s for s in seen.sightings if s.observable.value == HOST]
    at = library.index(packed)
    assert [s.location.path for s in hosts] == (
        [f"x!apk!lib/arm64-v8a/libapp_arm64-v8a.so!zlib@{at:#x}!content"] if registers else []
    )


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


@pytest.mark.parametrize("sign", [b"XXTEA", b"XXTEASIGN", b"my.game"])
def test_scripts_of_cocos_with_a_sign_are_decrypted(sign):
    script = b'local host = "%s"' % URL.encode()
    files = {
        "AndroidManifest.xml": MANIFEST,
        "lib/arm64-v8a/libcocos2dlua.so": b"\x7fELF" + bytes(2000) + b"\0k3y-of-them\0" + sign + b"\0" + bytes(2000),
        "assets/src/a.lua": b"return {}",
        "assets/src/app.luac": sign + encrypt(script, b"k3y-of-them"),
    }
    hosts = [s for s in inspect(build_zip(files)).sightings if s.observable.value == HOST]
    assert [(s.location.path, s.key) for s in hosts] == [("x!apk!assets/src/app.luac", "host")]


def test_scripts_of_cocos_in_a_bundle_are_decrypted():
    files = {
        "BundleConfig.pb": b"\n\1",
        "base/manifest/AndroidManifest.xml": b"\n\0",
        "base/lib/arm64-v8a/libcocos2djs.so": b"\x7fELF" + bytes(60) + b"\0" + KEY + b"\0main.js\0",
        "base/assets/main.jsc": encrypt(b'window.host = "%s";' % URL.encode(), KEY),
    }
    hosts = [s for s in inspect(build_zip(files)).sightings if s.observable.value == HOST]
    assert {s.location.path for s in hosts} == {"x!aab!base/assets/main.jsc"}


def test_scripts_of_cocos_are_decrypted_with_the_key_in_another_split():
    library = b"\x7fELF" + bytes(60) + b"\0" + KEY + b"\0main.js\0"
    script = encrypt(b'window.host = "%s";' % URL.encode() * 9, KEY)
    base = build_zip({"AndroidManifest.xml": MANIFEST, "assets/main.jsc": script})
    other = build_zip({"AndroidManifest.xml": MANIFEST, "res/a.txt": b"text"})
    for held in (library, library.replace(KEY, b"x" * 16)):
        split = build_zip({"AndroidManifest.xml": MANIFEST, "lib/arm64-v8a/libcocos.so": held})
        files = {"base.apk": base, "split_config.cs.apk": other, "split_config.arm64_v8a.apk": split}
        hosts = [s for s in inspect(build_zip(files)).sightings if s.observable.value == HOST]
        assert {s.location.path for s in hosts} == (
            {"x!app-set!base.apk!apk!assets/main.jsc"} if held is library else set()
        )
    broken = {"base.apk": base, "split_config.arm64_v8a.apk": b"PK\3\4 no package"}
    assert not any(s.observable.value == HOST for s in inspect(build_zip(broken)).sightings)


def test_scripts_of_cocos_on_harmonyos_are_decrypted():
    files = {
        "module.json": b"{}",
        "resources.index": b"x",
        "libs/arm64-v8a/libcocos.so": b"\x7fELF" + bytes(60) + b"\0" + KEY + b"\0main.js\0",
        "resources/rawfile/src/main.jsc": encrypt(b'window.host = "%s";' % URL.encode() * 9, KEY),
    }
    hosts = [s for s in inspect(build_zip(files)).sightings if s.observable.value == HOST]
    assert {s.location.path for s in hosts} == {"x!hap!resources/rawfile/src/main.jsc"}


def test_an_assembly_in_a_library_of_its_own_is_read():
    library = Elf("aarch64", 64, extra={"payload": pack_assembly(DLL * 40)}).build()
    files = {"AndroidManifest.xml": MANIFEST, "lib/arm64-v8a/lib_App.dll.so": library}
    at = library.find(b"XALZ")
    hosts = [s for s in inspect(build_zip(files)).sightings if s.observable.value == HOST]
    assert {s.location.path for s in hosts} == {f"x!apk!lib/arm64-v8a/lib_App.dll.so!xalz@{at:#x}!assembly.dll"}


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


@pytest.mark.parametrize(
    "path",
    [
        *("assets/bin/Data/Managed/Metadata/global-metadata.dat", "assets/src/main.jsc", "assets/src/app.luac"),
        *("assets/apps/__UNI__ABC/www/app-confusion.js", "assets/apps/__UNI__ABC/www/pages/a.js"),
    ],
)
def test_what_cannot_be_decoded_is_a_named_gap(path):
    leaf = Artifact(f"x!apk!{path}", "data", path.rpartition("/")[2], "x!apk", f"/{path}", "x!apk")
    notes = ScanNotes()
    scan_leaf(leaf, BufferReader(bytes(range(128, 256)) * 10), SCANNERS, notes)
    assert [(size, reason) for _, size, reason, _ in notes.gaps] == [(1280, "encrypted")]
