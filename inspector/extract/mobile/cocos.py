"""Scripts of Cocos2d-x games, decrypted with the key that the game's own library holds."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import Final

from inspector.errors import FormatError
from inspector.formats.archive.gzip import MAGIC, gunzip
from inspector.formats.archive.zip_members import read_zip
from inspector.formats.codec.streams import decode
from inspector.formats.codec.xxtea import LARGEST, TRIED, candidate_keys, decrypt, find_key, find_sign
from inspector.formats.layout import Member, Opener
from inspector.formats.reader import BufferReader, Reader

LIBRARY: Final = re.compile(r"libs?/[^/]+/libcocos(?:2d)?(?:js|lua|cpp)?\.so$|(?:^|/)([^/]+)\.app/\1$")
"""The game's library on Android and HarmonyOS, the app's program on iOS."""
SCRIPT: Final = re.compile(r"\.(?:jsc|luac|lua)$")
LARGEST_LIBRARY: Final = 1 << 28
MOST_BESIDE: Final = 32
SAMPLES: Final = 4
"""Scripts that keys are tried on, smallest first: some of a game's scripts can be plain."""

Secret = tuple[bytes, bytes]
"""(key, mark in front of the scripts); an empty key where none is found."""


def decrypted_scripts(members: Sequence[Member], beside: Sequence[Opener] = ()) -> list[Member]:
    """Return the members, encrypted scripts with openers that decrypt; unchanged without library or key.

    The key is looked for when the first script is opened, and only once: in the library among the members, then in
    those of the packages `beside` them, as stores deliver libraries in a split of their own.
    """
    libraries = [member for member in members if LIBRARY.search(member.path)]
    scripts = [member for member in members if SCRIPT.search(member.path) and member.open and member.size > 8]
    if not (libraries or beside) or not scripts:
        return list(members)
    samples = sorted(scripts, key=lambda member: member.size)[:SAMPLES]

    @lru_cache(maxsize=1)
    def secret() -> Secret:
        tried = (_secret(library, samples) for library in (*libraries[:1], *_libraries_in(beside)))
        return next((found for found in tried if found[0]), (b"", b""))

    def opener(inner: Opener) -> Opener:
        def open_script(limit: int) -> Reader:
            data = inner(limit)
            key, sign = secret()
            if not key or data.size > LARGEST:
                return data
            try:
                plain = BufferReader(decrypt(data.read_at(0, data.size).removeprefix(sign), key))
            except FormatError:
                return data  # plain scripts beside encrypted ones
            # Cocos Creator can compress scripts before it encrypts them.
            return decode(gunzip, plain, 0, limit) if plain.startswith(MAGIC) else plain

        return open_script

    chosen = {id(member) for member in scripts}
    return [
        replace(member, open=opener(member.open)) if id(member) in chosen and member.open else member
        for member in members
    ]


def _libraries_in(packages: Iterable[Opener]) -> Iterator[Member]:
    """Yield the first library of each package; a package that cannot be read has none."""
    for opener in islice(packages, MOST_BESIDE):
        try:
            members = list(read_zip(opener(LARGEST_LIBRARY)).members)
        except FormatError:
            continue
        yield from [member for member in members if LIBRARY.search(member.path)][:1]


def _secret(library: Member, samples: Sequence[Member]) -> Secret:
    """Return what decrypts the first of the samples that any text of the library decrypts."""
    if library.open is None:
        return b"", b""
    try:
        raw = bytes(library.open(LARGEST_LIBRARY).all())
    except FormatError:
        return b"", b""
    for sample in samples:
        try:
            script = _content(sample)
            sign = find_sign(script, raw)
            return find_key(script.removeprefix(sign), candidate_keys(raw, sign)), sign
        except FormatError:
            continue
    return b"", b""


def _content(script: Member) -> bytes:
    if script.open is None:
        raise FormatError("no content")
    data = script.open(TRIED)
    return data.read_at(0, data.size)
