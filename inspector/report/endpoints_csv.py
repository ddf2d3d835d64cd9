"""All host names, addresses and URLs as a table, one line each, whoever they belong to."""

from collections.abc import Iterator
from typing import Any, Final

from inspector.report.presentation import Presentation
from inspector.report.spreadsheet import table

HEAD: Final = (
    "artifact",
    "sha256",
    "kind",
    "value",
    "port",
    "vendor",
    "jurisdiction",
    "registered",
    "operator",
    "presence",
    "context",
    "sightings",
    "first path",
    "first offset",
    "excerpt",
    "used by",
)
_SECTIONS: Final = {"hostnames": "hostname", "ip_addresses": "ip-address", "urls": "url"}


def render(document: dict[str, Any], how: Presentation) -> str:  # noqa: ARG001 - the reporters' signature
    """Return the table in the order of the profile."""
    return table(HEAD, _rows(document))


def _rows(document: dict[str, Any]) -> Iterator[list[object]]:
    artifact = document["artifact"]
    for section, kind in _SECTIONS.items():
        for item in document["observables"][section]:
            facts, places = item["attributes"], item["sightings"]
            first = places[0] if places else {"path": "", "offset": ""}
            yield [
                *(artifact["name"], artifact["sha256"], kind, item["value"], facts.get("port", "")),
                *(item["vendor"], item["jurisdiction"], facts.get("registered", ""), facts.get("operator", "")),
                *(item["presence"], item["context"], item["sightings_total"], first["path"], first["offset"]),
                *(item["excerpt"], "; ".join(item["referenced_by"])),
            ]
