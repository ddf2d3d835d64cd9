"""Places in ELF files: the section that holds a hit."""

from collections.abc import Iterable
from typing import ClassVar, Final

from inspector.errors import FormatError
from inspector.formats.elf import open_elf
from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context
from inspector.scan.base import Place, Placer
from inspector.scan.places.surroundings import hit_context, whole_leaf_context

_NOTES: Final = (".comment", ".note", ".gnu_debuglink", ".debug", ".zdebug", ".stab")


class ElfPlacer(Placer):
    """Names the section (`.rodata`); the compiler's notes and debug information are documentation."""

    FORMATS: ClassVar = ("elf",)

    def places(self, artifact: Artifact, data: Reader, hits: Iterable[tuple[int, int]]) -> list[Place]:
        """Return one place for each hit; an unreadable section table gives no names."""
        whole = whole_leaf_context(artifact)
        try:
            elf = open_elf(data)
        except FormatError:
            return [Place(whole or hit_context(data, start, end) or Context.CODE) for start, end in hits]
        found = []
        for start, end in hits:
            section = elf.section_at(start)
            noted = Context.DOCUMENTATION if section.startswith(_NOTES) else None
            found.append(Place(whole or noted or hit_context(data, start, end) or Context.CODE, key=section))
        return found
