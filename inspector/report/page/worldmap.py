"""The world view: where the vendors sit and where the endpoints are, as dots and labelled pins. Positions only."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from markupsafe import Markup

from inspector.model.knowledge import PRC
from inspector.report.countries import World, country_name, world

CELL: Final = 6
ROLES: Final = ("seat", "hosting", "operator")
MARGIN: Final = 96
"""Room for labels east of the date line."""
LABEL: Final = 190
"""Width of the longest second line of a label."""
_LINE: Final = 32
"""Height of a label of two lines."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A jurisdiction with what it stands for; its label stands east of the country."""

    code: str
    name: str
    x: float
    y: float
    label_x: float
    label_y: float
    prc: bool
    roles: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Map:
    """Paths of dots (zero-length strokes with round ends) and pins on a canvas of `width` by `height`."""

    width: int
    height: int
    land: Markup
    lit: tuple[tuple[str, Markup, bool], ...]
    """(code, path, whether of the PRC)."""
    pins: tuple[Pin, ...]


def places(findings: Iterable[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Return country → role → count: vendors seated there, endpoints hosted there. The unknown is left out."""
    seats: dict[str, set[str]] = defaultdict(set)
    hosts: dict[str, set[str]] = defaultdict(set)
    for finding in findings:
        seats[finding["vendor"]["domicile"]].add(finding["vendor"]["id"])
        for endpoint in finding["endpoints"]:
            hosts[endpoint["hosting"]].add(endpoint["value"])
    found: dict[str, dict[str, int]] = {}
    for code in sorted({*seats, *hosts} - {""}):
        found[code] = {"seat": len(seats[code]), "hosting": len(hosts[code])}
    return found


def world_map(met: Mapping[str, Mapping[str, int]], language: str) -> Map:
    """Return the picture for the countries met; codes that are no country's have no pin."""
    grid = world()
    known = [code for code in met if code in grid.points]
    dim = [cell for code, cells in grid.dots.items() if code not in known for cell in cells]
    lit = tuple((code, _path(grid.dots.get(code, ()), grid), code in PRC) for code in known)
    pins = _apart([_pin(code, met[code], grid, language) for code in known])
    return Map(grid.columns * CELL + MARGIN, grid.rows * CELL, _path(dim, grid), lit, tuple(pins))


def _path(cells: Iterable[int], grid: World) -> Markup:
    half = CELL // 2
    dots = "".join(
        f"M{column * CELL + half} {row * CELL + half}h0"
        for row, column in (divmod(cell, grid.columns) for cell in sorted(cells))
    )
    return Markup(dots)  # noqa: S704 - numbers only


def _pin(code: str, roles: Mapping[str, int], grid: World, language: str) -> Pin:
    longitude, latitude = grid.points[code]
    x = (longitude + 180) / grid.step * CELL
    y = (grid.north - latitude) / grid.step * CELL
    near = [cell % grid.columns * CELL for cell in grid.dots.get(code, ()) if _near(cell, x, grid)]
    counted = tuple((role, roles[role]) for role in ROLES if roles.get(role))
    label_x = min(max([x, *near]) + 16, grid.columns * CELL + MARGIN - LABEL)
    name = country_name(code, language)
    return Pin(code, name, round(x, 1), round(y, 1), round(label_x, 1), round(y, 1), code in PRC, counted)


def _near(cell: int, x: float, grid: World) -> bool:
    """Tell whether a dot is of the mainland: islands far off do not push the label away."""
    return abs(cell % grid.columns * CELL - x) < 24 * CELL


def _apart(pins: list[Pin]) -> list[Pin]:
    """Move labels down until none covers another; they are few."""
    placed: list[Pin] = []
    for pin in sorted(pins, key=lambda p: (p.y, p.x)):
        y = pin.y
        for other in placed:
            if abs(other.label_x - pin.label_x) < 170 and abs(other.label_y - y) < _LINE:
                y = other.label_y + _LINE
        placed.append(replace(pin, label_y=y))
    return sorted(placed, key=lambda p: (not p.prc, p.code))
