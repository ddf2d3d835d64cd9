"""Differences: by id and value, versions masked, honest about what was not seen."""

import copy

import pytest

from inspector.model.finding import Rating
from inspector.profile.diff import difference, mask, mask_path, worst_news


def found(name="one", severity="high", presence="referenced", path="fw.bin!zip!lib", endpoints=("a.example.org",)):
    return {
        "id": f"F-{name}",
        "subject": {"name": name, "category": "push"},
        "vendor": {"id": f"v-{name}", "name": name.title(), "domicile": "CN", "disputed": ""},
        "limbs": ["data-transfer"],
        "severity": severity,
        "presence": presence,
        "confidence": "high",
        "endpoints": [{"value": value, "port": None} for value in endpoints],
        "evidence": [
            {"observable": {"kind": "hostname", "value": "a"}, "location": {"path": path, "offset": 1}},
        ],
        "evidence_total": 1,
    }


def profile(*findings, sha="1" * 64, score=1.0, gaps=(), knowledge="k", **observables):
    return {
        "artifact": {"name": "fw.bin", "sha256": sha, "size": 1, "kind": "firmware", "identity": {}},
        "verdict": {"status": "exposed", "rating": "high", "limbs": [], "headline": "H."},
        "knowledge": {"sha256": knowledge},
        "tool": {"name": "inspector", "version": "1"},
        "findings": list(findings),
        "observables": observables,
        "coverage": {"score": score, "gaps": list(gaps), "limits_hit": []},
    }


def test_artifacts_of_different_kinds_are_no_update():
    app = profile(sha="2" * 64)
    app["artifact"]["kind"] = "android-app"
    told = difference(profile(), app)["notes"]
    assert told == ["The two are of different kinds (firmware, android-app): this compares products, not versions."]
    assert difference(profile(), profile(sha="2" * 64))["notes"] == []


def observed(value, presence="string"):
    return {"value": value, "presence": presence, "sightings": [{"path": "p", "offset": 0}], "attributes": {}}


def gap(path, length=10):
    return {"location": {"path": path, "offset": 0}, "length": length, "reason": "encrypted", "detail": ""}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("libcloud-1.2.3.so", "libcloud-1.10.so"),
        ("libssl.so.1.1", "libssl.so.3"),
        ("app_v2.1/etc", "app_v2.2/etc"),
        ("lib/5.10.100/x.ko", "lib/5.15.1-rc2/x.ko"),
        ("squashfs@0x40000", "squashfs@0x50000"),
        ("build-20250101", "build-20260202"),
        ("main.0123456789abcdef.js", "main.fedcba9876543210.js"),
    ],
)
def test_versions_dates_hashes_and_offsets_are_masked(one, other):
    assert mask(one) == mask(other)


@pytest.mark.parametrize(("one", "other"), [("liba.so", "libb.so"), ("p2p", "p3p"), ("mp3", "mp4"), ("eth0", "eth1")])
def test_names_stay_apart(one, other):
    assert mask(one) != mask(other)


def test_the_artifacts_own_name_plays_no_part():
    assert mask_path("fw-1.bin!zip!a") == mask_path("other.img!zip!a")


def test_a_profile_against_itself_is_silent():
    document = profile(found(), hostnames=[observed("a.example.org")], gaps=[gap("fw.bin!x")])
    diff = difference(document, copy.deepcopy(document))
    assert not any(diff["findings"].values())
    assert not any(entry for section in diff["observables"].values() for entry in section.values())
    assert not any(diff["coverage"]["gaps"].values())
    assert worst_news(diff) is Rating.NONE


def test_new_and_gone_findings_and_vendors():
    diff = difference(profile(found("old")), profile(found("new", "medium"), sha="2" * 64))
    assert [f["id"] for f in diff["findings"]["new"]] == ["F-new"]
    assert [f["id"] for f in diff["findings"]["gone"]] == ["F-old"]
    assert [v["id"] for v in diff["vendors"]["new"]] == ["v-new"]
    assert [v["id"] for v in diff["vendors"]["gone"]] == ["v-old"]
    assert worst_news(diff) is Rating.MEDIUM


def test_a_finding_that_moved_with_the_version_did_not_change():
    one = found(path="fw.bin!zip!lib-1.0.so")
    other = found(path="fw2.bin!zip!lib-1.1.so")
    assert difference(profile(one), profile(other))["findings"]["changed"] == []


def test_changes_of_grade_place_and_endpoint_are_told():
    other = found(presence="started", severity="critical", path="fw.bin!zip!boot", endpoints=("b.example.org",))
    (change,) = difference(profile(found()), profile(other))["findings"]["changed"]
    assert change["presence"] == {"old": "referenced", "new": "started"}
    assert change["severity"] == {"old": "high", "new": "critical"}
    assert change["endpoints"] == {"new": ["b.example.org"], "gone": ["a.example.org"]}
    assert change["places"] == {"new": ["zip!boot"], "gone": ["zip!lib"]}


def test_a_cut_list_of_evidence_proves_no_absence():
    cut = found(path="fw.bin!zip!elsewhere") | {"evidence_total": 900}
    both = difference(profile(found() | {"evidence_total": 900}), profile(cut))
    assert both["findings"]["changed"] == []


def test_a_rise_is_news_and_a_fall_is_not():
    low, high = profile(found(severity="low")), profile(found(severity="critical"))
    assert worst_news(difference(low, high)) is Rating.CRITICAL
    assert worst_news(difference(high, low)) is Rating.NONE


def test_observables_of_every_kind():
    old = profile(permissions=[observed("android.permission.CAMERA")], components=[observed("libx-1.0.so")])
    new = profile(
        permissions=[observed("android.permission.RECORD_AUDIO")], components=[observed("libx-1.1.so", "started")]
    )
    seen = difference(old, new)["observables"]
    assert [item["value"] for item in seen["permissions"]["new"]] == ["android.permission.RECORD_AUDIO"]
    assert [item["value"] for item in seen["permissions"]["gone"]] == ["android.permission.CAMERA"]
    assert (seen["components"]["new"], seen["components"]["gone"]) == ([], [])
    assert seen["components"]["changed"][0]["presence"] == {"old": "string", "new": "started"}


def test_host_names_are_not_masked():
    old, new = profile(hostnames=[observed("a-1.2.example.org")]), profile(hostnames=[observed("a-1.3.example.org")])
    assert len(difference(old, new)["observables"]["hostnames"]["new"]) == 1


def test_gaps_that_opened_and_closed():
    old, new = (
        profile(gaps=[gap("fw.bin!a-1.0"), gap("fw.bin!b")]),
        profile(gaps=[gap("fw.bin!a-1.1"), gap("fw.bin!c")]),
    )
    gaps = difference(old, new)["coverage"]["gaps"]
    assert [g["path"] for g in gaps["new"]] == ["fw.bin!c"]
    assert [g["path"] for g in gaps["gone"]] == ["fw.bin!b"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (profile(), profile(), "same bytes"),
        (profile(), profile(sha="2" * 64, knowledge="other"), "different knowledge"),
        (profile(score=0.5), profile(sha="2" * 64), "may have been there"),
        (profile(), profile(sha="2" * 64, score=0.5), "may still be there"),
    ],
)
def test_what_weakens_the_comparison_is_said(old, new, said):
    assert said in " ".join(difference(old, new)["notes"])
