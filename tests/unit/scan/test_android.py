import subprocess

import pytest

from inspector.errors import Malformed
from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.model.knowledge import Anchors
from inspector.model.observation import Context, Kind, Location, Observable, Presence, Sighting
from inspector.scan.android.behaviour import AndroidBehaviour
from inspector.scan.android.code import AndroidCode
from inspector.scan.android.dex_references import DexReferences
from inspector.scan.android.manifest import AndroidManifest, masked
from inspector.scan.android.merge import raise_presence
from inspector.scan.android.native_code import NativeCode, native_method
from inspector.scan.android.native_twins import merge_twins
from inspector.scan.android.network_security import NetworkSecurity
from inspector.scan.android.packaged_files import PackagedFiles
from inspector.scan.base import ScanNotes
from tests.builders.axml import build_axml, tag
from tests.builders.dex import Class, build_dex
from tests.formats.original import tool

APP = "a.apk!apk"
EMPTY = BufferReader(b"x")
MANIFEST = tag(
    "manifest",
    tag("uses-permission", name="android.permission.READ_CONTACTS"),
    tag("queries", tag("package", name="com.tencent.mm")),
    tag(
        "application",
        tag("meta-data", name="JPUSH_APPKEY", value="0123456789abcdef"),
        tag(
            "activity",
            tag(
                "intent-filter",
                tag("action", name="android.intent.action.VIEW"),
                tag("data", scheme="https", host="links.example.com", pathPrefix="/x"),
            ),
            name=".Main",
        ),
        tag("receiver", tag("intent-filter", tag("action", name="android.intent.action.BOOT_COMPLETED")), name=".Boot"),
        tag("provider", name="com.sdk.Provider", authorities="a.b", exported=False),
        tag("service", name="Off", enabled=False),
        tag(
            "provider",
            tag("meta-data", name="com.sdk.Starter", value="androidx.startup"),
            name="androidx.startup.InitializationProvider",
        ),
        name=".App",
        usesCleartextTraffic=True,
    ),
    package="com.example",
    versionName="2.0",
)
DEX = build_dex(
    Class(
        "Lcom/example/App;",
        {"onCreate": [("call", "Lcom/sdk/Push;", "init")]},
        superclass="Landroid/app/Application;",
    ),
    Class(
        "Lcom/sdk/Push;",
        {
            "init": [("load", "https://push.example.cn/v1"), ("call", "Lcom/sdk/Deep;", "go")],
            "locate": [("call", "Landroid/location/LocationManager;", "getLastKnownLocation")],
        },
    ),
    Class("Lcom/sdk/Deep;", {"go": [("load", "https://deep.example.cn")]}),
    Class("Lcom/sdk/Never;", {"go": [("load", "https://never.example.cn")]}),
    Class("La/b/c;", {"x": [("load", "unused")]}),
    extra_strings=("https://dead.example.cn",),
)


def scanned(scanner, data: bytes, name: str, leaf: str):
    notes = ScanNotes()
    artifact = Artifact(f"{APP}!{name}", leaf, name, APP, "/" + name, APP)
    return list(scanner.scan(artifact, BufferReader(data), notes)), notes


def test_an_app_whose_manifest_cannot_be_read_has_not_been_seen():
    with pytest.raises(Malformed):
        scanned(AndroidManifest(), b"no manifest", "AndroidManifest.xml", "data")
    elsewhere = Artifact("fw.bin!AndroidManifest.xml", "data", "AndroidManifest.xml")
    assert not list(AndroidManifest().scan(elsewhere, BufferReader(b"no manifest"), ScanNotes()))


def test_manifest():
    found, notes = scanned(AndroidManifest(), build_axml(MANIFEST), "AndroidManifest.xml", "axml")
    seen = {(one.observable.kind, one.observable.value): one for one in found}
    component = {value: one.presence for (kind, value), one in seen.items() if kind == Kind.ANDROID_COMPONENT}
    assert component == {
        "com.example.App": Presence.STARTED,
        "com.example.Main": Presence.REFERENCED,
        "com.example.Boot": Presence.STARTED,
        "com.sdk.Provider": Presence.STARTED,
        "com.example.Off": Presence.CONFIGURED,
        "androidx.startup.InitializationProvider": Presence.STARTED,
    }
    assert dict(seen[Kind.ANDROID_METADATA, "JPUSH_APPKEY"].attributes) == {"value": "0123…"}
    assert dict(seen[Kind.PERMISSION, "android.permission.READ_CONTACTS"].attributes)["sensitivity"] == "high"
    facts = {(kind, value) for kind, app, value in notes.facts if app == APP}
    assert {
        ("app:package", "com.example"),
        ("app:version-name", "2.0"),
        ("app:cleartext", "true"),
        ("app:exported", "activity com.example.Main"),
        ("app:deep-link", "https://links.example.com/x"),
        ("app:query", "package com.tencent.mm"),
        ("app:start", "com.example.App"),
        ("app:start", "com.example.Boot"),
        ("app:start", "com.sdk.Starter"),
    } <= facts
    assert ("app:exported", "provider com.sdk.Provider") not in facts


def names_itself(manifest, app=APP):
    artifact = Artifact(f"{app}!AndroidManifest.xml", "axml", "AndroidManifest.xml", app, "/AndroidManifest.xml", app)
    found = AndroidManifest().scan(artifact, BufferReader(build_axml(manifest)), ScanNotes())
    return [(one.observable.value, one.key, one.context) for one in found if one.observable.kind is Kind.APP_ID]


def test_an_app_is_seen_under_its_own_name_and_not_under_those_it_asks_for():
    assert names_itself(MANIFEST) == [("com.example", "package", Context.CONFIG)]


@pytest.mark.parametrize(
    ("attributes", "app"),
    [({"hasCode": False}, APP), ({}, "fw.bin!lib.aar!aar"), ({"split": "config.arm64"}, "set.apks!app-set!x.apk!apk")],
    ids=["overlay", "library", "part of a set"],
)
def test_what_is_not_installed_as_an_app_of_its_own_has_no_name(attributes, app):
    split = {"split": attributes.pop("split")} if "split" in attributes else {}
    assert names_itself(tag("manifest", tag("application", **attributes), package="com.miui.theme", **split), app) == []


def test_values_are_masked():
    assert [masked(value) for value in ("true", "abc", "secret-key")] == ["true", "abc", "secr…"]


def test_packages_by_knowledge_or_in_short():
    scanner = AndroidCode()
    scanner.prepare(Anchors(packages=frozenset({"com.sdk", "com.other"})))
    found, notes = scanned(scanner, DEX, "classes.dex", "dex")
    assert [(one.observable.value, one.presence, dict(one.attributes)["classes"]) for one in found] == [
        ("com.example", Presence.CONFIGURED, "1"),
        ("com.sdk", Presence.REFERENCED, "3"),
    ]
    assert found[1].referenced_by == ("com.example.App.onCreate",)
    assert ("app:uses", APP, "com.sdk com.example.App.onCreate") in notes.facts
    assert notes.rejected == {"renamed package": 1}


def test_sensitive_interfaces_by_package_and_calls_of_entry_classes():
    found, notes = scanned(AndroidBehaviour(), DEX, "classes.dex", "dex")
    (one,) = found
    assert one.observable == Observable(Kind.MECHANISM, "sensitive-api:location")
    assert one.referenced_by == ("com.sdk.Push.locate",)
    assert dict(one.attributes)["package"] == "com.sdk"
    assert set(notes.facts) == {
        ("app:calls", APP, "com.example.App com.sdk.Push"),
        ("app:calls", APP, "com.sdk.Push com.sdk.Deep"),
    }


def test_names_of_packaged_files():
    def named(inner: str, app: str = APP) -> list[tuple[str, str]]:
        artifact = Artifact(f"x!{inner}", "data", inner.rpartition("/")[2], "x", inner, app)
        return [
            (one.observable.kind, one.observable.value) for one in PackagedFiles().scan(artifact, EMPTY, ScanNotes())
        ]

    assert named("/lib/arm64-v8a/libjiagu.so") == [(Kind.NATIVE_LIBRARY, "libjiagu.so")]
    assert named("/usr/lib/libfoo.so.1.2", "") == [(Kind.NATIVE_LIBRARY, "libfoo.so")]
    assert named("/assets/ijiami.dat") == [(Kind.FILE_NAME, "ijiami.dat")]
    assert named("/assets/dp.arm-v7.so.dat") == [(Kind.FILE_NAME, "dp.arm-v7.so.dat")]
    assert named("/assets/libsecexe.x86.so") == [
        (Kind.NATIVE_LIBRARY, "libsecexe.x86.so"),
        (Kind.FILE_NAME, "libsecexe.x86.so"),
        (Kind.NATIVE_LIBRARY, "libsecexe.so"),
    ]
    assert named("/lib/x86/libDexHelper-x86.so") == [(Kind.NATIVE_LIBRARY, "libDexHelper-x86.so")]
    assert named("/res/layout/main.xml") == named("/etc/config", "") == []


@pytest.mark.packers
def test_native_methods_and_imports(tmp_path):
    source = tmp_path / "a.c"
    source.write_text(
        "int connect(void); int system(const char *);"
        "int Java_com_sdk_My_1Class_run(void) { return connect() + system(0); }"
    )
    built = tmp_path / "a.so"
    command = [tool("gcc"), "-shared", "-fPIC", "-nostdlib", "-o", str(built), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    library = built.read_bytes()
    artifact = Artifact(f"{APP}!lib/a.so", "elf", "a.so", APP, "/lib/a.so", APP)
    found = {one.observable.value: one for one in NativeCode().scan(artifact, BufferReader(library), ScanNotes())}
    assert set(found) == {"com.sdk", "native-network", "native-commands"}
    assert found["com.sdk"].excerpt == "com.sdk.My_Class.run"
    assert library[found["com.sdk"].location.offset :].startswith(b"Java_com_sdk")


def test_native_names_with_a_signature():
    assert native_method("Java_a_B_go__ILjava_lang_String_2") == "a.B.go"


def places(*texts: bytes):
    hits = [(DEX.index(text), DEX.index(text) + len(text)) for text in texts]
    return DexReferences().places(Artifact(f"{APP}!classes.dex", "dex", "classes.dex"), BufferReader(DEX), hits)


def test_places_of_constants():
    push, dead, inside = places(b"https://push.example.cn", b"https://dead.example.cn", b"deep.example")
    assert (push.presence, push.referenced_by) == (Presence.REFERENCED, ("com.sdk.Push.init",))
    assert (dead.presence, dead.referenced_by) == (Presence.STRING, ())
    assert inside.referenced_by == ("com.sdk.Deep.go",)


def test_what_an_entry_class_calls_is_started():
    _, manifest = scanned(AndroidManifest(), build_axml(MANIFEST), "AndroidManifest.xml", "axml")
    _, behaviour = scanned(AndroidBehaviour(), DEX, "classes.dex", "dex")

    def host(user: str, path: str = f"{APP}!classes.dex") -> Sighting:
        where = Location(path)
        return Sighting(Observable(Kind.HOSTNAME, user), where, presence=Presence.REFERENCED, referenced_by=(user,))

    package = Sighting(Observable(Kind.JAVA_PACKAGE, "com.sdk"), Location(f"{APP}!classes.dex"))
    sightings = [host("com.sdk.Push.init"), host("com.sdk.Deep.go"), host("com.sdk.Never.go"), package]
    other = host("com.sdk.Push.init", "b.apk!apk!classes.dex")
    raised = raise_presence([*sightings, other], [*manifest.facts, *behaviour.facts])
    assert [one.presence for one in raised] == [
        Presence.STARTED,
        Presence.STARTED,
        Presence.REFERENCED,
        Presence.STARTED,
        Presence.REFERENCED,
    ]


APPLICATION = "Landroid/app/Application;"
LOADER = Class("Lcom/example/Loader;", {"go": [("load", "https://a.example.cn")]})
BASE = Class("Lcom/example/Base;", {"onCreate": [("call", "Lcom/example/Loader;", "go")]}, superclass=APPLICATION)
READS = {"onCreate": [("read", "Lcom/example/Settings;", "HOST")]}
SETTINGS = Class("Lcom/example/Settings;", {"<clinit>": [("call", "Lcom/example/Loader;", "go")]}, {"HOST": "x"})


@pytest.mark.parametrize(
    "files",
    [
        # What an application class inherits runs, whether or not it has such a method itself.
        [(LOADER, BASE, Class("Lcom/example/App;", superclass=BASE.name))],
        # The superclass may stand in another DEX, with or without what is called.
        [(Class("Lcom/example/App;", superclass=BASE.name),), (LOADER, BASE)],
        [
            (LOADER, Class("Lcom/example/App;", BASE.methods, superclass=BASE.name)),
            (Class(BASE.name, superclass=APPLICATION),),
        ],
        # Reading a static field runs the initialiser of its class.
        [(LOADER, SETTINGS, Class("Lcom/example/App;", READS, superclass=APPLICATION))],
    ],
)
def test_what_runs_at_the_start_without_a_direct_call(files):
    facts = [("app:start", APP, "com.example.App")]
    for number, classes in enumerate(files, 1):
        facts += scanned(AndroidBehaviour(), build_dex(*classes), f"classes{number}.dex", "dex")[1].facts
    where = Location(f"{APP}!classes.dex")
    users = ("com.example.Loader.go", "com.example.Other.go")
    hosts = [
        Sighting(Observable(Kind.HOSTNAME, u), where, presence=Presence.REFERENCED, referenced_by=(u,)) for u in users
    ]
    assert [one.presence for one in raise_presence(hosts, facts)] == [Presence.STARTED, Presence.REFERENCED]


def test_a_class_that_only_runs_in_its_own_screen_is_not_started():
    screen = Class("Lcom/example/Main;", {"onCreate": [("call", LOADER.name, "go")]}, superclass="Lcom/ui/Screen;")
    facts = [("app:start", APP, "com.example.App")]
    facts += scanned(AndroidBehaviour(), build_dex(LOADER, screen), "classes.dex", "dex")[1].facts
    user = "com.example.Loader.go"
    host = Sighting(Observable(Kind.HOSTNAME, "a"), Location(f"{APP}!classes.dex"), referenced_by=(user,))
    assert raise_presence([host], facts)[0].presence is host.presence


def test_old_apps_export_their_providers_and_schemes_are_queries():
    def facts(level):
        application = tag("application", tag("provider", name="a.Open", authorities="x"))
        queries = tag("queries", tag("intent", tag("data", scheme="weixin")))
        root = tag("manifest", tag("uses-sdk", minSdkVersion=level, targetSdkVersion=30), queries, application)
        return [
            (kind, value)
            for kind, _, value in scanned(AndroidManifest(), build_axml(root), "AndroidManifest.xml", "axml")[1].facts
        ]

    assert ("app:exported", "provider a.Open") in facts(16)
    assert ("app:exported", "provider a.Open") not in facts(17)
    assert ("app:query", "scheme weixin") in facts(17)


def test_a_package_used_by_another_dex_is_referenced():
    package = Sighting(Observable(Kind.JAVA_PACKAGE, "com.sdk"), Location(f"{APP}!classes2.dex"))
    (raised,) = raise_presence([package], [("app:uses", APP, "com.sdk com.example.App.onCreate")])
    assert (raised.presence, raised.referenced_by) == (Presence.REFERENCED, ("com.example.App.onCreate",))


def test_a_length_that_reads_as_a_letter_is_no_part_of_the_name(toolbox):
    text = "gateway.tuyacn.com/" + "x" * 31
    data = build_dex(Class("La/B;", {"m": [("load", text)]}))
    assert b"2gateway.tuyacn.com" in data
    found = toolbox.scan(Artifact("x.dex", "dex", "x.dex"), BufferReader(data), ScanNotes())
    (host,) = [one for one in found if one.observable.kind == Kind.HOSTNAME]
    assert host.observable.value == "gateway.tuyacn.com"
    assert data[host.location.offset :].startswith(b"gateway")
    assert host.referenced_by == ("a.B.m",)


def test_a_library_for_several_processors_is_told_once():
    def seen(place: str, host: str, presence: Presence = Presence.STRING) -> Sighting:
        return Sighting(Observable(Kind.HOSTNAME, host), Location(f"{APP}!{place}", 5), presence=presence)

    twins = [seen(f"lib/{name}/liba.so", "both.cn") for name in ("armeabi-v7a", "arm64-v8a")]
    only = seen("lib/armeabi-v7a/liba.so", "old.cn")
    other = seen("lib/armeabi-v7a/libb.so", "both.cn")
    merged = merge_twins([*twins, only, other])
    assert [one.location.path for one in merged] == [one.location.path for one in (twins[1], only, other)]
    assert [one.attributes for one in merged] == [(("processors", "arm64-v8a armeabi-v7a"),), (), ()]


def test_builds_in_splits_of_one_app_are_twins_and_the_stronger_presence_stays():
    def seen(split: str, name: str, presence: Presence) -> Sighting:
        path = f"a.apks!app-set!{split}.apk!apk!lib/{name}/liba.so"
        return Sighting(Observable(Kind.HOSTNAME, "a.cn"), Location(path), presence=presence)

    builds = [seen("arm64", "arm64-v8a", Presence.STRING), seen("arm", "armeabi-v7a", Presence.REFERENCED)]
    assert [one.presence for one in merge_twins(builds)] == [Presence.REFERENCED]


def test_network_security_configuration_is_known_by_its_root():
    own = tag("domain", includeSubdomains=True)
    own.text = "api.example.cn"
    old = tag("domain")
    old.text = "old.example.cn"
    anchors = tag("trust-anchors", tag("certificates", src="system"), tag("certificates", src="user"))
    compiled = build_axml(
        tag(
            "network-security-config",
            tag("base-config", anchors),
            tag("domain-config", own, tag("pin-set", expiration="2027-01-01")),
            tag("domain-config", old, cleartextTrafficPermitted=True),
            tag("debug-overrides", tag("trust-anchors", tag("certificates", src="@raw/proxy"))),
        )
    )
    seen, notes = scanned(NetworkSecurity(), compiled, "res/uD.xml", "axml")
    assert not seen
    assert notes.facts == [
        ("app:network-security", APP, text)
        for text in (
            "certificates of the user trusted for all hosts",
            "pinned: *.api.example.cn until 2027-01-01",
            "cleartext permitted for old.example.cn",
        )
    ]


def test_a_package_goes_by_the_version_that_its_code_states():
    dex = build_dex(
        Class("Lcom/sdk/push/BuildConfig;", {"x": []}, statics={"VERSION_NAME": "4.8.1", "BUILD_TYPE": "1.2"}),
        Class("Lcom/sdk/push/inner/Config;", {"x": []}, statics={"SDK_VERSION": "9.9.9"}),
        Class("Lcom/other/Names;", {"x": []}, statics={"VERSION": "not a number"}),
    )
    scanner = AndroidCode()
    scanner.prepare(Anchors(packages=frozenset({"com.sdk", "com.other"})))
    seen, notes = scanned(scanner, dex, "classes.dex", "dex")
    stated = {one.observable.value: dict(one.attributes) for one in raise_presence(seen, notes.facts)}
    assert stated["com.sdk"]["version"] == "4.8.1"
    assert stated["com.sdk"]["version-from"] == "com.sdk.push.BuildConfig.VERSION_NAME"
    assert "version" not in stated["com.other"]
