"""What stands around a hit: configuration keys, ELF sections, comments, documentation, certificates."""

from typing import Final

from inspector.scan.base import Placer
from inspector.scan.deferred import DeferredPlacer
from inspector.scan.places.binary import BytecodePlacer, FileListPlacer, PlainPlacer
from inspector.scan.places.modules import Modular
from inspector.scan.places.text import CodePlacer, ConfigPlacer, JsonPlacer, MarkupPlacer, ProsePlacer, ShellPlacer

PLACERS: Final[tuple[Placer, ...]] = (
    DeferredPlacer("inspector.scan.places.elf:ElfPlacer", "elf"),
    DeferredPlacer("inspector.scan.places.macho:MachoPlacer", "macho"),
    BytecodePlacer(),
    FileListPlacer(),
    PlainPlacer(),
    DeferredPlacer("inspector.scan.places.packed:PackedPlacer", "luac", "pyc", "sqlite", "unity-assets"),
    ConfigPlacer(),
    JsonPlacer(),
    MarkupPlacer(),
    Modular(CodePlacer()),
    ShellPlacer(),
    ProsePlacer(),
)
"""One per leaf format; formats that none names are placed as raw data."""
