"""Several files that are one artifact: Apple bundles, the parts of an Android app."""

import hashlib
import mmap
import os
import zipfile
from io import BytesIO

import pytest

from inspector.cli.inputs import inputs
from inspector.folders import open_folded, read_folded
from inspector.reread import file_sha256, reread
from tests.builders.apk import build_zip
from tests.builders.axml import build_axml, tag
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
    reader, digest = read_folded(app)
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
        list(open_folded(app))


def test_a_package_name_that_ends_in_app_is_no_bundle_of_apple(tmp_path):
    folder = tmp_path / "com.example.app"
    folder.mkdir()
    (folder / "one.bin").write_bytes(b"1")
    assert [source.path.name for source in inputs([folder])] == ["one.bin"]


BASE = build_zip({"AndroidManifest.xml": build_axml(tag("manifest", tag("application"), package="com.example"))})
SPLIT = build_zip({"assets/x.txt": b"https://split.widgets.cn/", "classes.dex": b"dex"})


@pytest.mark.parametrize(
    ("names", "sets"),
    [
        (["base.apk", "split_config.cs.apk", "split_feature.apk"], {"here.apks": 3}),
        (["com.a.apk", "com.a.config.cs.apk", "com.b.apk"], {"com.a.apks": 2, "com.b.apk": 1}),
        (["com.a.apk", "config.cs.apk", "config.arm64_v8a.apk"], {"com.a.apks": 3}),
        (["base-master.apk", "base-cs.apk", "feature-master.apk", "feature-cs.apk"], {"here.apks": 4}),
        (["a.apk", "b.apk", "config.cs.apk"], {"a.apk": 1, "b.apk": 1, "config.cs.apk": 1}),
        (["a.apk", "a-arm64.apk"], {"a.apk": 1, "a-arm64.apk": 1}),
        (["split_config.cs.apk"], {"split_config.cs.apk": 1}),
    ],
)
def test_parts_of_an_android_app_are_one_input(tmp_path, names, sets):
    folder = tmp_path / "here"
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes(BASE)
    below = list(inputs([folder]))
    assert {one.inside.name: len(one.parts.files) if one.parts else 1 for one in below} == sets
    named = list(inputs([folder / name for name in names])) if len(names) > 1 else below
    assert {one.inside.name for one in named} == set(sets)


def test_profile_of_parts_in_a_folder(tmp_path, inspect_path):
    folder = tmp_path / "com.example-1"
    folder.mkdir()
    (folder / "base.apk").write_bytes(BASE)
    (folder / "split_feature.apk").write_bytes(SPLIT)
    document = inspect_path(folder)
    artifact = document["artifact"]
    assert (artifact["kind"], artifact["format"], artifact["name"]) == ("android-app", "app-set", "com.example-1.apks")
    hosts = {one["value"]: one for one in document["observables"]["hostnames"]}
    place = hosts["split.widgets.cn"]["sightings"][0]["path"]
    assert place == "com.example-1.apks!app-set!split_feature.apk!jar!assets/x.txt"
    evidence = document["findings"][0]["evidence"]
    assert [one.found for one in reread(folder, artifact["name"], evidence)] == ["there"]
    assert artifact["sha256"] == file_sha256(folder)


def test_the_signature_beside_a_package_belongs_to_the_set(tmp_path, inspect_path):
    for name, content in (("base.apk", BASE), ("base.apk.idsig", b"\2\0\0\0" + bytes(60)), ("split_a.apk", SPLIT)):
        (tmp_path / name).write_bytes(content)
    (only,) = inputs([tmp_path])
    (named,) = inputs(sorted(tmp_path.iterdir()))
    assert only.parts == named.parts
    assert inspect_path(tmp_path)["artifact"]["identity"]["signing"] == "v4"
