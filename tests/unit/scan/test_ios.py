"""What the scanners make of iOS apps and SDKs, built in memory."""

import plistlib
from io import BytesIO
from zipfile import ZipFile

import pytest

from inspector.errors import FormatError, Malformed, NotThisFormat
from inspector.extract.archive.shelf import EXTRACTORS as ARCHIVES
from inspector.extract.budget import Budget, Limits
from inspector.extract.carve import Carver
from inspector.extract.mobile.shelf import EXTRACTORS
from inspector.extract.walk import Node, Walker
from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.model.knowledge import Anchors
from inspector.model.observation import Context, Kind, Presence
from inspector.profile.identity import artifact_kind, identity
from inspector.scan import SCANNERS, scan_leaf
from inspector.scan.apple.bundles import library_of
from inspector.scan.apple.code import IosCode, swift_module
from inspector.scan.apple.info import IosInfo
from inspector.scan.base import ScanNotes
from inspector.scan.stage import settle
from tests.builders.apk import build_zip
from tests.builders.macho import build_fat, build_macho, build_signature, dylib

INFO = {
    "CFBundleIdentifier": "com.example.app",
    "CFBundleShortVersionString": "2.1",
    "CFBundleVersion": "7",
    "CFBundleDisplayName": "示例",
    "MinimumOSVersion": "13.0",
    "NSCameraUsageDescription": "scan a code",
    "NSLocationAlwaysUsageDescription": "",
    "UIBackgroundModes": ["location", "voip"],
    "LSApplicationQueriesSchemes": ["weixin"],
    "CFBundleURLTypes": [{"CFBundleURLSchemes": ["wx123"]}],
    "NSAppTransportSecurity": {
        "NSAllowsArbitraryLoads": True,
        "NSExceptionDomains": {"cdn.example.cn": {"NSExceptionAllowsInsecureHTTPLoads": True}},
    },
}
PRIVACY = {
    "NSPrivacyTrackingDomains": ["track.example.cn"],
    "NSPrivacyCollectedDataTypes": [
        {
            "NSPrivacyCollectedDataType": "NSPrivacyCollectedDataTypePreciseLocation",
            "NSPrivacyCollectedDataTypeTracking": True,
            "NSPrivacyCollectedDataTypePurposes": ["NSPrivacyCollectedDataTypePurposeAnalytics"],
        }
    ],
}
PROFILE = b"0\x82\x10\0" + plistlib.dumps(
    {"TeamName": "Example Ltd", "TeamIdentifier": ["TEAM123456"], "ProvisionsAllDevices": True}
)
SIGNED = build_signature(
    "com.example.app", "TEAM123456", {"com.apple.developer.associated-domains": ["applinks:app.example.com"]}
)
PROGRAM = build_macho(
    [b"https://api.example.cn/v1", b"unused.example.cn"],
    classes=("JPUSHService", "EXApi", "_TtC7TuyaSdk5Cloud"),
    literals=1,
    uses=("CLLocationManager", "GTSdkClient"),
    commands=(dylib("@rpath/Sdk.framework/Sdk"), dylib("/System/Library/Frameworks/UIKit.framework/UIKit")),
    signature=SIGNED,
    encrypted=(0x100, 0x200, 1),
)
OBJECT = build_macho([b"m.tuyacn.com"], kind=1, defines=("TuyaPush",), uses=("CNContactStore",))
ARCHIVE = b"!<arch>\n" + b"a.o/".ljust(48) + str(len(OBJECT)).encode().ljust(10) + b"`\n" + OBJECT
FILES = {
    "Payload/Ex.app/Info.plist": plistlib.dumps(INFO, fmt=plistlib.FMT_BINARY),
    "Payload/Ex.app/PrivacyInfo.xcprivacy": plistlib.dumps(PRIVACY),
    "Payload/Ex.app/embedded.mobileprovision": PROFILE,
    "Payload/Ex.app/Ex": PROGRAM,
    "Payload/Ex.app/Frameworks/Sdk.framework/Sdk": build_fat({(0x0100000C, 0): PROGRAM, (12, 9): OBJECT}),
    "Payload/Ex.app/Frameworks/Sdk.framework/Info.plist": plistlib.dumps(
        {"CFBundleExecutable": "Sdk", "CFBundleIdentifier": "cn.sdk", "CFBundleShortVersionString": "9.9"}
    ),
    "Payload/Ex.app/_CodeSignature/CodeResources": plistlib.dumps({"files": {"Assets.car": b"x"}}),
}


class Collected:
    """Scans every leaf of a walk with all scanners."""

    def __init__(self, only=SCANNERS) -> None:
        self.sightings, self.notes, self.only = [], ScanNotes(), only

    def visit(self, artifact, data, base):
        self.sightings += scan_leaf(artifact, data, self.only, self.notes)
        return []

    def skip(self, path):
        return False

    def at(self, path):
        pass

    def of(self, kind):
        return {s.observable.value: s for s in self.sightings if s.observable.kind is kind}


def inspect(blob: bytes, patterns: tuple[str, ...] = ()) -> Collected:
    for scanner in SCANNERS:
        if scanner.INFO.name == IosCode.INFO.name:
            scanner.prepare(Anchors(classes=frozenset(patterns)))
    seen = Collected()
    data = BufferReader(blob)
    walker = Walker(Carver((*EXTRACTORS, *ARCHIVES)), Budget(Limits(), data.size), seen)
    seen.format = walker.walk(Node("x", data, "x"))[2]
    seen.gaps = walker.found.gaps
    return seen


@pytest.fixture(scope="module")
def app() -> Collected:
    return inspect(build_zip(FILES), ("JPUSH*", "GTSdk*"))


def test_a_bundle_in_a_plain_archive_is_an_app():
    shelves = {"tar": "archive"}
    inside = ("app:bundle", "a.tar!tar", "A.app")
    assert artifact_kind("tar", [], shelves, [inside]) == "ios-app"
    assert artifact_kind("tar", [], shelves, [inside, ("app:bundle", "a.tar!tar", "B.app")]) == "archive"
    assert artifact_kind("tar", [], shelves, [("app:bundle", "a.tar!tar!A.ipa!ipa", "Payload/A.app")]) == "archive"


def test_identity(app):
    assert ("app:bundle", "Payload/Ex.app") in {(kind, value) for kind, _, value in app.notes.facts}
    assert artifact_kind(app.format, [], {}) == "ios-app"
    found = identity(app.notes.facts)
    assert (found["package"], found["version_name"], found["label"], found["min_os"]) == (
        "com.example.app", "2.1", "示例", "13.0",
    )  # fmt: skip
    assert found["ats_exception"] == "cdn.example.cn NSExceptionAllowsInsecureHTTPLoads"
    assert (found["cleartext"], found["deep_link"], found["query"]) == ("true", "wx123:", "scheme weixin")
    assert found["team"] == ["TEAM123456", "TEAM123456 Example Ltd"]
    assert found["provisioning"].startswith("enterprise")
    assert found["tracking_domain"] == "track.example.cn"
    assert found["associated_domain"] == "applinks:app.example.com"
    assert found["architecture"] == "arm64"


@pytest.mark.parametrize(
    ("security", "said"),
    [
        ({"NSAllowsArbitraryLoadsInWebContent": True}, ["(web views) NSAllowsArbitraryLoadsInWebContent"]),
        (
            {"NSAllowsArbitraryLoadsForMedia": True, "NSAllowsLocalNetworking": True},
            ["(media) NSAllowsArbitraryLoadsForMedia", "(local network) NSAllowsLocalNetworking"],
        ),
        (
            {
                "NSExceptionDomains": {
                    "a.cn": {
                        "NSIncludesSubdomains": True,
                        "NSExceptionMinimumTLSVersion": "TLSv1.0",
                        "NSExceptionRequiresForwardSecrecy": False,
                    }
                }
            },
            ["a.cn NSExceptionMinimumTLSVersion=TLSv1.0 NSExceptionRequiresForwardSecrecy=false NSIncludesSubdomains"],
        ),
        ({"NSExceptionDomains": {"b.cn": {"NSExceptionRequiresForwardSecrecy": True}, "c.cn": 1}}, ["b.cn", "c.cn"]),
        ({"NSExceptionDomains": {"d.cn": {"NSExceptionMinimumTLSVersion": "TLSv1.3"}}}, ["d.cn"]),
        ({"NSAllowsArbitraryLoadsInWebContent": False}, []),
        ([], []),
    ],
)
def test_what_is_excepted_from_transport_security(security, said):
    listed = plistlib.dumps({**INFO, "NSAppTransportSecurity": security})
    seen = inspect(build_zip({"Payload/Ex.app/Info.plist": listed}))
    assert [value for kind, _, value in seen.notes.facts if kind == "app:ats-exception"] == said


def test_an_endpoint_in_a_global_constant_has_its_name():
    program = build_macho([b"https://api.example.cn/v1", b"x"], literals=1, constants={"kReportURL": 0})
    found = inspect(program).of(Kind.HOSTNAME)["api.example.cn"]
    assert (found.key, found.presence) == ("kReportURL", Presence.REFERENCED)


def test_the_list_of_signed_files_of_a_framework_by_itself_names_no_hosts():
    listed = plistlib.dumps({"files": {"Assets.car": b"x"}})
    seen = inspect(build_zip({"Sdk.framework/Sdk": OBJECT, "Sdk.framework/_CodeSignature/CodeResources": listed}))
    assert "assets.car" not in seen.of(Kind.HOSTNAME)


def test_permissions_in_plain_language(app):
    found = app.of(Kind.PERMISSION)
    assert dict(found["NSCameraUsageDescription"].attributes) == {
        "meaning": "takes pictures and video", "said": "scan a code", "sensitivity": "high",
    }  # fmt: skip
    assert "background-mode:location" in found
    assert dict(found["collects:PreciseLocation"].attributes)["purposes"] == "Analytics"
    assert found["com.apple.developer.associated-domains"].key == "entitlement"


def test_endpoints_with_their_place(app):
    hosts = app.of(Kind.HOSTNAME)
    used = [
        s
        for s in app.sightings
        if s.observable.value == "api.example.cn" and s.location.path.endswith("!Payload/Ex.app/Ex")
    ]
    assert [(s.key, s.presence) for s in used] == [("__TEXT,__cstring", Presence.REFERENCED)]
    assert hosts["unused.example.cn"].presence is Presence.STRING
    assert hosts["track.example.cn"].key == "NSPrivacyTrackingDomains"
    assert "assets.car" not in hosts
    assert any("fat-macho!armv7" in s.location.path for s in app.sightings if s.observable.value == "m.tuyacn.com")


def test_classes_frameworks_and_interfaces(app):
    classes = app.of(Kind.OBJC_CLASS)
    assert classes["JPUSHService"].presence is Presence.CONFIGURED
    assert classes["GTSdkClient"].presence is Presence.REFERENCED
    assert {name: sighting.imported for name, sighting in classes.items()} == {
        "JPUSHService": False,
        "GTSdkClient": True,
    }
    assert set(classes) == {"JPUSHService", "GTSdkClient"}
    frameworks = {s.observable.value: dict(s.attributes) for s in app.sightings if s.key == "CFBundleExecutable"}
    assert frameworks == {"Sdk": {"bundle": "cn.sdk", "version": "9.9"}}
    assert {"Sdk", "TuyaSdk"} <= set(app.of(Kind.IOS_FRAMEWORK))
    assert "UIKit" not in app.of(Kind.IOS_FRAMEWORK)
    mechanisms = app.of(Kind.MECHANISM)
    assert mechanisms["sensitive-api:contacts"].referenced_by == ("TuyaPush",)
    assert "sensitive-api:location" in mechanisms


def test_encrypted_code_is_a_gap_of_its_size(app):
    offset, size, reason, detail = app.notes.gaps[0]
    assert (offset, size, reason) == (0x100, 0x200, "encrypted")
    assert "FairPlay" in detail


def started(files: dict[str, bytes]) -> set[str]:
    info = {"Payload/Ex.app/Info.plist": FILES["Payload/Ex.app/Info.plist"]}
    seen = inspect(build_zip({**info, **files}), ("JPUSH*", "BLYTracker"))
    return {s.observable.value for s in settle(seen.sightings, seen.notes.facts, []) if s.presence is Presence.STARTED}


EAGER = build_macho([b"x"], classes=("BLYTracker", "JPUSHService"), eager=1)
LOADER = build_macho([b"x"], commands=(dylib("@rpath/Middle.framework/Middle"),))
MIDDLE = build_macho([b"x"], kind=6, commands=(dylib("@rpath/Sdk.framework/Sdk"),))
FRAMEWORKS = "Payload/Ex.app/Frameworks"


def test_classes_of_the_program_that_run_when_it_is_loaded_are_started():
    assert started({"Payload/Ex.app/Ex": EAGER}) == {"BLYTracker"}
    assert started({"Payload/Ex.app/Ex": build_macho([b"x"], classes=("BLYTracker",))}) == set()
    assert started({"Payload/Ex.app/Ex": LOADER, "Payload/Ex.app/PlugIns/W.appex/W": EAGER}) == set()


def test_classes_of_libraries_are_started_where_the_program_loads_them():
    sdk = {f"{FRAMEWORKS}/Sdk.framework/Sdk": EAGER, f"{FRAMEWORKS}/Middle.framework/Middle": MIDDLE}
    assert started({"Payload/Ex.app/Ex": LOADER, **sdk}) == {"BLYTracker"}
    assert started({"Payload/Ex.app/Ex": build_macho([b"x"]), **sdk}) == set()


@pytest.mark.parametrize("folder", ["Ex.app", "build/Ex.app", "Payload\\Ex.app"])
def test_app_without_payload_folder(folder):
    separator = "\\" if "\\" in folder else "/"
    found = inspect(build_zip({f"{folder}{separator}Info.plist": FILES["Payload/Ex.app/Info.plist"]}))
    assert found.format == "ipa"
    assert identity(found.notes.facts)["package"] == "com.example.app"


def test_names_in_gbk():
    name = b"Payload/\xce\xa2\xd0\xc5.app/Info.plist"
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("P" * len(name), FILES["Payload/Ex.app/Info.plist"])
    found = inspect(out.getvalue().replace(b"P" * len(name), name))
    assert found.format == "ipa"
    assert identity(found.notes.facts)["label"] == "示例"


@pytest.mark.parametrize("app", ["微信", "¦-++_÷", "Ex.app copy", "com.apple.Example"])
def test_odd_names_lose_neither_the_app_nor_what_is_in_it(app):
    folder = f"Payload/{app}.app"
    found = inspect(build_zip({f"{folder}/Info.plist": FILES["Payload/Ex.app/Info.plist"], f"{folder}/Ex": PROGRAM}))
    assert found.format == "ipa"
    assert identity(found.notes.facts)["architecture"] == "arm64"
    assert found.of(Kind.HOSTNAME)["api.example.cn"].location.path == f"x!ipa!{folder}/Ex"


def test_xcframework_in_a_zip():
    dylib_image = build_macho([b"sdk.example.cn"], kind=6)
    found = inspect(
        build_zip(
            {
                "Sdk.xcframework/Info.plist": plistlib.dumps({"AvailableLibraries": []}),
                "Sdk.xcframework/ios-arm64/Sdk.framework/Sdk": dylib_image,
                "Sdk.xcframework/ios-arm64/Sdk.framework/Info.plist": FILES[
                    "Payload/Ex.app/Frameworks/Sdk.framework/Info.plist"
                ],
                "Sdk.xcframework/ios-arm64_x86_64-simulator/libStatic.a": ARCHIVE,
            }
        )
    )
    assert found.format == "zip"
    assert {"Sdk", "Static"} <= set(found.of(Kind.IOS_FRAMEWORK))
    assert found.of(Kind.HOSTNAME)["sdk.example.cn"].location.path.endswith("Sdk.framework/Sdk")


def test_document_of_an_app_states_gap_tracking_and_profile(inspect_bytes):
    document = inspect_bytes(build_zip(FILES), "app.ipa")
    gaps = [(gap["reason"], gap["length"]) for gap in document["coverage"]["gaps"] if "FairPlay" in gap["detail"]]
    assert gaps
    assert set(gaps) == {("encrypted", 0x200)}
    assert document["coverage"]["score"] < 1
    known = document["artifact"]["identity"]
    assert (known["tracking_domain"], known["package"]) == ("track.example.cn", "com.example.app")
    assert known["provisioning"].startswith("enterprise")
    hosts = {one["value"]: one for one in document["observables"]["hostnames"]}
    assert {"track.example.cn", "api.example.cn", "m.tuyacn.com"} <= set(hosts)
    assert any(one["subject"]["id"].startswith("tuya/") for one in document["findings"])


def test_encrypted_code_lowers_the_score_by_its_share(inspect_bytes):
    clear, sealed = (build_macho([b"text " * 2000], encrypted=(0x400, 0x1000, system)) for system in (0, 1))
    scores = [inspect_bytes(blob, "Ex")["coverage"]["score"] for blob in (clear, sealed)]
    assert scores == [1.0, pytest.approx(1 - 0x1000 / len(sealed), abs=1e-6)]


def test_static_library_attributes_a_text_to_the_class_of_its_object():
    found = inspect(ARCHIVE, ("Tuya*",))
    assert found.of(Kind.OBJC_CLASS)["TuyaPush"].location.path == "x!ar!a.o"
    assert found.of(Kind.HOSTNAME)["m.tuyacn.com"].context is Context.CODE


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("libWeiboSDK.a!fat-macho!arm64!ar!a.o", "WeiboSDK"),
        ("x.zip!zip!lib/libJCore.a!ar!a.o", "JCore"),
        ("AlipaySDK!fat-macho!armv7!ar!b.o", "AlipaySDK"),
        ("deb.deb!ar!data.tar", ""),
        ("A.app/A", ""),
    ],
)
def test_static_libraries_are_called_by_their_file(path, name):
    assert library_of(path) == name


@pytest.mark.parametrize(
    ("name", "module"),
    [("_TtC9Alamofire7Request", "Alamofire"), ("_TtCC4Main3One3Two", "Main"), ("NSObject", ""), ("_TtC99x", "x")],
)
def test_swift_modules(name, module):
    assert swift_module(name) == module


@pytest.mark.parametrize(
    ("folder", "problem"), [("Payload/Ex.app", Malformed), ("Payload/Ex.app/Some.bundle", NotThisFormat)]
)
def test_an_app_whose_own_list_cannot_be_read_has_not_been_seen(folder, problem):
    artifact = Artifact(f"x.ipa!ipa!{folder}/Info.plist", "data", "Info.plist", "x.ipa", f"/{folder}/Info.plist")
    with pytest.raises(FormatError) as caught:
        list(IosInfo().scan(artifact, BufferReader(b"no list"), ScanNotes()))
    assert type(caught.value) is problem
