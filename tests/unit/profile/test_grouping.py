"""Vendors together, apps inside an image each with a verdict of its own."""

from inspector.model.ledger import Coverage, Gap, SpanKind, TreeNode
from inspector.model.observation import Presence
from inspector.profile.grouping import apps_document, vendors_document
from inspector.profile.severity import severity
from tests.unit.profile.made import ADMIN, DATA, category, endpoint, finding, sighted


def graded(*findings):
    return [(item, severity(item, category())) for item in findings]


def test_findings_of_one_vendor_stand_together_and_the_worst_vendor_first():
    entries = vendors_document(
        graded(
            finding(vendor="acme", subject="acme/log", endpoints=[endpoint("b.example.org")]),
            finding(vendor="bolt", subject="bolt/ota", limbs=(ADMIN,), presence=Presence.STARTED),
            finding(vendor="acme", subject="acme/kv", limbs=()),
        )
    )
    assert [(e["id"], e["rating"], e["limbs"], e["presence"]) for e in entries] == [
        ("bolt", "high", [ADMIN], "started"),
        ("acme", "medium", [DATA], "referenced"),
    ]
    assert entries[1]["subjects"] == ["Acme/Log", "Acme/Kv"]
    assert entries[1]["endpoints"] == ["b.example.org"]


def test_a_vendor_of_origin_only_has_no_limbs():
    (entry,) = vendors_document(graded(finding(limbs=())))
    assert (entry["rating"], entry["limbs"]) == ("none", [])


def node(path, kind, score=1.0):
    return TreeNode(path, kind, "00" * 32, 10, score)


def coverage(*tree, gaps=()):
    return Coverage(1.0, dict.fromkeys(SpanKind, 0), gaps=gaps, tree=tree)


def judged(tree, sightings=(), gaps=(), facts=()):
    def judge(own, seen):
        return {"rating": "none", "sightings": [s.observable.value for s in own], "gaps": len(seen.gaps)}, []

    return apps_document(sightings, coverage(*tree, gaps=gaps), facts, judge)


IMAGE = (node("fw", "squashfs"), node("fw!squashfs!/a.apk", "apk", 0.5), node("fw!squashfs!/b.apk", "apk"))


def test_each_app_is_judged_by_its_own_sightings_and_gaps():
    seen = [
        sighted("a.example.org", path="fw!squashfs!/a.apk!apk!classes.dex"),
        sighted("b.example.org", path="fw!squashfs!/b.apk!apk!classes.dex"),
        sighted("c.example.org", path="fw!squashfs!/etc/hosts"),
    ]
    gaps = (Gap("fw!squashfs!/a.apk!apk!x.so", 0, 5, "malformed"),)
    facts = [("app:package", "fw!squashfs!/a.apk!apk", "org.example.a")]
    first, second = judged(IMAGE, seen, gaps, facts)
    assert (first["score"], first["identity"]) == (0.5, {"package": "org.example.a"})
    assert first["verdict"] == {"rating": "none", "sightings": ["a.example.org"], "gaps": 1}
    assert second["verdict"] == {"rating": "none", "sightings": ["b.example.org"], "gaps": 0}


def test_an_app_is_no_entry_of_itself_but_an_app_hidden_in_it_is():
    tree = (node("a.apk", "apk"), node("a.apk!apk!assets/plugin.apk", "apk"))
    assert [entry["path"] for entry in judged(tree)] == ["a.apk!apk!assets/plugin.apk"]


def test_the_parts_of_a_set_are_one_product():
    assert judged((node("a.xapk", "app-set"), node("a.xapk!app-set!base.apk", "apk"))) == []


def test_names_that_begin_alike_are_kept_apart():
    seen = [sighted("x.example.org", path="fw!squashfs!/a.apk.bak!data")]
    assert judged(IMAGE, seen)[0]["verdict"]["sightings"] == []
