"""Makers of hostile files that are no archives: tables that lie, documents that explode, certificates that bloat."""

import random
import struct

ENTITY_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "server=%s">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(10))
    + b"]><resources><string>&k;</string></resources>"
)


def noise(size: int, seed: int = 3) -> bytes:
    """Return bytes that look encrypted, always the same."""
    return random.Random(seed).randbytes(size)  # noqa: S311 - not for secrets


def axml(magic: int = 0x00080003, strings: int = 1, host: bytes = b"") -> bytes:
    """Return a binary manifest whose header and string count may lie; `host` stands in it as UTF-16."""
    text = host.decode().encode("utf-16-le")
    pool = struct.pack("<HHIIIIII", 1, 28, 28 + 4 + 4 + len(text), strings, 0, 0, 32, 0)
    pool += struct.pack("<I", 0) + struct.pack("<H", len(text) // 2) + text + b"\0\0"
    return struct.pack("<II", magic, 8 + len(pool)) + pool


def resource_table(size: int = 0xFFFFFFFF) -> bytes:
    """Return a resource table whose chunks claim `size` bytes."""
    return struct.pack("<HHII", 2, 12, size, 1) + struct.pack("<HHIIIIII", 1, 28, size, size, size, 0, size, size) * 3


def dex(host: bytes) -> bytes:
    """Return a DEX whose header fields are all ones, with a host name behind it."""
    return b"dex\n035\0" + b"\xff" * 104 + host


def fat_macho(count: int = 0xFFFFFFFF) -> bytes:
    """Return a universal Mach-O that claims `count` architectures."""
    return struct.pack(">II", 0xCAFEBABE, count) + struct.pack(">5I", 7, 3, 0, 0xFFFFFFFF, 31) * 4


def elf(sections: int = 0xFFFF) -> bytes:
    """Return an ELF that claims `sections` sections beyond its end."""
    ident = b"\x7fELF\x02\x01\x01" + b"\0" * 9
    return ident + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0x1000, 64, 1 << 62, 0, 64, 56, 0xFFFF, 64, sections, 1)


def certificate(subject: bytes) -> bytes:
    """Return DER that begins like a certificate and whose subject is `subject`; nothing in it is signed."""

    def tagged(tag: int, content: bytes) -> bytes:
        size = len(content)
        length = (
            bytes([size])
            if size < 128
            else b"\x83" + size.to_bytes(3, "big")
            if size > 65535
            else (b"\x82" + size.to_bytes(2, "big"))
        )
        return bytes([tag]) + length + content

    name = tagged(0x30, tagged(0x31, tagged(0x30, b"\x06\x03\x55\x04\x03" + tagged(0x0C, subject))))
    algorithm = tagged(0x30, b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00")
    times = tagged(0x30, tagged(0x17, b"200101000000Z") + tagged(0x17, b"300101000000Z"))
    giant = tagged(0x30, algorithm + tagged(0x03, b"\0" + tagged(0x30, tagged(0x02, b"\x7f" * 8192) + b"\x02\x01\x03")))
    body = b"\xa0\x03\x02\x01\x02\x02\x01\x01" + algorithm + name + times + name + giant
    return tagged(0x30, tagged(0x30, body) + algorithm + tagged(0x03, b"\0" + b"\x55" * 256))


def property_list_bomb() -> bytes:
    """Return an Info.plist with exponential entities."""
    entities = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    return (
        b'<?xml version="1.0"?><!DOCTYPE plist [<!ENTITY l0 "lol">' + entities + b']><plist version="1.0"><dict>'
        b"<key>CFBundleIdentifier</key><string>&l9;</string></dict></plist>"
    )
