"""WeChat mini-program packages: the scripts, pages and pictures of one mini program.

Format: as WeChat for Android stores them: mark BE, two lengths, mark ED, then count and (name, offset, size) entries,
all big-endian. WeChat for desktops encrypts them (`V1MMWX`): the first 1023 bytes with AES and a key derived from the
program's identifier, all others with one character of it, which is one of sixteen (BlackTrace/pc_wxapkg_decrypt).
Limits: the identifier is taken from the scripts themselves where they name it; where not, the beginning, mostly the
names of the files, stays a gap, and what stands behind it is one member.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from hashlib import pbkdf2_hmac
from struct import Struct
from typing import Final

from inspector.errors import Encrypted, LimitReached, Malformed, NotThisFormat
from inspector.formats.image import Image, aes_cbc, locked, stored
from inspector.formats.layout import Member
from inspector.formats.names import decode_name
from inspector.formats.reader import BufferReader, Reader, Span

LOCKED: Final = b"V1MMWX"
HEADER: Final = Struct(">B3IBI")
MOST: Final = 100_000
LONGEST_NAME: Final = 4096
LARGEST: Final = 1 << 26
BEGINNING: Final = 1023
"""Plain bytes of the part that needs the identifier; one byte of padding follows."""
SEALED: Final = Span(len(LOCKED), len(LOCKED) + BEGINNING + 1)
MOST_TRIED: Final = 64
_SALT: Final = b"saltiest"
_VECTOR: Final = b"the iv: 16 bytes"
_ROUNDS: Final = 1000
_WORDS: Final = (b"function", b"require", b"return")
_IDENTIFIER: Final = re.compile(rb"wx[0-9a-f]{16}")


def parse_wxapkg(data: Reader) -> Image:
    """Return the files in order of the index."""
    if data.startswith(LOCKED):
        return _locked(data)
    if data.size < HEADER.size:
        raise NotThisFormat("no mini-program package")
    first, _, index_size, body_size, last, count = data.unpack_at(0, HEADER)
    if (first, last) != (0xBE, 0xED) or not 14 + index_size <= data.size or count > min(MOST, index_size // 12 + 1):
        raise NotThisFormat("no mini-program package")
    members, at = [], HEADER.size
    for _ in range(count):
        (length,) = data.unpack_at(at, Struct(">I"))
        if length > LONGEST_NAME:
            raise Malformed(f"mini program with a name of {length} bytes")
        name = decode_name(data.read_at(at + 4, length)).lstrip("/")
        start, size = data.unpack_at(at + 4 + length, Struct(">2I"))
        members.append(stored(data, name, start, start + size))
        at += 12 + length
    end = max((member.extents[0].end for member in members), default=at)
    return Image(max(end, min(14 + index_size + body_size, data.size)), tuple(members), (Span(0, at),))


def _locked(data: Reader) -> Image:
    mark = Span(0, len(LOCKED))
    problem = Encrypted("mini program of WeChat for desktops, key of its identifier")
    raw = data.read_at(SEALED.end, data.size - SEALED.end) if SEALED.end < data.size <= LARGEST else b""
    letter = _letter(raw)
    if not letter:
        return Image(data.size, (locked("content", mark.end, data.size, problem),), (mark,))
    rest = _changed(raw, letter)
    for identifier in _identifiers(rest, letter):
        beginning = _opened(data, identifier)
        if beginning:
            return _moved(parse_wxapkg(BufferReader(beginning + rest)), data, identifier.decode("ascii"))

    def open_rest(limit: int) -> Reader:
        if len(rest) > limit:
            raise LimitReached(f"{len(rest)} bytes, {limit} allowed")
        return BufferReader(rest)

    behind = Member("content", open_rest, (Span(SEALED.end, data.size),), len(rest), format="javascript")
    return Image(data.size, (locked("beginning", SEALED.start, SEALED.end, problem), behind), (mark,))


def _letter(raw: bytes) -> bytes:
    """Return the character that all bytes were changed with: the one under which most words of scripts appear."""
    counts = {
        letter: sum(raw.count(_changed(word, letter)) for word in _WORDS)
        for letter in (bytes([code]) for code in b"0123456789abcdef")
    }
    best = max(counts, key=lambda letter: counts[letter])
    return best if counts[best] else b""


def _changed(raw: bytes, letter: bytes) -> bytes:
    return raw.translate(bytes(code ^ letter[0] for code in range(256)))


def _identifiers(text: bytes, letter: bytes) -> Iterator[bytes]:
    """Yield identifiers that the scripts name and that have this character at its place, each once."""
    seen = dict.fromkeys(found for found in _IDENTIFIER.findall(text) if found[-2:-1] == letter)
    yield from list(seen)[:MOST_TRIED]


def _opened(data: Reader, identifier: bytes) -> bytes:
    key = pbkdf2_hmac("sha1", identifier, _SALT, _ROUNDS, 32)
    plain = aes_cbc(key, _VECTOR)(data.read_at(SEALED.start, len(SEALED)))
    return plain[:BEGINNING] if plain[0] == 0xBE and plain[13] == 0xED else b""


def _moved(image: Image, data: Reader, identifier: str) -> Image:
    """Return the image with its places as they are in the encrypted file."""

    def place(at: int) -> int:
        return at + SEALED.start if at <= BEGINNING else at + SEALED.end - BEGINNING

    def span(one: Span) -> Span:
        return Span(place(one.start), min(place(one.end), data.size))

    members = tuple(replace(m, extents=tuple(span(one) for one in m.extents)) for m in image.members)
    structure = (Span(0, len(LOCKED)), Span(SEALED.end - 1, SEALED.end), *(span(one) for one in image.structure))
    return Image(data.size, members, structure, {"identifier": identifier})
