"""U-Boot environment: a CRC-32, an optional redundancy flag, then `key=value` strings up to an empty one.

Format: U-Boot `include/env_internal.h` (`env_t`).
Limits: the block does not state its size; the sizes that boards use are tried against the checksum. Environments built
into the boot loader have no checksum and stay part of its bytes.
"""

from typing import Final
from zlib import crc32

from inspector.errors import LimitReached, NotThisFormat
from inspector.formats.image import Image
from inspector.formats.layout import Member
from inspector.formats.reader import BufferReader, Reader, Span

SIZES: Final = tuple(sorted({*(1 << shift for shift in range(9, 21)), *(count << 12 for count in range(1, 65))}))
"""Block sizes tried, ascending, so that one pass over the data serves them all."""
FIRST_KEYS: Final = (
    b"arch=",
    b"baudrate=",
    b"board=",
    b"bootargs=",
    b"bootcmd=",
    b"bootdelay=",
    b"bootfile=",
    b"addmisc=",
    b"addtty=",
    b"altbootcmd=",
    b"autoload=",
    b"console=",
    b"ethact=",
    b"ethaddr=",
    b"fdt_addr=",
    b"gatewayip=",
    b"ipaddr=",
    b"loadaddr=",
    b"preboot=",
    b"serverip=",
    b"stdin=",
    b"uboot_version=",
)
"""Variables that a dump is searched for; whatever the first one is, a block at the start of a partition is tried."""
PLAIN, REDUNDANT = 4, 5
LONGEST_VALUE: Final = 8192


def parse_ubootenv(data: Reader) -> Image:
    """Return the variables as one text, a `key=value` line each; `NotThisFormat` where no size fits the checksum."""
    size, start = _measure(data)
    raw = data.read_at(start, size - start)
    end = raw.find(b"\0\0")
    variables = raw[: end if end >= 0 else len(raw)].split(b"\0")
    opened = b"\n".join(variables) + b"\n"

    def open_text(limit: int) -> Reader:
        if len(opened) > limit:
            raise LimitReached(f"{len(opened)} bytes, {limit} allowed")
        return BufferReader(opened)

    member = Member("variables.txt", open=open_text, extents=(Span(start, size),), size=len(opened), format="text")
    properties = {"variables": str(len(variables)), "redundant": "yes" if start == REDUNDANT else "no"}
    return Image(size, (member,), (Span(0, start),), properties)


def _measure(data: Reader) -> tuple[int, int]:
    """Return the block's size and where its strings start."""
    if data.size < SIZES[0]:
        raise NotThisFormat("too short for an environment")
    wanted = {int.from_bytes(data.view_at(0, 4), "little"), int.from_bytes(data.view_at(0, 4), "big")}
    whole = (data.size,) if data.size <= SIZES[-1] else ()
    for start in (PLAIN, REDUNDANT):
        if not _assignment_at(data, start):
            continue
        total, offset = 0, start
        for size in (*(size for size in SIZES if size < data.size), *whole):
            total = crc32(data.view_at(offset, size - offset), total)
            offset = size
            if total in wanted:
                return size, start
    raise NotThisFormat("no environment size fits the checksum")


def _assignment_at(data: Reader, start: int) -> bool:
    """Tell whether NUL-separated assignments stand at `start`; text with lines, which is common, is told apart here."""
    first, end, rest = data.read_upto(start, LONGEST_VALUE).partition(b"\0")
    key, equals, _ = first.partition(b"=")
    if not (end and key and equals) or b"\n" in first or not all(0x20 < byte < 0x7F for byte in key):
        return False
    return rest[:1] in (b"", b"\0") or b"=" in rest[:64]
