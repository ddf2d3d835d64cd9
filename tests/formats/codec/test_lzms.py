"""LZMS against wimlib: what it packed is read, with every rule for programs at its edge; and any bytes."""

import heapq
import struct
import subprocess
from hashlib import sha1
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.formats.archive.wim import read_wim
from inspector.formats.codec import lzms
from inspector.formats.reader import BufferReader
from tests.formats.original import tool

OPCODES = (b"\xe8", b"\xe9", b"\xff\x15", b"\xf0\x83\x05", b"\x48\x8b\x05", b"\x48\x8b\x0d", b"\x48\x8d\x05")
OPCODES += (b"\x4c\x8d\x3d", b"\x4c\x8d\xfd", b"\x48\x8b", b"\x4c", b"\xff", b"\xf0\x83")


def digests(folder: Path, files: list[bytes], *options: str) -> set[bytes]:
    """Pack files with wimlib and give the digests of what is read; wimlib packs what is the same once."""
    (folder / "src").mkdir()
    for number, data in enumerate(files):
        (folder / "src" / str(number)).write_bytes(data)
    command = [tool("wimlib-imagex"), "capture", str(folder / "src"), str(folder / "x.wim"), "--compress=LZMS"]
    subprocess.run([*command, *options], check=True, capture_output=True)
    members = [m for m in read_wim(BufferReader((folder / "x.wim").read_bytes())).members if m.open]
    return {sha1(bytes(m.open(1 << 26).all())).digest() for m in members if not m.path.startswith("[")}


def call(out: bytearray, opcode: bytes, target: int) -> None:
    out += opcode + struct.pack("<I", target - len(out) & 0xFFFFFFFF)


def at_the_edge() -> list[bytes]:
    """Give programs in which an instruction is just about near enough to others, or to the end."""
    programs = []
    for opcode in (*OPCODES[:1], *OPCODES[2:8]):  # so far behind a sure instruction
        for gap in (*range(505, 517), *range(1017, 1029)):
            out = bytearray(7)
            call(out, b"\xe8", 0x4321)
            call(out, b"\xe8", 0x4321)
            out += bytes(gap - 1)
            call(out, opcode, 0x12345678 + len(programs))
            programs.append(bytes(out) + bytes(40))
    for gap in range(65526, 65540):  # so far from another reference to the same place
        out = bytearray(7)
        call(out, b"\xe8", 0x4321)
        out += bytes(gap)
        call(out, b"\xe8", 0x4321)
        call(out, b"\xe8", 0x12345678 + gap)
        programs.append(bytes(out) + bytes(40))
    for spared in range(4, 24):  # so far from the end
        out = bytearray(7)
        for _ in range(3):
            call(out, b"\xe8", 0x4321)
        programs.append(bytes(out) + bytes(spared))
    return programs


def by_chance(random: Random) -> list[bytes]:
    """Give programs and tables."""
    files = []
    for size in (40, 100, 500, 3000, 20_000, 70_000) * 5:
        out, targets = bytearray(), [random.randrange(1 << 20) for _ in range(4)]
        while len(out) < size:
            call(out, random.choice(OPCODES), random.choice(targets))
            del out[len(out) - random.choice((0, 0, 0, 4)) :]
            out += bytes(random.choice((0, 0, 1, 3, 30, 200, 600)))
        files.append(bytes(out))
    for width in (1, 2, 3, 4, 8) * 4:
        step, rows = random.randrange(1, 60_000), random.choice((50, 1000, 9000))
        between = random.choice((b"", b"ab"))
        rest = (1 << 8 * width) - 1
        files.append(b"".join((n * step & rest).to_bytes(width, "little") + between for n in range(rows)))
    return files


@pytest.mark.packers
def test_programs_at_the_edge(tmp_path):
    programs = at_the_edge()
    assert digests(tmp_path, programs) == {sha1(program).digest() for program in programs}


@pytest.mark.packers
@pytest.mark.parametrize("size", [32768, 1 << 20])
def test_programs_and_tables(tmp_path, size):
    files = by_chance(Random(size))
    assert digests(tmp_path, files, f"--chunk-size={size}") == {sha1(data).digest() for data in files}


def weight_of(counts: list[int]) -> int:
    """Give the bits of the best code without a limit."""
    heap, total = counts[:], 0
    heapq.heapify(heap)
    while len(heap) > 1:
        both = heapq.heappop(heap) + heapq.heappop(heap)
        total += both
        heapq.heappush(heap, both)
    return total


@given(st.lists(st.integers(1, 2000) | st.integers(0, 24).map(lambda n: 1 << n), min_size=2, max_size=120))
def test_codes(counts):
    lengths = lzms.code_lengths(counts)
    assert sum(2.0**-length for length in lengths) == 1
    assert 1 <= min(lengths) <= max(lengths) <= lzms.LONGEST_CODE
    total = sum(count * length for count, length in zip(counts, lengths, strict=True))
    assert total >= weight_of(counts)
    if max(lengths) < lzms.LONGEST_CODE:
        assert total == weight_of(counts)


@settings(deadline=None)
@given(st.binary(max_size=400), st.integers(0, 100_000), st.integers(0, 5000))
def test_any_bytes(raw, size, most):
    plain, problem = lzms.unpack(raw, size, most)
    assert len(plain) <= min(size, most)
    assert problem is not None or len(plain) == min(size, most)


@given(st.lists(st.sampled_from([*OPCODES, b"\0\0\0\0", b"abc"]), max_size=60), st.integers(0, 400))
def test_any_program(pieces, size):
    out = bytearray(b"".join(pieces))
    before = len(out)
    lzms.undo_targets(out, max(size, before))
    assert len(out) == before
