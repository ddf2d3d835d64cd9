"""Images behind one plain header that states their length: a table of makers' headers.

Format: OpenWrt firmware-utils (`zytrx`), binwalk 2.3 `magic/firmware` and binwalk 3 `structures` (offsets of the
length and name fields of the others).
Limits: checksums are verified only for ZyXEL; what stands behind the header is found out from its bytes.
"""

from binascii import crc32
from dataclasses import dataclass
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, header_at, stored, text
from inspector.formats.reader import Reader, Span

LARGEST: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Headed:
    """One kind of header: where its mark, its length field and its texts stand."""

    name: str
    title: str
    summary: str
    magic: bytes
    header: int
    """Bytes before the content."""
    length: int
    """Where the length of the content stands, four bytes."""
    order: str = "big"
    magic_at: int = 0
    counts_header: bool = False
    texts: tuple[tuple[str, int, int], ...] = ()
    """(property, offset, width) of texts that must be printable and not empty."""
    zeros: tuple[Span, ...] = ()
    """Bytes that are always zero."""
    carve: bool = False

    def parse(self, data: Reader) -> Image:
        """Return the content behind the header that starts at the first byte of `data`."""
        header_at(data, self.header, self.title)
        if not data.startswith(self.magic, self.magic_at) or any(
            data.read_at(span.start, len(span)).strip(b"\0") for span in self.zeros
        ):
            raise NotThisFormat(f"no {self.title}")
        properties = {key: text(data.view_at(at, width)) for key, at, width in self.texts}
        if not all(value and value.isprintable() and "\\x" not in value for value in properties.values()):
            raise NotThisFormat(f"{self.title} without its texts")
        size = int.from_bytes(data.view_at(self.length, 4), "big" if self.order == "big" else "little")
        size -= self.header if self.counts_header else 0
        if not 0 < size <= LARGEST:
            raise NotThisFormat(f"{self.title} with an impossible length")
        end = self.header + size
        if end > data.size:
            raise Malformed(f"{self.title} of {end} bytes, {data.size} there")
        return Image(end, (stored(data, "content", self.header, end),), (Span(0, self.header),), properties)


HEADED: Final = (
    Headed("csys-le", "CSYS header (little endian)", "Kernels and web pages of Edimax and Planex routers.",
           b"CSYS\0", 16, 8, "little", zeros=(Span(5, 8),)),
    Headed("csys-be", "CSYS header (big endian)", "Kernels and web pages of Edimax and Planex routers.",
           b"CSYS\x80", 16, 8, zeros=(Span(5, 8),)),
    Headed("aih0", "AIH0 header", "Programs of cable modems and set-top boxes.", b"AIH0", 48, 12,
           texts=(("version", 32, 16),)),
    Headed("fnib", "ZBOOT header (FNIB)", "Firmware of television sets.", b"FNIB", 32, 24, "little"),
    Headed("bix", "BIX header", "Boot images of appliances, a uImage header with another mark.",
           b"\x83\x80\0\0", 64, 12, texts=(("name", 32, 32),)),
    Headed("dkbs", "D-Link DKBS image", "Updates of D-Link business routers and access points.", b"_dkbs_", 0xA0, 0x68,
           magic_at=7, texts=(("board", 0, 32), ("version", 0x28, 32), ("device", 0x70, 32))),
    Headed("dlink-packimg", "D-Link PackImg", "Mark between kernel and root file system of D-Link and other routers.",
           b"--PaCkImGs--", 32, 16, "little", carve=True),
    Headed("jboot-stag", "JBOOT STAG header", "Kernels of D-Link mobile routers.", b"\x04\x24\x2b", 16, 8,
           "little", magic_at=1),
)  # fmt: skip
"""Headers of one plain length each."""

ZYXEL_MAGIC: Final = b"0RDH"
ZYXEL: Final = Struct(">4sIII32s32sI12s164s8s16s")
ZYXEL_SIZE: Final = 0x17C


def parse_zyxel_trx(data: Reader) -> Image:
    """Return the image behind ZyXEL's reversed TRX header; its checksum is compared."""
    header_at(data, ZYXEL_SIZE, "a ZyXEL header")
    magic, header, total, checksum, _, _, size, _, _, chip, board = data.unpack_at(0, ZYXEL)
    if magic != ZYXEL_MAGIC or not ZYXEL.size <= header <= 0x1000 or total != header + size or not size:
        raise NotThisFormat("no ZyXEL header")
    if total > data.size:
        raise Malformed(f"ZyXEL image of {total} bytes, {data.size} there")
    right = crc32(data.view_at(header, size)) ^ 0xFFFFFFFF == checksum
    return Image(
        total,
        (stored(data, "image", header, total),),
        (Span(0, header),),
        {"chip": text(chip), "board": text(board)},
        () if right else ("checksum of the ZyXEL image differs",),
    )
