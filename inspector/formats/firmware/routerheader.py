"""Small headers that router makers put before images of a known kind: Netgear DNI, Linksys code pattern.

Format: OpenWrt firmware-utils `mkdniimg` (128 bytes of `key:value` lines, one closing byte that makes the sum 0xFF) and
`addpattern` (32 bytes with `U2ND` at 14, a TRX behind).
Limits: a DNI image states no length and reaches to the end of the data.
"""

from typing import Final

from inspector.errors import NotThisFormat
from inspector.formats.firmware.trx import MAGIC as TRX_MAGIC
from inspector.formats.firmware.trx import parse_trx
from inspector.formats.image import Image, header_at, stored, text
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span

DNI_MAGIC: Final = b"device:"
DNI_HEADER: Final = 128
LINKSYS_MAGIC: Final = b"U2ND"
LINKSYS_MAGIC_AT: Final = 14
LINKSYS_HEADER: Final = 32


def parse_dni(data: Reader) -> Image:
    """Return the image behind the text header, the lines of which become properties."""
    header = bytes(header_at(data, DNI_HEADER + 2, "a DNI header")[:DNI_HEADER])
    lines = header.rstrip(b"\0").split(b"\n")
    if not header.startswith(DNI_MAGIC) or len(lines) < 3 or b"version:" not in header or header.strip(b"\0") == header:
        raise NotThisFormat("no DNI header")
    properties = dict(decode_name(line).split(":", 1) for line in lines if b":" in line)
    total = sum(data.view_at(0, data.size)) & 0xFF
    end = data.size - 1
    return Image(
        size=data.size,
        members=(stored(data, "image", DNI_HEADER, end),),
        structure=(Span(0, DNI_HEADER), Span(end, data.size)),
        properties=properties,
        notes=() if total == 0xFF else ("byte sum differs",),
    )


def parse_linksys(data: Reader) -> Image:
    """Return the TRX behind the code pattern; its extent is that of the whole."""
    header = bytes(header_at(data, LINKSYS_HEADER, "a Linksys header"))
    if header[LINKSYS_MAGIC_AT:18] != LINKSYS_MAGIC or not data.startswith(TRX_MAGIC, LINKSYS_HEADER):
        raise NotThisFormat("no Linksys code pattern")
    inner = parse_trx(data.slice(LINKSYS_HEADER))
    end = LINKSYS_HEADER + inner.size
    properties = {"pattern": text(header[:4]), "version": ".".join(str(byte) for byte in header[11:14])}
    member = stored(data, "firmware", LINKSYS_HEADER, end, hint="trx")
    return Image(end, (member,), (Span(0, LINKSYS_HEADER),), properties)
