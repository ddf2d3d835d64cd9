import contextlib
import copy
import math
import os
import struct
import sys
from binascii import crc32
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import Encrypted, FormatError, LimitReached, Malformed, Unsupported
from inspector.extract.archive.cab import Cab
from inspector.extract.archive.rar import Rar
from inspector.formats.codec.rar_codec15 import Unpacker15
from inspector.formats.codec.rar_codecs import (
    CALL,
    CALL_OR_JUMP,
    Unpacker2,
    Unpacker3,
    Unpacker5,
    undo_arm,
    undo_calls,
    undo_delta,
)
from inspector.formats.codec.rar_media import Sound, undo_itanium, undo_picture, undo_sound
from inspector.formats.layout import MemberKind
from tests.builders.original_tools import RAR, inflated
from tests.formats.original import tool
from tests.formats.packages import pypi_file
from tests.formats.promise import content, every_flip, every_prefix, files, keeps_its_promise, run, unpack

TREE = {"readme.txt": b"server=iot.example.cn\n" * 4000, "noise.bin": os.urandom(70_000), "empty": b""}

# --------------------------------------------------------------------------- cab


@pytest.fixture
def tree(tmp_path):
    for name, data in TREE.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


@pytest.mark.packers
@pytest.mark.parametrize("options", [[], ["--zip"]])
def test_output_of_gcab(tree, options):
    run(tool("gcab"), *options, "-c", "x.cab", *TREE, cwd=tree)
    blob = (tree / "x.cab").read_bytes()
    span, _, members = unpack(Cab(), b"MZ" + blob + b"behind", 2)
    assert ({m.path: content(m) for m in members}, len(span)) == (TREE, len(blob))
    with pytest.raises(LimitReached):
        next(m for m in members if m.path == "noise.bin").open(60_000)
    every_prefix(Cab(), blob, 40)
    every_flip(Cab(), blob[:400], 400)


@pytest.mark.packers
def test_folder_of_an_unknown_method_is_named(tree):
    run(tool("gcab"), "--zip", "-c", "x.cab", "readme.txt", cwd=tree)
    blob = bytearray((tree / "x.cab").read_bytes())
    blob[36 + 6] = 4
    (member,) = unpack(Cab(), bytes(blob))[2]
    assert isinstance(member.problem, Unsupported)
    assert "method 4" in str(member.problem)


# --------------------------------------------------------------------------- rar


def block4(kind: int, flags: int, rest: bytes, data: bytes = b"") -> bytes:
    raw = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
    return struct.pack("<H", crc32(raw) & 0xFFFF) + raw + data


def file4(name: bytes, data: bytes, method: int = 0x30, flags: int = 0, size: int | None = None) -> bytes:
    plain = len(data) if size is None else size
    fields = struct.pack("<IIBIIBBHI", len(data), plain, 3, crc32(data), 0, 29, method, len(name), 0o100644)
    return block4(0x74, flags | 0x8000, fields + name, data)


def rar4(*members: bytes) -> bytes:
    return b"Rar!\x1a\x07\x00" + block4(0x73, 0, bytes(6)) + b"".join(members) + block4(0x7B, 0x4000, b"")


def vint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def block5(fields: list[int], rest: bytes = b"", data: bytes = b"") -> bytes:
    raw = b"".join(map(vint, fields)) + rest
    raw = vint(len(raw)) + raw
    return struct.pack("<I", crc32(raw)) + raw + data


def file5(name: bytes, data: bytes, packing: int = 0, extra: bytes = b"", flags: int = 4) -> bytes:
    tail = vint(packing) + vint(1) + vint(len(name)) + name + extra
    fields = [2, 2 | bool(extra), *([len(extra)] if extra else []), len(data), flags, len(data), 0o100644]
    return block5(fields, struct.pack("<I", crc32(data)) + tail, data)


def rar5(*members: bytes) -> bytes:
    return b"Rar!\x1a\x07\x01\x00" + block5([1, 0, 0]) + b"".join(members) + block5([5, 0, 0])


SAMPLES = {
    "4": rar4(
        file4(b"etc\\config", b"server=iot.example.cn"),
        file4(b"packed", b"???", 0x33, size=9),
        file4(b"key", b"x", flags=4),
    ),
    "5": rar5(
        file5(b"etc/config", b"server=iot.example.cn"),
        file5(b"packed", b"???", 3 << 7),
        file5(b"key", b"x", extra=b"\x01\x01"),
        file5(b"folder", b"", flags=5),
    ),
}


@pytest.mark.parametrize("version", SAMPLES)
def test_stored_members_are_read_and_what_is_damaged_is_named(version):
    span, contents, members = unpack(Rar(), SAMPLES[version] + b"behind")
    found = {m.path: m for m in members}
    assert content(found["etc/config"]) == b"server=iot.example.cn"
    assert isinstance(found["key"].problem, Encrypted)
    with pytest.raises(Malformed):
        found["packed"].open(1 << 20)
    assert len(span) == len(SAMPLES[version])
    assert sum(map(len, contents.structure())) + sum(len(s) for m in members for s in m.extents) == len(span)
    assert version == "4" or found["folder"].kind is MemberKind.DIRECTORY


@pytest.mark.packers
@pytest.mark.parametrize(
    ("version", "stored"), [("4", rar4(file4(b"a", b"hello"))), ("5", rar5(file5(b"a", b"hello")))]
)
def test_the_built_samples_are_what_others_read(tmp_path, version, stored):
    (tmp_path / "x.rar").write_bytes(stored)
    assert run(tool("bsdtar"), "-xOf", str(tmp_path / "x.rar"), "a") == b"hello"
    assert files(Rar(), stored) == {"a": b"hello"}


RARFILE = {
    "rar15-comment.rar": {"FILE1.TXT": None, "FILE2.TXT": None},
    "rar202-comment-nopsw.rar": {"FILE1.TXT": None, "FILE2.TXT": None},
    "rar202-comment-psw.rar": {"FILE1.TXT": Encrypted, "FILE2.TXT": Encrypted},
    "rar3-subdirs.rar": {
        "sub/dir1/file1.txt": None, "sub/dir2/file2.txt": None, "sub/with space/long fn.txt": None,
        "sub/üȵĩöḋè/file.txt": None,
    },
    "rar3-solid.rar": {"stest1.txt": None, "stest2.txt": None},
    "seektest.rar": {"stest1.txt": None, "stest2.txt": None},
    "rar5-crc.rar": {"stest1.txt": None, "stest2.txt": None},
    "rar5-solid.rar": {"stest1.txt": None, "stest2.txt": None},
    "rar3-symlink-unix.rar": {"data.txt": None},
    "rar5-symlink-unix.rar": {"data.txt": None},
    "rar5-hlink.rar": {"stest1.txt": None},
}  # fmt: skip
"""Files, and why they cannot be read, of archives that RAR 1.5 to 5 wrote."""


@pytest.mark.realworld
@pytest.mark.parametrize("name", RARFILE)
def test_archives_of_every_version_of_rar(name):
    blob = pypi_file("rarfile==4.2", f"test/files/{name}", source=True)
    span, contents, members = unpack(Rar(), blob)
    assert (len(span), contents.damage) == (len(blob), "")
    found = {m.path: type(m.problem) if m.problem else None for m in members if m.kind is MemberKind.FILE}
    assert found == RARFILE[name]
    assert all(content(m) for m in members if m.open)
    assert not any(m.open(1 << 20).damage for m in members if m.open), "the checksums of RAR hold"


TABLE = b"".join((1000 + i * 3).to_bytes(2, "little") + (i * 7 % 251).to_bytes(2, "little") for i in range(600))
CONFIG = b"".join(b"server%d=https://planted%d.example.cn/v1\n" % (i % 7, i % 11) for i in range(40))
PACKED = {"table": TABLE, "etc/config": CONFIG, "etc/again": CONFIG}


@pytest.mark.parametrize("version", RAR)
def test_packed_members_are_unpacked_in_any_order(version):
    blob = inflated(RAR[version])
    assert files(Rar(), blob) == PACKED
    _, _, members = unpack(Rar(), blob)
    found = {m.path: m for m in members}
    for path in ("etc/again", "table", "table", "etc/config", "etc/again", "etc/config"):
        reader = found[path].open(1 << 20)
        assert (bytes(reader.all()), reader.damage) == (PACKED[path], None)
    with pytest.raises(LimitReached):
        found["etc/again"].open(1000)


@pytest.mark.parametrize("version", RAR)
def test_damage_inside_packed_members_is_told(version):
    blob = bytearray(inflated(RAR[version]))
    (extent,) = next(m for m in unpack(Rar(), bytes(blob))[2] if m.path == "table").extents
    blob[(extent.start + extent.end) // 2] ^= 0x10
    members = {m.path: m for m in unpack(Rar(), bytes(blob))[2]}
    told = {}
    for path, member in members.items():
        try:
            told[path] = member.open(1 << 20).damage is not None
        except FormatError:
            told[path] = True
    later = version in ("1.5", "2.9")  # solid: what follows builds on it
    assert told["table"]
    assert told["etc/config"] in ((True, False) if later else (False,))


@pytest.mark.parametrize(("version", "flags"), [(15, 0x8), (20, 0), (29, 0)])
def test_a_first_file_that_says_it_builds_on_others_is_no_crash(version, flags):
    raw = os.urandom(200)
    fields = struct.pack("<IIBIIBBHI", len(raw), 900, 3, 0, 0, version, 0x33, 1, 0o100644) + b"a"
    blob = b"Rar!\x1a\x07\x00" + block4(0x73, flags, bytes(6)) + block4(0x74, 0x8010, fields, raw)
    (member,) = unpack(Rar(), blob)[2]
    for _ in range(2):
        with contextlib.suppress(FormatError):
            assert member.open(1 << 20).damage is not None


@pytest.mark.parametrize("version", RAR)
def test_every_prefix_and_changed_bytes_of_packed_members(version):
    blob = inflated(RAR[version])
    every_prefix(Rar(), blob, 60)
    every_flip(Rar(), blob, 60)


SOUND = b"".join(
    struct.pack("<hh", int(9000 * math.sin(n / 17) + 3000 * math.sin(n / 5)), int(8000 * math.sin(n / 19 + 1)))
    for n in range(8000)
)
PICTURE = b"".join(
    bytes([green + 20, green, green - 15 & 0xFF])
    for y in range(100)
    for x in range(120)
    for green in [int(128 + 50 * math.sin(x / 30) + 40 * math.cos(y / 25) + (x * y % 3))]
)


@pytest.mark.packers
@pytest.mark.parametrize("version", ["rar15", "rar20", "rar29", "rar40", "rar50", "rar70"])
@pytest.mark.parametrize("solid", [False, True])
@pytest.mark.parametrize("compression", [1, 3, 5])
def test_output_of_rars(version, solid, compression):
    rars = pytest.importorskip("rars", reason="needs rars")
    program = Path(sys.executable).resolve().read_bytes()[:400_000]
    tree = {"program": program, "table": TABLE * 60, "zeros": bytes(200_000), "noise": os.urandom(30_000), "empty": b""}
    tree |= {"sound": SOUND, "picture": PICTURE}
    tree |= {"config": CONFIG * 300, "copy of program": program[5000:]}  # RAR 2.9 takes PPMd for text
    builder = rars.RarBuilder(format=version, compression=compression, solid=solid)
    for name, data in tree.items():
        builder.add_bytes(data, name)
    assert files(Rar(), builder.to_bytes()) == tree


@pytest.mark.packers
@pytest.mark.parametrize("version", ["rar29", "rar50"])
def test_packed_volumes_of_rars(tmp_path, version):
    rars = pytest.importorskip("rars", reason="needs rars")
    program = os.urandom(30_000).hex().encode()
    builder = rars.RarBuilder(format=version, compression=1, volume_size=9_000)
    builder.add_bytes(program + TABLE * 60, "program")
    volumes = [path.read_bytes() for path in builder.write_volumes(str(tmp_path / "x.part1.rar"))]
    assert len(volumes) > 1
    assert files(Rar(), b"".join(volumes)) == {"program": program + TABLE * 60}
    (member,) = unpack(Rar(), volumes[0])[2]
    assert "another volume" in str(member.problem)


def absolute(code: bytes, opcodes: bytes, start: int) -> bytes:
    """Do what the packer's filter for x86 does."""
    out, at = bytearray(code), 0
    while at < len(code) - 4:
        if out[at] not in opcodes:
            at += 1
            continue
        place, target = at + 1 + start, int.from_bytes(out[at + 1 : at + 5], "little", signed=True)
        if -place <= target < (1 << 24) - place:
            target += place
        elif (1 << 24) - place <= target < 1 << 24:
            target -= 1 << 24
        out[at + 1 : at + 5] = (target & 0xFFFFFFFF).to_bytes(4, "little")
        at += 5
    return bytes(out)


@given(st.lists(st.integers(-(1 << 25), 1 << 25), max_size=30), st.integers(0, 1 << 20), st.binary(max_size=9))
def test_filters_for_x86_are_undone(targets, start, filler):
    for pattern, opcodes in ((CALL, b"\xe8"), (CALL_OR_JUMP, b"\xe8\xe9")):
        code = b"".join(opcodes[i % len(opcodes) :][:1] + struct.pack("<i", t) + filler for i, t in enumerate(targets))
        for wrap in (1 << 24, 1 << 32):
            assert undo_calls(pattern, wrap)(bytearray(absolute(code, opcodes, start)), start) == code


@given(st.binary(max_size=64), st.integers(1, 9))
def test_filters_for_tables_are_undone(table, channels):
    packed = bytearray()
    for channel in range(channels):
        before = 0
        for byte in table[channel::channels]:
            packed.append(before - byte & 0xFF)
            before = byte
    assert undo_delta(channels)(packed, 0) == table


@given(st.binary(max_size=120), st.integers(1, 4))
def test_filter_for_sound_is_undone(heard, channels):
    packed = bytearray()
    for channel in range(channels):
        foretold, told = Sound(3), Sound(3)
        for byte in heard[channel::channels]:
            packed.append(Sound.next(foretold, 0, [], 0) - byte & 0xFF)  # what is foretold, less what came
            foretold = told
            assert told.next(packed[-1], [], 0) == byte
            foretold = copy.deepcopy(told)
    assert undo_sound(channels)(packed, 0) == heard


def nearest(left: int, above: int, corner: int) -> int:
    """Give the Paeth predictor, as PNG states it."""
    guess = left + above - corner
    return min((left, above, corner), key=lambda near: abs(guess - near))


@given(st.binary(max_size=120), st.integers(4, 40), st.integers(0, 4))
def test_filter_for_pictures_is_undone(seen, width, red):
    plain = bytearray(seen)
    for place in range(red, len(plain) - 2, 3):
        for other in (place, place + 2):
            plain[other] = plain[other] - plain[place + 1] & 0xFF
    packed = bytearray()
    for channel in range(3):
        before = 0
        for place in range(channel, len(plain), 3):
            guess = nearest(before, plain[place - width + 3], plain[place - width]) if place >= width else before
            packed.append(guess - plain[place] & 0xFF)
            before = plain[place]
    if width % 3 == 0:  # else the pixels above are of another channel, which is not there yet
        assert undo_picture(width, red)(packed, 0) == seen
    assert len(undo_picture(width, red)(packed, 0)) == len(seen)


def test_filter_for_itanium_is_undone():
    plain = b"".join((0x16 | 5 << 42 | n << 18).to_bytes(16, "little") for n in range(40))  # a branch in the first slot
    packed = bytearray(plain)
    for number, at in enumerate(range(0, len(plain) - 21, 16)):
        bundle = int.from_bytes(packed[at : at + 16], "little")
        target = bundle >> 18 & 0xFFFFF
        bundle ^= (target ^ target + number + 3 & 0xFFFFF) << 18
        packed[at : at + 16] = bundle.to_bytes(16, "little")
    assert undo_itanium(packed, 48) == plain


def test_filter_for_arm_is_undone():
    code = b"".join(struct.pack("<I", 0xEB000000 | n * 5 & 0xFFFFFF) for n in range(20)) + b"\x01\x02\x03"
    packed = bytearray(code)
    for at in range(0, len(code) - 3, 4):
        target = int.from_bytes(code[at : at + 3], "little") + (at + 4096) // 4
        packed[at : at + 3] = target.to_bytes(3, "little")
    assert undo_arm(packed, 4096) == code


def test_filters_laid_over_one_another_without_end_are_refused():
    unpacker = Unpacker5()
    for _ in range(5):
        unpacker.lay(0, 1 << 20, undo_arm)
    with pytest.raises(Malformed):
        unpacker.lay(0, 1 << 20, undo_arm)


@given(st.binary(max_size=400), st.integers(0, 2000))
def test_any_packed_bytes(raw, size):
    for unpacker in (Unpacker15(), Unpacker2(), Unpacker3(), Unpacker5(), Unpacker5(large=True)):
        for solid in (False, True):
            unpacked, problem = unpacker.unpack(raw, size, solid=solid)
            assert len(unpacked) <= size
            assert problem is not None or len(unpacked) == size


@pytest.mark.packers
def test_output_of_rar(tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "config").write_bytes(b"server=iot.example.cn\n" * 50)
    (tmp_path / "link").symlink_to("etc/config")
    (tmp_path / "twice").hardlink_to(tmp_path / "etc" / "config")
    run(tool("rar"), "a", "-idq", "-m0", "-ol", "-oh", "-r", "x.rar", "etc", "link", "twice", cwd=tmp_path)
    blob = (tmp_path / "x.rar").read_bytes()
    span, _, members = unpack(Rar(), blob + b"behind")
    assert len(span) == len(blob)
    assert {m.path: content(m) for m in members if m.open} == {"etc/config": b"server=iot.example.cn\n" * 50}
    links = {m.path: (m.kind, m.target) for m in members if m.target}
    assert links == {"link": (MemberKind.SYMLINK, "etc/config"), "twice": (MemberKind.HARDLINK, "etc/config")}


@pytest.mark.parametrize(("fields", "lacks"), [([1], ""), ([3, 0], ""), ([3, 1], "those before")])
def test_a_volume_numbered_0_is_the_first(fields, lacks):
    blob = b"Rar!\x1a\x07\x01\x00" + block5([1, 0, *fields]) + file5(b"a", b"hello") + block5([5, 0, 0])
    damage = unpack(Rar(), blob)[1].damage
    assert lacks in damage
    assert bool(lacks) == bool(damage)


@pytest.mark.packers
def test_volumes_of_rar(tmp_path):
    (tmp_path / "noise").write_bytes(bytes(range(256)) * 400)
    run(tool("rar"), "a", "-idq", "-m0", "-v40k", "x.rar", "noise", cwd=tmp_path)
    whole = b""
    for number, words in enumerate(("goes on in another volume", "began in another volume"), start=1):
        _, contents, (member,) = unpack(Rar(), (tmp_path / f"x.part{number}.rar").read_bytes())
        assert "several volumes" in contents.damage
        part = member.open(1 << 20)
        assert words in str(part.damage)
        whole += bytes(part.all())
    assert (bytes(range(256)) * 400).startswith(whole)


def main4(flags: int, comment: bytes = b"") -> bytes:
    """Give a main header whose checksum stops where a comment begins, as RAR 1.5 to 2 wrote it."""
    fixed = struct.pack("<BHH", 0x73, flags, 13 + len(comment)) + bytes(6)
    return struct.pack("<H", crc32(fixed) & 0xFFFF) + fixed + comment


def test_comments_inside_headers():
    blob = b"Rar!\x1a\x07\x00" + main4(2, b"a comment of its own") + file4(b"a", b"hello") + block4(0x7B, 0x4000, b"")
    assert files(Rar(), blob) == {"a": b"hello"}
    name = struct.pack("<IIBIIBBHI", 5, 5, 3, crc32(b"world"), 0, 20, 0x30, 1, 0o100644) + b"b"
    fixed = struct.pack("<BHH", 0x74, 0x8008, 7 + len(name) + 9) + name
    noted = struct.pack("<H", crc32(fixed) & 0xFFFF) + fixed + b"a comment" + b"world"
    assert files(Rar(), b"Rar!\x1a\x07\x00" + main4(2, b"x") + noted) == {"b": b"world"}


def test_encrypted_headers_say_so():
    with pytest.raises(Encrypted):
        unpack(Rar(), b"Rar!\x1a\x07\x00" + block4(0x73, 0x80, bytes(6)))
    with pytest.raises(Encrypted):
        unpack(Rar(), b"Rar!\x1a\x07\x01\x00" + block5([4, 0, 0, 0, 15]))


@pytest.mark.parametrize("version", SAMPLES)
def test_every_prefix_and_every_changed_byte(version):
    every_prefix(Rar(), SAMPLES[version])
    every_flip(Rar(), SAMPLES[version])


@given(st.binary(max_size=200))
def test_any_bytes(raw):
    keeps_its_promise(Cab(), b"MSCF\0\0\0\0" + raw)
    keeps_its_promise(Rar(), b"Rar!\x1a\x07\x00" + raw)
    keeps_its_promise(Rar(), b"Rar!\x1a\x07\x01\x00" + raw)
    keeps_its_promise(Rar(), b"Rar!\x1a\x07\x01\x00" + block5([2, 2], raw))
    keeps_its_promise(Rar(), b"Rar!\x1a\x07\x00" + block4(0x74, 0x8100, raw))
