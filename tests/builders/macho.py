"""Builds small Mach-O images, universal files and code signatures, field by field."""

import plistlib
from struct import pack

BASE = 0x100000000


def command(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 8)
    return pack("<2I", kind, 8 + len(body)) + body


def dylib(path: str, kind: int = 0xC) -> bytes:
    return command(kind, pack("<4I", 24, 0, 0, 0) + path.encode() + b"\0")


def build_macho(
    strings: list[bytes],
    *,
    classes: tuple[str, ...] = (),
    eager: int = 0,
    literals: int = 0,
    constants: dict[str, int] | None = None,
    code: bytes | None = None,
    uses: tuple[str, ...] = (),
    defines: tuple[str, ...] = (),
    commands: tuple[bytes, ...] = (),
    kind: int = 2,
    cpu: tuple[int, int] = (0x0100000C, 0),
    signature: bytes = b"",
    encrypted: tuple[int, int, int] | None = None,
) -> bytes:
    """Return a 64-bit image: texts, constant strings for the first `literals` of them, a class list, symbols.

    The first `eager` classes have a `load` method. `constants` name texts by their number: constant strings of those
    that have one, texts of C otherwise. `code` is that of a Swift program.
    """
    constants = constants or {}
    names = [b"_OBJC_CLASS_$_" + name.encode() for name in (*uses, *defines)]
    extra = list(commands)
    if encrypted:
        extra.append(command(0x2C, pack("<4I", *encrypted, 0)))
    fixed = (
        32
        + 72
        + 80 * (5 + bool(eager) + bool(constants) + 2 * (code is not None))
        + 24
        + (16 if signature else 0)
        + sum(map(len, extra))
    )
    at = fixed + -fixed % 16
    layout: list[tuple[bytes, bytes, int, bytes]] = []

    def section(segment: bytes, name: bytes, content: bytes) -> int:
        nonlocal at
        start = at
        layout.append((segment, name, start, content))
        at += len(content) + -len(content) % 16
        return start

    if code is not None:
        section(b"__TEXT", b"__text", code)
        section(b"__TEXT", b"__swift5_types", bytes(8))
    text = b"\0".join(strings) + b"\0"
    starts = [sum(len(one) + 1 for one in strings[:index]) for index in range(len(strings))]
    cstring = section(b"__TEXT", b"__cstring", text)
    cfstring = b"".join(pack("<4Q", 0, 0x7C8, BASE + cstring + starts[i], len(strings[i])) for i in range(literals))
    first_literal = section(b"__DATA", b"__cfstring", cfstring)
    held = [first_literal + 32 * i if i < literals else cstring + starts[i] for i in constants.values()]
    values = section(b"__DATA", b"__const", b"".join(pack("<Q", BASE + at) for at in held)) if constants else 0
    classname = b"".join(name.encode() + b"\0" for name in classes)
    first_name = section(b"__TEXT", b"__objc_classname", classname)
    data = b""
    entries = []
    const = at
    place = first_name
    for name in classes:
        read_only = const + len(data)
        data += pack("<4I", 0, 0, 0, 0) + pack("<2Q", 0, BASE + place) + bytes(40)
        entries.append(const + len(data))
        data += pack("<5Q", 0, 0, 0, 0, BASE + read_only)
        place += len(name) + 1
    section(b"__DATA", b"__objc_const", data)
    section(b"__DATA", b"__objc_classlist", b"".join(pack("<Q", BASE + one) for one in entries))
    if eager:
        section(b"__DATA", b"__objc_nlclslist", b"".join(pack("<Q", BASE + one) for one in entries[:eager]))
    symbols, texts = b"", b"\0"
    for index, name in enumerate(names):
        symbols += pack("<IBBHQ", len(texts), 1 if index < len(uses) else 0xF, 0 if index < len(uses) else 1, 0, 0)
        texts += name + b"\0"
    for index, name in enumerate(constants):
        symbols += pack("<IBBHQ", len(texts), 0xF, 1, 0, BASE + values + 8 * index)
        texts += b"_" + name.encode() + b"\0"
    symbol_at, text_at = at, at + len(symbols)
    signed_at = text_at + len(texts) + -(text_at + len(texts)) % 16
    total = signed_at + len(signature)
    sections = b"".join(
        pack("<16s16s2Q8I", name, segment, BASE + start, len(content), start, 0, 0, 0, 0, 0, 0, 0)
        for segment, name, start, content in layout
    )
    segment_body = pack("<16s4Q4I", b"__TEXT", BASE, total, 0, total, 5, 5, len(layout), 0) + sections
    loads = [
        command(0x19, segment_body),
        command(2, pack("<4I", symbol_at, len(names) + len(constants), text_at, len(texts))),
        *extra,
    ]
    if signature:
        loads.append(command(0x1D, pack("<2I", signed_at, len(signature))))
    blob = pack("<4s7I", b"\xcf\xfa\xed\xfe", *cpu, kind, len(loads), sum(map(len, loads)), 0, 0) + b"".join(loads)
    for _, _, start, content in layout:
        blob += bytes(start - len(blob)) + content
    blob += bytes(symbol_at - len(blob)) + symbols + texts
    return blob + bytes(signed_at - len(blob)) + signature


def moves(register: int, value: int) -> list[int]:
    """Return the A64 instructions that build a word from 16 bits at a time, as compilers do: zeros are left out."""
    parts = [(shift, value >> 16 * shift & 0xFFFF) for shift in range(4)]
    used = [part for part in parts if part[1]] or parts[:1]
    first, *others = [part << 5 | shift << 21 | register for shift, part in used]
    return [0xD2800000 | first, *(0xF2800000 | other for other in others)]


def swift_text(text: bytes, registers: tuple[int, int] = (0, 1)) -> list[int]:
    """Return the A64 instructions that build a small text of Swift in two registers."""
    raw = text.ljust(15, b"\0") + bytes([0xE0 | len(text)])
    low, high = (int.from_bytes(half, "little") for half in (raw[:8], raw[8:]))
    return [*moves(registers[0], low), *moves(registers[1], high)]


def build_fat(slices: dict[tuple[int, int], bytes]) -> bytes:
    table, body = b"", b""
    start = 8 + 20 * len(slices)
    for (cpu, kind), content in slices.items():
        at = start + len(body)
        pad = -at % 16
        table += pack(">5I", cpu, kind, at + pad, len(content), 4)
        body += bytes(pad) + content
    return b"\xca\xfe\xba\xbe" + pack(">I", len(slices)) + table + body


def build_signature(identifier: str, team: str, entitlements: dict[str, object], cms: bytes = b"") -> bytes:
    texts = identifier.encode() + b"\0" + team.encode() + b"\0"
    directory = pack(">4I", 0x20400, 0, 0, 96) + bytes(24) + pack(">I", 96 + len(identifier) + 1)
    directory = directory.ljust(88, b"\0") + texts
    directory = pack(">2I", 0xFADE0C02, 8 + len(directory)) + directory
    rights = plistlib.dumps(entitlements)
    blobs = [directory, pack(">2I", 0xFADE7171, 8 + len(rights)) + rights]
    if cms:
        blobs.append(pack(">2I", 0xFADE0B01, 8 + len(cms)) + cms)
    index, body = b"", b""
    start = 12 + 8 * len(blobs)
    for blob in blobs:
        index += pack(">2I", 0, start + len(body))
        body += blob
    return pack(">3I", 0xFADE0CC0, start + len(body), len(blobs)) + index + body
