import random
import struct
from binascii import crc32
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import FormatError, LimitReached, Malformed
from inspector.extract.archive.zip import Zip
from inspector.formats.codec import zip_legacy
from inspector.formats.reader import BufferReader
from tests.builders.original_tools import PKZIP, inflated
from tests.formats.original import tool
from tests.formats.promise import every_flip, every_prefix, files, run, unpack

CODE = b"".join(path.read_bytes() for path in sorted(Path(zip_legacy.__file__).parent.glob("*.py")))
PROGRAM = Path("/bin/sh").resolve().read_bytes()
NOISE = random.Random(7).randbytes(6000)


def archive(method: int, raw: bytes, data: bytes, flags: int = 0) -> bytes:
    """Give a zip of one entry, `f`."""
    fields = struct.pack("<HHHHHIIIHH", 20, flags, method, 0, 0x21, crc32(data), len(raw), len(data), 1, 0)
    local = b"PK\3\4" + fields + b"f" + raw
    entry = b"PK\1\2" + struct.pack("<H", 20) + fields + struct.pack("<HHHII", 0, 0, 0, 0, 0) + b"f"
    return local + entry + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(local), 0)


class Writer:
    """Bits into bytes, the lowest first."""

    def __init__(self) -> None:
        self.value = self.count = 0
        self.done = bytearray()

    def put(self, value: int, count: int) -> None:
        self.value |= value << self.count
        self.count += count
        while self.count >= 8:
            self.done.append(self.value & 0xFF)
            self.value, self.count = self.value >> 8, self.count - 8

    def end(self) -> bytes:
        self.put(0, -self.count % 8)
        return bytes(self.done)


@pytest.mark.parametrize("kind", PKZIP)
def test_what_pkzip_packed(kind):
    blob = inflated(PKZIP[kind])
    members = unpack(Zip(), blob)[2]
    assert members
    for member in members:
        reader = member.open(1 << 20)
        assert (reader.size, reader.damage, reader.notes) == (member.size, None, ()), "its checksum holds"
    every_prefix(Zip(), blob, 100)
    every_flip(Zip(), blob, 60)


# --------------------------------------------------------------------------- the packer's side


def shrink(data: bytes) -> bytes:
    """Pack with method 1; where all codes are in use, those at the ends of branches are given up."""
    out, width = Writer(), 9
    parents: dict[int, int] = {}
    children: dict[tuple[int, int], int] = {}
    place = at = 0
    while at < len(data):
        code, end = data[at], at + 1
        while end < len(data) and (code, data[end]) in children:
            code, end = children[code, data[end]], end + 1
        while code >> width:
            out.put(256, width)
            out.put(1, width)
            width += 1
        out.put(code, width)
        at = end
        if at == len(data):
            break
        free = next((n for n in range(max(place + 1, 257), 8192) if n not in parents), 0)
        if not free:
            out.put(256, width)
            out.put(2, width)
            used = set(parents.values())
            for leaf in [n for n in parents if n not in used]:
                del parents[leaf]
            children = {key: child for key, child in children.items() if child in parents}
            free = next(n for n in range(257, 8192) if n not in parents)
        place = free
        parents[free] = code
        children.setdefault((code, data[at]), free)
    return out.end()


def reduce_(data: bytes, factor: int) -> bytes:
    """Pack with method `1 + factor`."""
    marked, seen, at = bytearray(), dict[bytes, int](), 0
    most = (1 << 8 - factor) - 1
    while at < len(data):
        before, length = seen.get(data[at : at + 3], -1), 0
        if before >= 0 and at - before <= 256 << factor:
            while length < most + 258 and at + length < len(data) and data[before + length] == data[at + length]:
                length += 1
        seen[data[at : at + 3]] = at
        if length > 3:
            distance = at - before - 1
            told = min(length - 3, most)
            marked += bytes([144, distance >> 8 << 8 - factor | told])
            marked += bytes([length - 3 - most] if told == most else []) + bytes([distance & 0xFF])
        else:
            length = 1
            marked += b"\x90\0" if data[at] == 144 else data[at : at + 1]
        at += length
    return coded(marked)


def coded(marked: bytes) -> bytes:
    """Tell bytes by their place among those that often follow the byte before."""
    follow = [Counter[int]() for _ in range(256)]
    for one, other in zip(b"\0" + marked, marked):  # noqa: B905 - the last has no follower
        follow[one][other] += 1
    rows = [[byte for byte, often in counter.most_common(32) if often > 2] for counter in follow]
    out = Writer()
    for row in reversed(rows):
        out.put(len(row), 6)
        for byte in row:
            out.put(byte, 8)
    last = 0
    for byte in marked:
        row = rows[last]
        if byte in row:
            out.put(0, 1)
            out.put(row.index(byte), max((len(row) - 1).bit_length(), 1))
        else:
            if row:
                out.put(1, 1)
            out.put(byte, 8)
        last = byte
    return out.end()


DATA = {"code": CODE[:120_000], "program": PROGRAM[:60_000], "noise": NOISE, "zeros": bytes(30_000), "one": b"x"}


@pytest.mark.packers
@pytest.mark.parametrize("name", DATA)
def test_shrunk_text_as_others_read_it(tmp_path, name):
    data = DATA[name]
    blob = archive(1, shrink(data), data)
    assert files(Zip(), blob) == {"f": data}
    (tmp_path / "x.zip").write_bytes(blob)
    assert run(tool("7z"), "e", "-so", str(tmp_path / "x.zip")) == data
    every_prefix(Zip(), blob, 5)
    every_flip(Zip(), blob, 5)


@pytest.mark.parametrize("factor", [1, 2, 3, 4])
@pytest.mark.parametrize("name", DATA)
def test_reduced_text(name, factor):
    data = DATA[name]
    blob = archive(1 + factor, reduce_(data, factor), data)
    assert files(Zip(), blob) == {"f": data}
    every_prefix(Zip(), blob, 3)
    every_flip(Zip(), blob, 3)


# --------------------------------------------------------------------------- promises

DECODERS = {
    "shrink": zip_legacy.unshrink,
    **{f"reduce {n}": lambda data, size, n=n: zip_legacy.unreduce(data, size, n) for n in range(1, 5)},
    **{
        f"implode {flags}": lambda data, size, flags=flags: zip_legacy.explode(data, size, flags)
        for flags in (0, 2, 4, 6)
    },
}


@given(st.binary(max_size=500), st.integers(0, 3000), st.sampled_from(sorted(DECODERS)))
def test_any_bytes(raw, size, kind):
    decoded = DECODERS[kind](BufferReader(raw), size)
    assert len(decoded.data) <= size
    assert decoded.damage is not None or (len(decoded.data) == size and 0 <= decoded.consumed <= len(raw))


@given(st.binary(max_size=300), st.integers(1, 3))
def test_any_codes_behind_followers(raw, count):
    followers = (count | 0x41 << 6).to_bytes(2, "little") * 256
    decoded = zip_legacy.unreduce(BufferReader(followers + raw), 2000, 1)
    assert isinstance(decoded.damage, FormatError) or len(decoded.data) == 2000


def test_a_follower_that_is_not_there_is_refused():
    out = Writer()
    for _ in range(256):
        out.put(3, 6)
        for byte in b"abc":
            out.put(byte, 8)
    for value, count in ((0, 1), (2, 2), (0, 1), (3, 2)):
        out.put(value, count)
    decoded = zip_legacy.unreduce(BufferReader(out.end()), 10, 1)
    assert bytes(decoded.data) == b"c"
    assert isinstance(decoded.damage, Malformed)


def test_code_that_leads_to_itself_is_refused():
    out = Writer()
    out.put(65, 9)
    for code in (256, 2):  # nothing to give up: 257 comes next, and is made of what is not there
        out.put(code, 9)
    out.put(300, 9)
    decoded = zip_legacy.unshrink(BufferReader(out.end()), 100)
    assert isinstance(decoded.damage, Malformed)
    assert bytes(decoded.data) == b"A"


def test_a_size_over_the_limit_is_refused():
    (member,) = unpack(Zip(), archive(1, shrink(b"abc" * 1000), b"abc" * 1000))[2]
    with pytest.raises(LimitReached):
        member.open(2000)


def test_a_damaged_entry_gives_its_beginning():
    raw = shrink(CODE[:50_000])
    (member,) = unpack(Zip(), archive(1, raw[: len(raw) // 2], CODE[:50_000]))[2]
    reader = member.open(1 << 20)
    assert isinstance(reader.damage, Malformed)
    assert 10_000 < reader.size < 50_000
    assert CODE.startswith(bytes(reader.all()))
