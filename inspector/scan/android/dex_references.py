"""Which method loads a constant of a DEX file: what stands around a hit in its string data."""

from collections.abc import Iterable
from typing import Final

from inspector.formats.program.dex import Dex
from inspector.formats.program.dex_code import DexCode, open_code
from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context, Presence
from inspector.scan.base import Place, Placer

MOST_REFERENCES: Final = 8
"""Methods kept for one constant."""


class DexReferences(Placer):
    """Finds the methods that load a string, and the fields that start with it and the methods that read those."""

    FORMATS = ("dex",)

    def places(  # the chain of the leaf plays no part here
        self,
        artifact: Artifact,  # noqa: ARG002
        data: Reader,
        hits: Iterable[tuple[int, int]],
    ) -> list[Place]:
        """Return `referenced` with the methods for a constant that code uses, `string` for any other text."""
        wanted = list(hits)
        codes = open_code(data)
        if not codes:
            return [Place()] * len(wanted)
        # Letters between the strings are code by chance; a table that lies proves nothing of the kind.
        sound = all(code.dex.strings_sound for code in codes)
        places = [Place(rejected="outside the string table") if sound else Place()] * len(wanted)
        for code in codes:
            found = [code.dex.string_at(start) for start, _ in wanted]
            loading = _references(code, {index for index in found if index >= 0})
            for position, index in enumerate(found):
                if index >= 0:
                    places[position] = _place(code.dex, index, wanted[position][0], loading.get(index, ()))
        return places


def _place(dex: Dex, index: int, start: int, users: tuple[str, ...]) -> Place:
    presence = Presence.REFERENCED if users else Presence.STRING
    return Place(Context.CODE, presence, "", users, prefix=max(0, dex.text_start(index) - start))


def _references(code: DexCode, strings: set[int]) -> dict[int, tuple[str, ...]]:
    """Return string index → names of what uses it, sorted, at most eight."""
    names: dict[int, set[str]] = {}
    for use in code.string_loads(strings):
        names.setdefault(use.index, set()).add(str(code.dex.method(use.method)))
    fields: dict[int, list[int]] = {}
    for string, field in code.static_strings(strings):
        names.setdefault(string, set()).add(str(code.dex.field(field)))
        fields.setdefault(field, []).append(string)
    for use in code.field_reads(fields):
        for string in fields[use.index]:
            names[string].add(str(code.dex.method(use.method)))
    return {string: tuple(sorted(found)[:MOST_REFERENCES]) for string, found in names.items()}
