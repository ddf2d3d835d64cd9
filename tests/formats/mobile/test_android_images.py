import bz2
import lzma
import os
import struct
import subprocess
from hashlib import sha256

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import FormatError, LimitReached, Unsupported
from inspector.extract.mobile.android_boot import AndroidBoot, AndroidVendorBoot
from inspector.extract.mobile.android_payload import AndroidPayload
from inspector.extract.mobile.android_sparse import AndroidSparse
from inspector.extract.mobile.android_super import AndroidSuper
from inspector.extract.mobile.dtbo import Dtbo
from inspector.formats.reader import BufferReader
from tests.formats.original import tool
from tests.formats.promise import content, every_flip, every_prefix, files, keeps_its_promise, run, unpack

PAGE = 4096

# --------------------------------------------------------------------------- sparse


def sparse(*chunks: tuple[int, int, bytes], blocks: int | None = None) -> bytes:
    body = b"".join(struct.pack("<HHII", kind, 0, count, 12 + len(data)) + data for kind, count, data in chunks)
    total = sum(count for _, count, _ in chunks) if blocks is None else blocks
    return struct.pack("<IHHHHIIII", 0xED26FF3A, 1, 0, 28, 12, PAGE, total, len(chunks), 0) + body


def test_sparse_chunks_of_every_kind():
    raw = os.urandom(2 * PAGE)
    blob = sparse((0xCAC1, 2, raw), (0xCAC2, 3, b"abcd"), (0xCAC2, 1, bytes(4)), (0xCAC3, 2, b""), (0xCAC4, 0, b"crc!"))
    expected = raw + b"abcd" * (3 * PAGE // 4) + bytes(3 * PAGE)
    span, _, (member,) = unpack(AndroidSparse(), blob + b"behind")
    reader = member.open(1 << 20)
    assert (len(span), bytes(reader.all())) == (len(blob), expected)
    for at, length in ((2 * PAGE - 3, 9), (2 * PAGE + 1, 7), (5 * PAGE - 2, 5)):
        assert reader.read_at(at, length) == expected[at : at + length]
        assert bytes(reader.slice(at, at + length).all()) == expected[at : at + length]


def test_three_gigabytes_of_holes_cost_nothing():
    blob = sparse((0xCAC3, 400_000, b""), (0xCAC1, 1, b"x" * PAGE), (0xCAC2, 400_000, bytes(4)))
    reader = unpack(AndroidSparse(), blob)[2][0].open(PAGE)
    assert reader.size == 800_001 * PAGE
    assert sum(len(view) for _, view in reader.windows()) <= 1 << 24


def test_absurd_block_counts_are_a_limit():
    blob = sparse(*[(0xCAC3, 0xFFFFFFFF, b"")] * 3, blocks=1)
    with pytest.raises(LimitReached):
        unpack(AndroidSparse(), blob)[2][0].open(1 << 30)


@pytest.mark.packers
def test_output_of_img2simg(tmp_path):
    image = bytearray(64 * PAGE)
    image[3 * PAGE : 5 * PAGE] = os.urandom(2 * PAGE)
    image[9 * PAGE : 10 * PAGE] = b"\x11\x22\x33\x44" * (PAGE // 4)
    (tmp_path / "raw").write_bytes(image)
    run(tool("img2simg"), str(tmp_path / "raw"), str(tmp_path / "simg"))
    blob = (tmp_path / "simg").read_bytes()
    span, contents, (member,) = unpack(AndroidSparse(), blob)
    assert (len(span), content(member)) == (len(blob), bytes(image))
    assert sum(map(len, contents.structure())) + sum(map(len, member.extents)) >= len(blob)


# --------------------------------------------------------------------------- boot

PARTS = {
    "kernel": b"kernel" * 3000,
    "ramdisk": os.urandom(5000),
    "second": b"second" * 10,
    "dtb": b"\xd0\x0d\xfe\xed" * 40,
}


@pytest.fixture
def parts(tmp_path):
    for name, data in PARTS.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


@pytest.mark.packers
@pytest.mark.parametrize(
    ("version", "names", "page"),
    [
        (0, ("kernel", "ramdisk", "second"), 2048),
        (1, ("kernel", "ramdisk"), 2048),
        (2, ("kernel", "ramdisk", "dtb"), 4096),
        (3, ("kernel", "ramdisk"), 4096),
    ],
)
def test_output_of_mkbootimg(parts, version, names, page):
    options = [text for name in names for text in (f"--{name}", str(parts / name))]
    options += ["--header_version", str(version), "--cmdline", "console=ttyS0", "--os_version", "12.0.0"]
    run(tool("mkbootimg"), *options, "--os_patch_level", "2021-12", "--pagesize", str(page), "-o", str(parts / "out"))
    blob = (parts / "out").read_bytes()
    span, contents, members = unpack(AndroidBoot(), b"before" + blob + bytes(9), 6)
    assert {m.path: content(m) for m in members if m.path != "signature"} == {name: PARTS[name] for name in names}
    assert contents.properties["command line"] == "console=ttyS0"
    assert (contents.properties["Android"], contents.properties["patch level"]) == ("12.0.0", "2021-12")
    assert len(span) <= len(blob)
    every_prefix(AndroidBoot(), blob, 60)


@pytest.mark.packers
def test_vendor_boot_of_mkbootimg(parts):
    options = ["--vendor_ramdisk", str(parts / "ramdisk"), "--dtb", str(parts / "dtb")]
    options += ["--header_version", "3", "--vendor_cmdline", "quiet", "--vendor_boot", str(parts / "out")]
    run(tool("mkbootimg"), *options)
    blob = (parts / "out").read_bytes()
    assert files(AndroidVendorBoot(), blob) == {"ramdisk": PARTS["ramdisk"], "dtb": PARTS["dtb"]}
    every_prefix(AndroidVendorBoot(), blob, 60)


@pytest.mark.packers
def test_version_4_of_mkbootimg(parts):
    common = ["--header_version", "4", "--ramdisk_type", "dlkm", "--ramdisk_name", "modules"]
    common += ["--vendor_ramdisk_fragment", str(parts / "second"), "--vendor_bootconfig", str(parts / "config")]
    (parts / "config").write_bytes(b"androidboot.hardware=x\n")
    vendor = [
        "--vendor_ramdisk",
        str(parts / "ramdisk"),
        "--dtb",
        str(parts / "dtb"),
        "--vendor_boot",
        str(parts / "v"),
    ]
    try:
        run(tool("mkbootimg"), *common, *vendor)
    except subprocess.CalledProcessError:
        pytest.skip("this mkbootimg knows no version 4")
    found = files(AndroidVendorBoot(), (parts / "v").read_bytes())
    assert found == {
        "ramdisk/platform0": PARTS["ramdisk"],
        "ramdisk/modules": PARTS["second"],
        "dtb": PARTS["dtb"],
        "bootconfig": b"androidboot.hardware=x\n",
    }
    boot = ["--kernel", str(parts / "kernel"), "--ramdisk", str(parts / "ramdisk"), "-o", str(parts / "b")]
    run(tool("mkbootimg"), "--header_version", "4", *boot)
    found = files(AndroidBoot(), (parts / "b").read_bytes())
    assert {name: found[name] for name in ("kernel", "ramdisk")} == {
        name: PARTS[name] for name in ("kernel", "ramdisk")
    }


def paged(*parts_: bytes) -> bytes:
    return b"".join(part + bytes(-len(part) % PAGE) for part in parts_)


def test_boot_version_4_with_signature():
    header = struct.pack("<8s4I16sI1536sI", b"ANDROID!", 5, 3, 12 << 25, 1584, b"", 4, b"a b", 7)
    blob = paged(header, b"Image", b"cpi", b"AVB0sig")
    assert files(AndroidBoot(), blob) == {"kernel": b"Image", "ramdisk": b"cpi", "signature": b"AVB0sig"}


def test_vendor_boot_version_4_splits_the_ramdisks():
    ramdisks, table = b"first" + b"second", b""
    for size, offset, kind, name in ((5, 0, 1, b""), (6, 5, 3, b"modules")):
        table += struct.pack("<3I32s64s", size, offset, kind, name, b"")
    header = struct.pack("<8s5I2048sI16sIIQ", b"VNDRBOOT", 4, PAGE, 0, 0, 11, b"quiet", 0, b"board", 2128, 4, 0)
    blob = paged(header + struct.pack("<4I", len(table), 2, 108, 9), ramdisks, b"\xd0\x0d\xfe\xed", table, b"a.b = 'c'")
    assert files(AndroidVendorBoot(), blob) == {
        "ramdisk/platform0": b"first",
        "ramdisk/modules": b"second",
        "dtb": b"\xd0\x0d\xfe\xed",
        "bootconfig": b"a.b = 'c'",
    }
    every_flip(AndroidVendorBoot(), blob, 200)


# --------------------------------------------------------------------------- super


def lp(partitions: dict[str, list[tuple[int, int, int]]], disk: bytearray) -> bytes:
    """Write geometry and one metadata slot; extents are (sectors, type, first sector)."""
    extents = [extent for chosen in partitions.values() for extent in chosen]
    rows, first = b"", 0
    for name, chosen in partitions.items():
        rows += struct.pack("<36sIIII", name.encode(), 1, first, len(chosen), 0)
        first += len(chosen)
    tables = rows + b"".join(struct.pack("<QIQI", sectors, kind, at, 0) for sectors, kind, at in extents)
    groups, devices = len(tables), struct.pack("<QIIQ36sI", 2048, 4096, 0, len(disk), b"super", 0)
    tables += devices
    descriptors = (0, len(partitions), 52, len(rows), len(extents), 24, groups, 0, 48, groups, 1, 64)
    header = struct.pack(
        "<4sHHI32sI32s12I", b"0PLA", 10, 0, 128, bytes(32), len(tables), sha256(tables).digest(), *descriptors
    )
    header = header[:12] + sha256(header).digest() + header[44:]
    geometry = struct.pack("<4sI32sIII", b"gDla", 52, bytes(32), 65536, 2, 4096)
    geometry = geometry[:8] + sha256(geometry).digest() + geometry[40:]
    disk[4096 : 4096 + len(geometry)] = disk[8192 : 8192 + len(geometry)] = geometry
    disk[12288 : 12288 + len(header) + len(tables)] = header + tables
    return bytes(disk)


def super_image() -> bytes:
    disk = bytearray(3 << 20)
    disk[1 << 20 : (1 << 20) + 10] = b"system one"
    disk[2 << 20 : (2 << 20) + 10] = b"system two"
    return lp({"system_a": [(8, 0, 2048), (4, 1, 0), (8, 0, 4096)], "vendor_a": [], "odm_a": [(1, 0, 1 << 40)]}, disk)


def test_super_partitions_are_maps():
    blob = super_image()
    span, _, members = unpack(AndroidSuper(), blob)
    system, vendor, odm = members
    data = content(system)
    assert (len(span), len(data)) == (len(blob), 20 * 512)
    assert (data[:10], data[8 * 512 : 12 * 512], data[12 * 512 : 12 * 512 + 10]) == (
        b"system one",
        bytes(2048),
        b"system two",
    )
    assert (content(vendor), odm.open, isinstance(odm.problem, FormatError)) == (b"", None, True)
    broken = bytearray(blob)
    broken[12300] ^= 1
    with pytest.raises(FormatError):
        AndroidSuper().measure(BufferReader(bytes(broken)), 0)


# --------------------------------------------------------------------------- payload


def varint(value: int) -> bytes:
    out = bytearray()
    while True:
        out.append(value & 0x7F | (0x80 if value > 0x7F else 0))
        value >>= 7
        if not value:
            return bytes(out)


def proto(*fields: tuple[int, int | bytes]) -> bytes:
    out = b""
    for number, value in fields:
        out += (
            varint(number << 3 | 2) + varint(len(value)) + value
            if isinstance(value, bytes)
            else varint(number << 3) + varint(value)
        )
    return out


def payload(operations: list[tuple[int, bytes, list[tuple[int, int]]]], name: bytes = b"system") -> bytes:
    blobs, messages = b"", []
    for kind, stored, targets in operations:
        extents = [(6, proto((1, first), (2, count))) for first, count in targets]
        messages.append((8, proto((1, kind), (2, len(blobs)), (3, len(stored)), *extents)))
        blobs += stored
    manifest = proto((3, PAGE), (13, proto((1, name), (7, proto((1, 6 * PAGE))), *messages)))
    return b"CrAU" + struct.pack(">QQI", 2, len(manifest), 0) + manifest + blobs


def full_payload() -> tuple[bytes, bytes]:
    pages = [bytes([65 + i]) * PAGE for i in range(6)]
    operations = [
        (0, pages[0], [(0, 1)]),
        (1, bz2.compress(pages[2] + pages[1]), [(2, 1), (1, 1)]),  # one range, two extents
        (8, lzma.compress(pages[3]), [(3, 1)]),
        (14, zstandard.compress(pages[5]), [(5, 1)]),
        (6, b"", [(4, 1)]),
    ]
    pages[4] = bytes(PAGE)
    return payload(operations), b"".join(pages)


def test_full_payload():
    blob, expected = full_payload()
    span, _, (member,) = unpack(AndroidPayload(), blob + b"behind")
    reader = member.open(1 << 20)
    assert (len(span), member.path, bytes(reader.all())) == (len(blob), "system", expected)
    assert reader.read_at(PAGE * 2 - 5, 10) == expected[PAGE * 2 - 5 : PAGE * 2 + 5]
    assert bytes(reader.slice(PAGE + 7, PAGE * 3).all()) == expected[PAGE + 7 : PAGE * 3]
    with pytest.raises(LimitReached):
        member.open(PAGE)


def test_incremental_payload_is_a_named_gap():
    (member,) = unpack(AndroidPayload(), payload([(5, b"diff", [(0, 1)])]))[2]
    assert isinstance(member.problem, Unsupported)
    assert "SOURCE_BSDIFF" in str(member.problem)


def test_payload_that_writes_a_block_twice_is_refused():
    (member,) = unpack(AndroidPayload(), payload([(0, bytes(PAGE), [(0, 1)]), (0, bytes(PAGE), [(0, 1)])]))[2]
    with pytest.raises(FormatError):
        member.open(1 << 20)


# --------------------------------------------------------------------------- dtbo, promises


def dtbo_image() -> bytes:
    trees = [b"\xd0\x0d\xfe\xed" + bytes([i]) * 60 for i in range(2)]
    start = 32 + 3 * 32
    rows = b"".join(struct.pack(">8I", 64, start + 64 * (i % 2), i, 0, 0, 0, 0, 0) for i in range(3))
    return struct.pack(">4s7I", b"\xd7\xb7\xab\x1e", start + 128, 32, 32, 3, 32, 2048, 0) + rows + b"".join(trees)


def test_device_tree_table():
    assert list(files(Dtbo(), dtbo_image())) == ["0-0-0.dtb", "1-1-0.dtb"]


SAMPLES = {
    "sparse": (AndroidSparse(), sparse((0xCAC1, 1, b"x" * PAGE), (0xCAC2, 3, b"abcd"), (0xCAC3, 2, b""))),
    "super": (AndroidSuper(), super_image()[: 16 << 10]),
    "payload": (AndroidPayload(), full_payload()[0]),
    "dtbo": (Dtbo(), dtbo_image()),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_every_prefix_and_every_changed_byte(name):
    extractor, blob = SAMPLES[name]
    every_prefix(extractor, blob, 150)
    every_flip(extractor, blob, 300)


@pytest.mark.parametrize("name", SAMPLES)
@given(raw=st.binary(max_size=200))
def test_any_bytes(name, raw):
    extractor, blob = SAMPLES[name]
    keeps_its_promise(extractor, blob[:24] + raw)
    keeps_its_promise(AndroidBoot(), b"ANDROID!" + raw)
    keeps_its_promise(AndroidVendorBoot(), b"VNDRBOOT" + raw * 12)
