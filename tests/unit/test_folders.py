"""Apple bundles that lie unpacked in a folder are one artifact."""

import hashlib
import mmap
import os
import zipfile
from io import BytesIO

import pytest

from inspector.cli.inputs import inputs
from inspector.folders import open_bundle, read_bundle
from inspector.reread import file_sha256, reread
from tests.unit.scan.test_ios import FILES


@pytest.fixture
def app(tmp_path):
    folder = tmp_path / "Ex.app"
    for name, content in FILES.items():
        path = tmp_path / name.removeprefix("Payload/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "large.bin").write_bytes(b"https://large.example.cn/" + bytes(1 << 17))
    (folder / "link").symlink_to("Ex")
    return folder


def test_a_bundle_reads_as_the_zip_of_its_files(app):
    reader, digest = read_bundle(app)
    raw = bytes(reader.all())
    archive = zipfile.ZipFile(BytesIO(raw))
    assert archive.testzip() is None
    assert archive.namelist()[:2] == ["Ex.app/Ex", "Ex.app/Info.plist"]
    assert "Ex.app/link" not in archive.namelist()
    assert archive.read("Ex.app/large.bin") == (app / "large.bin").read_bytes()
    assert digest == hashlib.sha256(raw).hexdigest() == file_sha256(app)


def test_a_bundle_is_one_input_also_below_other_folders(app):
    (app.parent / "beside.bin").write_bytes(b"x")
    assert [source.path.name for source in inputs([app])] == ["Ex.app"]
    assert [source.path.name for source in inputs([app.parent])] == ["Ex.app", "beside.bin"]


def test_profile_of_a_bundle(app, inspect_path):
    document = inspect_path(app)
    artifact = document["artifact"]
    assert (artifact["kind"], artifact["format"], artifact["name"]) == ("ios-app", "ipa", "Ex.app")
    assert artifact["identity"]["package"] == "com.example.app"
    hosts = {one["value"]: one for one in document["observables"]["hostnames"]}
    assert hosts["large.example.cn"]["sightings"][0]["path"] == "Ex.app!ipa!Ex.app/large.bin"
    os.utime(app / "Ex", (1, 1))
    assert inspect_path(app) == document


def test_evidence_in_a_bundle_is_read_again(app, inspect_path):
    (finding,) = (one for one in inspect_path(app)["findings"] if one["subject"]["id"].startswith("tuya/"))
    found = reread(app, "Ex.app", finding["evidence"])
    assert {one.found for one in found} <= {"there", "named", "decoded"}, found


def test_a_file_that_shrinks_while_it_is_read_is_an_error_and_no_crash(app, monkeypatch):
    """Touching the lost pages of a mapping ends a process; the parent of all inspections must not touch one."""
    mapped = mmap.mmap

    def then_cut(*given, **named):
        found = mapped(*given, **named)
        os.truncate(app / "large.bin", 10)
        return found

    monkeypatch.setattr(mmap, "mmap", then_cut)
    with pytest.raises(OSError, match=r"large\.bin became shorter"):
        list(open_bundle(app))
