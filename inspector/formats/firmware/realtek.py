"""Realtek SDK images of routers: sections of 16 bytes header and body, one behind the other.

Format: rtl819x SDK `users/webs`/`cvimg` (signature, start address, flash offset, length, all big-endian).
Limits: sections whose signature a vendor renamed are not known; the 16-bit sum of the web section is not checked.
"""

from array import array
from struct import Struct
from sys import byteorder
from typing import Final

from inspector.errors import NotThisFormat
from inspector.formats.image import Image, header_at, stored
from inspector.formats.layout import Member
from inspector.formats.reader import Reader, Span

HEADER: Final = Struct(">4sIII")
KINDS: Final = {
    b"cs6c": "kernel",
    b"cr6c": "kernel-rootfs",
    b"r6cr": "rootfs",
    b"w6cg": "web",
    b"w6cp": "web",
    b"cs6b": "kernel",
    b"cr6b": "kernel-rootfs",
    b"r6br": "rootfs",
    b"w6bg": "web",
    b"csro": "kernel",
    b"crro": "kernel-rootfs",
    b"boot": "bootloader",
    b"ALL1": "all",
}
CARVED: Final = tuple(magic for magic in KINDS if magic not in (b"boot", b"ALL1"))
MOST_SECTIONS: Final = 16
FLASH: Final = 1 << 27
"""Bytes of the largest flash that such a router has: what lies or ends behind it is no section but a word in a text."""
SUMMED_AT_ONCE: Final = 1 << 20


def parse_realtek(data: Reader) -> Image:
    """Return the sections in order; the first one's 16-bit sum has to be zero, or it is not this format."""
    header_at(data, HEADER.size, "a Realtek section")
    if data.read_at(0, 4) not in KINDS:
        raise NotThisFormat("no Realtek section")
    members: list[Member] = []
    structure: list[Span] = []
    offset = 0
    while offset + HEADER.size <= data.size and len(members) < MOST_SECTIONS:
        magic, _, burn, size = data.unpack_at(offset, HEADER)
        start = offset + HEADER.size
        if magic not in KINDS or burn >= FLASH or not 2 < size <= min(FLASH, data.size - start):
            break
        if not members and not _sums_to_zero(data.slice(start, start + size)):
            raise NotThisFormat("Realtek section does not sum to zero")
        name = f"{KINDS[magic]}@{burn:#x}"
        members.append(stored(data, name, start, start + size))
        structure.append(Span(offset, start))
        offset = start + size
    if not members:
        raise NotThisFormat("Realtek section does not fit")
    return Image(offset, tuple(members), tuple(structure))


def _sums_to_zero(body: Reader) -> bool:
    total = 0
    for _, piece in body.windows(window=SUMMED_AT_ONCE):
        words = array("H", piece[: len(piece) & ~1].tobytes())
        if byteorder == "little":
            words.byteswap()
        total += sum(words) + (piece[-1] << 8 if len(piece) & 1 else 0)
    return total & 0xFFFF == 0
