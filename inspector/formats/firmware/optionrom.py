"""PCI option ROM: a chain of images for BIOS and UEFI, the latter often compressed.

Format: PCI Firmware Specification 3.3, chapter 5; UEFI 2.10, 14.4.2 (EFI PCI expansion ROM header).
Limits: BIOS images are not disassembled; a wrong byte sum of a BIOS image is a note.
"""

from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.codec.tiano import tiano_opener
from inspector.formats.image import Image, header_at, stored
from inspector.formats.layout import Member
from inspector.formats.reader import Reader, Span

MAGIC: Final = b"\x55\xaa"
DATA_MAGIC: Final = b"PCIR"
DATA: Final = Struct("<4sHHHHB3sHHBBH")
EFI_MAGIC: Final = 0x0EF1
EFI_HEADER: Final = Struct("<IHHH8xH")
KINDS: Final = {0: "bios", 1: "open-firmware", 2: "hp-pa", 3: "efi"}
LAST: Final = 0x80
MOST_IMAGES: Final = 16


def parse_optionrom(data: Reader) -> Image:
    """Return the images of the chain; a compressed EFI driver is decoded when it is opened."""
    members: list[Member] = []
    structure: list[Span] = []
    properties: dict[str, str] = {}
    offset = 0
    for index in range(MOST_IMAGES):
        header_at(data.slice(offset), 0x1C, "an option ROM")
        (pointer,) = data.unpack_at(offset + 0x18, Struct("<H"))
        if not data.startswith(MAGIC, offset) or not data.startswith(DATA_MAGIC, offset + pointer):
            if index:
                raise Malformed(f"option ROM chain breaks off at {offset:#x}")
            raise NotThisFormat("no PCI option ROM")
        _, vendor, device, _, _, _, _, blocks, _, kind, flags, _ = data.unpack_at(offset + pointer, DATA)
        end = offset + blocks * 512
        if not blocks or end > data.size:
            raise Malformed(f"option ROM image of {blocks} blocks, {data.size - offset} bytes there")
        properties |= {"vendor": f"{vendor:04x}", "device": f"{device:04x}"}
        member, start = _image(data, f"{index}-{KINDS.get(kind, kind)}", kind, offset, end)
        members.append(member)
        structure.append(Span(offset, start))
        offset = end
        if flags & LAST:
            break
    return Image(offset, tuple(members), tuple(structure), properties)


def _image(data: Reader, path: str, kind: int, offset: int, end: int) -> tuple[Member, int]:
    signature, _, _, compression, start = data.unpack_at(offset + 4, EFI_HEADER)
    if kind == 3 and signature == EFI_MAGIC and 0x1A <= start < end - offset:
        first = offset + start
        if compression == 1:
            return Member(path, open=tiano_opener(data, first, end), extents=(Span(first, end),)), first
        return stored(data, path, first, end), first
    right = sum(data.view_at(offset, end - offset)) & 0xFF == 0
    return stored(data, path, offset + 0x1C, end, notes=() if right else ("byte sum differs",)), offset + 0x1C
