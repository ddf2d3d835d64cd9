"""DJI firmware: xV4 packages of modules, and signed IM*H images.

Format: fvantienen/dji_rev README (IM*H); field order of xV4 as documented by the dji-firmware-tools project.
Limits: AES-encrypted modules and images need DJI's keys; signatures are not verified.
"""

from hashlib import md5
from struct import Struct
from typing import Final

from inspector.errors import Encrypted, Malformed, NotThisFormat
from inspector.formats.image import Image, header_at, locked, stored, text
from inspector.formats.reader import Reader, Span

XV4: Final = Struct("<IHHI16s16sHII10x")
XV4_MAGIC: Final = 0x12345678
ENTRY: Final = Struct("<BBHIIII16s16s")
MOST_MODULES: Final = 256
IMAH: Final = Struct("<4sI8xIII12x4s4s16s32s60xI32s")
IMAH_MAGIC: Final = b"IM*H"
CHUNK: Final = Struct("<4sIII16x")
PLAIN: Final = 1
"""Attribute bit of a chunk that is not encrypted."""


def parse_xv4(data: Reader) -> Image:
    """Return the modules, named by target kind and model; an encrypted one is a member that cannot be opened."""
    header_at(data, XV4.size, "an xV4 header")
    magic, _, end_of_header, _, maker, model, count, _, _ = data.unpack_at(0, XV4)
    if (
        magic != XV4_MAGIC
        or not 0 < count <= MOST_MODULES
        or end_of_header - XV4.size - count * ENTRY.size not in range(64)
    ):
        raise NotThisFormat("no xV4 header")
    members = []
    for index in range(count):
        target, coding, _, _, start, size, _, digest, _ = data.unpack_at(XV4.size + index * ENTRY.size, ENTRY)
        if not index and start < end_of_header:
            raise NotThisFormat("no xV4 module behind the header")
        if start < end_of_header or start + size > data.size:
            raise Malformed(f"xV4 module of {size} bytes at {start:#x} runs past the end")
        name = f"m{target & 31:02}{target >> 5:02}-{index}"
        if coding >> 4:
            members.append(locked(name, start, start + size, Encrypted(f"AES-128, scheme {coding >> 4} of DJI xV4")))
            continue
        right = md5(data.view_at(start, size), usedforsecurity=False).digest() == digest
        members.append(stored(data, name, start, start + size, notes=() if right else ("MD5 sum differs",)))
    end = max(span.end for member in members for span in member.extents)
    properties = {"manufacturer": text(maker), "model": text(model)}
    return Image(end, tuple(members), (Span(0, end_of_header),), properties)


def parse_imah(data: Reader) -> Image:
    """Return the chunks of a signed image: plain ones as members, encrypted ones as members that cannot be opened."""
    header_at(data, IMAH.size, "an IM*H header")
    magic, _, size, signature, payload, auth, cipher, _, name, count, _ = data.unpack_at(0, IMAH)
    if magic != IMAH_MAGIC or not 0 < count <= MOST_MODULES or size < IMAH.size + count * CHUNK.size:
        raise NotThisFormat("no IM*H header")
    base = size + signature
    if base + payload > data.size:
        raise Malformed(f"IM*H payload of {payload} bytes, {data.size - base} there")
    members = []
    for index in range(count):
        chunk, start, length, attributes = data.unpack_at(IMAH.size + index * CHUNK.size, CHUNK)
        path, first = text(chunk) or f"chunk{index}", base + start
        last = min(first + length, base + payload)
        if first > last:
            raise Malformed(f"IM*H chunk at {start:#x} runs past the payload")
        if attributes & PLAIN:
            members.append(stored(data, path, first, last))
        else:
            members.append(locked(path, first, last, Encrypted(f"AES-128-CBC, DJI key {text(cipher)}")))
    properties = {"name": text(name), "signing key": text(auth), "encryption key": text(cipher)}
    return Image(base + payload, tuple(members), (Span(0, base),), properties)
