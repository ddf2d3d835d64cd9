import os
import random
import struct
from hashlib import sha1
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import FormatError, LimitReached, Malformed, Unsupported
from inspector.extract.archive.cab import Cab
from inspector.formats.codec import lzx, quantum
from tests.builders.original_tools import CAB_LZX, inflated
from tests.formats.original import tool
from tests.formats.promise import every_flip, every_prefix, files, run, unpack

FRAME = 1 << 15
CODE = b"".join(path.read_bytes() for path in sorted(Path(lzx.__file__).parent.glob("*.py")))
PROGRAM = Path("/bin/sh").resolve().read_bytes()
CALLS = b"".join(b"\xe8" + struct.pack("<i", 4 * n) + bytes([n % 251]) * 11 for n in range(6000))


def cab(method: int, blocks: list[tuple[bytes, int]]) -> bytes:
    """Give a cabinet of one file, `f`, in one folder of blocks (packed bytes, size)."""
    size = sum(plain for _, plain in blocks)
    start = 36 + 8 + 16 + 2
    body = b"".join(struct.pack("<IHH", 0, len(raw), plain) + raw for raw, plain in blocks)
    head = struct.pack("<4s4xI4xI4xBB5H", b"MSCF", start + len(body), 44, 3, 1, 1, 1, 0, 0, 0)
    return (
        head + struct.pack("<IHH", start, len(blocks), method) + struct.pack("<IIH4xH", size, 0, 0, 0) + b"f\0" + body
    )


def test_what_windows_packed():
    found = files(Cab(), inflated(CAB_LZX))
    assert found["zero"] == bytes(33_000)
    assert found["dir1/file1"].endswith(b"hello\nhello\nhello\n")
    assert set(found) == {"empty", "zero", "dir1/file1", "dir2/file2"}


# --------------------------------------------------------------------------- LZX


@pytest.mark.packers
@pytest.mark.parametrize("level", ["20", "100"])
def test_chunks_of_windows_images(tmp_path, level):
    """Those of wimlib: they begin without a size of programs, and each is a stream of its own."""
    tree = {"code": CODE, "program": PROGRAM, "zeros": bytes(90_000), "noise": os.urandom(40_000)}
    (tmp_path / "t").mkdir()
    for name, data in tree.items():
        (tmp_path / "t" / name).write_bytes(data)
    run(tool("wimlib-imagex"), "capture", "t", "x.wim", f"--compress=LZX:{level}", cwd=tmp_path)
    blob = (tmp_path / "x.wim").read_bytes()
    packed, at, _ = struct.unpack_from("<QQQ", blob, 48)
    kept, told = {}, set()
    for entry in range(at, at + (packed & (1 << 56) - 1), 50):
        told.add(blob[entry + 30 : entry + 50])
        kept[blob[entry + 30 : entry + 50]] = resource(blob, *struct.unpack_from("<QQQ", blob, entry))
    assert all(sha1(data).digest() == digest for digest, data in kept.items())
    assert {sha1(data).digest() for data in tree.values()} < told


def resource(blob: bytes, packed: int, at: int, size: int) -> bytes:
    length = packed & (1 << 56) - 1
    if not packed >> 56 & 4:
        return blob[at : at + size]
    chunks = -(-size // FRAME)
    begin = at + 4 * (chunks - 1)
    starts = [0, *struct.unpack_from(f"<{chunks - 1}I", blob, at), length - 4 * (chunks - 1)]
    out = b""
    for number in range(chunks):
        raw, plain = blob[begin + starts[number] : begin + starts[number + 1]], min(FRAME, size - number * FRAME)
        if len(raw) == plain:
            out += raw
            continue
        piece, problem = lzx.Unpacker(raw, 15, in_image=True).unpack(plain)
        assert problem is None
        out += piece
    return out


class Writer:
    """Bits into little-endian words, the highest first."""

    def __init__(self) -> None:
        self.bits = ""

    def put(self, value: int, count: int) -> None:
        self.bits += format(value, f"0{count}b") if count else ""

    def words(self) -> bytes:
        padded = self.bits + "0" * (-len(self.bits) % 16)
        return b"".join(int(padded[at : at + 16], 2).to_bytes(2, "little") for at in range(0, len(padded), 16))


def stored_lzx(data: bytes, size: int = 0) -> bytes:
    """Pack as blocks that are stored, with calls of a program of `size` bytes."""
    out, first = b"", True
    for at in range(0, len(data), 50_001):
        writer, piece = Writer(), data[at : at + 50_001]
        if first:
            writer.put(1 if size else 0, 1)
            writer.put(size, 32 if size else 0)
            first = False
        writer.put(3, 3)
        writer.put(len(piece), 24)
        if not len(writer.bits) % 16:
            writer.put(0, 16)
        out += writer.words() + struct.pack("<III", 1, 1, 1) + piece + b"\0" * (len(piece) & 1)
    return out


def absolute(data: bytes, size: int) -> bytes:
    """Do what the packer does to the targets of calls."""
    out = bytearray(data)
    for start in range(0, len(out), FRAME):
        at, last = start, min(start + FRAME, len(out)) - 10
        while at < last:
            if out[at] != 0xE8:
                at += 1
                continue
            target = int.from_bytes(out[at + 1 : at + 5], "little", signed=True)
            if -at <= target < size - at:
                out[at + 1 : at + 5] = struct.pack("<i", target + at)
            elif size - at <= target < size:
                out[at + 1 : at + 5] = struct.pack("<i", target - size)
            at += 5
    return bytes(out)


def frames(raw: bytes, size: int, starts: list[int]) -> list[tuple[bytes, int]]:
    """Cut packed bytes where frames begin."""
    return [
        (raw[start:end], min(FRAME, size - number * FRAME))
        for number, (start, end) in enumerate(pairwise([*starts, len(raw)]))
    ]


def read_by_others(tmp_path, blob: bytes) -> bytes:
    (tmp_path / "x.cab").write_bytes(blob)
    return run(tool("cabextract"), "-q", "-p", str(tmp_path / "x.cab"))


@pytest.mark.packers
def test_stored_blocks_and_calls_as_others_read_them(tmp_path):
    raw = stored_lzx(absolute(CALLS, 1 << 20), 1 << 20)
    count = -(-len(CALLS) // FRAME)
    blob = cab(0x1003, frames(raw, len(CALLS), [number * (FRAME + 8) for number in range(count)]))
    assert files(Cab(), blob) == {"f": CALLS}
    assert read_by_others(tmp_path, blob) == CALLS


@given(st.lists(st.integers(-(1 << 25), 1 << 25), max_size=30), st.binary(max_size=9), st.integers(1, 1 << 26))
def test_calls_are_made_relative_again(targets, filler, size):
    code = b"".join(b"\xe8" + struct.pack("<i", target) + filler for target in targets)
    assert lzx.unpack(stored_lzx(absolute(code, size), size), 15, len(code)) == (code, None)


@given(st.binary(max_size=400), st.integers(0, 70_000), st.sampled_from(lzx.WINDOWS), st.booleans())
def test_any_bytes_as_lzx(raw, size, window, in_image):
    out, problem = lzx.Unpacker(raw, window, in_image=in_image).unpack(size)
    assert len(out) <= size
    assert problem is not None or len(out) == size


def test_every_prefix_and_changed_bytes_of_a_cabinet():
    blob = inflated(CAB_LZX)
    every_prefix(Cab(), blob)
    every_flip(Cab(), blob)


def test_a_damaged_folder_gives_its_beginning():
    raw = stored_lzx(CODE[:90_000])
    blob = cab(0x1003, [(raw[:35_000], FRAME), (raw[35_000:70_000], FRAME), (b"", 90_000 - 2 * FRAME)])
    (member,) = unpack(Cab(), blob)[2]
    reader = member.open(1 << 20)
    assert isinstance(reader.damage, Malformed)
    assert 60_000 < reader.size < 90_000
    assert CODE.startswith(bytes(reader.all()))


@pytest.mark.parametrize(("method", "error"), [(0x0003, Malformed), (0x1F03, Malformed), (0x0002, Malformed)])
def test_impossible_windows_are_refused(method, error):
    (member,) = unpack(Cab(), cab(method, [(bytes(20), 100)]))[2]
    with pytest.raises(error):
        member.open(1 << 20)


def test_a_folder_over_the_limit_is_refused():
    (member,) = unpack(Cab(), cab(0x1003, [(stored_lzx(b"x" * 9), 9)] + [(b"", FRAME)] * 9))[2]
    with pytest.raises(LimitReached):
        member.open(1 << 17)


# --------------------------------------------------------------------------- Quantum


class Encoder:
    """The packer's side, with the models of the decoder: cabextract tells whether they are the right ones."""

    def __init__(self, window: int) -> None:
        self.models, self.window = quantum.Unpacker(window), window
        self.seen: dict[bytes, int] = {}

    def block(self, data: bytes, start: int, end: int) -> bytes:
        self.low, self.high, self.pending, self.shifts = 0, 0xFFFF, 0, 0
        self.coded, self.plain = "", list[tuple[int, str]]()
        at = start
        while at < end:
            before = self.seen.get(data[at : at + 3], -1)
            length = self.common(data, before, at, end) if before >= 0 else 0
            if length < 3:
                length = 1
                self.symbol(self.models._selector, data[at] // 64)
                self.symbol(self.models._literals[data[at] // 64], data[at])
            else:
                self.match(length, at - before)
            for place in range(at, at + length):
                self.seen[data[place : place + 3]] = place
            at += length
        self.put("1")
        bits, done = "", 0
        self.coded += format(self.high, "016b")[1:]
        for shifts, plain in self.plain:
            bits += self.coded[done : 16 + shifts] + plain
            done = 16 + shifts
        bits += self.coded[done:]
        bits += "0" * (-len(bits) % 8)
        return int(bits, 2).to_bytes(len(bits) // 8, "big")

    def common(self, data: bytes, before: int, at: int, end: int) -> int:
        length, distance = 0, at - before
        while length < 250 and at + length < end and data[before + length] == data[at + length]:
            length += 1
        most = {3: 1 << 12, 4: 1 << 18}.get(length, 1 << 21)
        return length if distance <= min(most, (1 << self.window) - 300) else 0

    def match(self, length: int, distance: int) -> None:
        selector = min(length + 1, quantum.MORE)
        self.symbol(self.models._selector, selector)
        if selector == quantum.MORE:
            self.slot(self.models._lengths, length - 5, quantum.LENGTH_BASES, quantum.LENGTH_EXTRA)
        self.slot(self.models._places[selector], distance - 1, quantum.BASES, quantum.EXTRA)

    def slot(self, model: quantum.Model, value: int, bases: tuple[int, ...], extra: tuple[int, ...]) -> None:
        slot = max(n for n, base in enumerate(bases) if base <= value)
        self.symbol(model, slot)
        if extra[slot]:
            # The decoder holds 16 bits: what is not coded stands behind those.
            self.plain.append((self.shifts, format(value - bases[slot], f"0{extra[slot]}b")))

    def put(self, bit: str) -> None:
        self.coded += bit + ("1" if bit == "0" else "0") * self.pending
        self.pending = 0

    def symbol(self, model: quantum.Model, symbol: int) -> None:
        place, span, total = model.symbols.index(symbol), self.high - self.low + 1, model.sums[0]
        self.high = self.low + model.sums[place] * span // total - 1
        self.low += model.sums[place + 1] * span // total
        model.raise_to(place)
        while True:
            if self.low >> 15 == self.high >> 15:
                self.put(str(self.low >> 15))
            elif self.low & 0x4000 and not self.high & 0x4000:
                self.pending += 1
                self.low, self.high = self.low & 0x3FFF, self.high | 0x4000
            else:
                break
            self.low, self.high = self.low << 1 & 0xFFFF, self.high << 1 & 0xFFFF | 1
            self.shifts += 1


@pytest.mark.packers
@pytest.mark.parametrize("window", [10, 15, 21])
@pytest.mark.parametrize("data", [CODE[:40_000], PROGRAM[:15_000], random.Random(4).randbytes(5000), b"x"])
def test_quantum_as_others_read_it(tmp_path, window, data):
    encoder = Encoder(window)
    blocks = [(at, min(at + FRAME, len(data))) for at in range(0, len(data), FRAME)]
    blob = cab(window << 8 | 0x72, [(encoder.block(data, *block), block[1] - block[0]) for block in blocks])
    assert files(Cab(), blob) == {"f": data}
    assert read_by_others(tmp_path, blob) == data
    every_prefix(Cab(), blob, 3)
    every_flip(Cab(), blob, 2)


def test_any_model_stays_in_order():
    model, chooser = quantum.Model(0, 40), random.Random(3)
    for _ in range(30_000):
        model.raise_to(min(int(chooser.expovariate(0.2)), 39))
        assert model.sums[0] <= quantum.HIGHEST + quantum.STEP * 2
    assert sorted(model.symbols) == list(range(40))
    assert all(one > other for one, other in pairwise(model.sums))


@given(st.binary(max_size=300), st.integers(0, 3000), st.sampled_from(quantum.WINDOWS))
def test_any_bytes_as_quantum(raw, size, window):
    try:
        out, problem = quantum.unpack([(raw, size)], window)
    except FormatError:
        return
    assert problem is not None or len(out) == size


def test_of_a_long_folder_the_beginning_is_read(monkeypatch):
    monkeypatch.setattr(quantum, "MOST", 100)
    assert isinstance(quantum.unpack([(bytes(500), 101)], 15)[1], Unsupported)
