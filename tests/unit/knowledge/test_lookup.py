"""Who is this? A dotted name may be a class's package or what an app calls itself."""

import pytest

from inspector.classify import Index
from inspector.knowledge import load_knowledge
from inspector.knowledge.addresses import AddressTables
from inspector.lookup import lookup

KNOWLEDGE = load_knowledge()
INDEX = Index(KNOWLEDGE)
TABLE = AddressTables(KNOWLEDGE)


@pytest.mark.parametrize(
    ("name", "kind", "subject", "confidence"),
    [
        ("com.tencent.mm", "app-id", "tencent/messaging-apps", "high"),
        ("com.miui.securitycenter", "app-id", "xiaomi/store-and-control", "high"),
        ("com.vivo.Tips", "app-id", "vivo/system-apps", "high"),
        ("com.tencent.bugly.crashreport", "java-package", "tencent/bugly", "high"),
        ("com.tencent.mmkv", "java-package", "tencent/open-source", "high"),
        ("com.realme.realmeparts", "java-package", "realme/system-apps", "medium"),
    ],
)
def test_the_reading_that_says_most_exactly_who_it_is(name, kind, subject, confidence):
    (answer,) = lookup([name], INDEX, TABLE)
    (finding,) = answer["findings"]
    assert (answer["kind"], finding["subject"]["id"], finding["confidence"]) == (kind, subject, confidence)


@pytest.mark.parametrize("name", ["com.alibaba.druid.pool", "com.didapinchefake.booking", "org.lineageos.settings"])
def test_libraries_and_strangers_are_no_apps_of_a_vendor(name):
    (answer,) = lookup([name], INDEX, TABLE)
    assert answer["findings"] == []


@pytest.mark.parametrize(
    ("value", "subject"),
    [
        ("202.114.4.119:2049", "contec/update-share"),
        ("[240e::1]:443", "china-telecom/network"),
        ("http://202.114.4.119:80/pm", "contec/update-share"),
        ("rtsp://user:secret@202.114.4.119/", "contec/update-share"),
        ("www.tuya.com:443", "tuya/web-site"),
        ("www.tuya.com/index.html", "tuya/web-site"),
    ],
)
def test_a_port_or_path_hides_nobody(value, subject):
    (answer,) = lookup([value], INDEX, TABLE)
    assert [finding["subject"]["id"] for finding in answer["findings"]] == [subject]


def test_a_broken_url_is_unknown():
    (answer,) = lookup(["http://[::1"], INDEX, TABLE)
    assert answer["findings"] == []


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("com.acme.camera", "java-package"),
        ("cn.acme.Main", "java-package"),
        ("camera.acme.example", "hostname"),
        ("com.acme.com", "hostname"),
        ("https://com.acme.camera/", "hostname"),
        ("com.acme.camera:443", "hostname"),
    ],
)
def test_what_nobody_knows_is_a_package_where_it_is_read_from_the_front(value, kind):
    (answer,) = lookup([value], INDEX, TABLE)
    assert (answer["kind"], answer["findings"]) == (kind, [])
