import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import LimitReached, NotThisFormat
from inspector.extract.archive.tar import Tar
from inspector.formats.layout import MemberKind
from inspector.formats.reader import BufferReader, MappedReader
from tests.formats.promise import content, every_flip, every_prefix, files, keeps_its_promise, run, unpack

FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}
TREE = {
    "etc/config": b"server=iot.example.cn\n",
    "b" * 90: b"b" * 513,
    "/".join(["folder" * 10] * 3) + "/é": bytes(1024),
    "empty": b"",
}
if_tar = pytest.mark.packers


def build(tar_format: int, *extra: tarfile.TarInfo) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tar_format) as archive:
        for name, data in TREE.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o640
            archive.addfile(info, io.BytesIO(data))
        for info in extra:
            archive.addfile(info)
    return out.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize("name", FORMATS)
def test_contents_and_extent(name):
    blob = build(FORMATS[name])
    assert files(Tar(), blob) == TREE
    span, contents, members = unpack(Tar(), b"x" * 7 + blob + b"behind", 7)
    assert (len(span), {m.mode for m in members}) == (len(blob), {0o640})
    covered = sum(len(s) for s in contents.structure()) + sum(len(m.extents[0]) for m in members if m.extents)
    assert covered >= 4 * 512 + sum(map(len, TREE.values()))


@pytest.mark.attack
def test_links_and_nodes_are_data_a4_a5_a6():
    nodes = (
        special("d", tarfile.SYMTYPE, "/outside"),
        special("d/pwn", tarfile.REGTYPE),
        special("hard", tarfile.LNKTYPE, "/etc/passwd"),
        special("fifo", tarfile.FIFOTYPE),
        special("disk", tarfile.BLKTYPE),
    )
    members = unpack(Tar(), build(tarfile.PAX_FORMAT, *nodes))[2][len(TREE) :]
    assert [(m.kind, m.target, m.open is None) for m in members] == [
        (MemberKind.SYMLINK, "/outside", True),
        (MemberKind.FILE, "", False),
        (MemberKind.HARDLINK, "/etc/passwd", True),
        (MemberKind.FIFO, "", True),
        (MemberKind.DEVICE, "", True),
    ]


def write_tree(folder) -> None:
    for name, data in TREE.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


@if_tar
@pytest.mark.parametrize("dialect", ["v7", "oldgnu", "gnu", "ustar", "posix"])
def test_output_of_gnu_tar(tmp_path, dialect):
    write_tree(tmp_path)
    names = [name for name in TREE if dialect != "v7" or len(name) < 99]
    blob = run("tar", f"--format={dialect}", "-C", str(tmp_path), "-cf", "-", *names)
    assert files(Tar(), blob) == {name: TREE[name] for name in names}


@if_tar
@pytest.mark.parametrize("dialect", ["pax", "ustar", "gnutar"])
def test_output_of_bsdtar(tmp_path, dialect):
    write_tree(tmp_path)
    blob = run("bsdtar", f"--format={dialect}", "-C", str(tmp_path), "-cf", "-", *TREE)
    assert files(Tar(), blob) == TREE


@if_tar
@pytest.mark.parametrize(
    "options", [["--format=gnu"], *(["--format=posix", f"--sparse-version={v}"] for v in ("0.0", "0.1", "1.0"))]
)
def test_sparse_files(tmp_path, options):
    path = tmp_path / "image"
    with path.open("wb") as out:
        for at in range(0, 40 << 20, 1 << 20):  # 40 runs: more than one header of the GNU map holds
            out.seek(at)
            out.write(b"run at %d" % at)
        out.truncate(64 << 20)
    blob = run("tar", "--sparse", *options, "-C", str(tmp_path), "-cf", "-", "image")
    assert len(blob) < 1 << 20
    (member,) = unpack(Tar(), blob)[2]
    reader = member.open(1 << 20)  # holes do not count
    assert (member.path, reader.size, isinstance(reader, MappedReader)) == ("image", 64 << 20, True)
    with path.open("rb") as original:
        for at in range(0, 64 << 20, 1 << 20):
            assert reader.read_at(at, 1 << 20) == original.read(1 << 20)


def test_stored_bytes_over_the_limit_are_refused():
    (member, *_) = unpack(Tar(), build(tarfile.PAX_FORMAT))[2]
    assert content(member, len(TREE["etc/config"]))
    with pytest.raises(LimitReached):
        member.open(len(TREE["etc/config"]) - 1)


def test_a_cut_archive_gives_what_is_there():
    blob = build(tarfile.GNU_FORMAT)
    cut = blob[: 512 + 10]
    (member,) = unpack(Tar(), cut)[2]
    reader = member.open(100)
    assert (bytes(reader.all()), reader.damage is not None) == (TREE["etc/config"][:10], True)


def test_size_beyond_the_end_allocates_nothing():
    blob = bytearray(build(tarfile.GNU_FORMAT))
    blob[124:136] = b"\x80\0\0\0" + (1 << 62).to_bytes(8, "big")
    blob[148:156] = b" " * 8
    blob[148:156] = b"%06o\0 " % sum(blob[:512])
    (member,) = unpack(Tar(), bytes(blob))[2]
    assert member.open(1 << 30).damage is not None


def test_text_is_no_tar():
    with pytest.raises(NotThisFormat):
        Tar().measure(BufferReader(b"just text " * 100), 0)
    with pytest.raises(NotThisFormat):
        Tar().measure(BufferReader(bytes(2048)), 0)


def test_every_prefix_and_every_changed_byte():
    blob = build(tarfile.PAX_FORMAT)
    every_prefix(Tar(), blob, 100)
    every_flip(Tar(), blob[:4096], 512)


@given(st.binary(max_size=600))
def test_any_bytes(raw):
    keeps_its_promise(Tar(), raw)
    keeps_its_promise(Tar(), build(tarfile.PAX_FORMAT)[:1536] + raw)
