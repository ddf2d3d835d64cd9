"""Protocol Buffers on the wire, without a schema: numbered fields of numbers and bytes.

Format: https://protobuf.dev/programming-guides/encoding/
Limits: groups (deprecated) are not read.
"""

from collections.abc import Iterator

from inspector.errors import Malformed
from inspector.formats.reader import BufferReader, Reader

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


def fields(message: Reader) -> Iterator[tuple[int, int | Reader]]:
    """Yield (field number, value) in the order of the message; bytes and inner messages come as readers."""
    position = 0
    while position < message.size:
        key, position = varint(message, position)
        kind = key & 7
        if kind == VARINT:
            value, position = varint(message, position)
            yield key >> 3, value
            continue
        if kind == BYTES:
            length, position = varint(message, position)
            yield key >> 3, message.slice(position, position + length)
        elif kind in (FIXED32, FIXED64):
            length = 4 if kind == FIXED32 else 8
            yield key >> 3, int.from_bytes(message.view_at(position, length), "little")
        else:
            raise Malformed(f"protobuf wire type {kind}")
        position += length


def varint(message: Reader, position: int) -> tuple[int, int]:
    """Return a number of seven-bit groups, lowest first, and the position behind it."""
    value = 0
    for shift in range(0, 70, 7):
        byte = message.view_at(position, 1)[0]
        position += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, position
    raise Malformed("protobuf number too long")


def numbers(message: Reader) -> dict[int, int]:
    """Return the last value of each numeric field."""
    return {number: value for number, value in fields(message) if isinstance(value, int)}


def messages(message: Reader, wanted: int) -> Iterator[Reader]:
    """Yield the values of one field of bytes, in order."""
    for number, value in fields(message):
        if number == wanted and isinstance(value, Reader):
            yield value


EMPTY = BufferReader(b"")
"""What an absent message field reads as."""
