"""zisofs: files of ISO 9660 images that are compressed block by block.

Format: zisofs-tools `doc`, libisofs `doc/zisofs_format.txt` and `doc/zisofs2_format.txt`.
"""

from struct import Struct
from typing import Final

from inspector.errors import LimitReached, Malformed
from inspector.formats.codec.blockcodecs import inflate
from inspector.formats.reader import BufferReader, Reader

MAGIC: Final = bytes.fromhex("37e45396c9dbd607")
MAGIC_2: Final = bytes.fromhex("ef2255a1bc1b95a0")
HEADER: Final = Struct("<8sIBB2x")
HEADER_2: Final = Struct("<8sBBBBQ4x")
ZLIB: Final = 1
SMALLEST_BLOCK, LARGEST_BLOCK = 15, 20
"""As powers of two; the kernel takes 15 to 17, the second version goes up to 20."""


def zisofs_size(data: Reader) -> int | None:
    """Return how many bytes the file that fills `data` decodes to, or None where no header stands."""
    header = _header(data)
    return header[0] if header else None


def _header(data: Reader) -> tuple[int, int, int, Struct] | None:
    """Return (decoded size, block size, where the pointers start, one pointer)."""
    if data.startswith(MAGIC) and data.size >= HEADER.size:
        _, size, words, log_block = data.unpack_at(0, HEADER)
        pointer = Struct("<I")
    elif data.startswith(MAGIC_2) and data.size >= HEADER_2.size:
        _, version, words, algorithm, log_block, size = data.unpack_at(0, HEADER_2)
        pointer = Struct("<Q")
        if version or algorithm != ZLIB:
            return None
    else:
        return None
    if not SMALLEST_BLOCK <= log_block <= LARGEST_BLOCK or words * 4 < HEADER.size:
        return None
    return size, 1 << log_block, words * 4, pointer


def open_zisofs(data: Reader, limit: int) -> Reader:
    """Return the decoded file; raises `Malformed` for pointers that run backwards or leave it, `LimitReached`."""
    header = _header(data)
    if header is None:
        raise Malformed("no zisofs header")
    size, block, start, pointer = header
    if size > limit:
        raise LimitReached(f"file of {size} bytes, {limit} are left", "max-unpacked")
    count = -(-size // block)
    table = data.view_at(start, (count + 1) * pointer.size)
    ends = [end for (end,) in pointer.iter_unpack(table)]
    out = bytearray(size)
    for number in range(count):
        begin, end = ends[number], ends[number + 1]
        if end < begin:
            raise Malformed("zisofs pointers run backwards")
        wanted = min(block, size - number * block)
        if begin == end:
            continue  # a block of zeros
        decoded = inflate(data.view_at(begin, end - begin), wanted)
        if len(decoded) != wanted:
            raise Malformed(f"zisofs block holds {len(decoded)} bytes of {wanted}")
        out[number * block : number * block + wanted] = decoded
    return BufferReader(out)
