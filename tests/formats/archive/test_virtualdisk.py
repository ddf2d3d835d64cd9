import struct
import zlib
from contextlib import suppress
from hashlib import sha256
from subprocess import CalledProcessError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import Encrypted, FormatError, LimitReached, Unsupported
from inspector.extract.archive.virtualdisk import Parallels, Qcow2, Qed, Vdi, Vhd, Vhdx, Vmdk
from inspector.formats.reader import BufferReader, MappedReader
from tests.formats.original import tool
from tests.formats.promise import run, unpack
from tests.formats.wrapper_checks import attempt

pytestmark = pytest.mark.packers
KINDS = {
    "vpc": (Vhd, ["-O", "vpc", "-o", "subformat=dynamic,force_size=on"]),
    "vhdx": (Vhdx, ["-O", "vhdx", "-o", "block_size=1048576"]),
    "vdi": (Vdi, ["-O", "vdi"]),
    "vmdk": (Vmdk, ["-O", "vmdk"]),
    "vmdk stream": (Vmdk, ["-O", "vmdk", "-o", "subformat=streamOptimized"]),
    "qcow2": (Qcow2, ["-O", "qcow2"]),
    "qcow2 version 2": (Qcow2, ["-O", "qcow2", "-o", "compat=0.10,cluster_size=4096"]),
    "qcow": (Qcow2, ["-O", "qcow"]),
    "qcow2 zlib": (Qcow2, ["-c", "-O", "qcow2"]),
    "qed": (Qed, ["-O", "qed"]),
    "qed in small clusters": (Qed, ["-O", "qed", "-o", "cluster_size=4096,table_size=2"]),
    "parallels": (Parallels, ["-O", "parallels"]),
    "parallels in small blocks": (Parallels, ["-O", "parallels", "-o", "cluster_size=65536"]),
    "qcow2 zstd": (Qcow2, ["-c", "-O", "qcow2", "-o", "compression_type=zstd"]),
}


def disk() -> bytes:
    """Return 12 MiB with data at the start, in the middle, over block borders and at the very end."""
    raw = bytearray(12 << 20)
    raw[:4096] = b"boot sector and what follows".ljust(4096, b"!")
    raw[(2 << 20) - 3000 : (2 << 20) + 3000] = bytes(range(250)) * 24
    raw[5_000_000:5_300_000] = b"".join(sha256(str(i).encode()).digest() for i in range(9375))
    raw[-10:] = b"last bytes"
    return bytes(raw)


def image(folder, name: str) -> bytes:
    (folder / "raw").write_bytes(disk())
    run(tool("qemu-img"), "convert", "-f", "raw", *KINDS[name][1], "raw", "out", cwd=folder)
    return (folder / "out").read_bytes()


@pytest.mark.parametrize("name", KINDS)
def test_image_of_qemu_gives_the_disk_back(tmp_path, name):
    blob = image(tmp_path, name)
    span, contents, (member,) = unpack(KINDS[name][0](), blob)
    memory = member.open(1 << 26)
    assert isinstance(memory, MappedReader)
    assert memory.read_at(0, len(disk())) == disk()
    assert not memory.read_at(len(disk()), memory.size - len(disk())).strip(b"\0")
    assert memory.read_at((2 << 20) - 3000, 6000) == bytes(range(250)) * 24
    assert memory.slice(5_000_000, 5_300_000).read_at(65_000, 100_000) == disk()[5_065_000:5_165_000]
    assert memory.stored < memory.size  # holes cost nothing
    assert len(span) == len(blob)
    assert all(0 <= part.start <= part.end <= len(blob) for part in (*contents.structure(), *member.extents))
    with pytest.raises(LimitReached):
        member.open(100_000)


def test_packed_cluster_of_the_first_qcow(tmp_path):
    blob = bytearray(image(tmp_path, "qcow"))
    bits = blob[32]
    (first,) = struct.unpack_from(">Q", blob, struct.unpack_from(">Q", blob, 40)[0])
    packer = zlib.compressobj(9, wbits=-12)
    stream = packer.compress(b"packed".ljust(1 << bits, b"!")) + packer.flush()
    struct.pack_into(">Q", blob, first, 1 << 63 | len(stream) << 63 - bits | len(blob))
    (member,) = unpack(Qcow2(), bytes(blob) + stream)[2]
    memory = member.open(1 << 26)
    assert memory.read_at(0, 1 << bits) == b"packed".ljust(1 << bits, b"!")
    assert memory.read_at(1 << bits, 1 << 20) == disk()[1 << bits :][: 1 << 20]


@pytest.mark.parametrize("name", KINDS)
def test_cut_and_damaged_images(tmp_path, name):
    blob, parse = image(tmp_path, name), KINDS[name][0].parse
    for end in (0, 3, 100, 512, 1000, 4096, 66_000, 200_000, len(blob) // 2, len(blob) - 1):
        attempt(parse, blob[:end])
    places = [
        *range(0, 512, 5),
        *range(0x30000, 0x30060, 7),
        *range(0x200000, 0x200100, 17),
        *range(65_536, 65_700, 31),
    ]
    damaged = bytearray(blob)
    for at in [place for place in places if place < len(blob)]:
        for value in (0, 0xFF):
            damaged[at] = value
            attempt(parse, damaged)
        damaged[at] = blob[at]


def test_differences_to_another_image_are_noted(tmp_path):
    (tmp_path / "base").write_bytes(disk())
    run(tool("qemu-img"), "create", "-q", "-f", "qcow2", "-b", "base", "-F", "raw", "out", cwd=tmp_path)
    assert "another image" in Qcow2.parse(BufferReader((tmp_path / "out").read_bytes())).notes[0]


def test_differences_of_qed_are_noted(tmp_path):
    (tmp_path / "base").write_bytes(disk())
    run(tool("qemu-img"), "create", "-q", "-f", "qed", "-b", "base", "-F", "raw", "out", cwd=tmp_path)
    assert "another image" in Qed.parse(BufferReader((tmp_path / "out").read_bytes())).notes[0]


def test_older_parallels_image_counts_in_sectors(tmp_path):
    """qemu-img writes the newer kind only; the older one differs in its mark and in the unit of its table."""
    blob = bytearray(image(tmp_path, "parallels"))
    sectors, entries = struct.unpack_from("<II", blob, 28)
    blob[:16] = b"WithoutFreeSpace"
    struct.pack_into("<I", blob, 40, 0xDEAD)  # the upper half of the size, which this kind leaves unset
    for at in range(64, 64 + 4 * entries, 4):
        struct.pack_into("<I", blob, at, struct.unpack_from("<I", blob, at)[0] * sectors)
    (member,) = unpack(Parallels(), bytes(blob))[2]
    assert member.open(1 << 26).read_at(0, len(disk())) == disk()


def test_qed_of_an_unknown_feature(tmp_path):
    blob = bytearray(image(tmp_path, "qed"))
    blob[16] |= 0x80
    with pytest.raises(Unsupported):
        Qed.parse(BufferReader(bytes(blob)))


def test_encrypted_image_is_told(tmp_path):
    secret, options = "secret,id=s,data=abc", "encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10"
    create = ("create", "-q", "--object", secret, "-f", "qcow2", "-o", options, "out", "1M")
    for _ in range(30):  # it times its key derivation and gives up, every other time, on a machine that is busy
        with suppress(CalledProcessError):
            run(tool("qemu-img"), *create, cwd=tmp_path)
            break
    with pytest.raises(Encrypted):
        Qcow2.parse(BufferReader((tmp_path / "out").read_bytes()))


@pytest.mark.parametrize(
    "extractor", [Vhd(), Vhdx(), Vdi(), Vmdk(), Qcow2(), Qed(), Parallels()], ids=lambda e: e.INFO.name
)
@given(st.binary(max_size=600), st.binary(max_size=600))
def test_any_bytes(extractor, head, rest):
    magic = extractor.MAGIC[0]
    blob = head[: magic.offset].ljust(magic.offset, b"\0") + magic.pattern + rest
    for data in (blob, blob.ljust(300_000, b"\0")):
        try:
            attempt(extractor.parse, data)
        except FormatError as error:
            pytest.fail(str(error))
