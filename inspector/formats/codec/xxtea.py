"""XXTEA as Cocos2d-x encrypts its scripts, and the search for the key in the game's library.

Format: Wheeler and Needham, "Correction to xtea" (1998); cocos2d-x `external/xxtea`, `jsb_set_xxtea_key`: the key is
cut or filled with zeros to 16 bytes, the last word of the plain text is its length.
Limits: a key that the program computes is not found. The cipher has no blocks, so each trial costs the whole script:
the smallest scripts are tried with at most `MOST_KEYS` texts that look like keys or stand beside script names. Without
the native library (`xxtea`) decryption is some three hundred times slower, and scripts above 2 MiB stay encrypted.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from struct import pack, unpack
from typing import Final, cast

from inspector.errors import Encrypted, LimitReached, Malformed

DELTA: Final = 0x9E3779B9
MASK: Final = 0xFFFFFFFF
LARGEST: Final = 1 << 26
LARGEST_SLOW: Final = 1 << 21
TRIED: Final = 1 << 20
"""Scripts up to this size serve to try keys on; without the native library up to `TRIED_SLOW`."""
TRIED_SLOW: Final = 1 << 14
MOST_KEYS: Final = 96
NEAR: Final = 384
_KEY_LIKE: Final = re.compile(rb"-[0-9a-f]{4}-[0-9a-f]{2}\0")
"""The end of a key that Cocos Creator made, `6362a1d8-f9b1-4b`: it begins with a byte that is rare in code."""
_KEY_HEAD: Final = re.compile(rb"\0([0-9a-f]{8})\Z")
_TEXT: Final = re.compile(rb"(?<=\0)[\x21-\x7e]{6,36}(?=\0)")
_SCRIPTS: Final = (b"main.js\0", b"jsb-adapter/", b"script/jsb_prepare", b"src/app.lua\0", b"main.lua\0", b"XXTEA\0")
_SIGN: Final = b"XXTEA"
_SIGN_TEXT: Final = re.compile(rb"[\x21-\x7e]+")
SHORTEST_SIGN: Final = 3
LONGEST_SIGN: Final = 32


def decrypt(raw: bytes, key: bytes) -> bytes:
    """Return the plain text; `Malformed` where the length it states cannot be, as with a wrong key."""
    if len(raw) % 4 or not 8 <= len(raw) <= LARGEST:
        raise Malformed(f"XXTEA text of {len(raw)} bytes")
    plain = _cipher()(raw, key[:16].ljust(16, b"\0"))
    length = int.from_bytes(plain[-4:], "little")
    if not len(raw) - 8 < length <= len(raw) - 4:
        raise Malformed("XXTEA key does not fit")
    return plain[:length]


@cache
def _cipher() -> Callable[[bytes, bytes], bytes]:
    """Return the native cipher, or ours where no wheel exists for the platform."""
    try:
        import xxtea
    except ImportError:
        return decipher
    return lambda raw, key: cast("bytes", xxtea.decrypt(raw, key, padding=False))


def decipher(raw: bytes, key: bytes) -> bytes:
    """Return all words of `raw` decrypted, the length at their end included; `key` has 16 bytes."""
    if len(raw) > LARGEST_SLOW:
        raise LimitReached(f"XXTEA text of {len(raw)} bytes without the native library")
    count = len(raw) // 4
    words = list(unpack(f"<{count}I", raw))
    parts = unpack("<4I", key)
    rounds = 6 + 52 // count
    total = rounds * DELTA & MASK
    last = words[0]
    for _ in range(rounds):
        shift = total >> 2 & 3
        for index in range(count - 1, -1, -1):
            before = words[index - 1]
            mixed = ((before >> 5 ^ last << 2) + (last >> 3 ^ before << 4)) ^ (
                (total ^ last) + (parts[index & 3 ^ shift] ^ before)
            )
            last = words[index] = words[index] - mixed & MASK
        total = total - DELTA & MASK
    return pack(f"<{count}I", *words)


def find_sign(script: bytes, library: bytes) -> bytes:
    """Return the mark that Lua projects put in front of a script: the longest text of the library that it begins with.

    `XXTEA` is what the templates of Cocos2d-x write; projects choose their own.
    """
    for length in range(LONGEST_SIGN, SHORTEST_SIGN - 1, -1):
        sign = script[:length]
        if _SIGN_TEXT.fullmatch(sign) and b"\0" + sign + b"\0" in library:
            return sign
    return _SIGN if script.startswith(_SIGN) else b""


def candidate_keys(library: bytes, sign: bytes = b"") -> list[bytes]:
    """Return texts of a library that may be the key, likely ones first, at most `MOST_KEYS`.

    `sign` is a mark of scripts, as `find_sign` tells: one call sets both, so the key stands close by.
    """
    found = dict.fromkeys(_likely_keys(library))
    for mark in (*((sign + b"\0",) if sign else ()), *_SCRIPTS):
        at = library.find(b"\0" + mark) if mark[:-1] == sign else library.find(mark)
        if at >= 0:
            found.update(dict.fromkeys(_TEXT.findall(library, max(0, at - NEAR), at + NEAR)))
    return [key for key in found if key != sign][:MOST_KEYS]


def _likely_keys(raw: bytes) -> Iterator[bytes]:
    for tail in _KEY_LIKE.finditer(raw):
        if head := _KEY_HEAD.search(raw, max(0, tail.start() - 9), tail.start()):
            yield head.group(1) + tail.group()[:-1]


def find_key(script: bytes, keys: Iterable[bytes]) -> bytes:
    """Return the key that decrypts the script, which has no mark; raises `Encrypted` where none does."""
    if len(script) > (TRIED_SLOW if _cipher() is decipher else TRIED):
        raise LimitReached("no script small enough to try keys on")
    for key in keys:
        try:
            decrypt(script, key)
        except Malformed:
            continue
        return key
    raise Encrypted("Cocos2d-x script: the XXTEA key stands in no text of the library")
