"""FIT, U-Boot's flat image tree: a device tree whose /images nodes hold kernels, trees and ramdisks.

Format: U-Boot `doc/usage/fit/source_file_format.rst` and `doc/usage/fit/x86-fit-boot.rst` (external data).
Limits: signatures of configurations are not verified; ciphered images are named with their cipher.
"""

import hashlib
from struct import Struct
from typing import Final
from zlib import crc32

from inspector.errors import Encrypted, Malformed, NotThisFormat
from inspector.formats.firmware.fdt import Node, parse_fdt, total_size
from inspector.formats.image import Image, locked, stored
from inspector.formats.layout import Member
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span

WORD: Final = Struct(">I")
DIGESTS: Final = ("md5", "sha1", "sha256", "sha384", "sha512")


def parse_fit(data: Reader) -> Image:
    """Return the images under their node names; `NotThisFormat` for a device tree without /images."""
    nodes = {node.path: node for node in parse_fdt(data)}
    images = [node for path, node in nodes.items() if path.startswith("images/") and path.count("/") == 1]
    if not images:
        raise NotThisFormat("device tree without images")
    tree = total_size(data)
    members = tuple(member for node in images if (member := _image(data, nodes, node, tree)) is not None)
    root = nodes[""] if "" in nodes else images[0]
    return Image(
        size=max([tree, *(span.end for member in members for span in member.extents)]),
        members=members,
        structure=(Span(0, tree),),
        properties={"description": _text(data, root, "description"), "images": str(len(images))},
    )


def _image(data: Reader, nodes: dict[str, Node], node: Node, tree: int) -> Member | None:
    extent = _extent(data, node, tree)
    if extent is None:
        return None
    name = node.path.removeprefix("images/")
    cipher = nodes.get(f"{node.path}/cipher")
    if cipher is not None:
        algorithm, key = _text(data, cipher, "algo"), _text(data, cipher, "key-name-hint")
        return locked(name, extent.start, extent.end, Encrypted(f"{algorithm}, key {key!r} of the boot loader"))
    compression = _text(data, node, "compression")
    notes = tuple(
        f"{_text(data, child, 'algo')} differs"
        for path, child in nodes.items()
        if path.startswith(f"{node.path}/hash") and not _hash_holds(data, child, extent)
    )
    hint = "" if compression in ("", "none") else compression
    return stored(data, name, extent.start, extent.end, hint=hint, notes=notes)


def _extent(data: Reader, node: Node, tree: int) -> Span | None:
    """Return where the image lies: inside the tree, or behind it (offset from its end, or position in the file)."""
    inside = node.properties.get("data")
    if inside is not None:
        return inside
    size = _number(data, node, "data-size")
    if size is None:
        return None
    offset, position = _number(data, node, "data-offset"), _number(data, node, "data-position")
    start = position if position is not None else (tree + 3 & ~3) + (offset or 0)
    if start + size > data.size:
        raise Malformed(f"{node.path} wants {size} bytes at {start:#x}, {data.size} there")
    return Span(start, start + size)


def _hash_holds(data: Reader, node: Node, extent: Span) -> bool:
    """Tell whether a digest matches; one of an unknown kind counts as matching."""
    algorithm, value = _text(data, node, "algo"), node.properties.get("value")
    if value is None:
        return True
    expected = data.read_at(value.start, len(value))
    content = data.view_at(extent.start, len(extent))
    if algorithm == "crc32":
        return crc32(content).to_bytes(4, "big") == expected
    if algorithm not in DIGESTS:
        return True
    return hashlib.new(algorithm, content, usedforsecurity=False).digest() == expected


def _text(data: Reader, node: Node, name: str) -> str:
    span = node.properties.get(name)
    return "" if span is None else decode_name(data.read_at(span.start, min(len(span), 256)).split(b"\0")[0])


def _number(data: Reader, node: Node, name: str) -> int | None:
    span = node.properties.get(name)
    return None if span is None or len(span) != WORD.size else int(data.unpack_at(span.start, WORD)[0])
