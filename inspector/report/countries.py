"""Countries for the reader: names in both languages, and where they lie. Made by `tools/build_world.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import orjson

WORLD: Final = Path(__file__).parent / "data" / "world.json"


@dataclass(frozen=True, slots=True)
class World:
    """A grid of dots on an equirectangular map, and a point for every territory."""

    step: float
    north: float
    columns: int
    rows: int
    dots: Mapping[str, tuple[int, ...]]
    """Country code → cells, row by row from the north-west; land without a code of its own under an empty one."""
    points: Mapping[str, tuple[float, float]]
    """Country code → longitude, latitude."""
    names: Mapping[str, Mapping[str, str]]


@cache
def world() -> World:
    """Return the map; read once."""
    raw = orjson.loads(WORLD.read_bytes())
    return World(**raw)


def country_name(code: str, language: str) -> str:
    """Return the everyday name, or the code itself where it is no country's."""
    return world().names[language].get(code, code)


def hosted(kind: str, country: str) -> str:
    """Return where an endpoint is, in English: of an address (`ip-address`) only the registration is known."""
    if not country:
        return "hosting unknown"
    return f"{'registered' if kind == 'ip-address' else 'hosted'} in {country}"
