"""Intel microcode updates: encrypted by the maker, keys in the processor; here they are told and named.

Format: Intel SDM volume 3A, 9.11.1 "Microcode Update".
Limits: the contents are encrypted; the extended signature table is not listed.
"""

from struct import Struct
from typing import Final

from inspector.errors import Encrypted, Malformed, NotThisFormat
from inspector.formats.image import Image, header_at, locked
from inspector.formats.layout import Member
from inspector.formats.reader import Reader, Span

HEADER: Final = Struct("<IiIIIIIII12x")
MAGIC: Final = b"\1\0\0\0"
LEAST: Final = 2048
LARGEST: Final = 1 << 24
MOST_UPDATES: Final = 4096


def parse_microcode(data: Reader) -> Image:
    """Return one locked member for each update in a row; date, sizes and the sum of all words must hold."""
    members: list[Member] = []
    structure, at = [], 0
    while len(members) < MOST_UPDATES and data.startswith(MAGIC, at):
        try:
            size, member = _update(data, at)
        except (NotThisFormat, Malformed):
            break
        members.append(member)
        structure.append(Span(at, at + HEADER.size))
        at += size
    if not members:
        raise NotThisFormat("no Intel microcode")
    return Image(at, tuple(members), tuple(structure), {"updates": str(len(members))})


def _update(data: Reader, at: int) -> tuple[int, Member]:
    header_at(data, at + HEADER.size, "Intel microcode")
    version, revision, date, signature, _, loader, _, body, total = data.unpack_at(at, HEADER)
    total = total or LEAST
    year, month, day = f"{date & 0xFFFF:04x}", f"{date >> 24:02x}", f"{date >> 16 & 0xFF:02x}"
    dated = (year + month + day).isdecimal() and 1993 <= int(year) <= 2099 and 1 <= int(month) <= 12
    if version != 1 or loader != 1 or not dated or not signature or body % 4 or body + HEADER.size > total:
        raise NotThisFormat("no Intel microcode header")
    if total % 4 or total > LARGEST or at + total > data.size:
        raise Malformed("Intel microcode ends early")
    if sum(memoryview(data.read_at(at, total)).cast("I")) & 0xFFFFFFFF:
        raise NotThisFormat("sum of an Intel microcode differs")
    name = f"microcode-{signature:08x}-{revision & 0xFFFFFFFF:08x}-{year}{month}{day}"
    return total, locked(name, at + HEADER.size, at + total, Encrypted("Intel microcode, key in the processor"))
