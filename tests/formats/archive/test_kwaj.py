"""KWAJ, whose packer is not to be had: files of a writer here, by the description of its format."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import NotThisFormat, Unsupported
from inspector.extract.archive.szdd import Kwaj
from inspector.formats.archive.kwaj import MAGIC, SYMBOLS, decompress
from inspector.formats.codec.streams import collect
from inspector.formats.reader import BufferReader
from tests.formats.promise import every_flip, every_prefix, files, keeps_its_promise, unpack

TEXT = b"".join(b"%d server=https://planted.example.cn/v1\n" % (n * n) for n in range(300))
STORED, INVERTED, LZSS, CODED, MSZIP = range(5)


def kwaj(method: int, packed: bytes, size: int | None = None, name: str = "", extra: bytes = b"") -> bytes:
    flags, told = 0, b""
    if size is not None:
        flags, told = 1, struct.pack("<I", size)
    if extra:
        flags, told = flags | 6, told + b"??" + struct.pack("<H", len(extra)) + extra
    stem, _, ending = name.partition(".")
    if name:
        flags, told = flags | 8, told + stem.encode() + b"\0"
    if ending:
        flags, told = flags | 16, told + ending.encode() + b"\0"
    return MAGIC + struct.pack("<HHH", method, 14 + len(told), flags) + told + packed


def steps(data: bytes, shortest: int, longest: int, run: int):
    """Yield runs of literals, and (distance, length) of matches, as a greedy packer finds them."""
    at, literals = 0, bytearray()
    while at < len(data):
        length = longest
        while length >= shortest and (found := data.rfind(data[at : at + length], max(at - 4000, 0), at)) < 0:
            length -= 1
        if length >= shortest and len(data) - at >= length:
            if literals:
                yield bytes(literals)
                literals.clear()
            yield at - found, length
            at += length
            continue
        literals.append(data[at])
        at += 1
        if len(literals) == run:
            yield bytes(literals)
            literals.clear()
    if literals:
        yield bytes(literals)


def lzss(data: bytes) -> bytes:
    items, out, at = [], b"", 0
    for step in steps(data, 3, 18, 1):
        if isinstance(step, bytes):
            items.append(step)
            at += len(step)
        else:
            place = (4096 - 18 + at - step[0]) % 4096
            items.append(bytes([place & 0xFF, place >> 4 & 0xF0 | step[1] - 3]))
            at += step[1]
    for first in range(0, len(items), 8):
        group = items[first : first + 8]
        out += bytes([sum(1 << n for n, item in enumerate(group) if len(item) == 1)]) + b"".join(group)
    return out


def told_lengths(symbols: int, kind: int) -> str:
    """Return how a code whose symbols are equally long is told."""
    length = symbols.bit_length() - 1
    return {0: "", 1: f"{length:04b}" + "0" * (symbols - 1), 2: f"{length:04b}" + "01" * (symbols - 1)}.get(
        kind, f"{length:04b}" * symbols
    )


def coded(data: bytes, kinds=(0, 1, 2, 3, 1)) -> bytes:
    bits = "".join(f"{kind:04b}" for kind in kinds) + "0000"
    bits += "".join(told_lengths(symbols, kind) for symbols, kind in zip(SYMBOLS, kinds, strict=True))
    for step in steps(data, 3, 17, 32):
        if isinstance(step, bytes):
            bits += "0000" + f"{len(step) - 1:05b}" + "".join(f"{byte:08b}" for byte in step)
        else:
            bits += f"{step[1] - 2:04b}" + f"{step[0] >> 6:06b}" + f"{step[0] & 63:06b}"
    return int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")


def mszip(data: bytes) -> bytes:
    out, history = b"", b""
    for at in range(0, len(data), 1 << 15):
        piece = data[at : at + (1 << 15)]
        packer = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=history) if history else zlib.compressobj(9, 8, -15)
        raw = b"CK" + packer.compress(piece) + packer.flush()
        out, history = out + struct.pack("<H", len(raw)) + raw, piece
    return out + b"\0\0"


PACK = {
    STORED: lambda data: data,
    INVERTED: lambda data: bytes(byte ^ 0xFF for byte in data),
    LZSS: lzss,
    CODED: coded,
    MSZIP: mszip,
}


@pytest.mark.parametrize("told", [False, True])
@pytest.mark.parametrize("method", PACK)
def test_every_method(method, told):
    data = TEXT * 5 if method == MSZIP else TEXT[:5000]
    blob = kwaj(
        method, PACK[method](data), len(data) if told else None, "client.dll" if told else "", b"x" if told else b""
    )
    assert files(Kwaj(), blob) == {"client.dll" if told else "content": data}
    assert b"".join(decompress(BufferReader(blob), 0, 700)) == data
    every_prefix(Kwaj(), blob, 60)
    every_flip(Kwaj(), blob, 60)
    if told:
        assert len(unpack(Kwaj(), b"before" + blob + b"behind", 6)[0]) == len(blob)
        cut = collect(decompress, BufferReader(blob[:-9]), 0, 1 << 20)
        assert cut.damage is not None
        assert data.startswith(bytes(cut.data))


def test_names_without_an_ending_and_codes_of_an_unknown_kind():
    assert set(files(Kwaj(), kwaj(STORED, b"abc", 3, "readme"))) == {"readme"}
    packed = bytes([0x40]) + bytes(40)
    assert isinstance(collect(decompress, BufferReader(kwaj(CODED, packed, 9)), 0, 99).damage, Unsupported)


def test_other_bytes_are_none():
    for blob in (MAGIC, kwaj(5, b"abc"), MAGIC + bytes(20), b"SZDD" + bytes(30)):
        with pytest.raises(NotThisFormat):
            unpack(Kwaj(), blob)


@given(st.binary(max_size=200), st.integers(0, 4), st.integers(0, 63), st.integers(14, 40))
def test_any_bytes(raw, method, flags, start):
    keeps_its_promise(Kwaj(), MAGIC + struct.pack("<HHH", method, start, flags) + raw)
    keeps_its_promise(Kwaj(), kwaj(method, raw, 3000))
