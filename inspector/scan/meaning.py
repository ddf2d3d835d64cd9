"""What a permission, entitlement or kind of data means, in plain language: one form for every system's tables."""

Meaning = tuple[str, str]
"""(sensitivity, meaning); sensitivity is low, medium or high."""


def attributes_of(found: Meaning | None) -> tuple[tuple[str, str], ...]:
    """Return `meaning` and `sensitivity` as attributes; nothing for None."""
    return (("meaning", found[1]), ("sensitivity", found[0])) if found else ()
