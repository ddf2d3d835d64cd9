"""Exit codes, and which of several wins."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Any, Final


class Exit(IntEnum):
    """What the command reports to its caller."""

    DONE = 0
    POLICY = 1
    USAGE = 2
    FAILED = 3
    INCOMPLETE = 4
    NOTHING = 5
    INTERRUPTED = 130


_ORDER: Final = (Exit.INTERRUPTED, Exit.USAGE, Exit.FAILED, Exit.POLICY, Exit.INCOMPLETE, Exit.NOTHING, Exit.DONE)
RATINGS: Final = ("none", "low", "medium", "high", "critical")


def worst(codes: Iterable[Exit]) -> Exit:
    """Return the code that wins over several inputs: 130 > 2 > 3 > 1 > 4 > 5 > 0."""
    return min(codes, key=_ORDER.index, default=Exit.DONE)


def code_for(document: dict[str, Any], fail_on: str | None, fail_on_incomplete: bool) -> Exit:
    """Return the code that one profile asks for."""
    verdict, coverage = document["verdict"], document["coverage"]
    if verdict["status"] == "failed":
        return Exit.FAILED
    if fail_on and RATINGS.index(verdict["rating"]) >= max(RATINGS.index(fail_on), 1):
        return Exit.POLICY
    if fail_on_incomplete and verdict["status"] == "inconclusive":
        return Exit.INCOMPLETE
    if _nothing_scannable(document, coverage):
        return Exit.NOTHING
    return Exit.DONE


def _nothing_scannable(document: dict[str, Any], coverage: dict[str, Any]) -> bool:
    if document["artifact"]["size"] == 0:
        return True
    known = document["artifact"]["format"] not in ("data", "empty") or len(document["tree"]) > 1
    return not known and not document["findings"] and coverage["score"] < 0.05
