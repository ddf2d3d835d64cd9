"""Bit streams: the configuration of programmable chips (FPGA) of Xilinx and Lattice.

Format: Xilinx UG470 and UG380, "Configuration Packets"; the fields of `.bit` as Linux's and openFPGALoader's manuals
describe them; Lattice FPGA-TN-02039 and Project Trellis, "Bitstream format" (ECP5); Project IceStorm, "Bitstream File
Format Documentation" (iCE40).
Limits: logic is not interpreted. What the memory blocks of a soft processor start with lies scattered in it and is not
put together. Of Lattice's chips the commands of ECP5 and iCE40 are walked where they are not encrypted; a stream of
another chip, or one whose commands make no sense, is no more than named.
"""

import re
from collections.abc import Iterator
from struct import Struct
from typing import Final, NamedTuple

from inspector.errors import Encrypted, FormatError, Malformed, NotThisFormat
from inspector.formats.image import Image, locked, stored, text
from inspector.formats.layout import Member
from inspector.formats.reader import Reader, Span

LEAF: Final = "fpga-configuration"
"""Leaf format of a stream whose packets agree: dense, and no program code."""
HOLDS: Final = "configuration of a programmable chip: logic, not program code"
BIT_HEAD: Final = bytes.fromhex("00090ff00ff00ff00ff0000001")
FIELDS: Final = ((b"a", "design"), (b"b", "part"), (b"c", "date"), (b"d", "time"))
SYNC: Final = b"\xaa\x99\x55\x66"
MARK: Final = b"\xff" * 4 + SYNC
MARKS_AT: Final = tuple(range(0, 68, 4))
"""Where the mark stands: behind filling, with or without the pattern that tells the width of the bus."""
SYNC_WITHIN: Final = 4096
MOST_PACKETS: Final = 1 << 20
LATTICE: Final = re.compile(
    rb"(?:(?:LSCC)?\xff\0[\0\t\r\n\x20-\x7e]*\xff+|(?=\xff\xff\xbd\xb3\xff{4})\xff\xff|(?=\x7e\xaa\x99\x7e))"
    rb"(?:(?P<ecp>\xbd\xb3)|(?P<ice>\x7e\xaa\x99\x7e)|(?P<other>[\xb0-\xbf]\xb3))"
)
LATTICE_HEADS: Final = (b"\xff\0", b"LSCC\xff\0", b"\xff\xff\xbd\xb3\xff\xff\xff\xff", b"\x7e\xaa\x99\x7e")
LARGEST: Final = {"ecp": 1 << 21, "ice": 0x22000, "other": 1 << 21}
FRAMES: Final = {0x1111043: 74, 0x1112043: 106, 0x1113043: 142}
"""Lower 28 bits of the device code of ECP5-25, -45 and -85 → bytes of a frame."""
WORDED: Final = frozenset({0xE2, 0x22, 0xC2, 0xF6})
"""Commands of ECP5 that a word follows: device code, control register, user code, address in block memory."""
BARE: Final = frozenset({0x3B, 0x46, 0xCE})
DONE: Final = 0x5E
DICTIONARY, PACKED, PLAIN, MEMORY = 0x02, 0xB8, 0x82, 0xB2
MEMORY_FRAME: Final = 9
FEWEST_FRAMES: Final = 1000
"""A stream that ends before so many frames configures no chip: it is not believed."""
MOST_COMMANDS: Final = 1 << 12
ICE_COMMANDS: Final = frozenset({0, 1, 2, 4, 5, 6, 7, 8, 9})
ICE_WAKEUP: Final = 6


class Width(NamedTuple):
    """How a family writes its packets."""

    word: Struct
    words: int
    """Mask of the number of words in a packet of type 1."""
    register_at: int
    control: int
    """Number of the register whose bit 6 turns decryption on."""


WIDE: Final = Width(Struct(">I"), 0x7FF, 13, 5)
NARROW: Final = Width(Struct(">H"), 0x1F, 5, 6)
"""Spartan-6 alone."""
COMMAND: Final = {WIDE: 4, NARROW: 5}
DESYNC: Final = 13
VECTOR, LENGTH = 0x0B, 0x1A
"""Registers of the wide kind: initial vector, and number of encrypted words."""
DECRYPTS: Final = 1 << 6


class Packet(NamedTuple):
    """One write: the register, the first word of what is written (-1 for none), and where the next packet starts."""

    register: int
    value: int
    end: int


class Stream(NamedTuple):
    """What the packets say of a stream."""

    end: int
    problem: FormatError | None = None


def parse_bit(data: Reader) -> Image:
    """Return the stream behind the fields that the vendor's tools put in front."""
    if not data.startswith(BIT_HEAD):
        raise NotThisFormat("no .bit header")
    at, properties = len(BIT_HEAD), {"content": HOLDS}
    for tag, key in FIELDS:
        if not data.startswith(tag, at):
            raise NotThisFormat("no .bit fields")
        length = int.from_bytes(data.read_at(at + 1, 2), "big")
        properties[key] = text(data.read_at(at + 3, length))
        at += 3 + length
    if not data.startswith(b"e", at):
        raise NotThisFormat("no .bit fields")
    start = at + 5
    end = start + int.from_bytes(data.read_at(at + 1, 4), "big")
    if end > data.size:
        raise Malformed(f"bit stream of {end - start} bytes, {data.size - start} there")
    sync = data.read_upto(start, min(SYNC_WITHIN, end - start)).find(SYNC)
    body = start if sync < 0 else start + sync
    stream = None if sync < 0 else _stream(data.slice(0, end), body)
    return Image(end, (_member(data, body, end, stream),), (Span(0, body),), properties)


def parse_xilinx(data: Reader) -> Image:
    """Return the stream that starts at the mark, up to the end that its packets tell."""
    at = next((at for at in MARKS_AT if data.startswith(MARK, at)), -1)
    if at < 0:
        raise NotThisFormat("no mark of a Xilinx bit stream")
    sync = at + len(MARK) - len(SYNC)
    stream = _stream(data, sync)
    end = stream.end if stream is not None else data.size
    return Image(end, (_member(data, sync, end, stream),), (Span(0, sync),), {"content": HOLDS})


def parse_lattice(data: Reader) -> Image:
    """Return the stream behind the comments; one that is not of a known kind may be encrypted."""
    found = LATTICE.match(data.read_upto(0, SYNC_WITHIN))
    if found is None:
        raise NotThisFormat("no Lattice bit stream")
    kind = found.lastgroup or ""
    start = found.end(kind)
    try:
        within = data.slice(0, min(data.size, LARGEST[kind]))
        walked = _walk_ecp(within, start) if kind == "ecp" else _walk_ice(within, start) if kind == "ice" else 0
    except Malformed:
        walked = 0  # encrypted, of another chip, or damaged: which of them is not told
    end = walked or min(data.size, LARGEST[kind])
    comments = [line for line in found.group()[: found.start(kind)].split(b"\0") if line.strip(b"\xff")]
    properties = {"content": HOLDS} | ({"comments": "; ".join(text(line) for line in comments)} if comments else {})
    member = stored(data, "configuration", start, end, hint=LEAF if walked else "")
    return Image(end, (member,), (Span(0, start),), properties)


def _walk_ecp(data: Reader, at: int) -> int:
    """Return where the commands of an ECP5 end, past the one that starts the chip; 0 where no frames are in them."""
    width = frames = 0
    for _ in range(MOST_COMMANDS):
        at += _filling(data, at)
        command, info = data.read_at(at, 1)[0], data.read_at(at + 1, 3)
        at += 4
        if command == DONE:
            return at + _filling(data, at) if frames >= FEWEST_FRAMES else 0
        if command in WORDED:
            word = int.from_bytes(data.read_at(at, 4), "big")
            width = FRAMES.get(word & 0xFFFFFFF, 0) if command == 0xE2 else width
            at += 4
        elif command == DICTIONARY:
            at += 8
        elif command == MEMORY:
            at += int.from_bytes(info[1:], "big") * MEMORY_FRAME
        elif command in (PACKED, PLAIN) and width:
            count = int.from_bytes(info[1:], "big")
            at, frames = _frames(data, at, width, info[0], count, command == PACKED), frames + count
            continue
        elif command not in BARE:
            raise Malformed("no command of an ECP5")
        at += 2 * (info[0] >> 7)
    raise Malformed("too many commands")


def _frames(data: Reader, at: int, width: int, flags: int, count: int, packed: bool) -> int:
    """Return where the frames end: each with a checksum of its own, or one behind them all, and filling between."""
    each, behind = (0, 2) if flags & 0x40 else (2, 0)
    if not flags & 0x80:
        each = behind = 0
    filling = flags & 0xF
    symbols = (width + 7) // 8 * 8
    code = re.compile(rf"(?:0|10[01]{{4}}|11[01]{{8}}){{{symbols}}}")
    for _ in range(count):
        size = width
        if packed:
            raw = data.read_upto(at, symbols * 10 // 8)
            found = code.match(f"{int.from_bytes(raw, 'big'):0{8 * len(raw)}b}")
            if found is None:
                raise Malformed("frame of a bit stream is cut off")
            size = (found.end() + 7) // 8
        at += size + each
        if data.read_at(at, filling) != b"\xff" * filling:
            raise Malformed("no filling between frames of a bit stream")
        at += filling
    return at + behind


def _filling(data: Reader, at: int) -> int:
    raw = data.read_upto(at, SYNC_WITHIN)
    return len(raw) - len(raw.lstrip(b"\xff"))


def _walk_ice(data: Reader, at: int) -> int:
    """Return where the commands of an iCE40 end, past the one that wakes the chip up and the zero behind it."""
    width = height = written = 0
    for _ in range(MOST_COMMANDS):
        head = data.read_at(at, 1)[0]
        command, size = head >> 4, head & 0xF
        value = int.from_bytes(data.read_at(at + 1, size), "big")
        at += 1 + size
        if command not in ICE_COMMANDS or size > 4:
            raise Malformed("no command of an iCE40")
        if command == 6:
            width = value + 1
        elif command == 7:
            height = value
        elif command == 0 and value in (1, 3):
            length = width * height // 8
            if data.read_at(at + length, 2) != bytes(2):
                raise Malformed("no zeros behind the data of an iCE40")
            at, written = at + length + 2, written + length
        elif command == 0 and size and value == ICE_WAKEUP:
            return at + data.startswith(b"\0", at) if written else 0
    raise Malformed("too many commands")


def _member(data: Reader, start: int, end: int, stream: Stream | None) -> Member:
    if stream is not None and stream.problem is not None:
        return locked("configuration", start, end, stream.problem)
    return stored(data, "configuration", start, end, hint=LEAF if stream is not None else "")


def _stream(data: Reader, sync: int) -> Stream | None:
    """Return what the packets behind the word of synchronisation say, None where they make no sense."""
    width = WIDE if data.read_upto(sync + 6, 2) in (b"\0\0", b"\0\1") or data.size < sync + 12 else NARROW
    end = sync + len(SYNC)
    closed = encrypted = False
    try:
        for packet in _packets(data, end, width):
            if closed and packet.register >= 0:
                break  # behind the last command stand empty packets alone
            end = packet.end
            if packet.register == width.control and packet.value >= 0:
                encrypted = encrypted or bool(packet.value & DECRYPTS)
            if width is WIDE and packet.register == VECTOR:
                encrypted = True
            if encrypted and width is WIDE and packet.register == LENGTH:
                return Stream(min(data.size, end + 4 * packet.value), Encrypted("bit stream, key in the chip"))
            closed = closed or (packet.register == COMMAND[width] and packet.value == DESYNC)
    except Malformed:
        pass  # what follows the last command is no packet
    if encrypted:
        return Stream(data.size, Encrypted("bit stream, key in the chip"))
    return Stream(end) if closed else None


def _packets(data: Reader, at: int, width: Width) -> Iterator[Packet]:
    """Yield the packets from `at` on, up to the first word that is none; `Malformed` for one that is cut off."""
    size, register, long = width.word.size, -1, False
    for _ in range(MOST_PACKETS):
        if at + size > data.size:
            return
        (head,) = data.unpack_at(at, width.word)
        kind = head >> (size * 8 - 3)
        at += size
        if kind == 1:
            register, count = head >> width.register_at & 0x1F, head & width.words
            if head >> (size * 8 - 5) & 3 != 2:  # no write
                yield Packet(-1, -1, at)
                continue
        elif kind == 2 and width is WIDE:
            count = head & 0x7FFFFFF
        elif kind == 2:
            register, count = head >> width.register_at & 0x3F, int.from_bytes(data.read_at(at, 4), "big")
            at += 4
        elif long:  # a checksum that belongs to the long packet in front
            at += 4 - size
            long = False
            continue
        else:
            return
        long = kind == 2
        value = data.unpack_at(at, width.word)[0] if count else -1
        at += count * size
        if at > data.size:
            raise Malformed("packet of a bit stream is cut off")
        yield Packet(register, value, at)
