"""What stands around a hit: configuration keys, ELF sections, comments, documentation, certificates."""

from typing import Final

from inspector.scan.base import Placer
from inspector.scan.places.binary import BytecodePlacer, FileListPlacer, PlainPlacer
from inspector.scan.places.elf import ElfPlacer
from inspector.scan.places.macho import MachoPlacer
from inspector.scan.places.modules import Modular
from inspector.scan.places.packed import PackedPlacer
from inspector.scan.places.text import CodePlacer, ConfigPlacer, JsonPlacer, MarkupPlacer, ProsePlacer

PLACERS: Final[tuple[Placer, ...]] = (
    ElfPlacer(),
    MachoPlacer(),
    BytecodePlacer(),
    FileListPlacer(),
    PlainPlacer(),
    PackedPlacer(),
    ConfigPlacer(),
    JsonPlacer(),
    MarkupPlacer(),
    Modular(CodePlacer()),
    ProsePlacer(),
)
"""One per leaf format; formats that none names get no context but code."""
