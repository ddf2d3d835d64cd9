"""The compiled form of the knowledge: one file that is ready as soon as it is read.

File: the size of its head, the head (identifiers, sizes, categories), then one object for each vendor, each signature
and each kind of pattern, all as the interpreter's own `marshal` writes them: that needs no import, and reads in half
the time of JSON. It is no format to exchange: the name of the entry tells the version of Python, and nothing is read
that another user could have written. A scan meets a few dozen of the objects; only those are made.
"""

import marshal
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any, Final, TypeVar

from inspector.model.knowledge import (
    Category,
    Confidence,
    Indicator,
    Knowledge,
    Limb,
    PatternTable,
    Reference,
    Signature,
    Vendor,
)

FORMAT: Final = b"knowledge 7\n"
"""Changes with the compiled form and with what the loader refuses: an old cache entry is never read as a new one."""

Item = TypeVar("Item")


class Thawing(Mapping[str, Item]):
    """Items by identifier, in the order of the file; each is made when it is first asked for, and then kept."""

    def __init__(self, sizes: Mapping[str, int], raw: memoryview, make: Callable[[dict[str, Any]], Item]) -> None:
        ends = accumulate(sizes.values())
        self._places = {key: (end - size, end) for (key, size), end in zip(sizes.items(), ends, strict=True)}
        self._raw = raw
        self._make = make
        self._made: dict[str, Item] = {}

    def __getitem__(self, key: str) -> Item:
        item = self._made.get(key)
        if item is None:
            start, end = self._places[key]
            item = self._made[key] = self._make(marshal.loads(self._raw[start:end]))  # noqa: S302
        return item

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: object) -> bool:
        return key in self._places


def pattern_table(signatures: Sequence[Signature]) -> PatternTable:
    """Return where every pattern stands."""
    table: dict[str, dict[str, list[int]]] = {}
    for number, signature in enumerate(signatures):
        for place, indicator in enumerate(signature.indicators):
            by_pattern = table.setdefault(indicator.kind, {})
            for pattern in indicator.patterns:
                by_pattern.setdefault(pattern, []).extend((number, place))
    return table


def freeze(knowledge: Knowledge) -> bytes:
    """Return the file."""
    vendors = {key: _packed(_plain_vendor(vendor)) for key, vendor in knowledge.vendors.items()}
    signatures = {key: _packed(_plain_signature(signature)) for key, signature in knowledge.signatures.items()}
    patterns = {kind: _packed(places) for kind, places in knowledge.patterns.items()}
    head = _packed(
        {
            "vendors": {key: len(raw) for key, raw in vendors.items()},
            "signatures": {key: len(raw) for key, raw in signatures.items()},
            "patterns": {kind: len(raw) for kind, raw in patterns.items()},
            "categories": [category._asdict() for category in knowledge.categories.values()],
            "date": knowledge.date,
        }
    )
    parts = (*vendors.values(), *signatures.values(), *patterns.values())
    return b"".join((FORMAT, b"%d\n" % len(head), head, *parts))


def _packed(value: Any) -> bytes:
    import orjson

    return marshal.dumps(orjson.loads(orjson.dumps(value)))  # enumerations become text on the way


def _plain_vendor(vendor: Vendor) -> dict[str, Any]:
    return vendor._asdict() | {"references": [reference._asdict() for reference in vendor.references]}


def _plain_signature(signature: Signature) -> dict[str, Any]:
    return signature._asdict() | {
        "indicators": [indicator._asdict() for indicator in signature.indicators],
        "references": [reference._asdict() for reference in signature.references],
    }


def thaw(raw: bytes, digest: str) -> Knowledge:
    """Return the knowledge of a file that `freeze` made of files with this digest."""
    start = raw.index(b"\n", len(FORMAT)) + 1
    end = start + int(raw[len(FORMAT) : start])
    head = marshal.loads(memoryview(raw)[start:end])  # noqa: S302
    first = end + sum(head["vendors"].values())
    second = first + sum(head["signatures"].values())
    return Knowledge(
        vendors=Thawing(head["vendors"], memoryview(raw)[end:first], _vendor),
        signatures=Thawing(head["signatures"], memoryview(raw)[first:second], _signature),
        categories={item["id"]: Category(**item) for item in head["categories"]},
        patterns=Thawing(head["patterns"], memoryview(raw)[second:], _places),
        sha256=digest,
        date=head["date"],
    )


def _places(table: dict[str, Any]) -> Mapping[str, Sequence[int]]:
    return table


def _references(items: list[dict[str, str]]) -> tuple[Reference, ...]:
    return tuple(Reference(**item) for item in items)


def _vendor(item: dict[str, Any]) -> Vendor:
    return Vendor(**item | {"names": tuple(item["names"]), "references": _references(item["references"])})


def _signature(item: dict[str, Any]) -> Signature:
    changed = {
        "limbs": tuple(Limb(limb) for limb in item["limbs"]),
        "caveats": tuple(item["caveats"]),
        "references": _references(item["references"]),
        "indicators": tuple(_indicator(entry) for entry in item["indicators"]),
    }
    return Signature(**item | changed)


def _indicator(item: dict[str, Any]) -> Indicator:
    lists = {key: tuple(item[key]) for key in ("patterns", "references", "match", "no_match")}
    return Indicator(**item | lists | {"confidence": Confidence(item["confidence"])})
