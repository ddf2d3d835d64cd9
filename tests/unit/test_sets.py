"""A file cut into parts that lie in one folder is one artifact, under the hash of the whole."""

import hashlib
import os
import zipfile
from collections import Counter
from io import BytesIO

import pytest

from inspector.cli.inputs import inputs
from inspector.folders import as_source
from inspector.reread import file_sha256, reread
from inspector.session import _state
from inspector.sets import parts_of, read_parts
from tests.unit.bundle.conftest import keys  # noqa: F401 - a fixture
from tests.unit.bundle.test_commands import run


@pytest.fixture
def whole():
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("etc/cloud.conf", "server=https://a1.tuyacn.com/\n")
        out.writestr("noise", os.urandom(30_000))
    return archive.getvalue()


@pytest.fixture
def folder(tmp_path, whole):
    place = tmp_path / "vendor"
    place.mkdir()
    for number in range(4):
        (place / f"fw.zip.{number + 1:03}").write_bytes(whole[number * 9000 : (number + 1) * 9000])
    (place / "readme.txt").write_text("see https://vendor.example.com/")
    return place


def test_whichever_part_is_named_the_whole_is_the_input(folder):
    names = ["fw.zip.001", "fw.zip.002", "fw.zip.003", "fw.zip.004"]
    for name in names:
        assert [(found.path.name, str(found.inside)) for found in inputs([folder / name])] == [(names[0], names[0])]
    assert [found.path.name for found in inputs([folder / name for name in names])] == [names[0]]
    assert [found.path.name for found in inputs([folder], Counter())] == [names[0], "readme.txt"]
    assert parts_of(folder / "readme.txt") == (folder / "readme.txt",)


def test_the_hash_is_that_of_the_parts_end_to_end(folder, whole):
    reader, digest = read_parts(parts_of(folder / "fw.zip.001"))
    assert bytes(reader.all()) == whole
    assert digest == hashlib.sha256(whole).hexdigest() == file_sha256(folder / "fw.zip.003")


def test_a_scan_reads_the_whole_and_says_of_what(folder, whole, inspect_path):
    document = inspect_path(folder / "fw.zip.002")
    artifact = document["artifact"]
    assert (artifact["name"], artifact["format"], artifact["size"]) == ("fw.zip.{001..004}", "zip", len(whole))
    assert len(artifact["files"]) == 4
    assert artifact["sha256"] == hashlib.sha256(whole).hexdigest()
    assert [(part["name"], part["sha256"]) for part in artifact["files"]] == [
        (path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in parts_of(folder / "fw.zip.001")
    ]
    place = document["findings"][0]["evidence"][0]
    assert place["location"]["path"] == "fw.zip.{001..004}!zip!etc/cloud.conf"
    again = reread(folder / "fw.zip.001", artifact["name"], [place])
    assert [item.found for item in again] == ["there"]


def test_without_its_beginning_a_part_is_a_gap_that_names_it(folder, inspect_path):
    (folder / "fw.zip.001").unlink()
    document = inspect_path(folder / "fw.zip.003")
    gaps = [gap for gap in document["coverage"]["gaps"] if gap["reason"] == "missing"]
    assert [gap["detail"] for gap in gaps] == ["part 3 of fw.zip, without the parts before it"]
    assert document["verdict"]["status"] == "inconclusive"


def test_a_part_that_changes_is_noticed(folder):
    before = _state(as_source(folder / "fw.zip.001"))
    (folder / "fw.zip.004").write_bytes(b"other")
    assert _state(as_source(folder / "fw.zip.001")) != before


def test_an_evidence_bundle_of_parts_holds_against_the_parts(folder, tmp_path, keys):  # noqa: F811
    made = run("bundle", folder / "fw.zip.001", "-o", tmp_path / "b.zip", "--key", keys[0])
    assert made.returncode == 0, made.stderr
    checked = run("verify", tmp_path / "b.zip", folder / "fw.zip.001", "--pub", keys[1])
    assert checked.returncode == 0, checked.stderr
    assert "the same profile, byte for byte" in checked.stdout
