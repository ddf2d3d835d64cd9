"""The compiled knowledge says what the files say, lazily, and follows them when they change."""

import time
from pathlib import Path

import pytest

from inspector.classify.index import Index
from inspector.errors import KnowledgeError
from inspector.knowledge import builtin_folder, load_knowledge
from inspector.knowledge.compiled import freeze, pattern_table, thaw


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a small folder of signatures, and keep the cache of this test apart."""
    monkeypatch.setenv("INSPECTOR_CACHE", str(tmp_path / "cache"))
    source, target = builtin_folder(), tmp_path / "signatures"
    for name in ("categories.yaml", "tuya/_vendor.yaml", "tuya/iot-cloud.yaml"):
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((source / name).read_bytes())
    return target


def test_thawed_knowledge_equals_the_compiled_one(folder: Path) -> None:
    cold, warm = load_knowledge(builtin=folder), load_knowledge(builtin=folder)
    assert dict(warm.signatures) == dict(cold.signatures)
    assert dict(warm.vendors) == dict(cold.vendors)
    assert warm.categories == cold.categories
    assert warm.patterns == pattern_table(list(cold.signatures.values()))
    assert (warm.sha256, warm.date) == (cold.sha256, cold.date)
    assert freeze(thaw(freeze(cold), cold.sha256)) == freeze(cold)


def test_items_are_made_once_and_only_when_asked_for(folder: Path) -> None:
    load_knowledge(builtin=folder)
    signatures = load_knowledge(builtin=folder).signatures
    assert "tuya/iot-cloud" in signatures
    assert "nobody/nothing" not in signatures
    assert signatures["tuya/iot-cloud"] is signatures["tuya/iot-cloud"]
    with pytest.raises(KeyError):
        signatures["nobody/nothing"]


def test_a_changed_file_is_new_knowledge(folder: Path) -> None:
    first = load_knowledge(builtin=folder)
    path = folder / "tuya" / "iot-cloud.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("tuyacn.com", "tuyaxx.com"), encoding="utf-8")
    second = load_knowledge(builtin=folder)
    assert second.sha256 != first.sha256
    assert not Index(second).find("hostname", "a.tuyacn.com")
    assert Index(second).find("hostname", "a.tuyaxx.com")


def test_times_stand_for_contents_only_once_they_are_old(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The change time cannot be set back: the clock is moved on instead.
    monkeypatch.setattr(time, "time_ns", lambda clock=time.time_ns: clock() + 10**11)
    first = load_knowledge(builtin=folder)
    monkeypatch.setattr(Path, "read_bytes", _refuse)
    assert load_knowledge(builtin=folder).sha256 == first.sha256
    monkeypatch.undo()
    monkeypatch.setenv("INSPECTOR_CACHE", str(folder.parent / "cache"))
    path = folder / "tuya" / "iot-cloud.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("tuyacn.com", "tuyaxx.com"), encoding="utf-8")
    assert load_knowledge(builtin=folder).sha256 != first.sha256


@pytest.mark.parametrize("change", ["new file", "new folder", "gone", "renamed"])
def test_files_that_come_and_go_are_noticed_once_times_are_old(
    folder: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    cloud = folder / "tuya/iot-cloud.yaml"
    extra = folder / "tuya/more.yaml"
    extra.write_text(cloud.read_text(encoding="utf-8").replace("tuya/iot-cloud", "tuya/more"), encoding="utf-8")
    monkeypatch.setattr(time, "time_ns", lambda clock=time.time_ns: clock() + 10**11)
    first = load_knowledge(builtin=folder)
    if change == "new file":
        text = cloud.read_text(encoding="utf-8").replace("tuya/iot-cloud", "tuya/third")
        (folder / "tuya/third.yaml").write_text(text, encoding="utf-8")
    elif change == "new folder":
        source = builtin_folder() / "baidu/_vendor.yaml"
        (folder / "baidu").mkdir()
        (folder / "baidu/_vendor.yaml").write_bytes(source.read_bytes())
    elif change == "gone":
        extra.unlink()
    else:
        extra.rename(folder / "tuya/another.yaml")
        with pytest.raises(KnowledgeError, match="another"):  # the name says what is defined
            load_knowledge(builtin=folder)
        return
    second = load_knowledge(builtin=folder)
    assert second.sha256 != first.sha256
    assert ("tuya/more" in second.signatures) == (change != "gone")
    assert ("tuya/third" in second.signatures) == (change == "new file")
    assert ("baidu" in second.vendors) == (change == "new folder")


def _refuse(path: Path) -> bytes:
    raise AssertionError(f"{path} was read")
