"""Over-the-air images of Zigbee and Matter devices.

Format: Zigbee Cluster Library 11.4 "OTA File Format"; Matter Core Specification 11.20.2.4 "Matter OTA Image File".
Limits: signatures and certificates of Zigbee images are members, not verified; a payload that the vendor encrypted is
handed over as it is (tag 0x0000 "upgrade image" or a vendor's tag do not say).
"""

from collections.abc import Iterator
from hashlib import sha256, sha384, sha512
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, header_at, stored, text
from inspector.formats.layout import Member
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span

ZIGBEE: Final = Struct("<IHHHHHIH32sI")
ZIGBEE_LAYOUT: Final = 0x0100
ZIGBEE_MAGIC: Final = 0x0BEEF11E
ELEMENT: Final = Struct("<HI")
ELEMENTS: Final = {0: "image", 1: "ecdsa-signature", 2: "ecdsa-certificate", 3: "integrity-code", 4: "picture"}
MATTER: Final = Struct("<IQI")
MATTER_MAGIC: Final = 0x1BEEF11E
MATTER_NAMES: Final = {0: "vendor", 1: "product", 2: "version", 3: "version string", 7: "release notes"}
PAYLOAD_SIZE, DIGEST_KIND, DIGEST = 4, 8, 9
DIGESTS: Final = {1: sha256, 7: sha384, 8: sha512}
MOST_ELEMENTS: Final = 256
MOST_FIELDS: Final = 64


def parse_zigbee(data: Reader) -> Image:
    """Return the sub-elements; a picture's or signature's tag is in its name."""
    header_at(data, ZIGBEE.size, "a Zigbee OTA header")
    magic, layout, size, _, maker, kind, version, stack, name, total = data.unpack_at(0, ZIGBEE)
    if magic != ZIGBEE_MAGIC or not ZIGBEE.size <= size <= 128 or total <= size or layout != ZIGBEE_LAYOUT:
        raise NotThisFormat("no Zigbee OTA header")
    if total > data.size:
        raise Malformed(f"Zigbee OTA image of {total} bytes, {data.size} there")
    members = tuple(_elements(data, size, total))
    return Image(
        size=total,
        members=members,
        structure=(Span(0, size), *(Span(m.extents[0].start - ELEMENT.size, m.extents[0].start) for m in members)),
        properties={
            "manufacturer": f"{maker:#06x}",
            "image type": f"{kind:#06x}",
            "version": f"{version:#010x}",
            "stack": str(stack),
            "name": text(name),
        },
    )


def _elements(data: Reader, offset: int, end: int) -> Iterator[Member]:
    for index in range(MOST_ELEMENTS):
        if offset + ELEMENT.size > end:
            return
        tag, size = data.unpack_at(offset, ELEMENT)
        start = offset + ELEMENT.size
        if start + size > end:
            raise Malformed(f"Zigbee OTA element {tag:#06x} runs past the end")
        yield stored(data, f"{index}-{ELEMENTS.get(tag, f'{tag:#06x}')}", start, start + size)
        offset = start + size


def parse_matter(data: Reader) -> Image:
    """Return the payload; a digest of the header that does not match is a note."""
    header_at(data, MATTER.size, "a Matter OTA header")
    magic, total, size = data.unpack_at(0, MATTER)
    start = MATTER.size + size
    if magic != MATTER_MAGIC or start > total or not data.startswith(b"\x15", MATTER.size):
        raise NotThisFormat("no Matter OTA header")
    if total > data.size:
        raise Malformed(f"Matter OTA image of {total} bytes, {data.size} there")
    fields = dict(_tlv(data.read_at(MATTER.size, size)))
    digest = DIGESTS.get(_as_int(fields.get(DIGEST_KIND)))
    right = digest is None or digest(data.view_at(start, total - start)).digest() == fields.get(DIGEST)
    return Image(
        size=total,
        members=(stored(data, "payload", start, total),),
        structure=(Span(0, start),),
        properties={
            MATTER_NAMES[tag]: decode_name(value) if isinstance(value, bytes) else str(value)
            for tag, value in fields.items()
            if tag in MATTER_NAMES
        },
        notes=() if right else ("payload digest differs",),
    )


def _as_int(value: int | bytes | None) -> int:
    return value if isinstance(value, int) else -1


def _tlv(raw: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield (tag, value) of the members of one Matter TLV structure: unsigned numbers and strings."""
    if raw[:1] != b"\x15":
        raise Malformed("Matter OTA header holds no structure")
    offset = 1
    for _ in range(MOST_FIELDS):
        if offset >= len(raw) or raw[offset] == 0x18:  # end of the structure
            return
        control, tag = raw[offset], raw[offset + 1] if offset + 1 < len(raw) else 0
        kind, width = control & 0x1F, 1 << (control & 3)
        if control >> 5 != 1 or (kind not in range(4, 8) and kind not in range(0x0C, 0x14)):
            raise Malformed(f"Matter OTA header holds an element of kind {control:#04x}")
        number = int.from_bytes(raw[offset + 2 : offset + 2 + width], "little")
        offset += 2 + width
        if kind < 8:
            yield tag, number
            continue
        if offset + number > len(raw):
            raise Malformed("Matter OTA string runs past the header")
        yield tag, raw[offset : offset + number]
        offset += number
