r"""What is wrong with a pattern of a signature, before anything is made of it: addresses, numbers, expressions.

Regular expressions may hold what no engine needs more than a bounded effort for: ASCII characters, `.`, classes, `|`,
groups and bounded repeats (`?`, `{2,8}`). The number of ways in which the expression can be tried at one place is
counted beforehand, so that even a backtracking engine stays linear in the input. Otherwise `(([a-z0-9]+)+\.)+cn` takes
ten seconds on 28 characters.
"""

import ipaddress
import re
from collections.abc import Callable
from re import _parser  # type: ignore[attr-defined]
from typing import Any, Final

MOST_WAYS: Final = 1000
LONGEST: Final = 512
"""Characters of a match: as far as the scanner looks back from its end."""
SHORTEST: Final = 4


def regex_problem(pattern: str) -> str:
    """Return why an expression is not allowed, or an empty string."""
    if not pattern.isascii():
        return "holds other characters than ASCII; use kind string"
    if "(?" in pattern.replace("(?:", ""):
        return "uses (?…): only (?:…) is known"
    try:
        parsed = _parser.parse(pattern)
        ways = _ways(parsed)
        shortest, longest = parsed.getwidth()
    except (re.error, RecursionError, OverflowError) as error:
        return f"is no regular expression: {error}"
    except _NotAllowed as error:
        return str(error)
    if ways > MOST_WAYS:
        return f"can be tried in more than {MOST_WAYS} ways at one place: repeat less"
    if shortest < SHORTEST or longest > LONGEST:
        return f"matches from {shortest} to {longest} characters; allowed are {SHORTEST} to {LONGEST}"
    return ""


class _NotAllowed(Exception):
    pass


def _ways(parsed: Any) -> int:
    """Return in how many ways a parsed expression can be tried from one place, counted no further than needed."""
    ways = 1
    for operation, argument in parsed:
        ways = min(ways * _ways_of(str(operation), argument), MOST_WAYS + 1)
    return ways


def _ways_of(operation: str, argument: Any) -> int:
    match operation:
        case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
            return 1
        case "SUBPATTERN":
            return _ways(argument[3])
        case "BRANCH":
            return sum(_ways(branch) for branch in argument[1])
        case "MAX_REPEAT" | "MIN_REPEAT":
            least, most, body = argument
            if most > LONGEST:
                raise _NotAllowed("repeats without a bound: use {1,60} instead of * and +")
            each, ways = _ways(body), 0
            for count in range(least, most + 1):
                ways += each**count
                if ways > MOST_WAYS:
                    break
            return ways
    raise _NotAllowed(f"uses {operation.lower()}, which is not allowed")


def _range_problem(pattern: str) -> str:
    try:
        ipaddress.ip_network(pattern)
    except ValueError:
        return "is no address range such as 203.0.113.0/24"
    return ""


def _asn_problem(pattern: str) -> str:
    number = pattern.removeprefix("AS")
    return "" if number.isascii() and number.isdigit() and len(number) <= 10 else "is no AS number such as AS64496"


def _string_problem(pattern: str) -> str:
    return "" if len(pattern.encode("utf-16-le")) <= 2 * LONGEST else f"is longer than {LONGEST} characters"


PROBLEMS: Final[dict[str, Callable[[str], str]]] = {
    "regex": regex_problem,
    "ip-range": _range_problem,
    "asn": _asn_problem,
    "string": _string_problem,
}
"""Indicator kind → what is wrong with a pattern of it, or an empty string."""
