"""Builds small bundles of app frameworks, field by field."""

import lzma
from struct import pack, unpack

import lz4.block
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC


def build_hermes(strings: list[str], version: int = 96, *, long_from: int = 255) -> bytes:
    """Return a bundle without functions; strings of `long_from` characters and more go through the overflow table."""
    storage, table, overflow = b"", b"", b""
    for text in strings:
        wide = not text.isascii()
        raw = text.encode("utf-16-le") if wide else text.encode()
        if len(text) >= long_from:
            table += pack("<I", int(wide) | (len(overflow) // 8) << 1 | 0xFF << 24)
            overflow += pack("<2I", len(storage), len(text))
        else:
            table += pack("<I", int(wide) | len(storage) << 1 | len(text) << 24)
        storage += raw
    functions = bytes(16)
    kinds = pack("<I", len(strings))
    body = functions + kinds + table + overflow + storage
    counts = (0, 1, 1, 0, len(strings), len(overflow) // 8, len(storage))
    head = pack("<8sI20s8I", b"\xc6\x1f\xbc\x03\xc1\x03\x19\x1f", version, bytes(20), 128 + len(body), *counts)
    return head.ljust(128, b"\0") + body


def build_il2cpp(literals: list[str], names: list[str], version: int = 29, *, lengths: bool | None = None) -> bytes:
    """Return metadata; literals without lengths have a start each and one more where the last one ends."""
    texts = [literal.encode() for literal in literals]
    starts = [sum(map(len, texts[:i])) for i in range(len(texts) + 1)]
    if version < 32 if lengths is None else lengths:
        table, entry = b"".join(pack("<2I", len(text), start) for text, start in zip(texts, starts, strict=False)), 8
    else:
        table, entry = pack(f"<{len(starts)}I", *starts), 4
    data = b"".join(texts)
    strings = b"\0".join(name.encode() for name in names) + b"\0"
    at, places = 256, b""
    for part, count in ((table, len(table) // entry), (data, len(data)), (strings, len(strings))):
        places += pack("<3I", at, len(part), count)[: 12 if version >= 38 else 8]
        at += len(part)
    return (pack("<4sI", b"\xaf\x1b\xb1\xfa", version) + places).ljust(256, b"\0") + table + data + strings


def pack_assembly(content: bytes, index: int = 0) -> bytes:
    return pack("<4s2I", b"XALZ", index, len(content)) + lz4.block.compress(content, store_size=False)


def build_store(assemblies: dict[str, bytes], version: int) -> bytes:
    """Return an assembly store of format 1 (names are lost) or 2."""
    count = len(assemblies)
    names = b"".join(pack("<I", len(name)) + name.encode() for name in assemblies)
    width, extra = (24, 0) if version == 1 else (28, 12 * count + len(names))
    at = 20 + width * count + extra
    table, body = b"", b""
    for content in assemblies.values():
        place = (at + len(body), len(content), 0, 0, 0, 0)
        table += pack("<6I", *place) if version == 1 else pack("<7I", 0, *place)
        body += content
    if version == 1:
        return pack("<4s4I", b"XABA", 1, count, count, 0) + table + body
    return pack("<4s4I", b"XABA", 0x80010002, count, count, 12 * count) + bytes(12 * count) + table + names + body


def build_wxapkg(files: dict[str, bytes]) -> bytes:
    index_size = 4 + sum(12 + len(name) for name in files)
    at, index, body = 14 + index_size, pack(">I", len(files)), b""
    for name, content in files.items():
        index += pack(">I", len(name)) + name.encode() + pack(">2I", at + len(body), len(content))
        body += content
    return pack(">B3IB", 0xBE, 0, index_size, len(body), 0xED) + index + body


def lock_wxapkg(package: bytes, identifier: str) -> bytes:
    """Return a package as WeChat for desktops stores it."""
    key = PBKDF2HMAC(hashes.SHA1(), 32, b"saltiest", 1000).derive(identifier.encode())  # as stored
    cipher = Cipher(algorithms.AES(key), modes.CBC(b"the iv: 16 bytes")).encryptor()
    first = package[:1023]
    pad = 16 - len(first) % 16
    sealed = cipher.update(first + bytes([pad]) * pad) + cipher.finalize()
    return b"V1MMWX" + sealed + bytes(code ^ ord(identifier[-2]) for code in package[1023:])


def build_qt_resources(files: dict[str, tuple[bytes, int]]) -> bytes:
    """Return version 1 resources: one folder `qml`, files as (stored bytes, flags) in it."""
    names = b""
    places = []
    for name in ("qml", *files):
        places.append(len(names))
        names += pack(">HI", len(name), 0) + name.encode("utf-16-be")
    tree = pack(">IHII", 0, 2, 1, 1) + pack(">IHII", places[0], 2, len(files), 2)
    body = b""
    for place, (content, flags) in zip(places[1:], files.values(), strict=True):
        tree += pack(">IHHHI", place, flags, 0, 0, len(body))
        body += pack(">I", len(content)) + content
    starts = (20, 20 + len(tree), 20 + len(tree) + len(body))
    return pack(">4s4I", b"qres", 1, *starts) + tree + body + names


def encrypt(plain: bytes, key: bytes) -> bytes:
    """Return `plain` in XXTEA with its length in the last word, by the published algorithm."""
    delta, mask = 0x9E3779B9, 0xFFFFFFFF
    padded = plain + bytes(-len(plain) % 4)
    words = [*unpack(f"<{len(padded) // 4}I", padded), len(plain)]
    parts = unpack("<4I", key[:16].ljust(16, b"\0"))
    count, total, z = len(words), 0, words[-1]
    for _ in range(6 + 52 // count):
        total = (total + delta) & mask
        e = (total >> 2) & 3
        for p in range(count):
            y = words[(p + 1) % count]
            mixed = (((z >> 5) ^ (y << 2)) + ((y >> 3) ^ (z << 4))) ^ ((total ^ y) + (parts[(p & 3) ^ e] ^ z))
            z = words[p] = (words[p] + mixed) & mask
    return pack(f"<{count}I", *words)


def build_unity_assets(texts: list[str], version: int = 22) -> bytes:
    """Return a serialized file whose data are texts as objects hold them."""
    data = b"".join(
        pack("<I", len(raw)) + raw + bytes(-len(raw) % 4) for raw in (text.encode() for text in texts)
    ) + bytes(8)
    engine = b"2022.3.10f1\0" + bytes(40)
    if version >= 22:
        at = 64 + len(engine) - len(engine) % 4
        head = pack(">4IB3x", 0, 0, version, 0, 0) + pack(">I3q", len(engine), at + len(data), at, 0)
    else:
        at = 64 + len(engine) - len(engine) % 4
        head = pack(">4IB3x", len(engine), at + len(data), version, at, 0)
    return (head + engine).ljust(at, b"\0")[:at] + data


def build_unityfs(
    files: dict[str, bytes], *, version: int = 7, codec: int = 3, at_end: bool = False, filled: bool = False
) -> bytes:
    """Return a bundle in blocks of 128 KiB; `codec` 0 stores, 1 is LZMA, 2 and 3 are LZ4."""

    def packed(raw: bytes) -> bytes:
        if codec == 1:
            chain = [{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 20, "lc": 3, "lp": 0, "pb": 2}]
            return b"\x5d" + pack("<I", 1 << 20) + lzma.compress(raw, lzma.FORMAT_RAW, filters=chain)
        return lz4.block.compress(raw, store_size=False) if codec else raw

    plain = b"".join(files.values())
    blocks = [plain[at : at + 0x20000] for at in range(0, len(plain), 0x20000)]
    bodies = [packed(block) for block in blocks]
    table = bytes(16) + pack(">I", len(blocks))
    table += b"".join(pack(">2IH", len(b), len(body), codec) for b, body in zip(blocks, bodies, strict=True))
    table += pack(">I", len(files))
    start = 0
    for name, content in files.items():
        table += pack(">2qI", start, len(content), 4) + name.encode() + b"\0"
        start += len(content)
    stored, body = packed(table), b"".join(bodies)
    head = pack(">8sI", b"UnityFS\0", version) + b"5.x.x\x002022.3.10f1\0"
    flags = codec | 0x40 | (0x80 if at_end else 0) | (0x200 if filled else 0)
    end = len(head) + 20
    end += -end % 16 if version >= 7 else 0
    before = b"" if at_end else stored
    gap = -(end + len(before)) % 16 if filled else 0
    size = end + len(stored) + gap + len(body)
    whole = (head + pack(">q3I", size, len(stored), len(table), flags)).ljust(end, b"\0")
    return whole + before + bytes(gap) + body + (stored if at_end else b"")


def build_dart(strings: list[str], *, words: int = 64, size_bits: int = 4) -> bytes:
    """Return an AOT snapshot whose image holds the strings as objects; `size_bits` is 8 before Dart 3."""
    features = b"product no-code_comments " + (b"arm64 android compressed-pointers" if words == 64 else b"arm android")
    align, head = (16, 16) if words == 64 else (8, 12)
    body = b""
    for text in strings:
        double = not all(ord(letter) < 256 for letter in text)
        raw = text.encode("utf-16-le" if double else "latin-1")
        units = -(-(head + len(raw)) // align)
        size = units if units < 1 << size_bits else 0
        tags = 0x72 | size << 8 | (94 + double) << 8 + size_bits
        hashed = 0x4B36692B
        front = pack("<2IQ", tags, hashed, 2 * len(text)) if words == 64 else pack("<3I", tags, 2 * len(text), hashed)
        body += (front + raw).ljust(units * align, b"\0")
    clusters = b"\x82\x83" * 100
    head_size = 52 + len(features) + 1 + len(clusters)
    first = pack("<4sqq32s", b"\xf5\xf5\xdc\xdc", head_size - 4, 3, b"78da37fed6bf1489361a312568249f3f")
    return (first + features + b"\0" + clusters).ljust(-(-head_size // align) * align, b"\0") + body
