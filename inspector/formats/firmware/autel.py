"""Autel ECC updates: blocks of 256 bytes, each byte moved by a published table.

Format: Sector 7, "Autel ECC decryption" (table); unblob `handlers/archive/autel/ecc.py` (header).
Limits: none known.
"""

from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, decoded, header_at, text
from inspector.formats.reader import Reader, Span

MAGIC: Final = b"ECC0101\0"
HEADER: Final = Struct("<8sII16s")
ADDED: Final = bytes.fromhex(
    "36603bbf2d601b982c7673d20d1b148b1c1113e014910e0c12111df6731c9b0c1f141b8e601291170d0d17131b539291"
    "12600d9f6014141b09600d9f608e1f9b07e0141b1c1113604cd0504e601b188c60110ce00e11970e10600d9b141d1718"
    "1b0a608c0e1110900b0d60110c601c1b1b12601f600d17e01b8e1b180c60540e1b0a9b09113860520d1b148b1c911376"
    "7314910e0c92111d601c1b8c1f941b0e531211170d0d97931b60139f0e19118e101b0ee0110ce01c1b0d0b601b1ee092"
    "1f1d608c1f188c601b1d1f9a0e1b8c121760150e11090c9b12601b941d17189b0a601c0e1f1c121f0c0d601f600d1b12"
    "171a1b9c604fd34c4d4bceb6603bbfad"
)
"""What is added to each byte of a block, by place."""
MIXED: Final = bytes.fromhex(
    "9381c10082908100b48d8100a485c000a685c100a100c184a18cc000b2840084a588c100a4850084a594c184b2890000"
    "a694c100a681c184a094c000b400c100a600c084a095c184a400c084a090c100b28dc100a18d0084a589c100a18dc084"
    "b285c000b485c000a38dc084b28dc084828dc184b58cc100a600c084b785c084b28c0084a085c084a089c100a100c084"
    "a5840084a700c184b090c100b400c084a089c184a5910000b289c100a094c100b488c100b2900084a08dc184a58c0000"
    "a581c000a1910084a58cc000a1910084a78c8184a589c100a18dc000b285c000b485c0848281c184b490c184a08dc184"
    "b58cc100a68d0084a085000081850000"
)
"""What the sum is then mixed with by exclusive or."""


def decode(raw: bytes) -> bytes:
    """Return the plain bytes; one table of translation for each place in a block, for a loop over bytes is slow."""
    out = bytearray(len(raw))
    for place, (added, mixed) in enumerate(zip(ADDED, MIXED, strict=True)):
        table = bytes((value + added & 0x1FF ^ mixed) & 0xFF for value in range(256))
        out[place :: len(ADDED)] = raw[place :: len(ADDED)].translate(table)
    return bytes(out)


def parse_autel(data: Reader) -> Image:
    """Return the decoded firmware."""
    header_at(data, HEADER.size, "an ECC header")
    magic, size, header, note = data.unpack_at(0, HEADER)
    if magic != MAGIC or header != HEADER.size or not size:
        raise NotThisFormat("no ECC header")
    end = header + size
    if end > data.size:
        raise Malformed(f"ECC image of {size} bytes, {data.size - header} there")
    member = decoded(data, "firmware", Span(header, end), decode, size=size)
    return Image(end, (member,), (Span(0, header),), {"copyright": text(note), "encoding": "published table"})
