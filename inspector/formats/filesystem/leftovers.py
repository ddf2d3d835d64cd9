"""What a log-structured file system still holds that no file shows: nodes whose place later ones took.

Until its block is erased, an earlier version of a file, or a file that was removed or lost its inode, lies in flash as
it was written; compressed, it shows nothing to who looks at the raw bytes. It is handed over as a file of its own, away
from the directory it was in: no boot script runs from there.
"""

from collections.abc import Iterable
from typing import Final

from inspector.formats.names import decode_name

DIRECTORY: Final = "left-behind"
BREAK: Final = b"\n\0\n"
"""Stands between pieces that did not follow one another, so that no text runs across."""


def leftover_path(number: int, name: bytes) -> str:
    """Return the path for what is left of inode `number`, whose last known name is `name` or empty."""
    return f"{DIRECTORY}/#{number}" + (f" {decode_name(name)}" if name else "")


def joined(pieces: Iterable[tuple[int, bytes]]) -> bytes:
    """Return (offset in the file, bytes) one behind the other in the order given."""
    out: list[bytes] = []
    end = -1
    for offset, piece in pieces:
        if out and offset != end:
            out.append(BREAK)
        out.append(piece)
        end = offset + len(piece)
    return b"".join(out)
