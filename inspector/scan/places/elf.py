"""Places in ELF files: the section that holds a hit, and whether the borders of its string are known."""

from bisect import bisect_right
from collections.abc import Iterable
from typing import ClassVar, Final

from inspector.errors import FormatError
from inspector.formats.program.elf import open_elf
from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context
from inspector.scan.base import Place, Placer
from inspector.scan.places.fused import fused_texts
from inspector.scan.places.surroundings import hit_context, whole_leaf_context

_NOTES: Final = (".comment", ".modinfo", ".note", ".gnu_debuglink", ".debug", ".zdebug", ".stab")
"""`.modinfo` names author, licence and parameters of a kernel module: nothing that the module does."""


class ElfPlacer(Placer):
    """Names the section (`.rodata`); notes of a compiler or of a module's author, and debug information, document."""

    FORMATS: ClassVar = ("elf",)

    def places(self, artifact: Artifact, data: Reader, hits: Iterable[tuple[int, int]]) -> list[Place]:
        """Return one place for each hit; an unreadable section table gives no names."""
        whole = whole_leaf_context(artifact)
        try:
            elf = open_elf(data)
        except FormatError:
            return [Place(whole or hit_context(data, start, end) or Context.CODE) for start, end in hits]
        found = []
        texts = fused_texts(data)
        starts = [text.start for text in texts]
        for start, end in hits:
            section = elf.section_at(start)
            noted = Context.DOCUMENTATION if section.startswith(_NOTES) else None
            index = bisect_right(starts, end - 1) - 1
            bounded = index >= 0 and start < texts[index].end
            context = whole or noted or hit_context(data, start, end) or Context.CODE
            found.append(Place(context, key=section, bounded=bounded))
        return found
