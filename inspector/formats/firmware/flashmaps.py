"""Whole flash contents and images that are told by a map or a mark: Intel's flash descriptor, RTK0, DMS.

Format: coreboot, "Intel Flash Descriptor" and `ifdtool` (offsets); binwalk 3 `structures/rtk.rs` and
`signatures/dms.rs`.
Limits: of the descriptor only the regions are read, not the access rights; the header of DMS images is not interpreted.
"""

from array import array
from itertools import pairwise
from struct import Struct
from typing import Final

from inspector.errors import NotThisFormat
from inspector.formats.image import Image, decoded, header_at, stored
from inspector.formats.layout import Member
from inspector.formats.reader import Reader, Span

DESCRIPTOR_MARK: Final = bytes.fromhex("5aa5f00f")
DESCRIPTOR_MARK_AT: Final = 16
DESCRIPTOR_SIZE: Final = 0x1000
REGIONS: Final = ("descriptor", "bios", "management engine", "ethernet", "platform data", "device expansion", "bios 2",
                  "microcode", "embedded controller", "device expansion 2", "innovation engine", "ethernet 2",
                  "ethernet 3")  # fmt: skip
PAGE: Final = 0x1000
CUT: Final = "region is cut off"
RTK: Final = Struct("<4sIIIIIII")
RTK_MAGIC: Final = b"RTK0"
DMS_MAGIC: Final = b"0><1"
DMS_MAGIC_AT: Final = 4
DMS_SMALLEST: Final = 0x100


def parse_intel_flash(data: Reader) -> Image:
    """Return the regions of a flash that begins with Intel's descriptor."""
    header_at(data, DESCRIPTOR_SIZE, "a flash descriptor")
    if not data.startswith(DESCRIPTOR_MARK, DESCRIPTOR_MARK_AT):
        raise NotThisFormat("no flash descriptor")
    (flash_map,) = data.unpack_at(DESCRIPTOR_MARK_AT + 4, Struct("<I"))
    table = (flash_map >> 16 & 0xFF) << 4
    members: list[Member] = []
    at = DESCRIPTOR_SIZE
    spans = [_region(data, table, number) for number in range(len(REGIONS))]
    if spans[0] is None or spans[0].start or len(spans[0]) < DESCRIPTOR_SIZE:
        raise NotThisFormat("flash descriptor that does not hold itself")
    used = [(name, span) for name, span in zip(REGIONS[1:], spans[1:], strict=True) if span is not None]
    _check_apart([spans[0], *(span for _, span in used)])
    for name, span in used:
        if span.start >= data.size:
            continue
        cut = span.end > data.size
        end = min(span.end, data.size)
        notes = (CUT,) if cut else ()
        members.append(stored(data, name, span.start, end, notes=notes))
        at = max(at, end)
    if not members:
        raise NotThisFormat("flash descriptor without regions")
    return Image(at, tuple(members), (Span(0, DESCRIPTOR_SIZE),))


def is_cut(image: Image) -> bool:
    """Tell whether a region runs on behind the data."""
    return any(CUT in member.notes for member in image.members)


def _check_apart(spans: list[Span]) -> None:
    """Raise `NotThisFormat` where regions share pages: four bytes of a mark stand in any data by chance."""
    ordered = sorted(spans, key=lambda span: span.start)
    if any(following.start < span.end for span, following in pairwise(ordered)):
        raise NotThisFormat("flash descriptor whose regions overlap")


def _region(data: Reader, table: int, number: int) -> Span | None:
    """Return where a region lies, None for one that is not used."""
    (word,) = data.unpack_at(table + 4 * number, Struct("<I"))
    first, last = word & 0x7FFF, word >> 16 & 0x7FFF
    # Zeros are the page of the descriptor: in the place of another region they are one that its version does not have.
    unused = last < first or word == 0xFFFFFFFF or (number and not word)
    return None if unused else Span(first * PAGE, (last + 1) * PAGE)


def parse_rtk(data: Reader) -> Image:
    """Return what stands behind the header, which states the size of the whole."""
    header_at(data, RTK.size, "an RTK0 header")
    magic, size, _, _, header, *_ = data.unpack_at(0, RTK)
    start = header + 4
    if magic != RTK_MAGIC or size != data.size or not RTK.size <= start < size:
        raise NotThisFormat("no RTK0 header")
    return Image(size, (stored(data, "content", start, size),), (Span(0, start),))


def parse_dms_image(data: Reader) -> Image:
    """Return the image with the bytes of each pair put back in order."""
    if data.size < DMS_SMALLEST or not data.startswith(DMS_MAGIC, DMS_MAGIC_AT):
        raise NotThisFormat("no DMS image")
    return Image(data.size, (decoded(data, "image", Span(0, data.size), _exchanged, size=data.size & ~1),))


def _exchanged(raw: bytes) -> bytes:
    words = array("H", raw[: len(raw) & ~1])
    words.byteswap()
    return words.tobytes()
