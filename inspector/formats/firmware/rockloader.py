"""Rockchip loaders, sent to a device over USB: parts for the chip's memory and flash, scrambled with a published key.

Format: rkdeveloptool `RKBoot` structures; U-Boot `boot_merger` (which parts are scrambled as a whole, which in
packets of 512 bytes).
Limits: the closing checksum, of a polynomial of its own, is not verified.
"""

from functools import partial
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, decoded, header_at, stored
from inspector.formats.layout import Member
from inspector.formats.reader import Reader, Span

STARTS: Final = (b"BOOT\x66\0", b"LDR \x66\0")
HEADER: Final = Struct("<4sHII7sIBIBBIBBIBBB")
ENTRY: Final = Struct("<BI40sIII")
KEY: Final = bytes((124, 78, 3, 4, 85, 5, 9, 7, 45, 44, 123, 56, 23, 13, 23, 17))
PACKET: Final = 512
MOST_ENTRIES: Final = 16
LISTS: Final = ("memory", "usb", "flash")


def unscramble(raw: bytes, packet: int = 0) -> bytes:
    """Return `raw` under RC4, begun anew for each packet; 0 is one packet of everything."""
    from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
    from cryptography.hazmat.primitives.ciphers import Cipher

    step = packet or max(len(raw), 1)
    cipher = Cipher(ARC4(KEY), mode=None)
    return b"".join(cipher.decryptor().update(raw[at : at + step]) for at in range(0, len(raw), step))


def parse_loader(data: Reader) -> Image:
    """Return the parts, each named after its list and its own name."""
    header_at(data, HEADER.size, "a Rockchip loader")
    fields = data.unpack_at(0, HEADER)
    _, size, version, _, _, chip = fields[:6]
    if not any(data.startswith(start) for start in STARTS):
        raise NotThisFormat("no Rockchip loader")
    plain = bool(fields[-1])
    members, structure = list[Member](), [Span(0, size)]
    for index, name in enumerate(LISTS):
        count, offset, width = fields[6 + index * 3 : 9 + index * 3]
        if count > MOST_ENTRIES or (count and width < ENTRY.size):
            raise NotThisFormat("no Rockchip loader")
        if count:
            structure.append(Span(offset, offset + count * width))
        packet = PACKET if name == "flash" else 0
        for place in range(count):
            members.append(_part(data, name, offset + place * width, packet=packet, plain=plain))
    if not members:
        raise NotThisFormat("Rockchip loader without parts")
    end = max(span.end for span in (*structure, *(member.extents[0] for member in members)))
    closing = min(end + 4, data.size)
    properties = {
        "version": f"{version:#x}",
        "chip": f"{chip:#x}",
        "scrambled": "no" if plain else "RC4, published key",
    }
    return Image(closing, tuple(members), (*structure, Span(end, closing)), properties)


def _part(data: Reader, group: str, at: int, *, packet: int, plain: bool) -> Member:
    _, _, raw, start, size, _ = data.unpack_at(at, ENTRY)
    name = f"{group}/{raw.decode('utf-16-le', 'backslashreplace').split(chr(0), 1)[0]}"
    if not size or start + size > data.size:
        raise Malformed(f"part {name} of {size} bytes at {start:#x} leaves the loader")
    if plain:
        return stored(data, name, start, start + size)
    return decoded(data, name, Span(start, start + size), partial(unscramble, packet=packet), size=size)
