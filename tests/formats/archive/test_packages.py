import os
import struct
from binascii import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import FormatError, Malformed, NotThisFormat
from inspector.extract.archive.ar import Ar
from inspector.extract.archive.partition_table import Gpt, Mbr
from inspector.extract.archive.rpm import Rpm
from inspector.formats.names import escapes
from inspector.formats.reader import BufferReader
from tests.formats.original import tool
from tests.formats.promise import content, every_flip, every_prefix, files, keeps_its_promise, run, unpack

TREE = {"short": b"one\n", "a-rather-long-name-of-a-file": b"second" * 11, "empty": b""}
packers = pytest.mark.packers


@pytest.fixture
def tree(tmp_path):
    for name, data in TREE.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


# --------------------------------------------------------------------------- ar


@packers
def test_output_of_ar(tree):
    run(tool("ar"), "rc", "x.a", *TREE, cwd=tree)
    blob = (tree / "x.a").read_bytes()
    span, _, members = unpack(Ar(), b"xyz" + blob + b"behind", 3)
    assert ({m.path: content(m) for m in members}, len(span)) == (TREE, len(blob))
    every_prefix(Ar(), blob)
    every_flip(Ar(), blob)


@packers
def test_output_of_bsdtar_with_long_names(tree):
    blob = run(tool("bsdtar"), "--format=arbsd", "-cf", "-", *TREE, cwd=tree)
    assert files(Ar(), blob) == TREE


@packers
def test_output_of_dpkg_deb(tmp_path):
    (tmp_path / "p/DEBIAN").mkdir(parents=True)
    (tmp_path / "p/DEBIAN/control").write_text(
        "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: m\nDescription: d\n"
    )
    run(tool("dpkg-deb"), "-b", str(tmp_path / "p"), str(tmp_path / "x.deb"))
    found = files(Ar(), (tmp_path / "x.deb").read_bytes())
    assert found["debian-binary"] == b"2.0\n"
    assert len(found) == 3


@pytest.mark.attack
def test_a2_absolute_names_are_data():
    entry = b"%-16s%-12d%-6d%-6d%-8o%-10d`\n" % (b"/etc/passwd/", 0, 0, 0, 0o644, 4) + b"root"
    (member,) = unpack(Ar(), b"!<arch>\n" + entry)[2]
    assert (member.path, content(member), escapes(member.path)) == ("/etc/passwd", b"root", True)


# --------------------------------------------------------------------------- rpm

SPEC = """Name: sample
Version: 1.2
Release: 3
Summary: sample
License: none
BuildArch: noarch
%define _binary_payload {mode}
%description
sample
%install
mkdir -p %{{buildroot}}/etc
echo server=iot.example.cn > %{{buildroot}}/etc/sample.conf
%files
/etc/sample.conf
"""


@packers
@pytest.mark.parametrize(
    ("mode", "suffix"), [("w9.gzdio", ".gz"), ("w9.xzdio", ".xz"), ("w9.bzdio", ".bz2"), ("w3.zstdio", ".zst")]
)
def test_output_of_rpmbuild(tmp_path, mode, suffix):
    (tmp_path / "s.spec").write_text(SPEC.format(mode=mode))
    run(tool("rpmbuild"), "--define", f"_topdir {tmp_path}", "-bb", str(tmp_path / "s.spec"))
    blob = next((tmp_path / "RPMS").rglob("*.rpm")).read_bytes()
    span, contents, (member,) = unpack(Rpm(), blob + b"behind")
    assert (len(span), member.path) == (len(blob), "payload.cpio" + suffix)
    assert contents.properties.items() >= {"name": "sample", "version": "1.2", "release": "3"}.items()
    (tmp_path / "payload").write_bytes(content(member))
    assert b"server=iot.example.cn" in run(tool("bsdtar"), "-xOf", str(tmp_path / "payload"))
    every_prefix(Rpm(), blob, 80)
    every_flip(Rpm(), blob, 200)


# --------------------------------------------------------------------------- partition tables

DISK = 8 << 20


def disk(path, program: str, *options: str, script: str = "") -> bytes:
    path.write_bytes(bytes(DISK))
    run(tool(program), *options, str(path), data=script.encode())
    return path.read_bytes()


@packers
def test_gpt_of_sgdisk(tmp_path):
    options = ("-a", "1", "-n", "1:64:1063", "-c", "1:rootfs", "-n", "2:2048:4095", "-c", "2:data")
    blob = bytearray(disk(tmp_path / "d", "sgdisk", *options))
    blob[64 * 512 : 64 * 512 + 6] = b"inside"
    span, _, members = unpack(Gpt(), b"\xff" * 512 + bytes(blob) + b"behind", 512)
    assert (len(span), [(m.path, m.size) for m in members]) == (DISK, [("rootfs", 512_000), ("data", 2048 * 512)])
    assert content(members[0])[:6] == b"inside"
    with pytest.raises(NotThisFormat):
        Mbr().measure(BufferReader(bytes(blob)), 0)
    blob[1024] ^= 1
    assert [m.path for m in unpack(Gpt(), bytes(blob))[2]] == ["rootfs", "data"]
    blob[-33 * 512] ^= 1
    with pytest.raises(Malformed):
        Gpt().measure(BufferReader(bytes(blob)), 0)


def gpt(sector: int = 512) -> bytearray:
    """Return a disk of 128 sectors with a GPT at either end, laid out as the UEFI specification has it."""
    row = bytes(range(16)) + bytes(16) + struct.pack("<QQQ", 40, 60, 0) + "rootfs".encode("utf-16-le").ljust(72, b"\0")
    rows = row.ljust(128 * 4, b"\0")
    disk = bytearray(128 * sector)
    for here, other, table in ((1, 127, 2), (127, 1, 123)):
        places = (here, other, 34, 94, bytes(16), table, 4, 128, crc32(rows))
        head = struct.pack("<8sIIII4Q16sQIII", b"EFI PART", 0x10000, 92, 0, 0, *places)
        head = head[:16] + struct.pack("<I", crc32(head)) + head[20:]
        disk[here * sector : here * sector + len(head)] = head
        disk[table * sector : table * sector + len(rows)] = rows
    disk[40 * sector : 40 * sector + 6] = b"inside"
    return disk


@pytest.mark.parametrize("damage", [512 + 40, 512 + 17, 1024 + 5, 512 + 32])
def test_gpt_is_read_from_its_copy_where_the_first_is_damaged(damage):
    blob = gpt()
    assert unpack(Gpt(), bytes(blob) + b"behind")[1].notes == ()
    blob[damage] ^= 0x55
    span, contents, (member,) = unpack(Gpt(), bytes(blob))
    assert (member.path, content(member)[:6], len(span)) == ("rootfs", b"inside", len(blob))
    assert "copy at the end of the disk" in contents.notes[0]
    blob[127 * 512 + 20] ^= 1
    with pytest.raises(FormatError):
        Gpt().measure(BufferReader(bytes(blob)), 0)
    every_prefix(Gpt(), bytes(blob), 60)


@packers
def test_mbr_of_sfdisk_with_logical_partitions(tmp_path):
    script = "label: dos\n64,2000,c\n4096,2048,83\n8192,6144,5\n8256,1000,83\n10240,1000,83\n"
    blob = disk(tmp_path / "d", "sfdisk", script=script)
    span, _, members = unpack(Mbr(), blob)
    expected = [("partition1-0c", 64), ("partition2-83", 4096), ("partition5-83", 8256), ("partition6-83", 10240)]
    assert [(m.path, m.extents[0].start // 512) for m in members] == expected
    assert len(span) == (8192 + 6144) * 512
    every_flip(Mbr(), blob[:512] + blob[8192 * 512 : 8193 * 512], 512)


def test_boot_sector_of_a_file_system_is_no_partition_table():
    sector = bytearray(1024)
    sector[:11], sector[510:512] = b"\xeb\x3c\x90mkfs.fa", b"\x55\xaa"
    sector[54:59] = b"FAT16"
    sector[446:462] = struct.pack("<B3xB3xII", 0x80, 0x0C, 1, 1)
    with pytest.raises(NotThisFormat):
        Mbr().measure(BufferReader(bytes(sector)), 0)


def test_a_disc_that_starts_like_a_disk_has_no_partitions_of_its_own():
    sector = bytearray(8192)
    sector[446:462] = struct.pack("<B3xB3xII", 0x80, 0x17, 0, 16)
    sector[510:512] = b"\x55\xaa"
    with pytest.raises(NotThisFormat):
        Mbr().measure(BufferReader(bytes(sector)), 0)


def test_extended_chain_that_loops_ends():
    sector = bytearray(4096)
    sector[446:462] = struct.pack("<B3xB3xII", 0, 5, 1, 6)
    sector[510:512] = sector[1022:1024] = b"\x55\xaa"
    sector[512 + 446 : 512 + 462] = struct.pack("<B3xB3xII", 0, 5, 0, 6)
    assert unpack(Mbr(), bytes(sector))[2] == []


@given(st.binary(max_size=500))
def test_any_bytes(raw):
    keeps_its_promise(Ar(), b"!<arch>\n" + raw)
    keeps_its_promise(Rpm(), b"\xed\xab\xee\xdb" + bytes(92) + b"\x8e\xad\xe8\x01" + raw)
    keeps_its_promise(Gpt(), bytes(512) + b"EFI PART" + raw)
    keeps_its_promise(Mbr(), (bytes(446) + raw[:64]).ljust(510, b"\0") + b"\x55\xaa" + os.urandom(600))
