"""Strings without terminators, as Go and Rust keep them: end to end, told apart by what points at them.

Format: Go `src/runtime/string.go` (`stringStruct`: pointer, length) and `cmd/link/internal/ld/data.go` (the symbols
`go:string.*` are laid end to end); Rust `str` is the same pair. What begins a string is known from the pairs in the
data, from relative relocations (System V ABI, `R_X86_64_RELATIVE` and `R_AARCH64_RELATIVE`), and from the instructions
that load its address: LEA (x86), ADRP and ADD (A64), LUI and ADDIU (MIPS), words beside the code (A32). Whole
addresses, as in the code of 32 bits, stand only in programs of a fixed place (`ET_EXEC`): elsewhere they are chance.
Limits: ELF only. A string that only other forms of code point at stays joined to the one before it. A stretch shorter
than `BLOB` bytes is cut only where a length says the same: C strings share their ends, and a pointer may begin in the
middle of one.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from inspector.formats.program.dex_code import numpy
from inspector.formats.program.elf import Elf
from inspector.formats.reader import Reader, Span

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, Any]

BLOB: Final = 256
LONGEST: Final = 4096
LARGEST: Final = 1 << 25
"""Largest section of constants that is cut."""
MOST: Final = 1_000_000
"""Relocations that are read."""
_BESIDE: Final = range(-16, 28)
"""Bytes from the LEA within which its length is looked for."""
_OVERLAP: Final = 64
"""Bytes that two pieces of code share: longer than the instructions that form an address."""
_TEXTS: Final = (".rodata",)
_DATA: Final = (".data", ".noptrdata", ".rodata", ".data.rel.ro")
_CODE: Final = ".text"
_X86, _MIPS, _ARM, _X86_64, _AARCH64 = 3, 8, 40, 62, 183
_RELATIVE: Final = {_X86_64: 8, _AARCH64: 1027}
_FIXED: Final = 2
"""`ET_EXEC`."""
_IN_NAMES: Final = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_NO_TEXT: Final = bytes(code for code in (*range(32), 127) if code not in b"\t\n\r")


def fused_strings(data: Reader, elf: Elf) -> Iterator[Span]:
    """Yield where strings lie that may hold an endpoint, in the order of the file."""
    for section in elf.sections:
        if section.name in _TEXTS and 0 < section.end - section.start <= LARGEST:
            yield from _cut(data, elf, section.start, section.end)


def _cut(data: Reader, elf: Elf, start: int, end: int) -> Iterator[Span]:
    address = elf.address_of(start)
    if address < 0:
        return
    np = numpy()
    blob = np.frombuffer(data.view_at(start, end - start), np.uint8)
    marks = np.flatnonzero(((blob[:-1] == 0x2E) & _among(blob[1:], _IN_NAMES)) | (blob[:-1] == 0x3A))
    if not len(marks):
        return
    breaks = np.concatenate([[-1], np.flatnonzero(_among(blob, _NO_TEXT)), [len(blob)]])
    pairs = np.concatenate([np.empty((0, 2), np.int64), *_pairs(data, elf, address, breaks)])
    loads = np.concatenate([np.empty((0, 2), np.int64), *_loads(data, elf, address, len(blob))])
    borders = np.unique(np.concatenate([[0, len(blob)], pairs.reshape(-1), loads[:, 0]]))
    after, behind = np.searchsorted(borders, marks, side="right"), np.searchsorted(breaks, marks)
    left, right = breaks[behind - 1] + 1, breaks[behind]
    low, high = np.maximum(borders[after - 1], left), np.minimum(borders[after], right)
    exact = np.concatenate([pairs[:, 0] << 32 | pairs[:, 1], loads[:, 0] << 32 | loads.sum(axis=1)])
    told = (high - low <= LONGEST) & ((right - left >= BLOB) | np.isin(low << 32 | high, exact))
    for first, last in np.unique(np.stack([low[told], high[told]], axis=1), axis=0).tolist():
        yield Span(start + first, start + last)


def _among(codes: "Numbers", wanted: bytes) -> "Numbers":
    np = numpy()
    table = np.zeros(256, bool)
    table[list(wanted)] = True
    found: Numbers = table[codes]
    return found


def _pairs(data: Reader, elf: Elf, address: int, breaks: "Numbers") -> Iterator["Numbers"]:
    """Yield (start, end) in the constants that are loaded at `address`, as pairs of pointer and length tell them."""
    np = numpy()
    size = int(breaks[-1])
    word = np.dtype(("<" if elf.little else ">") + ("u8" if elf.wide else "u4"))
    for section in elf.sections:
        inside = data.slice(section.start, section.end)
        if section.name.startswith(_DATA):
            for _, view in inside.windows(word.itemsize):
                words = np.frombuffer(view[: len(view) // word.itemsize * word.itemsize], word).astype(np.int64)
                yield _whole(words[:-1] - address, words[1:], breaks)
        elif section.name.startswith(".rela") and elf.wide and elf.machine in _RELATIVE:
            rows = np.frombuffer(inside.read_upto(0, min(inside.size, MOST * 24) // 24 * 24), word).astype(np.int64)
            rows = rows.reshape(-1, 3)
            rows = rows[
                (rows[:, 1] == _RELATIVE[elf.machine]) & (rows[:, 2] >= address) & (rows[:, 2] < address + size)
            ]
            lengths = np.array([_word(data, elf, int(at) + 8) for at in rows[:, 0]], np.int64)
            yield _whole(rows[:, 2] - address, lengths, breaks)


def _word(data: Reader, elf: Elf, address: int) -> int:
    raw = data.read_upto(elf.offset_at(address), 8)
    return min(int.from_bytes(raw, "little" if elf.little else "big"), LONGEST + 1)


def _whole(starts: "Numbers", lengths: "Numbers", breaks: "Numbers") -> "Numbers":
    """Return (start, end) of those that may be a string: it lies in the constants and has no control character."""
    np = numpy()
    fits = (starts >= 0) & (lengths > 0) & (lengths <= LONGEST) & (starts <= int(breaks[-1]) - lengths)
    starts, ends = starts[fits], (starts + lengths)[fits]
    whole = np.searchsorted(breaks, starts) == np.searchsorted(breaks, ends - 1, side="right")
    pairs: Numbers = np.unique(np.stack([starts[whole], ends[whole]], axis=1), axis=0)
    return pairs


def _loads(data: Reader, elf: Elf, address: int, size: int) -> Iterator["Numbers"]:
    """Yield (offset in the constants, length) of what code forms the address of; a length for each number beside it."""
    np = numpy()
    if elf.machine not in (_X86_64, _AARCH64) and elf.type != _FIXED:
        return
    for section in elf.sections:
        if section.name.startswith(_CODE):
            for offset, view in data.slice(section.start, section.end).windows(_OVERLAP):
                found = _formed(view, elf.address_of(section.start + offset), elf)
                found[:, 0] -= address
                yield np.unique(found[(found[:, 0] >= 0) & (found[:, 0] < size)], axis=0)


def _formed(raw: memoryview, address: int, elf: Elf) -> "Numbers":
    """Return (address, length or 0) for the addresses that the code `raw`, loaded at `address`, forms."""
    np = numpy()
    if elf.machine in (_X86_64, _X86):
        return _x86(np.frombuffer(raw, np.uint8), address, wide=elf.machine == _X86_64)
    words = np.frombuffer(raw[: len(raw) // 4 * 4], ("<" if elf.little else ">") + "u4").astype(np.int64)
    if elf.machine == _AARCH64:
        return _a64(words, address)
    if elf.machine == _MIPS:
        return _mips(words)
    return _rows(words if elf.machine == _ARM else words[:0])


def _rows(addresses: "Numbers", lengths: "Numbers | int" = 0) -> "Numbers":
    np = numpy()
    rows: Numbers = np.stack(np.broadcast_arrays(addresses, lengths), axis=1).astype(np.int64)
    return rows


def _x86(code: "Numbers", address: int, *, wide: bool) -> "Numbers":
    """LEA with a displacement: from the next instruction on x86-64, absolute on x86. MOV brings lengths."""
    np = numpy()
    at = np.flatnonzero((code[:-6] == 0x8D) & ((code[1:-5] & 0xC7) == 0x05))
    if wide:
        at = at[(at > 0) & ((code[at - 1] & 0xFB) == 0x48)]
    value = _number(code, at + 2)
    targets = address + at + 6 + np.where(value >= 1 << 31, value - (1 << 32), value) if wide else value
    found = [_rows(targets)]
    for step in _BESIDE:
        near = (at + step >= 0) & (at + step + 5 <= len(code))
        near[near] = (code[at[near] + step] & 0xF8) == 0xB8
        found.append(_rows(targets[near], _number(code, at[near] + step + 1)))
    return _plausible(np.concatenate(found))


def _number(code: "Numbers", at: "Numbers") -> "Numbers":
    return _summed([code[at + place].astype(numpy().int64) << (8 * place) for place in range(4)])


def _summed(parts: list["Numbers"]) -> "Numbers":
    total: Numbers = numpy().sum(parts, axis=0, dtype=numpy().int64)
    return total


def _plausible(rows: "Numbers") -> "Numbers":
    return rows[rows[:, 1] <= LONGEST]


def _a64(words: "Numbers", address: int) -> "Numbers":
    """ADRP, and within four instructions an ADD to the same register. MOVZ brings lengths."""
    np = numpy()
    at = np.flatnonzero((words & 0x9F000000) == 0x90000000)
    pages = ((words[at] >> 5 & 0x7FFFF) << 2 | words[at] >> 29 & 3) << 12
    pages = np.where(pages >= 1 << 32, pages - (1 << 33), pages) + ((address + at * 4) & ~0xFFF)
    where, targets = _second(
        words, at, pages, lambda word: (word & 0xFFC00000) == 0x91000000, (0, 5), lambda word: word >> 10 & 0xFFF
    )
    found = [_rows(targets)]
    for step in range(-4, 7):
        near = (where + step >= 0) & (where + step < len(words))
        near[near] = (words[where[near] + step] & 0x7FE00000) == 0x52800000
        found.append(_rows(targets[near], words[where[near] + step] >> 5 & 0xFFFF))
    return _plausible(np.concatenate(found))


def _mips(words: "Numbers") -> "Numbers":
    """LUI, and within four instructions an ADDIU of the same register."""
    np = numpy()
    at = np.flatnonzero(words >> 26 == 0x0F)
    high = (words[at] & 0xFFFF) << 16

    def low(word: "Numbers") -> "Numbers":
        half = word & 0xFFFF
        signed: Numbers = np.where(half & 0x8000, half - 0x10000, half)
        return signed

    return _rows(_second(words, at, high, lambda word: word >> 26 == 9, (16, 21), low)[1])


def _second(
    words: "Numbers",
    at: "Numbers",
    base: "Numbers",
    is_it: Callable[["Numbers"], "Numbers"],
    registers: tuple[int, int],
    low: Callable[["Numbers"], "Numbers"],
) -> tuple["Numbers", "Numbers"]:
    """Return where those of the instructions `at` are to whose `base` one soon behind adds, and the sums."""
    np = numpy()
    where, found = [], []
    for step in range(1, 5):
        inside = at + step < len(words)
        first, second = words[at[inside]], words[at[inside] + step]
        same = is_it(second) & ((first >> registers[0] & 31) == (second >> registers[1] & 31))
        where.append(at[inside][same])
        found.append(base[inside][same] + low(second[same]))
    return np.concatenate(where), np.concatenate(found)
