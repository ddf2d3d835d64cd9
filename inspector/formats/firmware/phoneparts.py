"""Partition wrappers of phones and tablets: Huawei UPDATE.APP and MediaTek partition images.

Format: the header as public splitters of UPDATE.APP read it (98 bytes, checksums of blocks, content, padding to four
bytes); MediaTek little-kernel `part_hdr_t` (magic 0x58881688, size, name, 512 bytes).
Limits: the CRC-16 values of UPDATE.APP are not verified; signed and encrypted packages of HarmonyOS are another format.
"""

import re
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, codec_at, header_at, stored, text
from inspector.formats.layout import Member
from inspector.formats.reader import Reader, Span

HUAWEI: Final = Struct("<4sII8sII16s16s16s16sHHH")
HUAWEI_MAGIC: Final = b"\x55\xaa\x5a\xa5"
MOST_PARTS: Final = 512
MTK: Final = Struct("<II32s")
MTK_MAGIC: Final = 0x58881688
MTK_HEADER: Final = 512
NAME: Final = re.compile(r"[A-Za-z][\w.-]{1,31}")
LARGEST: Final = 1 << 30


def parse_huawei(data: Reader) -> Image:
    """Return the partitions one behind the other, by their type names."""
    offset, members, structure = 0, list[Member](), list[Span]()
    properties: dict[str, str] = {}
    end = 0
    while offset + HUAWEI.size <= data.size and len(members) < MOST_PARTS:
        magic, header, _, hardware, _, size, date, time, kind, *_ = data.unpack_at(offset, HUAWEI)
        if magic != HUAWEI_MAGIC or not HUAWEI.size <= header <= 1 << 22:
            break
        start = offset + header
        if start + size > data.size:
            if not members:
                raise Malformed(f"Huawei partition of {size} bytes runs past the end")
            break
        properties = {"hardware": text(hardware), "date": f"{text(date)} {text(time)}"}
        members.append(stored(data, f"{len(members)}-{text(kind)}", start, start + size))
        structure.append(Span(offset, start))
        end = start + size
        offset = end + 3 & ~3
    if not members:
        raise NotThisFormat("no Huawei update")
    return Image(end, tuple(members), tuple(structure), properties)


def parse_mtk(data: Reader) -> Image:
    """Return the content of a MediaTek partition image under the name in its header."""
    header_at(data, MTK_HEADER, "a MediaTek partition header")
    magic, size, name = data.unpack_at(0, MTK)
    if magic != MTK_MAGIC or not 0 < size < LARGEST or not NAME.fullmatch(text(name)):
        raise NotThisFormat("no MediaTek partition header")
    end = MTK_HEADER + size
    if end > data.size:
        raise Malformed(f"MediaTek partition of {size} bytes, {data.size} there")
    member = stored(data, text(name) or "partition", MTK_HEADER, end, hint=codec_at(data, MTK_HEADER))
    return Image(end, (member,), (Span(0, MTK_HEADER),), {"name": text(name)})
