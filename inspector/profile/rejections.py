"""What `--show-rejected` lists: the texts that looked like endpoints and were refused, by reason."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

LISTED_PER_REASON: Final = 2_000
"""Texts listed for one reason: class names, of which there may be very many, must not crowd out the others."""
LONGEST_VALUE: Final = 300

Refused = tuple[str, str, str, int]
"""(text, reason, path, offset)."""


def rejections_document(refused: Iterable[Refused], meanings: Mapping[str, str]) -> dict[str, Any]:
    """Return the `rejections` section: by reason and text, each text at the first of its places."""
    reasons: dict[str, dict[str, tuple[str, int]]] = {}
    for value, reason, path, offset in refused:
        texts, shown = reasons.setdefault(reason, {}), value[:LONGEST_VALUE]
        texts[shown] = min(texts.get(shown, (path, offset)), (path, offset))
    return {
        "reasons": [
            # Reasons of a format's own, such as "machine code", are words that need no other.
            {"reason": reason, "meaning": meanings.get(reason, ""), "different": len(texts)}
            for reason, texts in sorted(reasons.items())
        ],
        "listed": [
            {"value": value, "reason": reason, "location": {"path": path, "offset": offset}}
            for reason, texts in sorted(reasons.items())
            for value, (path, offset) in sorted(texts.items())[:LISTED_PER_REASON]
        ],
    }
