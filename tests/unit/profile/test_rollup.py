"""Many profiles together: order, matrix, shared subjects, clusters."""

import pytest

from inspector.profile.rollup import brand, rollup
from inspector.report.rollup import render_rollup
from inspector.report.rollup_page import render_rollup_page


def found(vendor="acme", subject="cloud", severity="high", hosts=()):
    return {
        "id": f"F-{vendor}-{subject}",
        "subject": {"name": f"{vendor} {subject}"},
        "vendor": {"id": vendor, "name": vendor.title(), "domicile": "CN", "disputed": ""},
        "severity": severity,
        "endpoints": [{"value": host} for host in hosts],
    }


def profile(name, *findings, status="exposed", score=1.0, size=100, package="", knowledge="k", **observables):
    ratings = ["none", "low", "medium", "high", "critical"]
    rating = max((f["severity"] for f in findings), key=ratings.index, default="none")
    return {
        "artifact": {
            "name": name,
            "sha256": name.encode().hex(),
            "size": size,
            "kind": "firmware",
            "identity": {"package": package} if package else {},
        },
        "verdict": {"status": status, "rating": rating, "limbs": [], "headline": "H."},
        "knowledge": {"sha256": knowledge},
        "findings": list(findings),
        "observables": observables,
        "coverage": {"score": score},
    }


def certificate(value="sha256:aa", **attributes):
    return {"value": value, "attributes": {"subject": "CN=Maker", **attributes}}


def test_the_worst_stands_first_and_the_order_of_input_plays_no_part():
    documents = [
        profile("calm.bin", status="none-found"),
        profile("grave.bin", found(severity="critical")),
        profile("dark.bin", status="inconclusive"),
        profile("low.bin", found(severity="low")),
    ]
    names = [entry["name"] for entry in rollup(documents)["artifacts"]]
    assert names == ["grave.bin", "low.bin", "dark.bin", "calm.bin"]
    assert rollup(documents) == rollup(documents[::-1])


def test_namesakes_are_told_apart_by_place_and_else_by_their_bytes():
    def labels(documents, places=()):
        return [entry["label"] for entry in rollup(documents, places)["artifacts"]]

    twins = [profile("fw.bin"), profile("fw.bin"), profile("other.bin")]
    twins[1]["artifact"]["sha256"] = "f" * 64
    own = twins[0]["artifact"]["sha256"][:12]
    assert labels(twins, ["a/fw.bin", "b/fw.bin", "other.bin"]) == [
        "fw.bin (a/fw.bin)",
        "fw.bin (b/fw.bin)",
        "other.bin",
    ]
    assert labels(twins) == [f"fw.bin ({own})", f"fw.bin ({'f' * 12})", "other.bin"]
    assert labels(twins, ["fw", "fw", "x"])[:2] == [f"fw.bin (fw {own})", f"fw.bin (fw {'f' * 12})"]
    for shown in (
        render_rollup(rollup(twins, ["a/x", "b/x", "c"])),
        render_rollup_page(rollup(twins, ["a/x", "b/x", "c"])),
    ):
        assert "fw.bin (a/x)" in shown
        assert "fw.bin (b/x)" in shown


@pytest.mark.parametrize(
    ("status", "task"),
    [
        ("exposed", "ask the supplier about Acme, Bolt"),
        ("inconclusive", "do not treat it as clean"),
        ("failed", "get a complete copy"),
        ("none-found", "keep the report"),
    ],
)
def test_each_artifact_says_what_to_do(status, task):
    held = (found(), found("bolt")) if status == "exposed" else ()
    rolled = rollup([profile("a.bin", *held, status=status)])
    assert task in " ".join(render_rollup(rolled).split())
    assert task in render_rollup_page(rolled)


def test_an_exposed_file_that_is_no_device_is_explained():
    listing = profile("list.json", found())
    listing["artifact"] |= {"kind": "unknown", "format": "json"}
    (note,) = rollup([listing, profile("fw.bin", found())])["notes"]
    assert note.startswith("Exposed files that are neither firmware nor app (json): 1.")


def test_the_unseen_share_weighs_bytes():
    counts = rollup([profile("a", size=900), profile("b", size=100, score=0.5)])["counts"]
    assert (counts["bytes"], counts["bytes_unseen"], counts["unseen"]) == (1000, 50, 0.05)


def test_the_matrix_names_each_vendor_with_its_rating_in_each_artifact():
    rolled = rollup(
        [profile("a", found(severity="high"), found("bolt", severity="low")), profile("b", found(severity="low"))]
    )
    acme, bolt = rolled["vendors"]
    assert [(cell["artifact"], cell["rating"]) for cell in acme["artifacts"]] == [(0, "high"), (1, "low")]
    assert [(cell["artifact"], cell["rating"]) for cell in bolt["artifacts"]] == [(0, "low")]


def test_origin_only_is_not_in_the_matrix_but_may_be_shared():
    rolled = rollup([profile("a", found(severity="none")), profile("b", found(severity="none"))])
    assert rolled["vendors"] == []
    assert [entry["artifacts"] for entry in rolled["shared"]] == [[0, 1]]


def test_what_one_artifact_has_is_not_shared():
    assert rollup([profile("a", found()), profile("b")])["shared"] == []


def test_a_certificate_under_two_brands_is_a_cluster():
    both = [profile("alpha.bin", certificates=[certificate()]), profile("beta.bin", certificates=[certificate()])]
    (cluster,) = rollup(both)["clusters"]
    assert (cluster["why"], cluster["brands"], cluster["artifacts"]) == ("certificate", ["alpha", "beta"], [0, 1])


def test_versions_of_one_product_are_no_cluster():
    both = [profile("alpha-1.bin", certificates=[certificate()]), profile("alpha-2.bin", certificates=[certificate()])]
    assert rollup(both)["clusters"] == []


def test_public_and_known_keys_are_no_cluster():
    for facts in ({"in-public-bundle": "yes"}, {"known-key": "debug key"}, {"use": "chain"}):
        item = certificate(**facts)
        attributes = {key.replace("_", "-"): value for key, value in item["attributes"].items()}
        item = {**item, "attributes": attributes}
        assert rollup([profile("alpha", certificates=[item]), profile("beta", certificates=[item])])["clusters"] == []


def under_two_brands(**observables):
    return rollup([profile("alpha", **observables), profile("beta", **observables)])["clusters"]


@pytest.mark.parametrize(
    ("facts", "shared"),
    [
        ({"subject": "CN=DigiCert SHA2 Secure Server CA, O=DigiCert Inc, C=US", "authority": "yes"}, False),
        ({"subject": "CN=VeriSign Class 3,OU=x,O=VeriSign\\, Inc.,C=US"}, False),
        ({"subject": "CN=X, O=Any", "issuer": "O=Internet Security Research Group", "authority": "yes"}, False),
        ({"subject": "CN=m.cam.com, O=Cam", "issuer": "CN=R3, O=DigiCert Inc"}, True),
        ({"subject": "CN=Cam Root, O=Cam Ltd", "issuer": "CN=Cam Root, O=Cam Ltd", "authority": "yes"}, True),
        ({"subject": "CN=App, O=Microsoft Corporation", "use": "signing"}, True),
        ({"subject": "CN=App, O=Amazonas Cam"}, True),
    ],
    ids=["intermediate", "old root", "named by its issuer", "leaf", "a maker's own root", "signer", "another name"],
)
def test_what_a_public_authority_signs_with_makes_no_cluster(facts, shared):
    assert bool(under_two_brands(certificates=[certificate(**facts)])) is shared


def test_a_private_key_under_two_brands_is_a_cluster():
    key = {"value": "RSA in etc/server.pem+0x0", "attributes": {"public-sha256": "ab"}}
    (cluster,) = under_two_brands(private_keys=[key])
    assert (cluster["why"], cluster["values"]) == ("private key", ["sha256:ab"])


def test_two_keys_at_one_path_are_not_the_same_key():
    one, other = ({"value": "RSA in etc/server.pem+0x0", "attributes": {"public-sha256": end}} for end in ("ab", "cd"))
    assert rollup([profile("alpha", private_keys=[one]), profile("beta", private_keys=[other])])["clusters"] == []
    unread = {"value": "RSA in etc/server.pem+0x0", "attributes": {"encrypted": "yes"}}
    assert under_two_brands(private_keys=[unread]) == []


def test_nearly_the_same_endpoints_are_a_cluster_and_half_of_them_are_not():
    hosts = [f"h{number}.example.org" for number in range(10)]
    near = [profile("alpha", found(hosts=hosts)), profile("beta", found(hosts=hosts[:9]))]
    (cluster,) = rollup(near)["clusters"]
    assert (cluster["why"], cluster["values"]) == ("endpoints", sorted(hosts[:9]))
    assert rollup([profile("alpha", found(hosts=hosts)), profile("beta", found(hosts=hosts[:5]))])["clusters"] == []
    assert rollup([profile("alpha", found(hosts=hosts[:2])), profile("beta", found(hosts=hosts[:2]))])["clusters"] == []


def test_the_brand_of_an_app_is_its_packages_owner():
    assert brand(profile("x.apk", package="com.Acme.camera")) == "com.acme"
    assert brand(profile("WR940N_v6.bin")) == "wr"


def test_what_weakens_the_picture_is_said():
    rolled = rollup([profile("a"), profile("a", knowledge="other")])
    assert len(rolled["notes"]) == 2


def test_text_from_artifacts_is_escaped_on_screen_and_page():
    rolled = rollup([profile("\x1b[31m<b>evil", found(hosts=["a", "b", "c"]))])
    screen, page = render_rollup(rolled), render_rollup_page(rolled)
    assert "\x1b" not in screen
    assert "<b>evil" not in page
    assert "&lt;b&gt;evil" in page


def test_what_is_left_out_of_a_list_says_where_it_is():
    many = [profile(f"fw-{number:02}.bin", found()) for number in range(45)]
    screen = " ".join(render_rollup(rollup(many)).split())
    assert "#1 to #45 ask the supplier about Acme" in screen
    assert "“and … more”: -f json holds all of them" in screen
    page = render_rollup_page(rollup(many))
    assert "and 5 more, in the table below" in page
    assert page.count("#45 fw-44.bin") == 1  # behind the first twelve of what is shared
    assert "more" not in render_rollup(rollup(many[:2]))


def test_a_task_of_too_many_artifacts_says_so_too():
    held = [found(f"v{number}") for number in range(26)]
    for finding in held[::2]:
        finding["vendor"]["name"] = "Acme"
    screen = render_rollup(rollup([profile(f"fw-{number:02}.bin", one) for number, one in enumerate(held)]))
    assert "#23 and 1 more  ask the supplier about Acme" in screen
    assert "“and … more”: -f json holds all of them" in screen


def test_a_long_name_is_whole_on_the_screen():
    name = "ACS_DS-K260X_GML_GM_V2.0.5_build190301_Net_and_some_more.bin"
    rows = [line.split("│")[2].strip() for line in render_rollup(rollup([profile(name)])).splitlines() if "│" in line]
    assert "".join(rows) == name
