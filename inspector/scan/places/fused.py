"""Strings of known borders in programs of Go and Rust: what an endpoint scanner must not read across."""

from functools import lru_cache

from inspector.errors import FormatError
from inspector.formats.program.elf import open_elf
from inspector.formats.reader import Reader, Span


@lru_cache(maxsize=1)
def fused_texts(data: Reader) -> tuple[Span, ...]:
    """Return the strings that may hold an endpoint, in the order of the file; none for other programs."""
    try:
        elf = open_elf(data)
        if not elf.fuses_strings:
            return ()
        from inspector.formats.program.fused_strings import fused_strings

        return tuple(fused_strings(data, elf))
    except FormatError:
        return ()
