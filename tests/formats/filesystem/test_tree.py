"""Walking a tree that was made to trap the walker."""

from collections.abc import Iterator

import pytest

from inspector.errors import LimitReached, Malformed
from inspector.formats.filesystem.tree import MAX_DEPTH, MAX_ENTRIES, Budget, Entry, members_of, walk
from inspector.formats.layout import Member
from inspector.formats.reader import Span


def test_a_directory_in_itself_is_named_and_not_entered() -> None:
    found = list(walk(1, lambda key: [Entry(b"again", 1, directory=True)] if key == 1 else []))
    assert [(f.path, type(f.problem)) for f in found] == [("", type(None)), ("again", Malformed)]


def test_depth_is_bounded() -> None:
    found = list(walk(0, lambda key: [Entry(b"d", key + 1, directory=True)]))
    assert len(found) == MAX_DEPTH + 2
    assert isinstance(found[-1].problem, Malformed)


def test_entries_are_bounded() -> None:
    def endless(_: int) -> Iterator[Entry[int]]:
        number = 0
        while True:
            number += 1
            yield Entry(b"%d" % number, number, directory=False)

    found = list(walk(0, endless))
    assert isinstance(found[-1].problem, LimitReached)
    assert len(found) <= MAX_ENTRIES + 2


def test_damage_costs_the_rest_of_one_directory() -> None:
    def children(key: int) -> Iterator[Entry[int]]:
        if key == 0:
            yield Entry(b"bad", 1, directory=True)
            yield Entry(b"good", 2, directory=True)
            return
        yield Entry(b"file", key + 10, directory=False)
        if key == 1:
            raise Malformed("cut off")

    found = {f.path: f.problem for f in walk(0, children)}
    assert set(found) == {"", "bad", "bad/file", "good", "good/file"}
    assert isinstance(found["bad"], Malformed)


@pytest.mark.parametrize("name", [b"..", b"a/b", b"", b"x\0y"])
def test_names_no_packer_writes_are_noted(name: bytes) -> None:
    found = list(walk(0, lambda key: [Entry(name, 1, directory=False)] if not key else []))
    assert found[1].notes == ("path escapes the container",)


def test_twins_are_noted() -> None:
    entries = [Entry(b"a", 1, directory=False), Entry(b"a", 2, directory=False)]
    found = list(walk(0, lambda key: entries))
    assert found[2].notes == ("name occurs twice in its directory",)


def test_a_budget_ends() -> None:
    budget = Budget(10, floor=1)
    budget.spend(40)
    with pytest.raises(LimitReached):
        budget.spend(1)


def test_sealed_directories_are_one_member_each() -> None:
    tree = {
        "": [("a", True), ("b", True), ("c", False)],
        "a": [("x", False), ("d", True)],
        "a/d": [("y", False)],
        "b": [("z", False)],
    }

    def children(path: str):
        for name, directory in tree[path]:
            yield Entry(name.encode(), f"{path}/{name}".lstrip("/"), directory)

    def describe(found):
        return Member(found.path, None, (Span(ord(found.path[-1]), 200),), 7)

    members = list(members_of("", children, describe, lambda path: path in ("a", "a/d")))
    assert [member.path for member in members] == ["a", "b", "c", "b/z"]
    assert str(members[0].problem) == "directory encrypted with fscrypt: 2 entries of 14 bytes"
    assert members[0].extents == (Span(120, 200), Span(121, 200))
    (root,) = members_of("", children, describe, lambda path: not path)
    assert root.size == 28
