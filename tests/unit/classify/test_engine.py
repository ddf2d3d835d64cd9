"""The classifier: pure, independent of order, and never accusing on a look-alike."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.classify import Index, classify
from inspector.classify.addresses import NoAddresses, is_public
from inspector.classify.engine import COMMANDING, DECLARED_ONLY, IMPORTED_ONLY, NAME_CHOSEN, SERVERS_ONLY
from inspector.knowledge import load_knowledge
from inspector.knowledge.addresses import AddressTables
from inspector.model.observation import IMPORTED, Context, Kind, Location, Observable, Presence, Sighting

KNOWLEDGE = load_knowledge()
INDEX = Index(KNOWLEDGE)
ADDRESSES = AddressTables(KNOWLEDGE)
VALUES = [
    (Kind.HOSTNAME, "a1.tuyaeu.com"),
    (Kind.HOSTNAME, "oss-eu-central-1.aliyuncs.com"),
    (Kind.HOSTNAME, "example.com"),
    (Kind.HOSTNAME, "unknown-maker.cn"),
    (Kind.IP_ADDRESS, "202.114.4.119"),
    (Kind.IP_ADDRESS, "192.168.1.1"),
    (Kind.JAVA_PACKAGE, "com.tencent.smtt"),
    (Kind.NATIVE_LIBRARY, "libjcore332.so"),
    (Kind.ANDROID_METADATA, "JPUSH_APPKEY"),
]


def seen(kind, value, context=Context.CODE, path="fw!/bin/x", offset=0, presence=Presence.STRING):
    return Sighting(Observable(kind, value), Location(path, offset), context, presence)


sightings = st.lists(
    st.builds(
        lambda pair, context, offset, presence: seen(*pair, context=context, offset=offset, presence=presence),
        st.sampled_from(VALUES),
        st.sampled_from(Context),
        st.integers(0, 50),
        st.sampled_from(Presence),
    ),
    max_size=25,
)


def found(made, addresses=ADDRESSES):
    return {finding.subject.id: finding for finding in classify(made, INDEX, addresses).findings}


@settings(max_examples=60, deadline=None)
@given(sightings, st.randoms())
def test_the_order_of_sightings_plays_no_part(made, random):
    shuffled = list(made)
    random.shuffle(shuffled)
    assert classify(made, INDEX, ADDRESSES) == classify(shuffled, INDEX, ADDRESSES)


@settings(max_examples=60, deadline=None)
@given(sightings, sightings)
def test_more_sightings_never_remove_a_finding(first, second):
    assert set(found(first)) <= set(found([*first, *second]))


@settings(max_examples=40, deadline=None)
@given(sightings)
def test_documentation_makes_no_finding(made):
    quiet = [seen(s.observable.kind, s.observable.value, Context.DOCUMENTATION) for s in made]
    assert found(quiet) == {}


def test_the_longer_pattern_wins():
    only = found([seen(Kind.HOSTNAME, "oss-eu-central-1.aliyuncs.com")])
    endpoint = next(iter(only.values())).endpoints[0]
    assert endpoint.hosting == "DE"
    assert len(only) == 1


def test_a_private_address_is_nobody():
    assert not is_public("192.168.1.1")
    assert found([seen(Kind.IP_ADDRESS, "192.168.1.1")]) == {}


def test_an_address_of_equal_numbers_is_an_example_unless_it_is_known_by_name():
    assert found([seen(Kind.IP_ADDRESS, "123.123.123.123")]) == {}
    assert found([seen(Kind.IP_ADDRESS, "123.124.125.126")]) == {}
    assert list(found([seen(Kind.IP_ADDRESS, "123.123.123.124")])) == ["china-unicom/network"]
    assert list(found([seen(Kind.IP_ADDRESS, "114.114.114.114")])) == ["114dns/resolver"]


def test_a_range_of_addresses_is_a_hint_and_an_address_with_its_mask_a_finding():
    table = replace(seen(Kind.IP_ADDRESS, "36.128.0.0"), attributes=(("prefix", "10"),))
    assert found([table]) == {}
    assert [hint.subject.id for hint in classify([table], INDEX, ADDRESSES).hints] == ["china-mobile/network"]
    assert found([replace(seen(Kind.IP_ADDRESS, "36.128.0.7"), attributes=(("prefix", "10"),))]) != {}


def test_look_alikes_are_nobody():
    for name in ("blahajcloud.net", "getuikit.com", "nottuyacn.com", "tuyacn.com.example.org"):
        assert found([seen(Kind.HOSTNAME, name)]) == {}, name
    assert found([seen(Kind.JAVA_PACKAGE, "com.xmpp.client")]) == {}


def test_an_unknown_name_of_the_zone_says_only_the_place():
    only = found([seen(Kind.HOSTNAME, "unknown-maker.cn")])
    assert list(only) == ["generic/domain-name-cn"]
    assert only["generic/domain-name-cn"].vendor.domicile == ""


ROOT = "sha256:" + "0" * 64


def hinted(made):
    return {hint.subject.id for hint in classify(made, INDEX, ADDRESSES).hints}


def test_a_chosen_certificate_of_a_vendor_is_a_finding():
    made = [seen(Kind.CERTIFICATE, f"{ROOT} C=CN, O=Tuya Global Inc., CN=x", Context.CONFIG)]
    assert set(found(made)) == {"tuya/device-sdk"}
    assert found([seen(Kind.CERTIFICATE, f"{ROOT} C=CN, O=Tuya Global Inc., CN=x", Context.CERTIFICATE)]) == {}


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("C=CN, O=Acme, CN=device", {"generic/certificate-cn"}),
        ("CN=device, C=HK", {"generic/certificate-hk"}),
        ("C=MO issued by C=DE, O=Root", {"generic/certificate-mo"}),
        ("C=DE, O=Acme issued by C=CN, O=Root", set()),
        ("C=CNX, O=Acme", set()),
        ("O=Acme, CN=C", set()),
        ("DC=CN, O=Acme", set()),
    ],
)
def test_an_unowned_certificate_of_the_prc_is_a_hint(name, hint):
    made = [seen(Kind.CERTIFICATE, f"{ROOT} {name}", Context.CONFIG)]
    assert (hinted(made), found(made)) == (hint, {})


def test_a_registration_number_is_a_hint():
    assert hinted([seen(Kind.STRING, "ICP备12345678号")]) == {"generic/web-registration-cn"}
    assert hinted([seen(Kind.STRING, "ICP备12345678号", Context.DOCUMENTATION)]) == set()


def test_an_sdk_that_shows_by_its_servers_alone_is_a_service_and_says_so():
    host, package = seen(Kind.HOSTNAME, "log.tbs.qq.com"), seen(Kind.JAVA_PACKAGE, "com.tencent.smtt")
    in_a_text = seen(Kind.JAVA_PACKAGE, "com.tencent.smtt", Context.DOCUMENTATION)
    for sightings, kind in (([host], "service"), ([host, package], "sdk"), ([host, in_a_text], "service")):
        finding = found(sightings)["tencent/x5-tbs"]
        assert (finding.kind, SERVERS_ONLY in finding.caveats) == (kind, kind == "service")
    assert found([host])["tencent/x5-tbs"].id == found([host, package])["tencent/x5-tbs"].id


def test_an_sdk_that_the_manifest_alone_declares_says_that_its_code_was_not_seen():
    declared = seen(Kind.ANDROID_COMPONENT, "com.umeng.message.UmengService", Context.CONFIG)
    host, code = seen(Kind.HOSTNAME, "msg.umengcloud.com"), seen(Kind.JAVA_PACKAGE, "com.umeng.message")
    for sightings, says in (([declared], True), ([declared, host], True), ([declared, code], False), ([code], False)):
        finding = found(sightings)["umeng/push"]
        assert (finding.kind, DECLARED_ONLY in finding.caveats) == ("sdk", says)
        assert SERVERS_ONLY not in finding.caveats


def test_an_sdk_that_the_manifest_alone_declares_is_a_service_where_classes_could_be_read():
    declared = seen(Kind.ANDROID_COMPONENT, "com.umeng.message.UmengService", Context.CONFIG)
    other, packed = seen(Kind.JAVA_PACKAGE, "com.tencent.smtt"), seen(Kind.NATIVE_LIBRARY, "libjiagu.so")
    for sightings, kind in (([declared, other], "service"), ([declared, other, packed], "sdk"), ([declared], "sdk")):
        finding = found(sightings)["umeng/push"]
        assert (finding.kind, DECLARED_ONLY in finding.caveats) == (kind, True)


def test_what_the_code_of_an_sdk_asks_the_system_for_is_its_own():
    def asking(kind, package, context=Context.CODE):
        return replace(seen(Kind.MECHANISM, f"sensitive-api:{kind}", context), attributes=(("package", package),))

    code = [seen(Kind.JAVA_PACKAGE, name) for name in ("cn.jpush", "com.umeng.analytics")]
    calls = [asking("location", "cn.jpush.android"), asking("clipboard", "cn.jpush"), asking("sms", "com.example")]
    made = found(
        [*code, *calls, asking("code-loading", "cn.jpush"), asking("sms", "com.umeng.analytics", Context.DOCUMENTATION)]
    )
    asks = {subject: one.asks_for for subject, one in made.items()}
    assert asks["jiguang/jpush"] == ("clipboard", "location")
    assert not any(data for subject, data in asks.items() if not subject.startswith("jiguang/"))


def imports(name):
    place = Location("sdk.a!x.o")
    return Sighting(Observable(Kind.OBJC_CLASS, name), place, Context.CODE, Presence.REFERENCED, attributes=(IMPORTED,))


def test_a_class_that_is_only_imported_counts_one_step_lower():
    used, host = imports("WXApi"), seen(Kind.HOSTNAME, "long.open.weixin.qq.com")
    assert "tencent/wechat-opensdk" not in found([used])
    assert "tencent/wechat-opensdk" in hinted([used])
    defined = found([used, seen(Kind.OBJC_CLASS, "WXApi")])["tencent/wechat-opensdk"]
    assert (defined.kind, defined.confidence) == ("sdk", "high")
    assert IMPORTED_ONLY not in defined.caveats
    both = found([used, host])["tencent/wechat-opensdk"]
    assert (both.kind, IMPORTED_ONLY in both.caveats) == ("service", True)


def test_the_id_does_not_hang_on_place_or_presence():
    one = found([seen(Kind.HOSTNAME, "a1.tuyaeu.com")])
    two = found([seen(Kind.HOSTNAME, "a1.tuyaeu.com", path="other!/y", offset=99, presence=Presence.STARTED)])
    assert {f.id for f in one.values()} == {f.id for f in two.values()}


def test_without_address_data_nothing_is_claimed_of_an_operator():
    plain = found([seen(Kind.IP_ADDRESS, "47.88.0.1")], NoAddresses())
    assert plain == {}


def test_an_app_of_a_vendors_name_is_the_vendors_and_a_class_of_that_name_elsewhere_only_a_hint():
    named = seen(Kind.APP_ID, "com.miui.calculator", Context.CONFIG, presence=Presence.REFERENCED)
    stub = seen(Kind.JAVA_PACKAGE, "com.miui")
    finding = found([named])["xiaomi/system-apps"]
    assert (finding.confidence, finding.kind, NAME_CHOSEN in finding.caveats) == ("high", "service", True)
    assert "xiaomi/system-apps" not in found([stub])
    assert "xiaomi/system-apps" in hinted([stub])
    assert found([seen(Kind.APP_ID, "com.miuifake.calculator", Context.CONFIG)]) == {}


def test_the_name_of_an_app_is_no_package_of_an_sdk_and_a_package_no_name():
    assert INDEX.find(Kind.APP_ID, "com.umeng.message") == []
    assert [hit.indicator.kind for hit in INDEX.find(Kind.JAVA_PACKAGE, "com.miui.calculator")] == ["java-package"]


PACK = """schema: 1
id: acme/software
name: Acme software
kind: service
category: camera
limbs: [data-transfer]
summary: Apps and classes of Acme.
references:
  - {id: code, kind: document, title: Code, url: "https://acme.example/", read: "2026-11-29"}
indicators:
  - id: app-names
    kind: app-id
    any: [com.acme]
    confidence: medium
    references: [code]
    examples: {match: [com.acme], no_match: [com.acmefake]}
  - id: classes
    kind: java-package
    any: [com.acme]
    confidence: medium
    references: [code]
    examples: {match: [com.acme.Main], no_match: [com.acmefake.Main]}
  - id: libraries
    kind: native-library
    any: [libacme.so]
    confidence: low
    references: [code]
    examples: {match: [libacme.so], no_match: [libacmefake.so]}
  - id: hosts
    kind: hostname
    any: [acmecloud.cn]
    confidence: medium
    references: [code]
    examples: {match: [acmecloud.cn], no_match: [notacmecloud.cn]}
"""
MAKER = """schema: 1
id: acme
name: Acme
domicile: "CN"
summary: Maker of cameras.
references:
  - {id: code, kind: document, title: Code, url: "https://acme.example/", read: "2026-11-29"}
"""


@pytest.fixture
def index_with_acme(tmp_path):
    folder = tmp_path / "pack" / "acme"
    folder.mkdir(parents=True)
    (folder / "_vendor.yaml").write_text(MAKER)
    (folder / "software.yaml").write_text(PACK)
    return Index(load_knowledge([tmp_path / "pack"]))


def test_a_name_and_the_classes_below_it_are_one_sign(index_with_acme):
    index = index_with_acme
    named = [seen(Kind.APP_ID, "com.acme.viewer"), seen(Kind.JAVA_PACKAGE, "com.acme.viewer")]
    alone = classify(named, index, ADDRESSES)
    assert (alone.findings, [hint.subject.id for hint in alone.hints]) == ((), ["acme/software"])
    more = classify([*named, seen(Kind.NATIVE_LIBRARY, "libacme.so")], index, ADDRESSES)
    assert [(finding.subject.id, finding.confidence) for finding in more.findings] == [("acme/software", "medium")]


def test_a_name_whose_owner_is_only_hinted_at_is_still_one_of_its_zone(index_with_acme):
    host = seen(Kind.HOSTNAME, "eu.acmecloud.cn")
    alone = classify([host], index_with_acme, ADDRESSES)
    assert [finding.subject.id for finding in alone.findings] == ["generic/domain-name-cn"]
    assert [hint.subject.id for hint in alone.hints] == ["acme/software"]
    more = classify([host, seen(Kind.NATIVE_LIBRARY, "libacme.so")], index_with_acme, ADDRESSES)
    assert [finding.subject.id for finding in more.findings] == ["acme/software"]


def test_home_pages_of_makers_stay_hints():
    page = next(
        pattern
        for signature in KNOWLEDGE.signatures.values()
        for indicator in signature.indicators
        for pattern in indicator.patterns
        if signature.category == "vendor-site" and indicator.confidence == "medium" and pattern.endswith(".cn")
    )
    assert classify([seen(Kind.HOSTNAME, page)], INDEX, ADDRESSES).findings == ()


def mechanism(name, host, context=Context.CODE):
    facts = (("detail", "x"), ("host", host), ("limb", "remote-administration"), ("mechanism", name))
    return replace(seen(Kind.MECHANISM, f"{name}:http://{host}/fw.bin", context), attributes=facts)


@pytest.mark.parametrize(
    ("kind", "host", "subject"),
    [
        (Kind.HOSTNAME, "www.comexe.cn", "comexe/web-site"),
        (Kind.HOSTNAME, "unknown-maker.cn", "generic/domain-name-cn"),
        (Kind.IP_ADDRESS, "61.135.169.121", "china-unicom/network"),
    ],
)
def test_a_mechanism_that_leads_to_a_subject_makes_it_touch_remote_administration(kind, host, subject):
    plain = found([seen(kind, host)])[subject]
    assert plain.limbs == ("data-transfer",)
    made = found([seen(kind, host), mechanism("fetch-and-execute", host)])[subject]
    assert made.limbs == ("data-transfer", "remote-administration")
    assert made.commanded_by == ("fetch-and-execute",)
    assert made.id != plain.id
    assert {item.sighting.observable.kind for item in made.evidence} == {kind, Kind.MECHANISM}


@pytest.mark.parametrize(
    "other",
    [
        mechanism("fetch-and-execute", "www.comexe.cn", Context.DOCUMENTATION),
        mechanism("update-url", "www.comexe.cn"),
        mechanism("ntp-server", "www.comexe.cn"),
        mechanism("fetch-and-execute", "192.168.1.1"),
        mechanism("fetch-and-execute", "other.comexe.cn.example.org"),
    ],
    ids=["documentation", "a word in a URL", "time", "elsewhere", "look-alike"],
)
def test_no_other_mechanism_does(other):
    assert found([seen(Kind.HOSTNAME, "www.comexe.cn"), other])["comexe/web-site"].limbs == ("data-transfer",)


@pytest.mark.parametrize("name", sorted(COMMANDING))
def test_every_means_of_remote_control_counts(name):
    made = found([seen(Kind.HOSTNAME, "www.comexe.cn"), mechanism(name, "www.comexe.cn")])["comexe/web-site"]
    assert made.commanded_by == (name,)


def test_a_mechanism_that_leads_to_a_foreign_subject_changes_nothing():
    made = found([seen(Kind.HOSTNAME, "github.com"), mechanism("fetch-and-execute", "github.com")])
    assert [(one.limbs, one.commanded_by) for one in made.values()] == [(("data-transfer",), ())]
