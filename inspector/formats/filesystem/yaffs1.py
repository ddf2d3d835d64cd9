"""YAFFS1, the file system of NAND flash with small pages: 512 bytes and 16 spare ones, in which eight of tags lie.

Format: yaffs sources, `yaffs_guts.h` (spare bytes, tags as bit fields) and `yaffs_tagscompat.c` (their check).
Limits: of two copies of a page, neither marked as deleted, the one further behind counts; error correction is not
applied.
"""

from collections.abc import Iterator
from typing import Final

from inspector.errors import NotThisFormat
from inspector.formats.filesystem.yaffs2 import SAMPLE, STRANGE, Geometry, Tags, Yaffs2Image, contents_of, read_header
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span

PAGE, SPARE = 512, 16
TAGS: Final = (0, 1, 2, 3, 6, 7, 11, 12)
"""Places of the tags in the spare bytes; between them stand the states of page and block, and the page's own code."""
STATE: Final = 4
FEWEST_ONES: Final = 7
"""A page with fewer bits set in its state is deleted."""
ECC: Final = {"<": 0x3FFC0000, ">": 0x00003FFC}
"""Where the check of the tags lies in their second word."""


def read_tags(spare: bytes, order: str) -> Tags | None:
    """Return the tags of a page in use, None for one that is erased, deleted or not of this kind."""
    if spare[STATE].bit_count() < FEWEST_ONES:
        return None
    raw = bytes(spare[at] for at in TAGS)
    endian = "little" if order == "<" else "big"
    first, second = (int.from_bytes(raw[at : at + 4], endian) for at in (0, 4))  # type: ignore[arg-type]
    if order == "<":
        chunk, length, number, code = first & 0xFFFFF, first >> 22, second & 0x3FFFF, second >> 18 & 0xFFF
    else:
        chunk, length, number, code = first >> 12, first & 0x3FF, second >> 14, second >> 2 & 0xFFF
    plain = raw[:4] + (second & ~ECC[order]).to_bytes(4, endian)  # type: ignore[arg-type]
    if _check(plain) != code or not number or (chunk and length > PAGE):
        return None
    return Tags(0, number, chunk, length)


def _check(raw: bytes) -> int:
    """Return the exclusive or of the numbers, from 1, of the bits that are set."""
    code = 0
    for number in range(8 * len(raw)):
        if raw[number // 8] >> number % 8 & 1:
            code ^= number + 1
    return code


class Yaffs1Image(Yaffs2Image):
    """A file system, read once from end to end."""

    def __init__(self, data: Reader) -> None:
        super().__init__(data, Geometry(PAGE, SPARE, 0, _order(data)))

    def chunks(self) -> Iterator[tuple[int, Tags]]:
        """Yield (offset, tags) of the pages in use; ends where pages stop making sense."""
        step, strange = PAGE + SPARE, 0
        for at in range(0, self.data.size - step + 1, step):
            spare = self.data.read_at(at + PAGE, SPARE)
            tags = read_tags(spare, self.geometry.order)
            if tags is not None:
                strange = 0
                yield at, tags
            elif spare[STATE].bit_count() >= FEWEST_ONES and spare.strip(b"\xff"):
                strange += 1
                if strange > STRANGE:
                    return


def _order(data: Reader) -> str:
    """Return the byte order under which the first pages agree with their tags; `NotThisFormat` where none does."""
    step = PAGE + SPARE
    for order in "<>":
        if read_header(data, 0, order) is None:
            continue
        good = 0
        for at in range(0, min(SAMPLE * step, data.size - step + 1), step):
            tags = read_tags(data.read_at(at + PAGE, SPARE), order)
            if tags is None:
                continue
            if (read_header(data, at, order) is None) is (tags.chunk == 0):
                break
            good += 1
        else:
            if good >= min(2, data.size // step):
                return order
    raise NotThisFormat("no YAFFS1 object header with tags behind it")


def measure_yaffs1(data: Reader) -> Span:
    """Return the extent from the first page to the last one in use."""
    end = 0
    for at, _ in Yaffs1Image(data).chunks():
        end = at + PAGE + SPARE
    return Span(0, end)


def read_yaffs1(data: Reader) -> Contents:
    """Return the contents of the dump that fills `data`."""
    return contents_of(Yaffs1Image(data))
