"""What settings of any shape hold, bounded: property lists and JSON that an app's builder wrote may hold anything."""

from typing import Any, Final

LONGEST: Final = 300
"""Characters kept of a text."""
MOST: Final = 1_000
"""Entries taken from a list."""


def dictionary(value: object) -> dict[str, Any]:
    """Return the value where it is a dictionary, else an empty one."""
    return value if isinstance(value, dict) else {}


def dictionaries(value: object) -> list[dict[str, Any]]:
    """Return the dictionaries among the entries of a list."""
    return [one for one in value[:MOST] if isinstance(one, dict)] if isinstance(value, list) else []


def texts(value: object) -> list[str]:
    """Return the texts among the entries of a list, each cut to `LONGEST`."""
    return [one[:LONGEST] for one in value[:MOST] if isinstance(one, str)] if isinstance(value, list) else []
