"""What belongs to an app and is not there, and parts that do not fit one another."""

from dataclasses import replace

import pytest

from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.model.observation import Kind, Location, Observable, Presence, Sighting
from inspector.scan.android.behaviour import AndroidBehaviour
from inspector.scan.android.code import AndroidCode
from inspector.scan.android.merge import raise_presence
from inspector.scan.android.whole import class_checksums, disagreements, missing, part_facts
from inspector.scan.base import ScanNotes
from tests.builders.apk import build_zip
from tests.builders.axml import build_axml, tag
from tests.builders.dex import Class, build_dex

BASE, PART, OTHER = "x!app-set!base.apk!apk", "x!app-set!a.apk!apk", "x!app-set!b.apk!apk"


def package(chain, name="com.example", code="7", split="", signer="aa" * 32):
    facts = [("part:package", chain, name), ("part:version-code", chain, code), ("app:signer", chain, signer)]
    return facts + ([("part:split", chain, split)] if split else [])


def code(chain, *classes):
    return [("app:classes", chain, class_checksums(b"L%s;" % one.replace(".", "/").encode() for one in classes))]


def declared(chain, *classes):
    return [("app:declares", chain, one) for one in classes]


def test_parts_that_fit_are_no_disagreement():
    facts = package(BASE) + package(PART, split="config.cs") + package("x!apk!assets/in.apk!apk", "com.other")
    assert disagreements(facts) == []
    assert disagreements([*facts, *package(f"{PART}!assets/inner.apk!apk", "com.inner")]) == []
    assert part_facts(facts)[PART] == {"split": "config.cs", "version_code": "7", "signer": "aa" * 32}


def test_parts_of_another_version_signer_or_app_are_named():
    facts = package(BASE) + package(PART, code="8", signer="bb" * 32, split="a") + package(OTHER, "com.o", split="b")
    assert disagreements(facts) == [
        (PART, "version code 8, that of the base is 7"),
        (PART, "signed by bbbbbbbbbbbbbbbb…, the base by aaaaaaaaaaaaaaaa…"),
        (OTHER, "package com.o, that of the base is com.example"),
    ]


@pytest.mark.parametrize(
    ("facts", "gaps"),
    [
        (package("s.apk!apk", split="config.cs"), {"s.apk!apk": "missing"}),
        (package(BASE) + package(PART, split="config.cs"), {}),
        ([*package("b.apk!apk"), ("app:splits-required", "b.apk!apk", "true")], {"b.apk!apk": "missing"}),
        ([*package(BASE), *package(PART, split="x"), ("app:splits-required", BASE, "true")], {}),
        # On a device the parts of an app lie in one folder, those of another app beside it.
        (package("fw!ext!/app/A/A.apk!apk") + package("fw!ext!/app/A/s.apk!apk", split="x"), {}),
        (
            package("fw!ext!/a/A.apk!apk") + package("fw!ext!/b/s.apk!apk", split="x"),
            {"fw!ext!/b/s.apk!apk": "missing"},
        ),
    ],
)
def test_absent_parts(facts, gaps):
    assert {one.path: one.reason for one in missing(facts)} == gaps


@pytest.mark.parametrize(
    ("promised", "there", "reason"),
    [
        (["application a.App", "a.Main", "a.Service"], ["a.App", "a.Main", "a.Service", "b.C"], ""),
        (["application a.App", "a.Main", "a.Service"], ["a.Main", "a.Service"], "packed"),
        (["application stub.App", "a.Main", "a.Service"], ["stub.App"], "packed"),
        (["a.Main", "a.Service", "a.Left"], ["a.Main", "a.Service"], ""),
        (["a.Main"], [], "missing"),
        ([], ["a.Main"], ""),
    ],
)
def test_declared_classes_without_code(promised, there, reason):
    facts = package("x!apk") + declared("x!apk", *promised) + (code("x!apk", *there) if there else [])
    assert [one.reason for one in missing(facts)] == ([reason] if reason else [])


def test_code_may_lie_anywhere_in_the_artifact():
    app = "fw!ext!/app/A/A.apk!apk"
    facts = package(app) + declared(app, "a.Main") + code("", "a.Main")
    assert missing(facts) == []


@pytest.mark.parametrize("beside", ["fw!ext!/app/A/oat/arm64/A.vdex!vdex!", "fw!ext!/app/A/A.odex!odex!"])
def test_code_beside_a_package_of_a_device_is_its_code(beside):
    dex = build_dex(
        Class("La/App;", {"onCreate": [("call", "La/N;", "go")]}, superclass="Landroid/app/Application;"),
        Class("La/N;", {"go": [("load", "https://a.example.cn")]}),
    )
    artifact, notes = Artifact(f"{beside}classes.dex", "dex", "classes.dex", "", "/classes.dex", ""), ScanNotes()
    for scanner in (AndroidBehaviour(), AndroidCode()):
        list(scanner.scan(artifact, BufferReader(dex), notes))
    app = "fw!ext!/app/A/A.apk!apk"
    facts = [*notes.facts, ("app:start", app, "a.App"), *declared(app, "application a.App"), *package(app)]
    assert missing(facts) == []
    host = Sighting(Observable(Kind.HOSTNAME, "a"), Location(artifact.path), referenced_by=("a.N.go",))
    (raised,) = raise_presence([host], facts)
    assert raised.presence is Presence.STARTED
    elsewhere = Location(artifact.path.replace("/app/A/", "/app/B/"))
    assert raise_presence([replace(host, location=elsewhere)], facts)[0].presence is host.presence


def test_the_profile_of_an_app_whose_code_is_hidden(inspect_bytes):
    from tests.builders.apk import build_zip
    from tests.builders.axml import build_axml, tag

    manifest = build_axml(
        tag("manifest", tag("application", tag("activity", name=".Main"), name="com.load.App"), package="com.example")
    )
    stub = build_dex(Class("Lcom/load/App;", {"attachBaseContext": []}, superclass="Landroid/app/Application;"))
    document = inspect_bytes(build_zip({"AndroidManifest.xml": manifest, "classes.dex": stub}), "x.apk")
    assert document["verdict"]["status"] == "inconclusive"
    (reason,) = document["verdict"]["reasons"]
    assert reason.startswith("Code is hidden or missing: 1 of 2 classes that the manifest declares are in no code here")
    assert reason.endswith("(first: com.example.Main): they are unpacked or loaded at run time, or left out.")


def test_the_profile_of_a_set_names_its_parts(inspect_bytes):
    import zipfile

    from tests.builders.apk import build_zip
    from tests.builders.axml import build_axml, tag

    def part(**attributes):
        manifest = build_axml(tag("manifest", tag("application"), package="com.example", **attributes))
        return build_zip({"AndroidManifest.xml": manifest})

    parts = {"base.apk": part(versionCode=7), "split_config.cs.apk": part(versionCode=8, split="config.cs")}
    document = inspect_bytes(build_zip({**parts, "info.json": b"{}"}, method=zipfile.ZIP_STORED), "x.apkm")
    listed = [{key: one[key] for key in ("name", "format", "version_code")} for one in document["artifact"]["parts"]]
    assert listed == [
        {"name": "base.apk", "format": "apk", "version_code": "7"},
        {"name": "split_config.cs.apk", "format": "apk", "version_code": "8"},
    ]
    assert document["artifact"]["parts"][1]["split"] == "config.cs"
    assert document["artifact"]["tampering"] == [
        "x.apkm!app-set!split_config.cs.apk!apk: version code 8, that of the base is 7"
    ]
    assert document["artifact"]["identity"]["version_code"] == "7"


def test_deep_links_are_all_that_a_filter_lets_in(inspect_bytes):
    from tests.builders.apk import build_zip
    from tests.builders.axml import build_axml, tag

    def filtered(*data):
        return tag("intent-filter", tag("action", name="android.intent.action.VIEW"), *data)

    first = filtered(tag("data", scheme="https", host="a.widgets.cn", pathPrefix="/x"), tag("data", scheme="widget"))
    second = filtered(tag("data", scheme="wx12"), tag("data", scheme="wx1234567890abcdef"), tag("data", scheme="h264"))
    off = tag("activity", filtered(tag("data", scheme="off")), name="com.example.Off", enabled=False, exported=True)
    application = tag(
        "application",
        tag("activity", first, second, name="com.example.Main"),
        tag("meta-data", name="JPUSH_APPKEY", value="0123456789abcdef01234567"),
        off,
    )
    manifest = build_axml(tag("manifest", application, package="com.example"))
    document = inspect_bytes(build_zip({"AndroidManifest.xml": manifest}), "x.apk")
    identity = document["artifact"]["identity"]
    assert identity["deep_link"] == ["h264:", "https://a.widgets.cn/x", "widget://a.widgets.cn/x", "wx12:", "wx12…:"]
    assert identity["exported"] == "activity com.example.Main"
    (evidence,) = document["findings"][0]["evidence"]
    assert evidence["excerpt"] == "JPUSH_APPKEY = 0123…"


def test_a_package_behind_other_bytes_is_an_app_and_firmware_is_none():
    from inspector.profile.identity import artifact_kind, identity

    facts = [("app:package", "x!apk@0x1000", "com.example")]
    assert artifact_kind("data", ["apk"], {}, facts) == "android-app"
    assert identity(facts, "android-app") == {"package": "com.example"}
    assert identity(facts, "firmware") == {}
    assert identity([*facts, ("app:package", "x!apk@0x2000", "com.other")], "archive") == {}
    assert identity([*facts, *facts]) == {"package": "com.example"}


def app_named(package, *classes, queries=()):
    """Return an app of that name whose code loads a text that names another app."""
    manifest = tag(
        "manifest",
        tag("queries", *[tag("package", name=name) for name in queries]),
        tag("application", tag("activity", name=".Main")),
        package=package,
    )
    main = f"L{package.replace('.', '/')}/Main;"
    code = build_dex(Class(main, {"open": [("load", "com.youku.phone"), ("load", "com.vivo.Tips")]}), *classes)
    return build_zip({"AndroidManifest.xml": build_axml(manifest), "classes.dex": code})


def said_of(document, subject):
    return [
        section for section in ("findings", "hints") for item in document[section] if item["subject"]["id"] == subject
    ]


def test_an_app_that_names_others_in_texts_and_queries_is_not_theirs(inspect_bytes):
    document = inspect_bytes(app_named("org.example.reader", queries=["com.miui.gallery", "com.vivo.Tips"]), "x.apk")
    assert document["findings"] == []
    assert document["hints"] == []


def test_a_class_under_a_vendors_prefix_in_another_app_is_a_hint_alone(inspect_bytes):
    document = inspect_bytes(app_named("org.example.reader", Class("Lcom/vivo/tools/IStub;")), "x.apk")
    assert said_of(document, "vivo/system-apps") == ["hints"]
    assert document["verdict"]["rating"] == "none"


def test_an_app_that_bears_a_vendors_name_is_a_finding_with_its_name_first(inspect_bytes):
    document = inspect_bytes(app_named("com.vivo.Tips"), "x.apk")
    assert said_of(document, "vivo/system-apps") == ["findings"]
    finding = next(one for one in document["findings"] if one["subject"]["id"] == "vivo/system-apps")
    assert finding["limbs"] == ["data-transfer"]
    assert {"kind": "app-id", "value": "com.vivo.Tips"} in [one["observable"] for one in finding["evidence"]]
    assert any("certificate" in caveat for caveat in finding["caveats"])


def test_a_vdex_without_code_is_no_whole_app(inspect_bytes):
    document = inspect_bytes(b"vdex027\0" + bytes(256), "base.vdex")
    assert [gap["reason"] for gap in document["coverage"]["gaps"]] == ["missing"]
    assert document["verdict"]["status"] == "inconclusive"


def test_a_library_is_not_called_an_app(inspect_bytes):
    from tests.builders.apk import build_zip

    manifest = b'<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="com.example.lib"/>'
    document = inspect_bytes(build_zip({"AndroidManifest.xml": manifest, "R.txt": b""}), "x.aar")
    assert (document["artifact"]["format"], document["artifact"]["kind"]) == ("aar", "android-app")
    assert document["verdict"]["headline"].startswith("This Android library was read completely; ")
