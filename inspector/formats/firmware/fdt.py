"""Flattened device tree: nodes and where their property values lie.

Format: Devicetree Specification 0.4, chapter 5.
Limits: versions before 16 (before 2005) are not read; the reservation map is not looked at.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span

HEADER: Final = Struct(">10I")
MAGIC: Final = 0xD00DFEED
BEGIN, END, PROPERTY, NOP, FINISH = 1, 2, 3, 4, 9
DEEPEST: Final = 64
LONGEST_NAME: Final = 256


@dataclass(frozen=True, slots=True)
class Node:
    """One node: `/`-separated path (the root is empty) and the extent of each property's value in the blob."""

    path: str
    properties: Mapping[str, Span]


def total_size(data: Reader) -> int:
    """Return the size that the header states, once its blocks lie inside it; `NotThisFormat` otherwise."""
    if data.size < HEADER.size:
        raise NotThisFormat("too short for a device tree")
    magic, size, structure, strings, _, version, oldest, _, strings_size, structure_size = data.unpack_at(0, HEADER)
    if magic != MAGIC or not 16 <= version < 256 or oldest > version:
        raise NotThisFormat("no device tree")
    if not HEADER.size <= structure <= size or strings + strings_size > size:
        raise NotThisFormat("device tree blocks lie outside it")
    if version >= 17 and structure + structure_size > size:
        raise NotThisFormat("device tree blocks lie outside it")
    return int(size)


def parse_fdt(data: Reader) -> tuple[Node, ...]:
    """Return all nodes, a parent before its children."""
    size = total_size(data)
    if size > data.size:
        raise Malformed(f"device tree of {size} bytes, {data.size} there")
    _, _, structure, strings, *_ = data.unpack_at(0, HEADER)
    return tuple(_walk(data, structure, size, strings))


def _walk(data: Reader, offset: int, size: int, strings: int) -> Iterator[Node]:
    names: list[str] = []
    open_nodes: list[dict[str, Span]] = []
    finished: list[Node] = []
    while offset + 4 <= size:
        token = int.from_bytes(data.view_at(offset, 4), "big")
        offset += 4
        if token == BEGIN:
            name, offset = _string(data, offset, size)
            if len(names) == DEEPEST:
                raise Malformed("device tree nests too deep")
            names.append(name)
            open_nodes.append({})
            finished.append(Node("/".join(names).lstrip("/"), open_nodes[-1]))
        elif token == PROPERTY and open_nodes and offset + 8 <= size:
            length, at = data.unpack_at(offset, Struct(">II"))
            if length > size - offset - 8:
                raise Malformed("device tree property runs past the end")
            open_nodes[-1][_string(data, strings + at, size)[0]] = Span(offset + 8, offset + 8 + length)
            offset = offset + 8 + length + 3 & ~3
        elif token == END and names:
            names.pop()
            open_nodes.pop()
        elif token == FINISH:
            break
        elif token != NOP:
            raise Malformed(f"device tree token {token:#x}")
    yield from finished


def _string(data: Reader, offset: int, size: int) -> tuple[str, int]:
    """Return a NUL-terminated name and the four-byte aligned offset behind it."""
    raw = data.read_upto(offset, min(LONGEST_NAME, max(size - offset, 0)))
    end = raw.find(b"\0")
    if end < 0:
        raise Malformed("device tree name without an end")
    return decode_name(raw[:end]), offset + end + 4 & ~3
