"""Real apps and SDKs by package name (tools/real_inputs.tsv); set INSPECTOR_FETCH=1 to fetch what is not cached."""

import zipfile

import pytest

from inspector.formats.mobile.axml import ATTRIBUTE_NAMES, parse_axml
from inspector.formats.program.dex_code import open_code
from inspector.formats.reader import BufferReader
from tests.formats.packages import pinned_file as real

pytestmark = pytest.mark.realworld


def member(name: str, path: str) -> BufferReader:
    return BufferReader(zipfile.ZipFile(real(name)).read(path))


@pytest.mark.parametrize(
    ("name", "path", "classes", "strings", "methods", "loads", "calls"),
    [
        ("settings", "classes.dex", 5045, 46753, 32582, 17969, 104586),
        ("yosemite", "classes2.dex", 6161, 49359, 43213, 20456, 139457),
    ],
)
def test_counts_are_those_of_other_tools(name, path, classes, strings, methods, loads, calls):
    """Classes and strings as androguard and LIEF count them, methods, const-string and invoke as dexdump -d prints."""
    (code,) = open_code(member(name, path))
    dex = code.dex
    assert (len(dex.class_descriptors), dex.strings.count, code.method_count) == (classes, strings, methods)
    assert len(code.string_loads(range(dex.strings.count))) == loads
    assert len(code.calls(range(dex.methods.count))) == calls


@pytest.mark.parametrize("name", ["settings", "yosemite", "apidemos", "uiautomator2"])
def test_attribute_names_agree_with_their_identifiers(name):
    document = parse_axml(member(name, "AndroidManifest.xml"))
    assert document.notes == ()
    seen = {
        attribute.resource: attribute.name
        for element in document.elements
        for attribute in element.attributes
        if attribute.resource in ATTRIBUTE_NAMES
    }
    pool = {document.strings[index] for index in range(document.strings.count)}
    assert set(seen.values()) <= pool


def test_app_of_netease(inspect_path):
    document = inspect_path(real("yosemite"))
    identity = document["artifact"]["identity"]
    assert (identity["package"], identity["version_name"], identity["label"]) == (
        "com.netease.nie.yosemite",
        "1.1.0.449",
        "Yosemite",
    )
    assert identity["signing"] == ["v1", "v2"]
    found = {finding["subject"]["id"]: finding for finding in document["findings"]}
    kernel = found["tencent/x5-tbs"]
    assert kernel["presence"] in ("referenced", "started")
    assert any("com.tencent.smtt.sdk" in user for one in kernel["evidence"] for user in one["referenced_by"])


@pytest.mark.parametrize(
    ("name", "subject", "host", "user"),
    [
        ("jcore-jar", "jiguang/jcore", "s.jpush.cn", "cn.jiguang.bh.a.<clinit>"),
        ("getui-jar", "getui/push", "applk.cn", "com.igexin.push.config.d.<clinit>"),
        ("alipay-aar", "ant-group/alipay", "m.alipay.com", "com.alipay.sdk.cons.a.n"),
    ],
)
def test_sdk_as_its_vendor_delivers_it(inspect_path, name, subject, host, user):
    document = inspect_path(real(name))
    found = {finding["subject"]["id"]: finding for finding in document["findings"]}
    users = [one["referenced_by"] for one in found[subject]["evidence"] if one["observable"]["value"] == host]
    assert user in [name for names in users for name in names]
    assert document["coverage"]["score"] == 1.0


def test_host_names_do_not_begin_with_the_length_of_their_string(inspect_path):
    hosts = {one["value"] for one in inspect_path(real("alipay-aar"))["observables"]["hostnames"]}
    assert "mobileclientgw.alipaydev.com" in hosts
    assert "2mobileclientgw.alipaydev.com" not in hosts
