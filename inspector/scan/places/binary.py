"""Places in binary leaves: bytecode, databases, raw data with a U-Boot environment in it."""

import re
from collections.abc import Callable, Iterable
from typing import ClassVar, Final

from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context, Presence
from inspector.scan.base import Place, Placer
from inspector.scan.places.surroundings import BY_PATH, hit_context, whole_leaf_context

_ENVIRONMENT: Final = re.compile(rb"([A-Za-z_][\w.-]{0,63})=[\x20-\x7e]*\Z")


class PlainPlacer(Placer):
    """Raw data, firmware blobs: no structure but strings that end in zero.

    A string `name=value` is an entry of an environment (U-Boot) or of settings in flash.
    """

    FORMATS: ClassVar = ("data", "pe", "axml", "hermes", "empty")

    def places(self, artifact: Artifact, data: Reader, hits: Iterable[tuple[int, int]]) -> list[Place]:
        """Return one place for each hit."""
        whole = whole_leaf_context(artifact)
        return [
            Place(whole, key=BY_PATH) if whole else self._place(artifact.format, data, start, end)
            for start, end in hits
        ]

    def _place(self, leaf_format: str, data: Reader, start: int, end: int) -> Place:
        if context := hit_context(data, start, end):
            return Place(context)
        low = max(0, start - 256)
        own = data.read_upto(low, start - low).rpartition(b"\0")[2] if leaf_format == "data" else b""
        if match := _ENVIRONMENT.match(own):
            return Place(Context.CONFIG, Presence.CONFIGURED, match.group(1).decode("ascii"))
        return Place(Context.CONFIG if leaf_format == "sqlite" else Context.CODE)


class BytecodePlacer(Placer):
    """Compiled Python, Lua and Ark: what stands in a constant pool is there because code loads it."""

    FORMATS: ClassVar = ("ark-bytecode", "constants")

    def places(self, artifact: Artifact, data: Reader, hits: Iterable[tuple[int, int]]) -> list[Place]:
        """Return one place for each hit, present as a constant of the code."""
        whole = whole_leaf_context(artifact)
        measure = _PREFIXES.get(artifact.format)
        return [
            Place(
                whole or hit_context(data, start, end) or Context.CODE,
                Presence.REFERENCED,
                "constants",
                prefix=int(measure is not None and _is_length(data, start, end, measure)),
            )
            for start, end in hits
        ]


def _is_length(data: Reader, start: int, end: int, measure: Callable[[int], int]) -> bool:
    """Tell whether the first byte of a hit is the length of the text behind it, and the text ends where it says."""
    head = data.read_upto(start, 1)
    length = measure(head[0]) if head else 0
    if measure is _PREFIXES["pyc"] and (data.read_upto(start - 1, 1) if start else b"") not in _SHORT_TEXTS:
        return False
    if head and measure is _PREFIXES["ark-bytecode"] and not head[0] & 1:
        text = data.read_upto(start + 1, 3 * (head[0] >> 1) + 1).split(b"\0", 1)[0]
        # Text that is not ASCII counts its UTF-16 units: every byte that begins a character, surrogates one by one.
        return end <= start + 1 + len(text) and sum(byte & 0xC0 != 0x80 for byte in text) == head[0] >> 1 >= 4
    stop = start + 1 + length
    if length < 4 or end > stop:
        return False
    text = data.read_upto(start + 1, length)
    after = data.read_upto(stop, 1)
    return len(text) == length and all(code >= 0x20 for code in text) and not (after.isalnum() or after in (b".", b"-"))


_PREFIXES: Final[dict[str, Callable[[int], int]]] = {
    "ark-bytecode": lambda byte: byte >> 1 if byte & 1 else 0,  # twice the length, and whether it is ASCII
    "luac": lambda byte: byte - 1,
    "pyc": lambda byte: byte,
}
"""How the one byte in front of a short constant tells its length."""
_SHORT_TEXTS: Final = (b"z", b"Z", b"\xfa", b"\xda")
"""What marshal (CPython `Python/marshal.c`) writes before that byte: `TYPE_SHORT_ASCII` and its interned form, both
also with `FLAG_REF`. In the midst of a text the `w` of `//www.` is as good a length as any."""


class FileListPlacer(Placer):
    """The list of files that a signature covers: names of files, however much they look like hosts."""

    FORMATS: ClassVar = ("file-list",)

    def places(self, artifact: Artifact, data: Reader, hits: Iterable[tuple[int, int]]) -> list[Place]:  # noqa: ARG002
        """Return a refusal for each hit."""
        return [Place(rejected="file-name") for _ in hits]
