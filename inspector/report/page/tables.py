"""Tables for the page: plain rows that both the template (the first ones) and the script (all of them) write."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from inspector.model.knowledge import PRC
from inspector.report.countries import country_name
from inspector.report.language import Words
from inspector.report.page.environment import visible

WRITTEN: Final = 100
"""Rows in the page's own markup; the script shows the others on demand."""
PRESENCES: Final = ("started", "referenced", "configured", "string")
_LONG: Final = 300


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, how it is set (`text`, `code`, `number`) and whether its values make a filter."""

    title: str
    style: str = "text"
    facet: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of as many cells as there are columns; a row whose `marks` is set belongs to the PRC."""

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    marks: tuple[bool, ...] = ()

    @property
    def written(self) -> tuple[tuple[tuple[str, ...], bool], ...]:
        """Return the rows that stand in the page itself, each with its mark."""
        marks = self.marks or (False,) * len(self.rows)
        return tuple(zip(self.rows[:WRITTEN], marks[:WRITTEN], strict=True))

    @property
    def data(self) -> dict[str, Any]:
        """Return what the script reads."""
        return {"rows": self.rows, "marks": [index for index, mark in enumerate(self.marks) if mark]}


def tables(document: dict[str, Any], words: Words) -> list[Table]:
    """Return all tables that have rows, endpoints first."""
    makers: Sequence[Callable[[], Table]] = (
        lambda: _endpoints(document, words),
        lambda: _mechanisms(document, words),
        lambda: _plain("sdks", document, words),
        lambda: _plain("components", document, words),
        lambda: _permissions(document, words),
        lambda: _certificates(document, words),
        lambda: _plain("private_keys", document, words),
        lambda: _plain("emails", document, words),
        lambda: _tree(document, words),
        lambda: _rejections(document, words),
    )
    return [table for make in makers if (table := make()).rows]


def _columns(words: Words, *names: str) -> tuple[Column, ...]:
    styles = {"value": "code", "at": "code", "path": "code", "sha256": "code", "size": "number", "seen": "number"}
    facets = {"kind", "vendor", "place", "presence", "context", "sensitivity", "format", "reason"}
    return tuple(Column(words(f"column.{name}"), styles.get(name, "text"), name in facets) for name in names)


def _vendors(document: dict[str, Any]) -> dict[str, str]:
    return {finding["vendor"]["id"]: finding["vendor"]["name"] for finding in document["findings"]}


def _at(item: dict[str, Any]) -> str:
    sightings = item.get("sightings") or ()
    return f"{sightings[0]['path']}+{sightings[0]['offset']:#x}" if sightings else ""


class _Cells:
    """Cells that most tables share, for one document and language."""

    def __init__(self, document: dict[str, Any], words: Words) -> None:
        self._names = _vendors(document)
        self._words = words

    def vendor(self, item: dict[str, Any]) -> str:
        vendor = item.get("vendor", "")
        return str(self._names.get(vendor, vendor))

    def place(self, item: dict[str, Any]) -> str:
        code = item.get("jurisdiction", "") or item.get("attributes", {}).get("registered", "")
        return country_name(code, self._words.language)

    def used(self, item: dict[str, Any]) -> tuple[str, str, str]:
        presence, context = item.get("presence", ""), item.get("context", "")
        total = item.get("sightings_total", 0)
        return self._words.term("presence", presence), self._words.term("context", context), str(total)

    def ranked(
        self, rows: Iterable[tuple[dict[str, Any], tuple[str, ...]]]
    ) -> list[tuple[dict[str, Any], tuple[str, ...]]]:
        order = {name: index for index, name in enumerate(PRESENCES)}
        return sorted(
            rows,
            key=lambda row: (
                not _prc(row[0]),
                not row[0].get("vendor"),
                order.get(row[0].get("presence", ""), 9),
                row[1],
            ),
        )


def _prc(item: dict[str, Any]) -> bool:
    return item.get("jurisdiction", "") in PRC or item.get("attributes", {}).get("registered", "") in PRC


def _table(
    name: str, words: Words, columns: tuple[Column, ...], rows: Sequence[tuple[dict[str, Any], tuple[str, ...]]]
) -> Table:
    return Table(
        name.replace("_", "-"),
        words(f"table.{name}"),
        columns,
        tuple(tuple(visible(cell, _LONG) for cell in cells) for _, cells in rows),
        tuple(_prc(item) for item, _ in rows),
    )


def _endpoints(document: dict[str, Any], words: Words) -> Table:
    cells = _Cells(document, words)
    kinds = {"hostnames": "hostname", "ip_addresses": "ip-address", "urls": "url"}
    rows = []
    for section, kind in kinds.items():
        for item in document["observables"][section]:
            port = item.get("attributes", {}).get("port", "") if kind == "ip-address" else ""
            value = f"{item['value']}:{port}" if port and ":" not in item["value"] else item["value"]
            row = (value, words.term("kind", kind), cells.vendor(item), cells.place(item))
            rows.append((item, (*row, *cells.used(item), _at(item))))
    columns = _columns(words, "value", "kind", "vendor", "place", "presence", "context", "seen", "at")
    return _table("endpoints", words, columns, cells.ranked(rows))


def _plain(section: str, document: dict[str, Any], words: Words) -> Table:
    cells = _Cells(document, words)
    rows = [
        (item, (item["value"], cells.vendor(item), cells.place(item), *cells.used(item), _at(item)))
        for item in document["observables"][section]
    ]
    columns = _columns(words, "value", "vendor", "place", "presence", "context", "seen", "at")
    return _table(section, words, columns, cells.ranked(rows))


def _mechanisms(document: dict[str, Any], words: Words) -> Table:
    cells = _Cells(document, words)
    rows = []
    for item in document["observables"]["mechanisms"]:
        attributes = item.get("attributes", {})
        limb = attributes.get("limb", "")
        row = (item["value"], words.sentence(attributes.get("detail", ""))[0], words.term("limb", limb))
        rows.append((item, (*row, cells.used(item)[0], item.get("excerpt", ""), _at(item))))
    columns = _columns(words, "value", "detail", "limb", "presence", "excerpt", "at")
    return _table("mechanisms", words, columns, cells.ranked(rows))


def _permissions(document: dict[str, Any], words: Words) -> Table:
    rank = {"high": 0, "medium": 1, "low": 2}
    rows = []
    for item in document["observables"]["permissions"]:
        attributes = item.get("attributes", {})
        level = attributes.get("sensitivity", "")
        row = (
            item["value"],
            attributes.get("meaning", ""),
            words.term("rating", level),
        )
        rows.append((item, (*row, _at(item))))
    rows.sort(key=lambda row: (rank.get(row[0].get("attributes", {}).get("sensitivity", ""), 3), row[1]))
    return _table("permissions", words, _columns(words, "value", "meaning", "sensitivity", "at"), rows)


def _certificates(document: dict[str, Any], words: Words) -> Table:
    rows = []
    for item in document["observables"]["certificates"]:
        attributes = item.get("attributes", {})
        described = [attributes.get(name, "") for name in ("subject", "issuer", "use")]
        dates = f"{attributes.get('not-before', '?')} – {attributes.get('not-after', '?')}"
        rows.append((item, (*described, dates, item["value"], _at(item))))
    columns = _columns(words, "subject", "issuer", "use", "valid", "sha256", "at")
    return _table("certificates", words, columns, sorted(rows, key=lambda row: row[1]))


def _tree(document: dict[str, Any], words: Words) -> Table:
    rows = [
        (
            node,
            (
                node["path"],
                node["format"],
                words.number(node["size"]),
                words.percent(node["score"]),
                node["sha256"],
            ),
        )
        for node in document["tree"]
    ]
    return _table("tree", words, _columns(words, "path", "format", "size", "coverage", "sha256"), rows)


def _rejections(document: dict[str, Any], words: Words) -> Table:
    rejections = document.get("rejections") or {}
    meanings = {reason["reason"]: reason["meaning"] for reason in rejections.get("reasons", ())}
    rows = [
        (
            item,
            (item["value"], item["reason"], meanings.get(item["reason"], ""), _at({"sightings": [item["location"]]})),
        )
        for item in rejections.get("listed", ())
    ]
    return _table("rejections", words, _columns(words, "value", "reason", "meaning", "at"), rows)
