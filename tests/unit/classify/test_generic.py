"""Names under the zones of the PRC that are no hosts do not meet the generic rules."""

import pytest

from inspector.classify.generic import generic_hits
from inspector.model.observation import Kind, Observable


@pytest.mark.parametrize(
    "name",
    [
        "grep.mo",
        "iso_3166.mo",
        "zh.cn",
        "zh-hant.hk",
        "zh-hans-cn.cn",
        "strings.hk",
        "a.cn",
        "com.maker.cn",
        "www.example.cn",
    ],
)
def test_files_tags_and_packages_are_no_hosts(name: str) -> None:
    assert not generic_hits(Observable(Kind.HOSTNAME, name), None)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("ota.some-maker.hk", "generic/domain-name-hk"),
        ("some-maker.cn", "generic/domain-name-cn"),
        ("fw.some-maker.com.cn", "generic/domain-name-cn"),
        ("www.gov.mo", "generic/domain-name-mo"),
    ],
)
def test_hosts_meet_the_rule_of_their_zone(name: str, rule: str) -> None:
    assert [hit.signature.id for hit in generic_hits(Observable(Kind.HOSTNAME, name), None)] == [rule]
