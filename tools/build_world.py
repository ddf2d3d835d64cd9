"""Build the dotted world of the report: `inspector/report/data/world.json`, from two npm packages.

Usage: python tools/build_world.py FOLDER, where FOLDER is the `node_modules` that holds `world-atlas` (ISC; made from
Natural Earth, public domain) and `i18n-iso-countries` (MIT).

The map is a grid of dots, not of borders: each dot belongs to the country whose polygon holds its centre. The picture
says where a jurisdiction is and takes no side in where a border runs. Territories too small for a
dot have a point only.
"""

import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "inspector/report/data/world.json"
STEP = 2.2
"""Degrees between two dots, both ways."""
NORTH, SOUTH = 80.0, -56.0
SHORT = {
    "en": {
        "CN": "China",
        "TW": "Taiwan",
        "US": "United States",
        "RU": "Russia",
        "GB": "United Kingdom",
        "XK": "Kosovo",
    },
    "cs": {"CN": "Čína", "US": "Spojené státy", "GB": "Velká Británie", "RU": "Rusko", "MO": "Macao", "HK": "Hongkong"},
}
"""Everyday names where the list has the official long one."""

Ring = list[tuple[float, float]]


def arcs_of(topology: dict[str, Any]) -> list[Ring]:
    """Return the arcs in degrees (longitude, latitude); they are stored as steps on an integer grid."""
    (kx, ky), (dx, dy) = topology["transform"]["scale"], topology["transform"]["translate"]
    decoded = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            points.append((x * kx + dx, y * ky + dy))
        decoded.append(points)
    return decoded


def rings_of(geometry: dict[str, Any], arcs: list[Ring]) -> list[Ring]:
    """Return the outer ring of every polygon."""
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    rings = []
    for polygon in polygons:
        ring: Ring = []
        for number in polygon[0]:
            ring += arcs[number] if number >= 0 else arcs[~number][::-1]
        rings.append(ring)
    return rings


def holds(ring: Ring, x: float, y: float) -> bool:
    """Tell whether the point is inside, by counting crossings."""
    inside = False
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            inside = not inside
    return inside


def area_and_centre(ring: Ring) -> tuple[float, float, float]:
    """Return area, longitude and latitude of the centre of gravity."""
    area = x = y = 0.0
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = ax * by - bx * ay
        area, x, y = area + cross, x + (ax + bx) * cross, y + (ay + by) * cross
    if not area:
        return 0.0, *ring[0]
    return abs(area) / 2, x / (3 * area), y / (3 * area)


def main(folder: Path) -> None:
    """Write the file; countries in the order of their codes, dots as row-major cell numbers, rows from the north."""
    listed = json.loads((folder / "i18n-iso-countries/codes.json").read_text())
    codes = {number: alpha2 for alpha2, _, number, _ in listed}
    topology = json.loads((folder / "world-atlas/countries-50m.json").read_text())
    columns, rows = int(360 / STEP), int((NORTH - SOUTH) / STEP)
    dots, points = placed(topology, codes, columns, rows)
    names = {language: names_in(folder, language) for language in ("en", "cs")}
    document = {
        "step": STEP,
        "north": NORTH,
        "columns": columns,
        "rows": rows,
        "dots": {code: sorted(dots[code]) for code in sorted(dots)},
        "points": {code: points[code] for code in sorted(points)},
        "names": names,
    }
    TARGET.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def placed(
    topology: dict[str, Any], codes: dict[str, str], columns: int, rows: int
) -> tuple[dict[str, list[int]], dict[str, list[float]]]:
    """Return the cells and the centre of every country; land without a code of its own stands under an empty one."""
    arcs = arcs_of(topology)
    dots: dict[str, list[int]] = {}
    points: dict[str, list[float]] = {}
    taken: set[int] = set()
    for geometry in topology["objects"]["countries"]["geometries"]:
        code = codes.get(geometry.get("id") or "", "")
        if code == "AQ" or not geometry.get("arcs"):
            continue
        rings = rings_of(geometry, arcs)
        if code and code not in points:
            _, x, y = max(map(area_and_centre, rings))
            points[code] = [round(x, 1), round(y, 1)]
        for ring in rings:
            for cell in cells(ring, columns, rows):
                if cell not in taken:
                    taken.add(cell)
                    dots.setdefault(code, []).append(cell)
    return dots, points


def names_in(folder: Path, language: str) -> dict[str, str]:
    """Return code → everyday name."""
    listed = json.loads((folder / f"i18n-iso-countries/langs/{language}.json").read_text())["countries"]
    names = {code: name if isinstance(name, str) else name[0] for code, name in listed.items()}
    return dict(sorted((names | SHORT[language]).items()))


def cells(ring: Ring, columns: int, rows: int) -> list[int]:
    """Return the cells whose centre is inside the ring."""
    west, east = min(x for x, _ in ring), max(x for x, _ in ring)
    south, north = min(y for _, y in ring), max(y for _, y in ring)
    found = []
    for row in range(max(0, int((NORTH - north) / STEP) - 1), min(rows, int((NORTH - south) / STEP) + 2)):
        y = NORTH - (row + 0.5) * STEP
        across = range(max(0, int((west + 180) / STEP) - 1), min(columns, int((east + 180) / STEP) + 2))
        found += [row * columns + column for column in across if holds(ring, -180 + (column + 0.5) * STEP, y)]
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
