"""The cache: atomic, checked, bounded, and never in the way."""

import os

import pytest

from inspector import cache


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("INSPECTOR_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_what_is_stored_is_loaded():
    cache.store("thing-1", b"data")
    assert cache.load("thing-1") == b"data"


def test_a_damaged_entry_is_none(folder):
    cache.store("thing-1", b"data")
    (folder / "thing-1").write_bytes(b"x" * 40)
    assert cache.load("thing-1") is None


def test_an_entry_that_others_can_write_is_none(folder):
    cache.store("thing-1", b"data")
    (folder / "thing-1").chmod(0o666)
    assert cache.load("thing-1") is None


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("INSPECTOR_CACHE", str(tmp_path / "file" / "below"))
    cache.store("thing-1", b"data")
    assert cache.load("thing-1") is None


def test_only_what_was_used_last_of_a_kind_is_kept(folder):
    for number in range(20):
        cache.store(f"thing-{number}", b"data")
        os.utime(folder / f"thing-{number}", (number, number))
        assert cache.load("thing-0") == b"data"
    cache.store("other-1", b"data")
    assert len(list(folder.glob("thing-*"))) == cache.KEPT_OTHERWISE
    assert cache.load("thing-19") == b"data"
    assert cache.load("other-1") == b"data"


def test_a_user_without_a_home_has_no_cache_and_no_error(monkeypatch):
    def homeless(_):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("INSPECTOR_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(cache.Path, "home", classmethod(homeless))
    cache.store("thing-1", b"data")
    assert cache.load("thing-1") is None


def test_a_compiled_database_is_read_back_from_the_cache(folder, monkeypatch):
    from inspector.scan import database

    pytest.importorskip("hyperscan")
    database.load_database([(7, b"needle")])
    (entry,) = folder.glob("anchors-*")
    monkeypatch.setattr(database, "_compile", None)  # calling it would fail
    found = []
    database.load_database([(7, b"needle")]).scan(b"a NEEDLE", lambda kind, *_: found.append(kind))
    assert found == [7]
    monkeypatch.undo()
    monkeypatch.setenv("INSPECTOR_CACHE", str(folder))
    entry.write_bytes(entry.read_bytes()[:-1] + b"x")
    assert database.load_database([(7, b"needle")]) is not None
