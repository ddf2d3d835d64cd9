"""Places in Mach-O files: the section that holds a hit, and what tables tell of its use."""

from collections.abc import Iterable
from typing import ClassVar, Final

from inspector.errors import FormatError
from inspector.formats.program.macho import Macho
from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context, Presence
from inspector.scan.base import Place, Placer
from inspector.scan.places.surroundings import hit_context, whole_leaf_context

_NAMES: Final = frozenset(
    "__objc_classname __objc_methname __objc_methtype __swift5_reflstr __swift5_typeref __swift3_reflstr "  # noqa: SIM905
    "__swift3_typeref __objc_propname __objc_selrefs".split()
)
"""Sections that hold names of classes, methods and types: dots in them are no host names."""
_MACHINE: Final = frozenset(
    "__text __stubs __stub_helper __auth_stubs __objc_stubs __unwind_info __eh_frame __gcc_except_tab "  # noqa: SIM905
    "__compact_unwind __init_offsets __bitcode".split()
)
_DEBUGGING: Final = ("__DWARF", "__LLVM")


class MachoPlacer(Placer):
    """Names the section (`__TEXT,__cstring`) or the constant; a literal behind a constant object is referenced by code.

    In an object file of a static library the classes it defines are the ones that can use the literal.
    """

    FORMATS: ClassVar = ("macho",)

    def places(self, artifact: Artifact, data: Reader, hits: Iterable[tuple[int, int]]) -> list[Place]:
        """Return one place for each hit; an unreadable header gives no names."""
        whole = whole_leaf_context(artifact)
        try:
            image = Macho(data)
        except FormatError:
            return [Place(whole or hit_context(data, start, end) or Context.CODE) for start, end in hits]
        return [_place(image, data, start, end, whole) for start, end in hits]


def _place(image: Macho, data: Reader, start: int, end: int, whole: Context | None) -> Place:
    section = image.section_at(start)
    if section is None:
        key = "symbols" if image.in_symbols(start) else _signature_key(image, start)
        return Place(whole or hit_context(data, start, end) or Context.CODE, key=key)
    if section.name in _NAMES:
        return Place(rejected="name of a class or method", key=section.title)
    if section.name in _MACHINE:
        return Place(rejected="machine code", key=section.title)
    noted = Context.DOCUMENTATION if section.segment in _DEBUGGING or section.name.startswith("__debug") else None
    context = whole or noted or hit_context(data, start, end) or Context.CODE
    text = _literal_start(data, start)
    if context is Context.CODE and (text in image.literals or text in image.constants):
        return Place(context, Presence.REFERENCED, image.constants.get(text, section.title), image.only_classes)
    return Place(context, key=section.title)


def _signature_key(image: Macho, offset: int) -> str:
    signature = image.signature
    return "code signature" if signature and signature.start <= offset < signature.end else ""


def _literal_start(data: Reader, offset: int) -> int:
    """Return where the zero-terminated text around `offset` begins; looks back 4 KiB at most."""
    low = max(0, offset - 4096)
    before = data.read_upto(low, offset - low)
    return low + before.rfind(b"\0") + 1
