"""Update files of microcontrollers: STM32 DfuSe, Ember EBL, Android verified boot headers, dm-verity hash trees.

Format: ST UM0391 (DfuSe); Silicon Labs UG266 (EBL tags); AOSP libavb (vbmeta and footer); cryptsetup wiki, "DMVerity".
Limits: signatures are not verified, hash trees are not compared; encrypted EBL programs are named, not read.
"""

from binascii import crc32
from struct import Struct
from typing import Final

from inspector.errors import Encrypted, LimitReached, Malformed, NotThisFormat
from inspector.formats.image import Image, header_at, locked, stored, text
from inspector.formats.layout import Member
from inspector.formats.reader import MappedReader, Piece, Reader, Span

DFUSE_MAGIC: Final = b"DfuSe\x01"
DFUSE: Final = Struct("<5sBIB")
TARGET: Final = Struct("<6sBI255sII")
ELEMENT: Final = Struct("<II")
SUFFIX: Final = Struct("<HHHH3sBI")
MOST_ELEMENTS: Final = 4096

EBL_MAGIC: Final = b"\0\0\0\x8c"
EBL_SIGNATURE_AT: Final = 6
EBL_SIGNATURE: Final = b"\xe3\x50"
EBL_TAG: Final = Struct(">HH")
EBL_PROGRAM: Final = (0xFE01, 0xFD03, 0x02FE)
EBL_ENCRYPTED: Final = 0xFB05
EBL_END: Final = 0xFC04
MOST_TAGS: Final = 1 << 18

VBMETA_MAGIC: Final = b"AVB0\0\0\0\x01"
VBMETA: Final = Struct(">4sIIQQI80xQI4x48s80x")
ALGORITHMS: Final = (
    "none", "SHA256-RSA2048", "SHA256-RSA4096", "SHA256-RSA8192", "SHA512-RSA2048", "SHA512-RSA4096", "SHA512-RSA8192",
)  # fmt: skip
AVB_FOOTER_MAGIC: Final = b"AVBf\0\0\0\x01"
AVB_FOOTER: Final = Struct(">4sIIQQQ28s")

VERITY_MAGIC: Final = b"verity\0\0\x01\0\0\0"
VERITY: Final = Struct("<8sII16s32sIIQH6s256s168s")
DIGESTS: Final = {
    "sha1": 20,
    "sha256": 32,
    "sha512": 64,
    "sha384": 48,
    "sha224": 28,
    "ripemd160": 20,
    "blake2s-256": 32,
}


def parse_dfuse(data: Reader) -> Image:
    """Return one member per element, named by target and address; the closing suffix is checked."""
    header_at(data, DFUSE.size, "a DfuSe file")
    _, _, size, targets = data.unpack_at(0, DFUSE)
    if not data.startswith(DFUSE_MAGIC) or not targets:
        raise NotThisFormat("no DfuSe file")
    if not DFUSE.size < size or size + SUFFIX.size > data.size:
        raise Malformed(f"DfuSe file of {size} bytes, {data.size} there")
    part = data.slice(0, size)
    offset, members, structure = DFUSE.size, list[Member](), [Span(0, DFUSE.size)]
    for _ in range(targets):
        mark, setting, _, name, _, count = part.unpack_at(offset, TARGET)
        if mark != b"Target" or count > MOST_ELEMENTS:
            raise Malformed(f"DfuSe target at {offset:#x}")
        structure.append(Span(offset, offset + TARGET.size))
        offset += TARGET.size
        for _ in range(count):
            address, length = part.unpack_at(offset, ELEMENT)
            structure.append(Span(offset, offset + ELEMENT.size))
            offset += ELEMENT.size
            path = f"{setting}-{text(name) or 'target'}@{address:#010x}"
            members.append(stored(part, path, offset, offset + length))
            offset += length
    end = size + SUFFIX.size
    device, product, vendor, _, mark, _, checksum = data.unpack_at(size, SUFFIX)
    right = mark == b"UFD" and crc32(data.view_at(0, end - 4)) ^ 0xFFFFFFFF == checksum
    properties = {"vendor": f"{vendor:#06x}", "product": f"{product:#06x}", "device": f"{device:#06x}"}
    notes = () if right else ("DFU suffix checksum differs",)
    return Image(end, tuple(members), (*structure, Span(size, end)), properties, notes)


def parse_ebl(data: Reader) -> Image:
    """Return one member per region of memory, put together from the program tags."""
    header_at(data, 16, "an EBL file")
    if not data.startswith(EBL_MAGIC) or not data.startswith(EBL_SIGNATURE, EBL_SIGNATURE_AT):
        raise NotThisFormat("no EBL file")
    offset, structure, regions, closed = 0, list[Span](), list[tuple[int, list[Span]]](), False
    reached = -1
    for _ in range(MOST_TAGS):
        if offset + EBL_TAG.size > data.size or closed:
            break
        tag, length = data.unpack_at(offset, EBL_TAG)
        start, end = offset + EBL_TAG.size, offset + EBL_TAG.size + length
        if end > data.size:
            raise Malformed(f"EBL tag {tag:#06x} at {offset:#x} leaves the file")
        if tag in EBL_PROGRAM and length > 4:
            address = int.from_bytes(data.view_at(start, 4), "big")
            structure.append(Span(offset, start + 4))
            if address != reached:
                regions.append((address, []))
            regions[-1][1].append(Span(start + 4, end))
            reached = address + length - 4
        elif tag == EBL_ENCRYPTED:
            problem = Encrypted("AES-CCM, key of the device")
            return Image(data.size, (locked("program", start, data.size, problem),), (*structure, Span(offset, start)))
        else:
            structure.append(Span(offset, end))
        offset, closed = end, tag == EBL_END
    if not closed or not regions:
        raise Malformed("EBL file without programs and an end tag")
    members = tuple(_region(data, address, spans) for address, spans in regions)
    return Image(offset, members, tuple(structure))


def _region(data: Reader, address: int, spans: list[Span]) -> Member:
    memory = MappedReader([Piece(len(span), data, span.start) for span in spans])

    def open_region(limit: int) -> Reader:
        if memory.size > limit:
            raise LimitReached(f"{memory.size} bytes, {limit} allowed")
        return memory

    return Member(f"memory@{address:#010x}", open=open_region, extents=tuple(spans), size=memory.size)


def parse_vbmeta(data: Reader) -> Image:
    """Return the descriptors of a verified boot header; signature and public key are structure."""
    header_at(data, VBMETA.size, "a vbmeta header")
    _, _, _, signed, described, algorithm, rollback, flags, release = data.unpack_at(0, VBMETA)
    if not data.startswith(VBMETA_MAGIC) or algorithm >= len(ALGORITHMS) or signed % 64 or described % 64:
        raise NotThisFormat("no vbmeta header")
    start = VBMETA.size + signed
    end = start + described
    if end > data.size:
        raise Malformed(f"vbmeta of {end} bytes, {data.size} there")
    properties = {
        "algorithm": ALGORITHMS[algorithm],
        "rollback index": str(rollback),
        "verification": "disabled" if flags & 3 else "enabled",
        "release": text(release),
    }
    members = (stored(data, "descriptors", start, end),) if described else ()
    return Image(end, members, (Span(0, start),), properties)


def parse_avb_footer(data: Reader) -> Image:
    """Return the 64 bytes that close a verified partition; they say where its vbmeta header is."""
    header_at(data, AVB_FOOTER.size, "an AVB footer")
    _, _, minor, original, place, size, zeros = data.unpack_at(0, AVB_FOOTER)
    if not data.startswith(AVB_FOOTER_MAGIC) or zeros.strip(b"\0") or minor > 16 or not size:
        raise NotThisFormat("no AVB footer")
    properties = {"original size": str(original), "vbmeta": f"{size} bytes at {place:#x}"}
    return Image(AVB_FOOTER.size, (), (Span(0, AVB_FOOTER.size),), properties)


def parse_verity(data: Reader) -> Image:
    """Return the extent of superblock and hash tree; nothing in it is content."""
    header_at(data, VERITY.size, "a verity superblock")
    magic, _, _, _, name, _, block, blocks, salt, *_ = data.unpack_at(0, VERITY)
    digest = DIGESTS.get(text(name), 0)
    if not data.startswith(VERITY_MAGIC) or magic != VERITY_MAGIC[:8] or not digest or not blocks or salt > 256:
        raise NotThisFormat("no verity superblock")
    if block < VERITY.size or block & (block - 1) or block > 1 << 19:
        raise NotThisFormat("no verity superblock")
    each = 1 << ((block // digest).bit_length() - 1)
    size, level = block, blocks
    while level > 1:
        level = -(-level // each)
        size += level * block
    if size > data.size:
        raise Malformed(f"verity hash tree of {size} bytes, {data.size} there")
    return Image(size, (), (Span(0, size),), {"digest": text(name), "blocks": str(blocks)})
