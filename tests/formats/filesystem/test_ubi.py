"""UBI and UBIFS against ubinize and mkfs.ubifs, and damage."""

import os
import struct
import subprocess
import zlib
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import Encrypted, FormatError, LimitReached, NotThisFormat
from inspector.extract.filesystem.ubi import Ubi
from inspector.extract.filesystem.ubifs import Ubifs
from inspector.formats.filesystem.ubi import read_ubi
from inspector.formats.filesystem.ubifs import read_ubifs
from inspector.formats.firmware.nanddump import parse_nanddump
from inspector.formats.reader import BufferReader
from tests.formats.trees import assert_same_tree, assert_spans, build_tree, find_tool, needs, read_members, survives

CONFIG = """
[root]
mode=ubi
image={image}
vol_id=0
vol_type=dynamic
vol_name=rootfs
vol_flags=autoresize
[kernel]
mode=ubi
image={kernel}
vol_id=3
vol_type=static
vol_name=kernel
"""


def pack(root: Path, image: Path, *options: str, leb: int = 126976, page: int = 2048) -> bytes:
    command = [find_tool("mkfs.ubifs") or "", "-r", str(root), "-m", str(page), "-e", str(leb), "-c", "400"]
    subprocess.run([*command, *options, "-o", str(image)], check=True, capture_output=True)
    return image.read_bytes()


def ubinize(folder: Path, image: Path, kernel: bytes, page: int = 2048, peb: int = 131072) -> bytes:
    (folder / "kernel").write_bytes(kernel)
    (folder / "ubi.ini").write_text(CONFIG.format(image=image, kernel=folder / "kernel"))
    command = [find_tool("ubinize") or "", "-o", str(folder / "ubi"), "-m", str(page), "-p", str(peb)]
    subprocess.run([*command, str(folder / "ubi.ini")], check=True, capture_output=True)
    return (folder / "ubi").read_bytes()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tree(tmp_path_factory.mktemp("tree"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    root = tmp_path_factory.mktemp("small")
    (root / "etc").mkdir()
    (root / "etc" / "passwd").write_bytes(b"root:x:0:0\n" * 900)
    (root / "link").symlink_to("etc/passwd")
    return pack(root, root.parent / "small.ubifs", leb=15360, page=512)


def ubifs_nodes(image: bytes | bytearray) -> list[tuple[int, int]]:
    """Return (offset, type) of every node."""
    magic = b"\x31\x18\x10\x06"
    return [(at, image[at + 20]) for at in range(0, len(image) - 24, 8) if image.startswith(magic, at)]


def ubifs_data(sequence: int, number: int, block: int, text: bytes, *, plain: bool) -> bytes:
    """Return one data node as the kernel lays it out."""
    stored = text if plain else zlib.compress(text, wbits=-15)
    body = struct.pack(
        "<QIBBxxII8xIHH", sequence, 48 + len(stored), 1, 0, number, 1 << 29 | block, len(text), 0 if plain else 2, 0
    )
    body += stored
    return struct.pack("<II", 0x06101831, crc32(body) ^ 0xFFFFFFFF) + body


def volumes_of(image: bytes) -> dict[str, bytes]:
    data = BufferReader(image)
    extent = Ubi().measure(data, 0)
    return read_members(read_ubi(data.slice(extent.start, extent.end)))[1]


class TestMtdUtils:
    pytestmark = needs("mkfs.ubifs", "ubinize")

    @pytest.mark.parametrize("compressor", ["lzo", "zlib", "zstd", "none", "favor_lzo"])
    def test_ubifs_contents_equal_the_source(self, compressor: str, tree: Path, tmp_path: Path) -> None:
        image = pack(tree, tmp_path / "image", "-x", compressor)
        data = BufferReader(image)
        assert len(Ubifs().measure(data, 0)) == len(image)
        assert_same_tree(read_ubifs(data), tree, data)

    def test_geometry_of_nor_flash(self, tree: Path, tmp_path: Path) -> None:
        data = BufferReader(pack(tree, tmp_path / "image", leb=65408, page=8))
        assert_same_tree(read_ubifs(data), tree, data)

    def test_without_its_index_the_nodes_are_scanned(self, tree: Path, tmp_path: Path) -> None:
        image = bytearray(pack(tree, tmp_path / "image"))
        assert read_ubifs(BufferReader(bytes(image))).damage == ""
        image[126976 : 3 * 126976] = b"\xff" * (2 * 126976)
        data = BufferReader(bytes(image))
        assert_same_tree(read_ubifs(data), tree, data)
        assert "index is missing" in read_ubifs(data).damage

    def test_an_encrypted_tree_is_one_named_gap(self, tree: Path, tmp_path: Path) -> None:
        (tmp_path / "key").write_bytes(bytes(range(64)))
        key = ["-K", str(tmp_path / "key"), "-b", "0123456789abcdef", "-C", "AES-256-XTS"]
        data = BufferReader(pack(tree, tmp_path / "image", *key))
        (root,) = members = list(read_ubifs(data).members)
        files = [path for path in tree.rglob("*") if not path.is_dir()]
        size = sum(path.stat().st_size for path in files if not path.is_symlink())
        # A hard link counts once, as its file does.
        size -= (tree / "big.bin").stat().st_size
        assert isinstance(root.problem, Encrypted)
        assert str(root.problem) == f"directory encrypted with fscrypt: {len(files) - 1} entries of {size} bytes"
        assert root.open is None
        assert sum(map(len, root.extents)) > 300_000
        assert_spans(read_ubifs(data), members, data)

    def test_nodes_that_are_not_where_the_index_says(self, tree: Path, tmp_path: Path) -> None:
        image = bytearray(pack(tree, tmp_path / "image"))
        big = next(m for m in read_ubifs(BufferReader(bytes(image))).members if m.path == "big.bin")
        at = big.extents[0].start + 1
        for _ in range(2):
            at = image.index(b"\x31\x18\x10\x06", at + 1)
            image[at : at + 4] = bytes(4)
        members = {m.path: m for m in read_ubifs(BufferReader(bytes(image))).members}
        opener = members["big.bin"].open
        assert opener is not None
        assert "not where the index says" in str(opener(1 << 30).damage)
        assert sum(m.open is not None and m.open(1 << 30).damage is not None for m in members.values()) < 4
        image = bytearray(pack(tree, tmp_path / "image"))
        name = image.index(b"entry-with-a-rather-long-name-0007") - 56
        image[name : name + 8] = bytes(8)
        *_, last = read_ubifs(BufferReader(bytes(image))).members
        assert "not where the index says" in str(last.problem)

    @pytest.mark.parametrize("part", range(1, 7))
    def test_a_cut_image_says_so(self, part: int, tree: Path, tmp_path: Path) -> None:
        image = pack(tree, tmp_path / "image")
        data = BufferReader(image[: len(image) * part // 7])
        contents = read_ubifs(data)
        paths = {member.path for member in contents.members if not member.path.startswith("left-behind/")}
        assert paths <= {str(path.relative_to(tree)) for path in tree.rglob("*")}
        assert contents.damage

    def test_data_that_lost_their_inode_are_read(self, tmp_path: Path) -> None:
        root = tmp_path / "root"
        root.mkdir()
        text = b"".join(b"server%d=host.example.test\n" % number for number in range(900))
        (root / "device.conf").write_bytes(text)
        image = bytearray(pack(root, tmp_path / "image", "-x", "zlib"))
        inode = next(at for at, kind in ubifs_nodes(image) if kind == 0 and image[at + 48] == len(text) & 255)
        image[inode : inode + 160] = bytes(160)
        files = read_members(read_ubifs(BufferReader(bytes(image))))[1]
        assert [content for path, content in files.items() if path.startswith("left-behind/")] == [text]

    def test_earlier_contents_are_a_file_of_their_own(self, small: bytes) -> None:
        at, _ = next((at, kind) for at, kind in ubifs_nodes(small) if kind == 1)
        number = struct.unpack_from("<I", small, at + 24)[0]
        old = ubifs_data(5, number, 0, b"server=old.example.test", plain=True)
        moved = small[at : at + struct.unpack_from("<I", small, at + 16)[0]]
        gone = ubifs_data(6, 777, 0, b"server=gone.example.test", plain=False)
        damaged = bytearray(gone)
        damaged[-1] ^= 1
        spare = b"".join(node + b"\xff" * (-len(node) % 8) for node in (old, moved, gone, bytes(damaged)))
        image = small + spare + b"\xff" * (15360 - len(spare))
        members, files = read_members(read_ubifs(BufferReader(image)))
        assert files["etc/passwd"] == b"root:x:0:0\n" * 900
        assert files[f"left-behind/#{number} passwd"] == b"server=old.example.test"
        assert files["left-behind/#777"] == b"server=gone.example.test"
        assert not [member for member in members if member.problem]

    def test_what_was_written_while_a_commit_went_on_counts(self, small: bytes) -> None:
        size = 15360
        image = bytearray(small)
        at = next(at for at, kind in ubifs_nodes(image) if kind == 1)
        number = struct.unpack_from("<I", image, at + 24)[0]
        start = struct.unpack_from("<Q", image, 3 * size + 8)[0]
        for base in (size, 2 * size):
            struct.pack_into("<Q", image, base + 8, start + 10)
        new = ubifs_data(start + 5, number, 0, b"server=new.example.test", plain=True)
        image += new + b"\xff" * (size - len(new))
        files = read_members(read_ubifs(BufferReader(bytes(image))))[1]
        assert files["etc/passwd"].startswith(b"server=new.example.test")

    def test_volumes(self, tree: Path, tmp_path: Path) -> None:
        pack(tree, tmp_path / "image")
        kernel = bytes(range(256)) * 900
        image = ubinize(tmp_path, tmp_path / "image", kernel)
        data = BufferReader(b"\xff" * 512 + image)
        extent = Ubi().measure(data, 512)
        assert len(extent) == len(image)
        contents = read_ubi(data.slice(extent.start))
        volumes = {m.path: m for m in contents.members}
        assert list(volumes) == ["rootfs", "kernel"]
        assert volumes["kernel"].open is not None
        assert volumes["kernel"].open(1 << 20).all() == kernel
        with pytest.raises(LimitReached):
            volumes["kernel"].open(len(kernel) - 1)
        assert volumes["rootfs"].open is not None
        root = volumes["rootfs"].open(1 << 30)
        assert_same_tree(read_ubifs(root), tree, root)
        assert contents.properties == {"erase block": "131072"}

    def test_the_later_copy_of_a_block_counts(self, tmp_path: Path) -> None:
        (tmp_path / "image").write_bytes(b"\x31" * 126976)
        image = ubinize(tmp_path, tmp_path / "image", b"kernel" * 10)
        twice = image + image[-131072:]
        for member in read_ubi(BufferReader(twice)).members:
            assert member.open is not None
            assert member.open(1 << 20).size in (60, 126976)

    def test_a_static_volume_with_a_wrong_byte_says_so(self, tmp_path: Path) -> None:
        (tmp_path / "image").write_bytes(b"\x31" * 126976)
        image = ubinize(tmp_path, tmp_path / "image", b"kernel" * 30000)
        for blob, notes in (
            (image, ()),
            (image.replace(b"kernelk", b"kernelx", 1), ("1 of 2 blocks of a static volume with a wrong checksum",)),
        ):
            kernel = next(m for m in read_ubi(BufferReader(blob)).members if m.path == "kernel")
            assert kernel.open is not None
            assert kernel.open(1 << 20).notes == notes

    @pytest.mark.parametrize("erased", [(1,), (1, 2), (1, 5, 6), (1, 3, 5, 7)])
    def test_bad_and_erased_blocks_between_do_not_change_the_geometry(
        self, erased: tuple[int, ...], tree: Path, tmp_path: Path
    ) -> None:
        pack(tree, tmp_path / "image")
        image = ubinize(tmp_path, tmp_path / "image", bytes(range(256)) * 900)
        blocks = [image[at : at + 131072] for at in range(0, len(image), 131072)]
        for place in erased:
            blocks.insert(place, b"\xff" * 131072)
        assert volumes_of(b"".join(blocks)) == volumes_of(image)

    def test_blocks_in_any_order(self, tree: Path, tmp_path: Path) -> None:
        pack(tree, tmp_path / "image")
        image = ubinize(tmp_path, tmp_path / "image", bytes(range(256)) * 900)
        blocks = [image[at : at + 131072] for at in range(0, len(image), 131072)]
        assert volumes_of(b"".join(reversed(blocks))) == volumes_of(image)

    @pytest.mark.parametrize("erased", [(), (1, 2)])
    def test_spare_bytes_of_a_nand_dump_are_taken_away(
        self, erased: tuple[int, ...], tree: Path, tmp_path: Path
    ) -> None:
        pack(tree, tmp_path / "image")
        image = ubinize(tmp_path, tmp_path / "image", bytes(range(256)) * 900)
        blocks = [image[at : at + 131072] for at in range(0, len(image), 131072)]
        for place in erased:
            blocks.insert(place, b"\xff" * 131072)
        flash = b"".join(blocks)
        spare = bytes(range(64))
        dump = b"".join(flash[at : at + 2048] + spare for at in range(0, len(flash), 2048))
        contents = parse_nanddump(BufferReader(dump))
        (member,) = contents.members
        assert member.open is not None
        assert (contents.size, member.open(1 << 30).all()) == (len(dump), flash)
        with pytest.raises(NotThisFormat):
            parse_nanddump(BufferReader(image))

    @settings(max_examples=80, deadline=None)
    @given(st.data())
    def test_any_damage(self, small: bytes, data: st.DataObject) -> None:
        damaged = bytearray(small)
        for _ in range(data.draw(st.integers(1, 8))):
            damaged[data.draw(st.integers(4096, len(small) - 1))] = data.draw(st.integers(0, 255))
        survives(read_ubifs, bytes(damaged))

    def test_every_prefix(self, small: bytes) -> None:
        for end in range(0, len(small), 997):
            survives(read_ubifs, small[:end])

    def test_prefixes_of_ubi(self, tmp_path: Path) -> None:
        (tmp_path / "image").write_bytes(b"\x31" * 126976)
        image = ubinize(tmp_path, tmp_path / "image", b"kernel" * 10)
        for end in range(0, len(image), 9973):
            survives(read_ubi, image[:end])
        for at in range(64):
            survives(read_ubi, image[:at] + b"\x5a" + image[at + 1 :])


PEB, LEB = 131072, 126976


def ubi_crc(raw: bytes) -> int:
    return crc32(raw) ^ 0xFFFFFFFF


def peb(
    number: int, logical: int, sequence: int, data: bytes, *, copied: bool = False, checksum: int | None = None
) -> bytes:
    """One erase block as Linux writes it: dynamic volume, headers in pages of their own."""
    erase = struct.pack(">4sB3xQIII32x", b"UBI#", 1, 7, 2048, 4096, 0)
    sums = (len(data), ubi_crc(data) if checksum is None else checksum) if copied else (0, 0)
    volume = struct.pack(
        ">4sBBBBII4xIIII4xQ12x",
        b"UBI!", 1, 1, copied, number > 0x7FFFEFFF, number, logical, sums[0], 0, 0, sums[1], sequence,
    )  # fmt: skip
    head = (erase + struct.pack(">I", ubi_crc(erase))).ljust(2048, b"\xff")
    head += (volume + struct.pack(">I", ubi_crc(volume))).ljust(2048, b"\xff")
    return (head + data).ljust(PEB, b"\xff")


def layout() -> bytes:
    records = b""
    for name in (b"rootfs", b"data"):
        record = struct.pack(">IIIBBH128sB23x", 4, 1, 0, 1, 0, len(name), name, 0)
        records += record + struct.pack(">I", ubi_crc(record))
    empty = bytes(168) + struct.pack(">I", ubi_crc(bytes(168)))
    return records + empty * 126


def fastmap(places: list[int], used: list[tuple[int, int]]) -> list[bytes]:
    """The data of a fastmap over blocks at `places`: super block, header, two pools, erase counters, volumes."""
    body = struct.pack(">7I4x", 0xD4B82EF7, 0, len(used), 0, 0, 0, 2)
    body += struct.pack(">IHH256I16x", 0x67AF4D08, 0, 8, *[0] * 256) * 2
    body += b"".join(struct.pack(">II", place, 7) for _, place in used)
    for number in (0, 1):
        mine = [place for volume, place in used if volume == number]
        body += struct.pack(">IIB3xIII8x", 0xFA370ED1, number, 1, 0, len(mine), LEB)
        body += struct.pack(f">II{len(mine)}I", 0xF0C040A8, len(mine), *mine)
    head = struct.pack(">IB3xI", 0x7B11D69F, 1, 0)
    table = struct.pack(">I32I32IQ32x", len(places), *(places + [0] * 32)[:32], *[7] * 32, 90)
    whole = (head + table + body).ljust(LEB * len(places), b"\0")
    whole = whole[:8] + struct.pack(">I", ubi_crc(whole)) + whole[12:]
    return [whole[at : at + LEB] for at in range(0, len(whole), LEB)]


def flash(spoilt: bool = False) -> tuple[bytes, dict[str, bytes]]:
    """A device with two volumes, a fastmap of two blocks, an older one, and an old block that waits for erasure."""
    contents = {name: [os.urandom(500) * 200 + bytes(LEB - 100_000) for _ in range(3)] for name in ("rootfs", "data")}
    first, second = fastmap([2, 5], [(0, 3), (0, 4), (0, 6), (1, 7), (1, 8), (1, 9)])
    old = fastmap([11], [(0, 3)])[0]
    blocks = [
        peb(0x7FFFEFFF, 0, 1, layout()),
        peb(0x7FFFEFFF, 1, 2, layout()),
        peb(0x7FFFF000, 0, 91, first),
        peb(0, 0, 10, contents["rootfs"][0]),
        peb(0, 1, 11, contents["rootfs"][1]),
        peb(0x7FFFF001, 1, 91, second[:-1] + b"\1" if spoilt else second),
        peb(0, 2, 12, contents["rootfs"][2]),
        peb(1, 0, 20, contents["data"][0]),
        peb(1, 1, 21, contents["data"][1]),
        peb(1, 2, 22, contents["data"][2]),
        peb(1, 1, 5, b"old" * 100),
        peb(0x7FFFF000, 0, 30, old),
    ]
    return b"".join(blocks), {name: b"".join(pieces) for name, pieces in contents.items()}


def test_a_fastmap_is_read_as_such_and_takes_nothing_from_the_volumes() -> None:
    image, contents = flash()
    found = read_ubi(BufferReader(image))
    members, data = read_members(found)
    assert data == contents
    assert found.properties == {"erase block": "131072", "fastmap": "2 blocks"}
    assert found.notes == ()
    claimed = [span for span in found.structure() if len(span) == LEB]
    assert [span.start // PEB for span in claimed] == [2, 5]
    held = {span.start // PEB for member in members for span in member.extents}
    assert held == {3, 4, 6, 7, 8, 9}


def test_a_fastmap_with_a_wrong_checksum_is_noted_and_the_volumes_are_whole() -> None:
    image, contents = flash(spoilt=True)
    found = read_ubi(BufferReader(image))
    assert read_members(found)[1] == contents
    assert "fastmap" not in found.properties
    assert found.notes == ("fastmap with a wrong checksum",)


@pytest.mark.parametrize("late", [False, True], ids=["copy before", "copy behind"])
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "cut short"])
def test_a_copy_counts_only_if_power_did_not_fail_while_it_was_made(late: bool, whole: bool) -> None:
    old, new = b"old contents" * 900, b"new contents" * 900
    copy = peb(0, 0, 9, new, copied=True, checksum=None if whole else 1)
    pair = [peb(0, 0, 5, old), copy] if late else [copy, peb(0, 0, 5, old)]
    found = read_ubi(BufferReader(b"".join([peb(0x7FFFEFFF, 0, 1, layout()), *pair])))
    (volume,) = read_members(found)[1].values()
    assert volume.startswith(new if whole else old)
    assert bool(found.notes) is not whole


def test_without_a_copy_the_later_of_two_blocks_counts_whatever_it_holds() -> None:
    image = b"".join([peb(0, 0, 7, b"later"), peb(0, 0, 6, b"earlier"), peb(0, 0, 5, b"first")])
    (volume,) = read_members(read_ubi(BufferReader(image)))[1].values()
    assert volume.startswith(b"later\xff")


def test_a_damaged_erase_header_costs_no_data() -> None:
    image = bytearray(b"".join(peb(0, number, number, bytes([65 + number]) * 600) for number in range(4)))
    image[2 * PEB + 9] ^= 1
    image[3 * PEB] ^= 1
    assert Ubi().measure(BufferReader(bytes(image)), 0).end == len(image)
    (volume,) = read_members(read_ubi(BufferReader(bytes(image))))[1].values()
    assert [volume[at : at + 1] for at in range(0, len(volume), LEB)] == [b"A", b"B", b"C", b"D"]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_damage_of_a_fastmap(data: st.DataObject) -> None:
    image = bytearray(FLASH)
    for _ in range(data.draw(st.integers(1, 6))):
        block = data.draw(st.sampled_from([0, 2, 5, 11]))
        image[block * PEB + data.draw(st.integers(0, 4600))] = data.draw(st.integers(0, 255))
    survives(read_ubi, bytes(image))


def test_every_prefix_of_a_flash_with_a_fastmap() -> None:
    for end in range(0, len(FLASH), 30011):
        survives(read_ubi, FLASH[:end])


FLASH = flash()[0]


@given(st.binary(max_size=200), st.sampled_from([b"UBI#\x01\0\0\0", b"\x31\x18\x10\x06"]))
def test_any_bytes(tail: bytes, magic: bytes) -> None:
    survives(read_ubi, magic + tail)
    survives(read_ubifs, magic + tail + bytes(4096))


def test_other_bytes_are_not_this_format() -> None:
    with pytest.raises(NotThisFormat):
        Ubi().measure(BufferReader(bytes(100)), 0)
    with pytest.raises(FormatError):
        Ubifs().measure(BufferReader(bytes(100)), 0)
