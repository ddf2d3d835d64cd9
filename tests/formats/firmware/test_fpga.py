import struct
from random import Random

import pytest

from inspector.errors import Encrypted, Malformed, NotThisFormat
from inspector.extract.carve import Carver
from inspector.extract.catalogue import CATALOGUE
from inspector.formats.firmware.fpga import BIT_HEAD, LEAF, SYNC, parse_bit, parse_lattice, parse_xilinx
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import check_hostile, parts

NOISE = Random(5).randbytes(1 << 17)
WIDTH = b"\xff" * 32 + bytes.fromhex("000000bb11220044") + b"\xff" * 8


def wide(content: bytes, control: int = 0, vector: bool = False) -> bytes:
    """Lay out a stream of the 7 series: control, frames in a long packet, the last command, empty packets."""
    words = struct.pack(">III", 0x20000000, 0x3000A001, control)
    if vector:
        words += struct.pack(">I", 0x30016004) + bytes(16) + struct.pack(">II", 0x30034001, len(content) // 4)
    else:
        words += struct.pack(">II", 0x30004000, 0x50000000 | len(content) // 4)
    end = b"" if vector else struct.pack(">III", 0x30008001, 0xD, 0x20000000)
    return SYNC + words + content + end


def narrow(content: bytes, control: int = 0) -> bytes:
    """Lay out the same for Spartan-6, with the checksum that follows a long packet."""
    head = struct.pack(">HHHHH", 0x30A1, 7, 0x2000, 0x30C1, control)
    long = struct.pack(">HI", 0x5060, len(content) // 2) + content + b"\x12\x34\x56\x78"
    return SYNC + head + long + struct.pack(">HHH", 0x30A1, 0xD, 0x2000)


def bit(stream: bytes) -> bytes:
    fields = ((b"a", b"top;Version=2022.1"), (b"b", b"7a35t"), (b"c", b"2024/01/02"), (b"d", b"03:04:05"))
    head = b"".join(tag + struct.pack(">H", len(told) + 1) + told + b"\0" for tag, told in fields)
    return BIT_HEAD + head + b"e" + struct.pack(">I", len(stream)) + stream


def found_as(blob: bytes) -> str:
    found, _ = Carver(CATALOGUE).identify(BufferReader(blob), "image")
    return found.extractor.INFO.name if found else ""


@pytest.mark.parametrize("stream", [wide(NOISE), narrow(NOISE)], ids=["7 series", "Spartan-6"])
def test_the_header_names_design_and_part(stream):
    image = parse_bit(BufferReader(bit(WIDTH + stream) + b"behind"))
    assert image.size == len(bit(WIDTH + stream))
    assert parts(image) == {"configuration": stream}
    assert image.members[0].format == LEAF
    assert image.properties["part"] == "7a35t"
    assert image.properties["content"] == "configuration of a programmable chip: logic, not program code"
    with pytest.raises(Malformed):
        parse_bit(BufferReader(bit(stream)[:-1]))
    assert found_as(bit(stream)) == "xilinx-bit"


@pytest.mark.parametrize("stream", [wide(NOISE), narrow(NOISE)], ids=["7 series", "Spartan-6"])
@pytest.mark.parametrize("behind", [b"", b"OTHER CODE" * 20, b"\xff" * 100, bytes(100), wide(NOISE)])
def test_packets_tell_where_a_stream_ends(stream, behind):
    for front in (b"\xff" * 4, b"\xff" * 16, WIDTH):
        image = parse_xilinx(BufferReader(front + stream + behind))
        assert parts(image) == {"configuration": stream}
        assert image.members[0].format == LEAF
        assert found_as(front + stream) == "xilinx-bitstream"


@pytest.mark.parametrize("stream", [wide(NOISE, 0x40, vector=True), wide(NOISE, vector=True), narrow(NOISE, 0x40)])
def test_an_encrypted_stream_is_named(stream):
    (member,) = parse_bit(BufferReader(bit(WIDTH + stream))).members
    assert isinstance(member.problem, Encrypted)
    (member,) = parse_xilinx(BufferReader(WIDTH + stream)).members
    assert isinstance(member.problem, Encrypted)


def test_packets_that_make_no_sense_prove_nothing():
    for content in (NOISE, SYNC + NOISE, wide(NOISE)[: len(NOISE)]):
        (member,) = parse_bit(BufferReader(bit(content))).members
        assert not member.format


ECP_HEAD = b"\xff\0Part: LFE5U-25F\0\xff\xff\xbd\xb3\xff\xff\xff\xff"
ICE_HEAD = b"\xff\0\0\xff\x7e\xaa\x99\x7e"


def ecp(frame: bytes, command: int = 0xB8, flags: int = 0x91, memory: bytes = b"") -> bytes:
    """Lay out the commands of an ECP5-25: device, register, packing, frames with checksum and filling, done."""
    words = bytes.fromhex("3b000000 e2000000 41111043 22000000 40000000 46000000") + b"\x02\0\0\0" + bytes(8)
    ending = b"\x12\x34" * (flags >> 7 & ~flags >> 6 & 1) + b"\xff" * (flags & 0xF)
    blocks = b"".join([
        bytes.fromhex("f6000000 00000000") + struct.pack(">BBH", 0xB2, 0xD0, len(memory) // 9) + memory + b"\x56\x78"
        for _ in range(bool(memory))
    ])  # fmt: skip
    whole = b"\x12\x34" * (flags >> 6 & 1)
    frames = struct.pack(">BBH", command, flags, 7562) + (frame + ending) * 7562 + whole
    return words + frames + blocks + bytes.fromhex("c2800000 00000000 8888 5e000000 ffffffff")


def ice(content: bytes, width: int = 0x340) -> bytes:
    """Lay out the commands of an iCE40: frequency, size of the bank, its data, wake up."""
    height = len(content) * 8 // width
    sizes = b"\x51\0\x01\x05\x62" + struct.pack(">HBHBBBB", width - 1, 0x72, height, 0x11, 0, 0x01, 0x01)
    return sizes + content[: width * height // 8] + bytes(2) + bytes.fromhex("220102 0106 00")


LITERAL = int(("11" + "01011011") * 80, 2).to_bytes(100)
ONES = int("100101" * 80, 2).to_bytes(60)
STREAMS = {
    "packed": ECP_HEAD + ecp(LITERAL),
    "packed small": ECP_HEAD + ecp(ONES),
    "plain": ECP_HEAD + ecp(NOISE[:74], command=0x82),
    "plain, one checksum": ECP_HEAD + ecp(NOISE[:74], command=0x82, flags=0xC1),
    "memory": ECP_HEAD + ecp(bytes(10), memory=NOISE[: 9 * 2048]),
    "no comment": b"\xff\xff\xbd\xb3\xff\xff\xff\xff" + ecp(bytes(10)),
    "iCE40": ICE_HEAD + ice(NOISE[:0x340]),
    "iCE40 alone": b"\x7e\xaa\x99\x7e" + ice(NOISE[:0x8000]),
}


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("behind", [b"", b"OTHER CODE" * 20, NOISE])
def test_commands_tell_where_a_stream_of_lattice_ends(name, behind):
    blob = STREAMS[name] + behind
    image = parse_lattice(BufferReader(blob))
    assert image.size == len(STREAMS[name])
    assert image.members[0].format == LEAF
    assert found_as(blob) == "lattice-bitstream"


@pytest.mark.parametrize("head", [ECP_HEAD, ICE_HEAD, b"\x7e\xaa\x99\x7e", b"\xff\xff\xbd\xb3\xff\xff\xff\xff"])
def test_commands_that_make_no_sense_are_not_taken_for_logic(head):
    for content in (NOISE, bytes(64), ecp(LITERAL)[:5000], ice(NOISE[:0x8000])[:-4]):
        assert not parse_lattice(BufferReader(head + content)).members[0].format


def test_a_head_with_encrypted_data_behind_it_is_no_explained_stream(inspect_bytes):
    for front in (ECP_HEAD, ECP_HEAD + ecp(ONES)[:2000], ICE_HEAD):
        document = inspect_bytes(front + NOISE, "top.bit")
        assert [gap["reason"] for gap in document["coverage"]["gaps"]] == ["unknown-data"]
        assert document["verdict"]["status"] == "inconclusive"


@pytest.mark.parametrize("name", ["packed", "iCE40"])
def test_damage_of_lattice(name):
    check_hostile(parse_lattice, STREAMS[name][:900])


def test_lattice_of_another_kind_is_not_taken_for_plain():
    blob = b"\xff\0Lattice Semiconductor Corporation\0\xff\xff\xba\xb3" + NOISE
    image = parse_lattice(BufferReader(blob))
    assert not image.members[0].format
    assert image.properties["comments"] == "Lattice Semiconductor Corporation"
    for other in (b"\xff\0" + NOISE, b"\xff\0some text", b"\xff\xff\xbd\xb3" + bytes(8)):
        with pytest.raises(NotThisFormat):
            parse_lattice(BufferReader(other))


def test_what_follows_the_largest_chip_is_other_data():
    blob = b"\x7e\xaa\x99\x7e" + bytes(1 << 20)
    assert parse_lattice(BufferReader(blob)).size == 0x22000


@pytest.mark.parametrize("parse", [parse_bit, parse_xilinx])
def test_damage(parse):
    stream = WIDTH + wide(b"frames" * 10)
    check_hostile(parse, bit(stream) if parse is parse_bit else stream)


@pytest.mark.parametrize(
    "blob", [bit(WIDTH + wide(NOISE)), WIDTH + wide(NOISE), STREAMS["packed"], STREAMS["iCE40 alone"]]
)
def test_a_dense_stream_is_no_unexplained_data(blob, inspect_bytes):
    document = inspect_bytes(blob, "top.bit")
    assert document["coverage"]["gaps"] == []
    assert document["coverage"]["score"] == 1.0
    assert document["verdict"]["status"] == "none-found"
