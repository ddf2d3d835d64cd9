import subprocess
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import Encrypted, NotThisFormat, Unsupported
from inspector.extract.filesystem.ntfs import Ntfs
from inspector.formats.filesystem.ntfs import read_ntfs
from inspector.formats.layout import MemberKind
from inspector.formats.reader import BufferReader
from tests.formats.promise import keeps_its_promise
from tests.formats.trees import assert_same_tree, build_tree, covered, find_tool, needs, survives

pytestmark = needs("mkntfs", "ntfscp", "wimlib-imagex")


def run(folder, *command: str) -> None:
    subprocess.run([find_tool(command[0]), *command[1:]], cwd=folder, check=True, capture_output=True)


def volume(folder, tree, *options: str, size: int = 16) -> bytes:
    """Format a volume with mkntfs and apply `tree` to it with wimlib."""
    (folder / "vol").write_bytes(bytes(size << 20))
    run(folder, "mkntfs", "-q", "-F", *options, "vol")
    run(folder, "wimlib-imagex", "capture", str(tree), "tree.wim", "--compress=none")
    run(folder, "wimlib-imagex", "apply", "tree.wim", "vol")
    return (folder / "vol").read_bytes()


@pytest.mark.parametrize("cluster", ["512", "4096", "65536"])
def test_the_tree_comes_back(tmp_path, cluster):
    tree = build_tree(tmp_path / "tree")
    blob = volume(tmp_path, tree, "-c", cluster, size=48)
    data = BufferReader(blob)
    assert len(Ntfs().measure(BufferReader(blob + b"behind"), 0)) == len(blob)
    contents = Ntfs().unpack(data)
    members = assert_same_tree(contents, tree, data, links=False)
    links = {m.path: m.target for m in members if m.kind is MemberKind.SYMLINK}
    assert links["usr/link"].replace("\\", "/") == "d1/deep/file1.txt"
    used = len(blob) - blob.count(bytes(512)) * 512
    assert covered(contents, members) > 0.95 * used
    assert contents.notes == ()


def test_files_in_many_pieces_and_named_streams(tmp_path):
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "first").write_bytes(b"x" * 3000)
    blob = volume(tmp_path, tree, "-c", "512")
    rng, sources = Random(4), {}
    for turn in range(60):  # small files between which a large one must find its places
        (tmp_path / "part").write_bytes(rng.randbytes(2000))
        run(tmp_path, "ntfscp", "-f", "vol", "part", f"part{turn}")
    sources["large"] = rng.randbytes(4 << 20)
    (tmp_path / "large").write_bytes(sources["large"])
    run(tmp_path, "ntfscp", "-f", "vol", "large", "large")
    (tmp_path / "zone").write_bytes(b"[ZoneTransfer]\r\nHostUrl=http://cloud.example.cn/\r\n")
    run(tmp_path, "ntfscp", "-f", "-N", "Zone.Identifier", "vol", "zone", "large")
    blob = (tmp_path / "vol").read_bytes()
    found = {m.path: m for m in read_ntfs(BufferReader(blob)).members}
    assert bytes(found["large"].open(1 << 24).all()) == sources["large"]
    assert b"cloud.example.cn" in bytes(found["large:Zone.Identifier"].open(1 << 20).all())
    assert len([path for path in found if path.startswith("part")]) == 60


def test_compressed_and_encrypted_files_are_told(tmp_path):
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "file").write_bytes(b"y" * 9000)
    blob = bytearray(volume(tmp_path, tree))
    name = "file".encode("utf-16-le")
    record = blob.rindex(b"FILE", 0, blob.index(name, blob.index(b"FILE0") + 24 * 1024))
    at = record + int.from_bytes(blob[record + 20 : record + 22], "little")
    while blob[at] != 0x80:
        at += int.from_bytes(blob[at + 4 : at + 8], "little")
    for flags, problem in ((0x0001, Unsupported), (0x4000, Encrypted)):
        blob[at + 12 : at + 14] = flags.to_bytes(2, "little")
        (member,) = [m for m in read_ntfs(BufferReader(bytes(blob))).members if m.path == "file"]
        assert isinstance(member.problem, problem)


def test_damage_everywhere(tmp_path):
    tree = tmp_path / "tree"
    (tree / "a").mkdir(parents=True)
    (tree / "a" / "small").write_bytes(b"small")
    (tree / "large").write_bytes(bytes(range(256)) * 100)
    blob = volume(tmp_path, tree, size=2)
    for end in (0, 100, 511, 512, 4096, 16_500, 40_000, len(blob) // 2, len(blob) - 1):
        survives(read_ntfs, blob[:end])
    start, rng = blob.index(b"FILE0"), Random(3)
    places = [*range(0x60), *(start + rng.randrange(1024) for _ in range(60))]
    places += [start + 1024 * 64 + rng.randrange(4096) for _ in range(200)]
    for at in places:
        damaged = bytearray(blob)
        damaged[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF))
        survives(read_ntfs, bytes(damaged))


@given(st.binary(max_size=700), st.binary(max_size=700))
def test_any_bytes(head, rest):
    blob = head[:3].ljust(3, b"\xeb") + b"NTFS    " + rest
    keeps_its_promise(Ntfs(), blob)
    keeps_its_promise(
        Ntfs(), (head[:3].ljust(3) + b"NTFS    \0\2\1" + bytes(36) + b"\x08" + bytes(12) + rest).ljust(9000)
    )
    with pytest.raises(NotThisFormat):
        Ntfs().measure(BufferReader(b"\0" * 600), 0)
