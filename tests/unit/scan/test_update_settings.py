"""Compiled settings by which an app fetches its own program."""

import plistlib

import pytest

from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.scan.base import ScanNotes
from inspector.scan.device.update_settings import UpdateSettings
from tests.builders.apk import build_arsc
from tests.builders.axml import build_axml, tag

URL = "https://u.example.cn/app"


def scan(data, name, leaf):
    found = UpdateSettings().scan(Artifact(f"a.apk!{name}", leaf, name), BufferReader(data), ScanNotes())
    return [(one.observable.value, dict(one.attributes).get("host"), one.key) for one in found]


def manifest(**settings):
    tags = [tag("meta-data", name=f"expo.modules.updates.{name}", value=value) for name, value in settings.items()]
    return scan(build_axml(tag("manifest", tag("application", *tags))), "AndroidManifest.xml", "axml")


def test_the_meta_data_of_expo_names_the_place():
    expected = ("fetch-and-execute:" + URL, "u.example.cn", "expo.modules.updates.EXPO_UPDATE_URL")
    assert manifest(EXPO_UPDATE_URL=URL) == [expected]
    assert manifest(EXPO_UPDATE_URL=URL, ENABLED=True) == [expected]


def test_updates_that_are_turned_off_are_none():
    assert manifest(EXPO_UPDATE_URL=URL, ENABLED=False) == []
    assert manifest(EXPO_UPDATE_URL="") == []


@pytest.mark.parametrize("key", ["EXUpdatesURL", "CodePushServerURL"])
def test_binary_property_lists(key):
    listed = plistlib.dumps({key: URL, "CodePushDeploymentKey": "k" * 37}, fmt=plistlib.FMT_BINARY)
    values = [value for value, _, _ in scan(listed, "Info.plist", "plist")]
    assert values[0] == "fetch-and-execute:" + URL
    assert ("fetch-and-execute:CodePush" in values) == (key == "EXUpdatesURL")


def test_a_deployment_key_alone_leaves_the_place_to_the_library():
    listed = plistlib.dumps({"CodePushDeploymentKey": "k" * 37}, fmt=plistlib.FMT_BINARY)
    found = list(UpdateSettings().scan(Artifact("a", "plist", "Info.plist"), BufferReader(listed), ScanNotes()))
    assert [one.observable.value for one in found] == ["fetch-and-execute:CodePush"]
    assert "kkkk" not in found[0].excerpt
    assert scan(plistlib.dumps({"CodePushDeploymentKey": ""}, fmt=plistlib.FMT_BINARY), "Info.plist", "plist") == []


@pytest.mark.parametrize("utf8", [True, False])
def test_texts_of_a_resource_table(utf8):
    texts = ["Other", URL, "key"]
    names = ["app_name", "CodePushServerUrl", "CodePushDeploymentKey"]
    table = build_arsc([(n, "", 0, text) for n, text in enumerate(texts)], names=names, utf8=utf8)
    assert scan(table, "resources.arsc", "arsc") == [("fetch-and-execute:" + URL, "u.example.cn", "CodePushServerUrl")]


@pytest.mark.parametrize("leaf", ["axml", "aapt-proto", "plist", "arsc"])
def test_any_bytes_are_read(leaf):
    assert scan(b"CodePush EXUpdatesURL", "AndroidManifest.xml", leaf) == []
