"""UDF against mkudffs, genisoimage and 7z, and damage."""

import binascii
import random
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import LimitReached, Malformed, NotThisFormat
from inspector.extract.filesystem.iso9660 import Iso9660
from inspector.extract.filesystem.udf import Udf
from inspector.formats.filesystem.iso9660 import read_iso9660
from inspector.formats.filesystem.udf import BEGIN, UdfImage, read_udf
from inspector.formats.layout import MemberKind
from inspector.formats.reader import BufferReader
from tests.formats.trees import assert_same_tree, build_tree, find_tool, needs, read_members, survives

IN_ENTRY, SHORT, LONG = 3, 0, 1
FOLDER, FILE, LINK = 4, 5, 12
MEDIA = [
    "-b 512 -m hd", "-b 2048 -m hd -r 1.02", "-b 4096 -m hd --noefe", "-b 1024 --strategy=4096", "-b 8192 -m hd",
    "-b 2048 -m dvd", "-b 2048 -m dvdrw", "-b 2048 -m cdrw -r 1.50", "-b 2048 -m cdr -r 1.50", "-b 2048 -m cdr -r 2.01",
    "-b 2048 -m cdr -r 2.60 --closed", "-b 2048 -m bdr -r 2.50", "-b 2048 -m dvdr",
]  # fmt: skip
WORDS = b"https://planted.example.cn/v1/upload "
FILES = {
    "inside.txt": b"short",
    "extents.bin": WORDS * 999,
    "folder/deep.bin": random.Random(1).randbytes(9000),
    "folder/žluťoučký.txt": "příliš".encode(),
    "chained.bin": random.Random(2).randbytes(50_000),
}


def mkudffs(path: Path, options: str, size: int = 16 << 20) -> bytes:
    path.write_bytes(bytes(size))
    program = find_tool("mkudffs") or "mkudffs"
    subprocess.run([program, *options.split(), "-l", "Pacient", str(path)], check=True, capture_output=True)
    return path.read_bytes()


def ident(name: str) -> bytes:
    try:
        return b"\x08" + name.encode("latin-1")
    except UnicodeEncodeError:
        return b"\x10" + name.encode("utf-16-be")


class Disc:
    """Lays files into an empty volume that the original packer made."""

    def __init__(self, blob: bytes) -> None:
        image = UdfImage(BufferReader(blob))
        self.blob, self.block, self.start = bytearray(blob), image.block, image.parts[0].start
        self.root = image._offset(*image.root)
        self.next = 1024

    def take(self, size: int) -> int:
        block = self.next
        self.next += max(-(-size // self.block), 1)
        return block

    def write(self, block: int, raw: bytes) -> None:
        at = self.start + block * self.block
        self.blob[at : at + len(raw)] = raw

    def tagged(self, kind: int, location: int, body: bytes) -> bytes:
        crc = binascii.crc_hqx(body, 0)
        tag = bytearray(struct.pack("<HHBBHHHI", kind, 3, 0, 0, 1, crc, len(body), location))
        tag[4] = sum(tag) & 0xFF
        return bytes(tag) + body

    def store(self, content: bytes, parts: int, *, shape: int = LONG, chain: bool = False) -> bytes:
        """Write content in `parts` extents and return their descriptors."""
        step = -(-len(content) // parts // self.block) * self.block
        table = b""
        for at in range(0, len(content), step):
            part = content[at : at + step]
            block = self.take(len(part))
            self.write(block, part)
            self.next += 1  # so that no two extents join
            table += self.extent(len(part), block, shape)
        if chain:
            size = 8 if shape == SHORT else 16
            rest, table = table[size:], table[:size]
            block = self.take(1)
            self.write(block, self.tagged(258, block, struct.pack("<II", 0, len(rest)) + rest))
            table += self.extent(self.block | 3 << 30, block, shape)
        return table

    def extent(self, length: int, block: int, shape: int) -> bytes:
        return struct.pack("<II", length, block) if shape == SHORT else struct.pack("<IIH6x", length, block, 0)

    def entry(self, kind: int, size: int, table: bytes, shape: int, *, at: int = -1, streams: int = -1) -> int:
        """Write the entry of a file and return its block."""
        block = self.take(self.block) if at < 0 else at
        icb = struct.pack("<IHHHBB6xH", 0, 4, 0, 1, 0, kind, shape)
        body = icb + struct.pack("<IIIHBBIQ", 0, 0, 0x14A5 | 0x4000, 1, 0, 0, 0, size)
        if streams < 0:
            body += bytes(112 - 8) + struct.pack("<II", 0, len(table))
            raw = self.tagged(261, block, body + table)
        else:
            body += struct.pack("<QQ", size, 0) + bytes(152 - 80) + struct.pack("<IIH6x", self.block, streams, 0)
            body += bytes(208 - 168) + struct.pack("<II", 0, len(table))
            raw = self.tagged(266, block, body + table)
        self.write(block, raw)
        return block

    def listing(self, entries: list[tuple[str, int, int]]) -> bytes:
        raw = self.record("", 0, 2 | 8)
        return raw + b"".join(self.record(name, block, flags) for name, block, flags in entries)

    def record(self, name: str, block: int, flags: int) -> bytes:
        text = ident(name) if name else b""
        body = struct.pack("<HBBIIH6xH", 1, flags, len(text), self.block, block, 0, 0) + text
        return self.tagged(257, 0, body + bytes(-(len(body) + 16) % 4))

    def close(self) -> None:
        """Write the table of virtual blocks, where there is one, again: it is the last thing on a disc."""
        for at in range(self.start, len(self.blob), self.block):
            if self.blob[at : at + 2] in (b"\5\1", b"\x0a\1") and self.blob[at + 27] in (0, 248):
                raw, block = bytes(self.blob[at : at + self.block]), self.take(1)
                (length,) = struct.unpack_from("<H", raw, 10)
                self.write(block, self.tagged(raw[0] | 256, block, raw[16 : 16 + length]))
                return

    def folder(self, entries: list[tuple[str, int, int]], *, at: int = -1, kind: int = FOLDER) -> int:
        raw = self.listing(entries)
        inside = len(raw) + 300 < self.block
        return self.entry(kind, len(raw), *((raw, IN_ENTRY) if inside else (self.store(raw, 1), LONG)), at=at)


def laid(blob: bytes, *extra: str) -> bytes:
    """Return the volume with FILES in it: inside their entries, in long and short extents, in a chain of them."""
    disc = Disc(blob)
    deep = FILES["folder/deep.bin"]
    inner = disc.folder(
        [
            ("deep.bin", disc.entry(FILE, len(deep), disc.store(deep, 3, shape=SHORT), SHORT), 0),
            ("žluťoučký.txt", disc.entry(FILE, 9, FILES["folder/žluťoučký.txt"], IN_ENTRY), 0),
        ]
    )
    chained, plain = FILES["chained.bin"], FILES["extents.bin"]
    entries = [
        ("inside.txt", disc.entry(FILE, 5, FILES["inside.txt"], IN_ENTRY), 0),
        ("extents.bin", disc.entry(FILE, len(plain), disc.store(plain, 2), LONG), 0),
        ("chained.bin", disc.entry(FILE, len(chained), disc.store(chained, 6, chain=True), LONG), 0),
        ("folder", inner, 2),
        ("deleted.txt", 1, 4),
    ]
    if "loop" in extra:
        entries.append(("loop", inner, 2))
    if "link" in extra:
        path = b"\3\0\0\0" + b"\5\6\0\0\x08inner"
        entries.append(("link", disc.entry(LINK, len(path), path, IN_ENTRY), 0))
    if "stream" in extra:
        hidden = disc.entry(FILE, len(WORDS), WORDS, IN_ENTRY)
        streams = disc.folder([("hidden", hidden, 0)], kind=13)
        entries.append(("with.txt", disc.entry(FILE, 4, b"open", IN_ENTRY, streams=streams), 0))
    if "holes" in extra:
        table = disc.store(b"a" * disc.block, 1) + struct.pack("<IIH6x", disc.block | 2 << 30, 0, 0)
        entries.append(("holes", disc.entry(FILE, 2 * disc.block, table, LONG), 0))
    if "short" in extra:
        entries.append(("short", disc.entry(FILE, 1 << 40, disc.store(b"a" * 99, 1), LONG), 0))
    root = (disc.root - disc.start) // disc.block
    disc.folder(entries, at=root)
    disc.close()
    return bytes(disc.blob)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return mkudffs(tmp_path_factory.mktemp("udf") / "disc", "-b 512 -m hd", 2 << 20)


class TestPackers:
    pytestmark = needs("mkudffs", "genisoimage", "7z")

    @pytest.mark.parametrize("options", MEDIA)
    def test_every_kind_of_medium(self, options: str, tmp_path: Path) -> None:
        blob = laid(mkudffs(tmp_path / "disc", options))
        span = Udf().measure(BufferReader(bytes(512) + blob), 512)
        assert (span.start, span.end) == (512, 512 + len(blob))
        contents = read_udf(BufferReader(blob))
        members, content = read_members(contents)
        assert [m for m in members if m.problem] == []
        assert content == FILES
        assert contents.properties["label"] == "Pacient"
        structure = list(contents.structure())
        assert all(0 <= span.start <= span.end <= len(blob) for span in structure)

    def test_the_second_reader_sees_the_same(self, tmp_path: Path) -> None:
        (tmp_path / "laid").write_bytes(laid(mkudffs(tmp_path / "disc", "-b 2048 -m hd")))
        command = ["7z", "x", f"-o{tmp_path / 'out'}", str(tmp_path / "laid")]
        done = subprocess.run(command, check=False, capture_output=True)
        # 7z follows no chain of extents, and says so.
        assert b"Unsupported Method : chained.bin" in done.stderr
        found = {str(p.relative_to(tmp_path / "out")): p.read_bytes() for p in (tmp_path / "out").rglob("*.*")}
        assert found | {"chained.bin": FILES["chained.bin"]} == FILES

    def test_links_streams_and_holes(self, plain: bytes) -> None:
        members, content = read_members(read_udf(BufferReader(laid(plain, "link", "stream", "holes"))))
        assert content["with.txt:hidden"] == WORDS
        assert content["holes"] == b"a" * 512 + bytes(512)
        links = [(m.path, m.target) for m in members if m.kind is MemberKind.SYMLINK]
        assert links == [("link", "../inner")]
        assert {m.mode for m in members if m.path == "inside.txt"} == {0o555}

    def test_a_directory_inside_itself_ends(self, plain: bytes) -> None:
        members = list(read_udf(BufferReader(laid(plain, "loop"))).members)
        assert [str(m.problem) for m in members if m.problem] == ["directory is listed twice"]

    def test_a_size_without_extents_is_read_as_far_as_they_go(self, plain: bytes) -> None:
        (short,) = (m for m in read_udf(BufferReader(laid(plain, "short"))).members if m.path == "short")
        assert short.open is not None
        content = short.open(1 << 20)
        assert (bytes(content.all()), str(content.damage)) == (b"a" * 99, f"UDF file of {1 << 40} bytes, extents of 99")
        with pytest.raises(LimitReached):
            short.open(98)

    def test_packets_written_elsewhere(self, tmp_path: Path) -> None:
        blob = bytearray(laid(mkudffs(tmp_path / "disc", "-b 2048 -m cdrw")))
        image = UdfImage(BufferReader(bytes(blob)))
        part = image.parts[0]
        (deep,) = (m for m in image.members() if m.path == "folder/deep.bin")
        first = (deep.extents[0].start - part.start) // 2048 // part.packet * part.packet
        free = part.start // 2048 + 1920
        moved = blob[part.start + first * 2048 : part.start + (first + part.packet) * 2048]
        blob[free * 2048 : free * 2048 + len(moved)] = moved
        blob[part.start + first * 2048 : part.start + (first + part.packet) * 2048] = bytes(len(moved))
        at = blob.index(b"*UDF Sparing Table") - 17
        while at > 0:
            struct.pack_into("<II", blob, at + 56, first, free)
            at = blob.find(b"*UDF Sparing Table", at + 64) - 17
        assert read_members(read_udf(BufferReader(bytes(blob))))[1] == FILES

    def test_a_metadata_partition(self, tmp_path: Path) -> None:
        disc = Disc(mkudffs(tmp_path / "disc", "-b 2048 -m hd"))
        # The metadata file lies in two pieces; file set and root directory are in the second.
        first, second = disc.take(2 * 2048), disc.take(4 * 2048)
        table = disc.extent(2 * 2048, first, SHORT) + disc.extent(4 * 2048, second, SHORT)
        place = disc.entry(250, 6 * 2048, table, SHORT)
        content = disc.entry(FILE, len(WORDS), disc.store(WORDS, 1), LONG)
        raw = disc.listing([("file.txt", content, 0)])
        disc.entry(FOLDER, len(raw), raw, IN_ENTRY, at=second + 1)
        files = bytes(384) + struct.pack("<IIH6x", 2048, 3, 1)
        disc.write(second, disc.tagged(256, 2, files + bytes(96)))
        at = next(at for at in range(0, 300 * 2048, 2048) if disc.blob[at : at + 2] == b"\x06\0")
        map_ = struct.pack(
            "<BBxxB23s8xHHIIIIHB5x", 2, 64, 0, b"*UDF Metadata Partition", 1, 0, place, place, 0, 1, 1, 0
        )
        body = bytes(disc.blob[at + 16 : at + 248]) + struct.pack("<IIH6x", 2048, 2, 1) + struct.pack("<II", 70, 2)
        body += bytes(disc.blob[at + 272 : at + 440]) + struct.pack("<BBHH", 1, 6, 1, 0) + map_
        located = struct.unpack_from("<I", disc.blob, at + 12)[0]
        disc.blob[at : at + 2048] = disc.tagged(6, located, body).ljust(2048, b"\0")
        # The file's entry is in the physical partition: its record says 0.
        assert read_members(read_udf(BufferReader(bytes(disc.blob))))[1] == {"file.txt": WORDS}

    def test_a_disc_with_both(self, tmp_path: Path) -> None:
        tree = build_tree(tmp_path / "tree", names="plain")
        burn = ["genisoimage", "-quiet", "-udf", "-allow-limited-size", "-o", str(tmp_path / "image"), str(tree)]
        subprocess.run(burn, check=True, capture_output=True)
        data = BufferReader((tmp_path / "image").read_bytes())
        contents = read_iso9660(data.slice(0, Iso9660().measure(data, 0).end))
        assert contents.properties["names"] == "UDF, ISO 9660"
        assert_same_tree(contents, tree, data, links=False)

    def test_rock_ridge_names_come_first(self, tmp_path: Path) -> None:
        tree = build_tree(tmp_path / "tree")
        burn = ["genisoimage", "-quiet", "-udf", "-R", "-J", "-joliet-long", "-o", str(tmp_path / "image"), str(tree)]
        subprocess.run(burn, check=True, capture_output=True)
        data = BufferReader((tmp_path / "image").read_bytes())
        contents = read_iso9660(data)
        assert contents.properties["names"] == "Rock Ridge, UDF"
        assert_same_tree(contents, tree, data)

    def test_what_only_udf_shows(self, tmp_path: Path) -> None:
        """Installers of Windows: ISO 9660 holds a note, UDF the rest."""
        (tmp_path / "tree").mkdir()
        (tmp_path / "tree" / "README.TXT").write_bytes(b"This disc contains a UDF file system.")
        (tmp_path / "tree" / "INSTALL.WIM").write_bytes(WORDS * 3000)
        burn = ["genisoimage", "-quiet", "-udf", "-o", str(tmp_path / "image"), str(tmp_path / "tree")]
        subprocess.run(burn, check=True, capture_output=True)
        blob = bytearray((tmp_path / "image").read_bytes())
        blob[blob.index(b"INSTALL.WIM;1") - 33] = 0  # the record, and with it the rest of the listing
        contents = read_iso9660(BufferReader(bytes(blob)))
        assert set(read_members(contents)[1]) == {"README.TXT", "INSTALL.WIM"}

    def test_udf_that_cannot_be_read_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "tree").mkdir()
        (tmp_path / "tree" / "a.txt").write_bytes(b"text")
        burn = ["genisoimage", "-quiet", "-udf", "-o", str(tmp_path / "image"), str(tmp_path / "tree")]
        subprocess.run(burn, check=True, capture_output=True)
        blob = bytearray((tmp_path / "image").read_bytes())
        blob[256 * 2048 : 257 * 2048] = bytes(2048)
        blob[-2048:] = bytes(2048)
        contents = read_iso9660(BufferReader(bytes(blob)))
        assert read_members(contents)[1] == {"A.TXT": b"text"}
        assert contents.damage == "UDF: UDF volume without an anchor"

    @settings(max_examples=120, deadline=None)
    @given(st.data())
    def test_any_damage(self, plain: bytes, data: st.DataObject) -> None:
        damaged = bytearray(laid(plain, "link", "stream", "holes"))
        used = [at for at in range(0, len(damaged), 512) if any(damaged[at : at + 512])]
        for _ in range(data.draw(st.integers(1, 8))):
            at = data.draw(st.sampled_from(used)) + data.draw(st.integers(0, 511))
            damaged[at] = data.draw(st.integers(0, 255))
        survives(read_udf, bytes(damaged))

    def test_sizes_at_their_bounds(self, plain: bytes) -> None:
        """Every word of every descriptor as large as it can be, one at a time."""
        whole = laid(plain, "link", "stream", "holes")
        used = [at for at in range(65536, len(whole), 512) if whole[at + 6 : at + 8] == b"\1\0"]
        for at in used:
            for word in range(16, 480, 4):
                survives(read_udf, whole[: at + word] + b"\xff\xff\xff\x7f" + whole[at + word + 4 :])

    def test_prefixes(self, plain: bytes) -> None:
        whole = laid(plain, "link", "stream", "holes")
        for end in range(32768, len(whole), 1511):
            survives(read_udf, whole[:end])
        with pytest.raises(Malformed):
            read_udf(BufferReader(whole[:100_000]))


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=3000))
def test_any_bytes(tail: bytes) -> None:
    survives(read_udf, bytes(32768) + BEGIN + bytes(2040) + b"\0NSR02\1" + bytes(1 << 19) + tail)


def test_other_bytes_are_not_this_format() -> None:
    with pytest.raises(NotThisFormat):
        read_udf(BufferReader(bytes(40000)))
    with pytest.raises(NotThisFormat):
        Udf().measure(BufferReader(bytes(32768) + BEGIN + bytes(4096)), 0)
