"""Files of Microsoft's COMPRESS (SZDD), as disks with drivers and programs for Windows held them: `setup.dl_`.

Format: Stuart Caie, libmspack, "The KWAJ and SZDD file formats"; matches over a window that is full of blanks at first.
Limits: of the name only the letter that the header keeps is shown. Decoded in Python, a few megabytes per second.
"""

from struct import Struct
from typing import Final

from inspector.errors import NotThisFormat
from inspector.formats.codec import lzss
from inspector.formats.codec.streams import STEP, Stream
from inspector.formats.reader import Reader

MAGIC: Final = b"SZDD\x88\xf0\x27\x33A"
HEADER: Final = Struct("<9scI")
FIRST: Final = lzss.WINDOW - 16
"""Where in the window the first byte comes to stand."""


def check_header(data: Reader, offset: int) -> None:
    """Raise `NotThisFormat` unless magic and size hold."""
    if data.size - offset < HEADER.size or not data.startswith(MAGIC, offset):
        raise NotThisFormat("no SZDD file")
    size = data.unpack_at(offset, HEADER)[2]
    if size > (data.size - offset) * 18:  # two bytes give no more than 18
        raise NotThisFormat("SZDD file of an impossible size")


def last_letter(data: Reader) -> str:
    """Return the letter that `_` stands for in the name, empty where none is told."""
    letter: bytes = data.unpack_at(0, HEADER)[1]
    return letter.decode("ascii", "replace") if letter.isalnum() else ""


def decompress(data: Reader, offset: int, step: int = STEP) -> Stream:
    """Decode the file at `offset`; it ends where it has given as many bytes as its header says."""
    check_header(data, offset)
    size = data.unpack_at(offset, HEADER)[2]
    return (yield from lzss.unpack(data, offset + HEADER.size, size, FIRST, step, "SZDD")) + HEADER.size
