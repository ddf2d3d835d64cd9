"""DCL implode, of PKWARE's Data Compression Library: method 10 of zip, and what installers of the nineties packed with.

Format: Ben Rudiak-Gould, "A description of the PKWARE Data Compression Library format" (2001); Mark Adler, blast.c of
zlib, which has the lengths of the codes.
Limits: decoded in Python, a few megabytes per second.
"""

from functools import cache
from typing import Final

from inspector.errors import FormatError, Malformed
from inspector.formats.codec.prefixcode import LENGTH_BITS, Code, LowBits, repeat_behind_zeros, shannon_code
from inspector.formats.codec.streams import Decoded
from inspector.formats.reader import Reader

WHAT: Final = "DCL"
PLAIN, CODED = 0, 1
"""Bytes stand as they are, or each has a code."""
WINDOWS: Final = range(4, 7)
"""Bits of a distance that stand beside its code."""
NEAR_BITS: Final = 2
"""The same for the shortest matches."""
SHORTEST, LONGEST = 2, 519
"""Length of a match told by the fewest bits; one that is the end instead."""
LENGTH_BASES: Final = (3, 2, 4, 5, 6, 7, 8, 9, 10, 12, 16, 24, 40, 72, 136, 264)
LENGTH_EXTRA: Final = (0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8)
# Lengths of the codes, a hexadecimal digit for each symbol.
LITERALS: Final = (
    "bcccccccc87cc7ccccccccccccdccccc4a8caca87789767876777787788cb79b"
    "c676657886b967667b66679899b8b9c8c566656665b756556a55558788abbccc"
    "dddddddddddddddddddddddddddddddddddddddddddddddd"
    "ccccccccccccccccccccccccccccccccccccccccccccccccdcdddcdddcddddcdddcccddddddddddd"
)
LENGTHS: Final = "2333444555566677"
DISTANCES: Final = "2445555666666666666666777777777777777777777777778888888888888888"


@cache
def _codes(kind: int) -> tuple[Code, Code]:
    """Return the lookup of what comes, a byte or the length of a match, and that of distances."""
    literals = shannon_code([int(digit, 16) for digit in LITERALS] if kind == CODED else [8] * 256, WHAT)
    if kind == PLAIN:  # no code: the bits are the byte
        literals = Code(8, [byte << LENGTH_BITS | 8 for byte in range(256)])
    lengths = shannon_code([int(digit, 16) for digit in LENGTHS], WHAT)
    width = max(literals.width, lengths.width) + 1
    entries = [0] * (1 << width)
    entries[0::2] = [entry + 1 for entry in literals.entries] * (1 << width - 1 - literals.width)
    entries[1::2] = [entry + 1 + (256 << LENGTH_BITS) for entry in lengths.entries] * (1 << width - 1 - lengths.width)
    return Code(width, entries), shannon_code([int(digit, 16) for digit in DISTANCES], WHAT)


def explode(data: Reader, size: int) -> Decoded:
    """Return up to `size` bytes of what was imploded; fewer where the end comes first."""
    bits, out = LowBits(data, 0, WHAT), bytearray()
    damage: FormatError | None = None
    try:
        _explode(bits, out, size)
        if len(out) < size:
            damage = Malformed(f"DCL stream ends after {len(out)} bytes of {size}")
    except FormatError as error:
        damage = error.bare()
    del out[size:]
    return Decoded(out, -1 if damage else bits.position, damage)


def _explode(bits: LowBits, out: bytearray, size: int) -> None:
    kind, window = bits.take(8), bits.take(8)
    if kind not in (PLAIN, CODED) or window not in WINDOWS:
        raise Malformed("no DCL stream")
    code, distances = _codes(kind)
    while (symbol := bits.literals(code, out, size)) >= 0:
        slot = symbol - 256
        length = LENGTH_BASES[slot] + bits.take(LENGTH_EXTRA[slot])
        if length == LONGEST:
            return
        low = NEAR_BITS if length == SHORTEST else window
        distance = bits.symbol(distances) << low
        repeat_behind_zeros(out, distance + bits.take(low) + 1, length)
