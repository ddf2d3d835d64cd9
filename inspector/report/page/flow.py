"""The picture of the flow: artifact → SDK or service → vendor → jurisdiction. Positions only; the template draws."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from inspector.model.knowledge import PRC

COLUMNS: Final = (0, 290, 580, 870)
BOX: Final = 246
HEIGHT: Final = 46
STEP: Final = 60
TOP: Final = 34
MOST: Final = 10
"""Subjects drawn one by one; the rest share a box."""
_FITS: Final = 28


@dataclass(frozen=True, slots=True)
class Node:
    """A box; `kind` is artifact, subject, vendor, place or unknown, `tone` a rating or empty."""

    key: str
    kind: str
    label: str
    note: str
    tone: str
    x: int
    y: float

    @property
    def short(self) -> str:
        """Return the label as far as it fits the box."""
        return self.label if len(self.label) <= _FITS else self.label[: _FITS - 1] + "…"


@dataclass(frozen=True, slots=True)
class Link:
    """A curve between two boxes; `kind` is is part-of, seat or hosting."""

    path: str
    kind: str
    tone: str


@dataclass(frozen=True, slots=True)
class Flow:
    """Boxes and curves on a canvas of `width` by `height`."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    width: int
    height: int
    box: int = BOX


def flow(
    document: dict[str, Any], findings: Sequence[dict[str, Any]], more: str, said: Callable[[str], str] = str
) -> Flow:
    """Return the picture of the exposing findings, most severe first.

    `more` labels the shared box, `{n}` its count; `said` gives the names of subjects and vendors to the reader.
    """
    shown, rest = list(findings[:MOST]), list(findings[MOST:])
    if len(rest) == 1:
        shown, rest = [*shown, *rest], []
    boxes = [(f["id"], said(f["subject"]["name"]), f["subject"]["category"], f["severity"]) for f in shown]
    if rest:
        boxes.append(("rest", more.replace("{n}", str(len(rest))), "", rest[0]["severity"]))
    vendors = {f["vendor"]["id"]: f["vendor"] for f in [*shown, *rest]}
    worst: dict[str, str] = {}
    for finding in [*shown, *rest]:
        worst.setdefault(finding["vendor"]["id"], finding["severity"])
    places = _places([*shown, *rest])
    height = TOP + STEP * max(len(boxes), len(vendors), len(places), 1)
    middle = {
        "subject": _column(height, len(boxes)),
        "vendor": _column(height, len(vendors)),
        "place": _column(height, len(places)),
    }
    artifact = document["artifact"]
    nodes = [Node("artifact", "artifact", artifact["name"], artifact["kind"], "", COLUMNS[0], _column(height, 1)[0])]
    for y, (key, name, category, tone) in zip(middle["subject"], boxes, strict=True):
        nodes.append(Node(f"s:{key}", "subject", name, category, tone, COLUMNS[1], y))
    for y, vendor in zip(middle["vendor"], vendors.values(), strict=True):
        group = vendor["group"] if vendor["group"] != vendor["name"] else ""
        tone = worst[vendor["id"]]
        nodes.append(Node(f"v:{vendor['id']}", "vendor", said(vendor["name"]), group, tone, COLUMNS[2], y))
    for y, place in zip(middle["place"], places, strict=True):
        nodes.append(Node(f"p:{place}", "place" if place else "unknown", place, "", "", COLUMNS[3], y))
    links = _links(boxes, [*shown], rest, {node.key: node for node in nodes})
    return Flow(tuple(nodes), tuple(links), COLUMNS[3] + BOX, height)


def _places(findings: Sequence[dict[str, Any]]) -> list[str]:
    """Return the country codes met, those of the PRC first, an empty one for the unknown last."""
    met: set[str] = set()
    for finding in findings:
        met |= {finding["vendor"]["domicile"]} | {endpoint["hosting"] for endpoint in finding["endpoints"]}
    return sorted(met, key=lambda code: (not code, code not in PRC, code))


def _column(height: int, count: int) -> list[float]:
    """Return the tops of `count` boxes, centred below the column heads."""
    start = TOP + (height - TOP - STEP * count) / 2
    return [start + STEP * index + (STEP - HEIGHT) / 2 for index in range(count)]


def _links(
    boxes: Sequence[tuple[str, str, str, str]],
    shown: Sequence[dict[str, Any]],
    rest: Sequence[dict[str, Any]],
    nodes: dict[str, Node],
) -> list[Link]:
    pairs: dict[tuple[str, str, str], str] = {}
    for key, _, _, tone in boxes:
        pairs["artifact", f"s:{key}", "part"] = tone
    for finding, key in [*((f, f["id"]) for f in shown), *((f, "rest") for f in rest)]:
        vendor = finding["vendor"]
        pairs.setdefault((f"s:{key}", f"v:{vendor['id']}", "part"), finding["severity"])
        pairs.setdefault((f"v:{vendor['id']}", f"p:{vendor['domicile']}", "seat"), finding["severity"])
        for hosting in sorted({endpoint["hosting"] for endpoint in finding["endpoints"]}):
            pairs.setdefault((f"v:{vendor['id']}", f"p:{hosting}", "hosting"), finding["severity"])
    return [Link(_curve(nodes[a], nodes[b], kind), kind, tone) for (a, b, kind), tone in pairs.items()]


def _curve(start: Node, end: Node, kind: str) -> str:
    shift = 7 if kind == "hosting" else -7 if kind == "seat" else 0
    x1, y1 = start.x + BOX, start.y + HEIGHT / 2 + shift
    x2, y2 = end.x, end.y + HEIGHT / 2 + shift
    bend = (x2 - x1) / 2
    return f"M{x1} {y1:.1f}C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f} {x2} {y2:.1f}"
