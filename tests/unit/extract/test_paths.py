"""Paths of members as the walk shows them, and what that costs for the longest."""

from typing import ClassVar

import pytest

from inspector.extract.walk import _absolute


class Counted(str):
    """A path that counts the characters that are copied from it and from what is cut off it."""

    __slots__ = ()
    copied: ClassVar[int] = 0

    def __getitem__(self, key):
        return self._counted(super().__getitem__(key))

    def partition(self, separator):
        return tuple(map(self._counted, super().partition(separator)))

    def _counted(self, part):
        Counted.copied += len(part)
        return Counted(part)


def test_steps_in_front_of_a_path_cost_no_more_than_its_length():
    path = Counted("../" * 20_000 + "./etc/passwd")
    Counted.copied = 0
    assert _absolute(path) == "/etc/passwd"
    assert Counted.copied <= len(path)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("a/b", "/a/b"),
        ("/a", "/a"),
        ("./../a", "/a"),
        (".", "/"),
        ("..", "/"),
        ("../", "/"),
        ("", "/"),
        (".a/./b", "/.a/./b"),
    ],
)
def test_a_path_is_shown_from_the_root(path, shown):
    assert _absolute(path) == shown
