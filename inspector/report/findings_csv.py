"""All findings as a table, one line each."""

from collections.abc import Iterator
from typing import Any, Final

from inspector.report.presentation import Presentation
from inspector.report.spreadsheet import table

HEAD: Final = (
    "artifact",
    "sha256",
    "finding",
    "severity",
    "confidence",
    "presence",
    "limbs",
    "subject",
    "kind",
    "category",
    "vendor",
    "group",
    "domicile",
    "disputed",
    "endpoints",
    "hosting",
    "operators",
    "evidence",
    "first path",
    "first offset",
    "first excerpt",
    "reasons",
    "caveats",
)


def render(document: dict[str, Any], how: Presentation) -> str:  # noqa: ARG001 - the reporters' signature
    """Return the table; lists inside a field are joined with `; `."""
    return table(HEAD, _rows(document))


def _rows(document: dict[str, Any]) -> Iterator[list[object]]:
    artifact = document["artifact"]
    for f in document["findings"]:
        subject, vendor, endpoints = f["subject"], f["vendor"], f["endpoints"]
        first = f["evidence"][0] if f["evidence"] else None
        yield [
            *(artifact["name"], artifact["sha256"], f["id"], f["severity"], f["confidence"], f["presence"]),
            *("; ".join(f["limbs"]), subject["name"], subject["kind"], subject["category"]),
            *(vendor["name"], vendor["group"], vendor["domicile"], vendor["disputed"]),
            "; ".join(f"{e['value']}:{e['port']}" if e["port"] else e["value"] for e in endpoints),
            "; ".join(sorted({e["hosting"] or "unknown" for e in endpoints})),
            "; ".join(sorted({e["operator"] for e in endpoints} - {""})),
            f["evidence_total"],
            *((first["location"]["path"], first["location"]["offset"], first["excerpt"]) if first else ("", "", "")),
            *("; ".join(f["reasons"]), "; ".join(f["caveats"])),
        ]
