"""Universal ("fat") Mach-O: one slice for each architecture, each a program, a library or a static archive.

Format: Apple `mach-o/fat.h`.
Limits: at most `MOST_SLICES` slices; a Java class file begins with the same four bytes and is told by its version.
"""

from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, stored
from inspector.formats.program.macho import architecture
from inspector.formats.reader import Reader, Span

MAGIC: Final = b"\xca\xfe\xba\xbe"
MAGIC64: Final = b"\xca\xfe\xba\xbf"
MOST_SLICES: Final = 30
"""Class files have 45 or more at the place of the count."""
PREFERRED: Final = ("arm64", "arm64e")


def parse_fat(data: Reader) -> Image:
    """Return one member for each slice, named by its architecture, 64-bit ARM first."""
    head = data.read_upto(0, 8)
    wide = head[:4] == MAGIC64
    count = int.from_bytes(head[4:], "big")
    if len(head) < 8 or head[:4] not in (MAGIC, MAGIC64) or not 1 <= count <= MOST_SLICES:
        raise NotThisFormat("no universal Mach-O")
    entry = Struct(">2I2Q2I" if wide else ">5I")
    table = 8 + count * entry.size
    slices = []
    for index in range(count):
        cpu, kind, start, size, align, *_ = data.unpack_at(8 + index * entry.size, entry)
        if align > 31 or start < table or not size or start + size > data.size:
            raise Malformed(f"universal Mach-O with a slice at {start:#x} of {size} bytes")
        slices.append((architecture(cpu, kind), start, start + size))
    slices.sort(key=lambda one: (one[0] not in PREFERRED, one[0], one[1]))
    names: dict[str, int] = {}
    members = []
    for name, start, end in slices:
        names[name] = names.get(name, 0) + 1
        members.append(stored(data, name if names[name] == 1 else f"{name}-{names[name]}", start, end))
    end = max(end for _, _, end in slices)
    return Image(end, tuple(members), (Span(0, table),), {"architectures": " ".join(name for name, _, _ in slices)})
