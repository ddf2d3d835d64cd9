import json

import pytest

from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.model.observation import Kind
from inspector.profile.identity import identity
from inspector.scan import SCANNERS, scan_leaf
from inspector.scan.base import ScanNotes
from tests.builders.apk import build_zip

STAGE = {
    "app": {
        "bundleName": "com.example.app",
        "versionName": "2.3.1",
        "versionCode": 2003001,
        "minAPIVersion": 12,
        "label": "$string:app_name",
    },
    "module": {
        "requestPermissions": [
            {"name": "ohos.permission.LOCATION", "reason": "$string:why"},
            {"name": "ohos.permission.MICROPHONE", "reason": "voice control"},
            {"name": "com.vendor.OWN"},
        ],
        "abilities": [
            {
                "backgroundModes": ["location", "dataTransfer"],
                "skills": [{"uris": [{"scheme": "https", "host": "app.example.cn", "path": "a"}, {"scheme": "exapp"}]}],
            }
        ],
        "querySchemes": ["weixin"],
    },
}
OLDER = {
    "app": {
        "bundleName": "cn.old",
        "version": {"name": "1.0", "code": 1},
        "apiVersion": {"compatible": 6},
        "label": "旧",
    },
    "deviceConfig": {"default": {"network": {"cleartextTraffic": True}}},
    "module": {"reqPermissions": [{"name": "ohos.permission.CAMERA"}]},
}


def scan(content: bytes, name: str = "module.json", chain: str = "x!hap") -> tuple[list, ScanNotes]:
    notes = ScanNotes()
    leaf = Artifact(f"{chain}!{name}", "json", name.rpartition("/")[2], chain, f"/{name}", chain)
    return scan_leaf(leaf, BufferReader(content), SCANNERS, notes), notes


def test_stage_model():
    found, notes = scan(json.dumps(STAGE).encode())
    assert identity(notes.facts) == {
        "background_mode": ["dataTransfer", "location"],
        "deep_link": ["exapp:", "https://app.example.cn/a"],
        "min_os": "12",
        "package": "com.example.app",
        "query": "scheme weixin",
        "version_code": "2003001",
        "version_name": "2.3.1",
    }
    permissions = {s.observable.value: dict(s.attributes) for s in found if s.observable.kind is Kind.PERMISSION}
    assert permissions == {
        "ohos.permission.LOCATION": {"meaning": "precise location", "sensitivity": "high"},
        "ohos.permission.MICROPHONE": {"meaning": "records sound", "sensitivity": "high", "said": "voice control"},
        "com.vendor.OWN": {},
    }


def test_older_model():
    found, notes = scan(json.dumps(OLDER).encode(), "config.json")
    assert identity(notes.facts) == {
        "cleartext": "true",
        "label": "旧",
        "min_os": "6",
        "package": "cn.old",
        "version_code": "1",
        "version_name": "1.0",
    }
    assert [s.observable.value for s in found if s.observable.kind is Kind.PERMISSION] == ["ohos.permission.CAMERA"]


def test_plain_http_of_the_network_settings():
    rules = {"network-security-config": {"base-config": {"cleartextTrafficPermitted": True}}}
    _, notes = scan(json.dumps(rules).encode(), "resources/base/profile/network_config.json")
    assert identity(notes.facts) == {"cleartext": "true"}


@pytest.mark.parametrize(
    "content", [b"[]", b'{"app": 1, "module": []}', b'{"module": {"abilities": [1, {"skills": 2}]}}', b"{", b"[" * 9999]
)
def test_odd_settings_give_nothing(content):
    found, notes = scan(content)
    assert not [s for s in found if s.observable.kind is Kind.PERMISSION]
    assert identity(notes.facts) == {}


def test_other_json_is_left_alone():
    _, notes = scan(json.dumps(STAGE).encode(), chain="x!zip")
    assert notes.facts == []


def test_a_package_and_what_a_store_gets_are_harmony_apps(inspect_bytes):
    package = build_zip({"module.json": json.dumps(STAGE).encode(), "ets/modules.abc": b"PANDA\0\0\0" + bytes(64)})
    for blob in (package, build_zip({"pack.info": b'{"summary":{}}', "entry-default.hap": package})):
        artifact = inspect_bytes(blob, "x.hap")["artifact"]
        assert (artifact["kind"], artifact["identity"]["package"]) == ("harmony-app", "com.example.app")
