"""A bundle says what it holds, proves it, and is made the same way every time."""

import hashlib
import io
import json
import zipfile

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from inspector.bundle.archive import pack
from inspector.bundle.check import check, compare
from inspector.bundle.contents import bundle, redacted
from inspector.bundle.envelope import opened, sign
from inspector.errors import BundleError, UsageError

ENVELOPE = "statement.dsse.json"


def files_of(raw):
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(tmp_path, raw):
    path = tmp_path / "bundle.zip"
    path.write_bytes(raw)
    return path


def test_the_same_input_gives_the_same_bytes(profile, key):
    assert bundle(profile, key) == bundle(profile, key)


def test_the_profile_goes_in_byte_for_byte(profile, key):
    spaced = json.dumps(orjson.loads(profile), indent=7).encode()
    assert files_of(bundle(spaced, key))["profile.json"] == spaced


def test_the_statement_follows_in_toto_and_dsse(profile, document, key):
    files = files_of(bundle(profile, key))
    envelope = json.loads(files[ENVELOPE])
    assert envelope["payloadType"] == "application/vnd.in-toto+json"
    payload = opened(files[ENVELOPE], key.public_key())
    statement = json.loads(payload)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["subject"] == [
        {"name": "patient-monitor.bin", "digest": {"sha256": document["artifact"]["sha256"]}}
    ]
    told = {item["name"]: item["digest"]["sha256"] for item in statement["predicate"]["files"]}
    assert told == {name: hashlib.sha256(raw).hexdigest() for name, raw in files.items() if name != ENVELOPE}


def test_the_signature_covers_the_pre_authentication_encoding(key):
    """The encoding is written out here, from the text of the DSSE specification."""
    import base64

    envelope = json.loads(sign({"a": 1}, key))
    payload = base64.b64decode(envelope["payload"])
    message = b"DSSEv1 28 application/vnd.in-toto+json " + str(len(payload)).encode() + b" " + payload
    key.public_key().verify(base64.b64decode(envelope["signatures"][0]["sig"]), message)


def test_a_whole_bundle_holds(tmp_path, profile, document, key):
    checked = check(written(tmp_path, bundle(profile, key)), key.public_key())
    assert checked.document == document
    assert checked.files == len(files_of(bundle(profile, key))) - 1


def test_another_key_has_not_signed_it(tmp_path, profile, key):
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    with pytest.raises(BundleError, match="not that of the key"):
        check(written(tmp_path, bundle(profile, key)), other.public_key())


@pytest.mark.parametrize("name", ["profile.json", "reports/report.html", "excerpts.jsonl", "read-me.txt"])
def test_a_changed_file_is_noticed(tmp_path, profile, key, name):
    files = files_of(bundle(profile, key))
    files[name] = files[name].replace(b"e", b"E", 1)
    with pytest.raises(BundleError, match=f"{name} is not the file that was signed"):
        check(written(tmp_path, pack(files)), key.public_key())


def test_a_missing_file_is_noticed(tmp_path, profile, key):
    files = files_of(bundle(profile, key))
    del files["excerpts.jsonl"]
    with pytest.raises(BundleError, match=r"lacks excerpts\.jsonl"):
        check(written(tmp_path, pack(files)), key.public_key())


def test_a_file_that_was_added_is_noticed(tmp_path, profile, key):
    files = files_of(bundle(profile, key)) | {"reports/other.txt": b"x"}
    with pytest.raises(BundleError, match="does not name"):
        check(written(tmp_path, pack(files)), key.public_key())


def test_a_signed_statement_of_another_kind_is_refused(tmp_path, profile, key):
    files = files_of(bundle(profile, key))
    statement = json.loads(opened(files[ENVELOPE], key.public_key()))
    files[ENVELOPE] = sign(statement | {"predicateType": "https://slsa.dev/provenance/v1"}, key)
    with pytest.raises(BundleError, match="predicateType"):
        check(written(tmp_path, pack(files)), key.public_key())


def test_a_signed_profile_about_another_artifact_is_refused(tmp_path, profile, key):
    files = files_of(bundle(profile, key))
    statement = json.loads(opened(files[ENVELOPE], key.public_key()))
    statement["subject"][0]["digest"]["sha256"] = "0" * 64
    files[ENVELOPE] = sign(statement, key)
    with pytest.raises(BundleError, match="disagree about the artifact"):
        check(written(tmp_path, pack(files)), key.public_key())


def test_redaction_leaves_out_every_excerpt_and_nothing_else(profile, document, key):
    files = files_of(bundle(profile, key, "excerpts"))
    assert "excerpts.jsonl" not in files
    stored = orjson.loads(files["profile.json"])
    evidence = [item for finding in document["findings"] for item in finding["evidence"]]
    excerpts = {item["excerpt"] for item in evidence if item["excerpt"]}
    assert excerpts
    assert not any(excerpt in json.dumps(stored, ensure_ascii=False) for excerpt in excerpts if " " in excerpt)
    assert stored == redacted(document)
    assert [f["id"] for f in stored["findings"]] == [f["id"] for f in document["findings"]]


def test_the_run_record_goes_in_when_there_is_one(profile, key):
    assert "run-record.json" not in files_of(bundle(profile, key))
    assert files_of(bundle(profile, key, run_record=b"{}"))["run-record.json"] == b"{}"


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b"[" * 100_000, b'{"schema": "inspector/profile/2"}'])
def test_what_is_no_profile_is_refused(raw, key):
    with pytest.raises(UsageError, match="profile"):
        bundle(raw, key)


@pytest.mark.parametrize("redaction", ["none", "excerpts"])
def test_a_second_inspection_compares_equal(tmp_path, profile, document, key, redaction):
    checked = check(written(tmp_path, bundle(profile, key, redaction)), key.public_key())
    assert compare(checked, document).identical


def test_a_comparison_names_what_differs(tmp_path, profile, document, key):
    checked = check(written(tmp_path, bundle(profile, key)), key.public_key())
    fresh = orjson.loads(profile)
    fresh["knowledge"]["sha256"] = "f" * 64
    fresh["verdict"]["rating"] = "low"
    gone = fresh["findings"].pop()
    fresh["findings"][0]["severity"] = "none"
    fresh["coverage"]["score"] = 0.5
    result = compare(checked, fresh)
    assert not result.identical
    assert [text.partition(":")[0] for text in result.inputs] == ["knowledge.sha256"]
    assert any(text.startswith("verdict.rating") for text in result.results)
    assert any(gone["id"] in text and "not found any more" in text for text in result.results)
    assert any("→ none" in text for text in result.results)
    assert [text.partition(":")[0] for text in result.other] == ["coverage.score"]


def test_a_profile_in_another_form_is_no_difference(tmp_path, profile, document, key):
    checked = check(written(tmp_path, bundle(json.dumps(document).encode(), key)), key.public_key())
    result = compare(checked, document)
    assert (result.identical, result.inputs, result.results, result.other) == (False, (), (), ())
