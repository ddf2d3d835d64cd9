"""Which findings count against an artifact."""

from typing import Any, Final

UNKNOWN_VENDOR: Final = "unknown"
"""Vendor id of a finding whose operator is not known."""


def exposing(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the findings that count against the artifact, most severe first, as the document lists them."""
    return [finding for finding in document["findings"] if finding["severity"] != "none"]
