"""A source tree with the shapes that break file system readers, and how to compare what comes out with it."""

import hashlib
import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from inspector.errors import FormatError
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.reader import BufferReader, Reader, Span

UNLIMITED = 1 << 40
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "firmware"


def needs(*tools: str) -> list[pytest.MarkDecorator]:
    """Marks for a test that needs the original packers."""
    missing = [tool for tool in tools if not find_tool(tool)]
    reason = f"not installed: {', '.join(missing)}"
    return [pytest.mark.packers, pytest.mark.skipif(bool(missing), reason=reason)]


def find_tool(name: str) -> str | None:
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def build_tree(root: Path, files: int = 200, *, names: str = "unix", holes: bool = True) -> Path:
    """Fill `root`: text, noise, empty, block-sized, sparse and repeated files, deep and wide folders."""
    rng = random.Random(7)
    words = [bytes(rng.choices(b"abcdefghijklmnopqrstuvwxyz", k=rng.randint(3, 9))) for _ in range(400)]
    for number in range(files):
        folder = root / "usr" / f"d{number % 7}" / ("deep/" * (number % 5))
        folder.mkdir(parents=True, exist_ok=True)
        size = rng.choice([0, 1, 17, 511, 4095, 4096, 4097, 9000, 30000, 70000])
        text = b" ".join(rng.choices(words, k=size // 6 + 1))[:size]
        content = text if number % 3 else rng.randbytes(size)
        (folder / f"file{number}.txt").write_bytes(content)
    (root / "big.bin").write_bytes(b" ".join(rng.choices(words, k=90000)) + rng.randbytes(200_000))
    (root / "zeros.bin").write_bytes(bytes(300_000))
    if holes:
        with (root / "sparse.bin").open("wb") as file:
            file.write(b"head")
            file.seek(700_000)
            file.write(b"middle")
            file.seek(1_500_000)
            file.write(b"tail")
    (root / "empty").mkdir()
    wide = root / "wide"
    wide.mkdir()
    for number in range(300):
        (wide / f"entry-with-a-rather-long-name-{number:04}").write_bytes(b"%d\n" % number)
    if names == "unix":
        (root / "usr" / "link").symlink_to("d1/deep/file1.txt")
        (root / "usr" / "long-link").symlink_to("x/" * 100 + "end")
        (root / "žluťoučký kůň").write_bytes("příliš".encode())
        os.link(root / "big.bin", root / "usr" / "hard")
    return root


def source_files(root: Path) -> Counter[tuple[str, str]]:
    """(path, SHA-256) of every regular file below `root`."""
    return Counter(
        (str(path.relative_to(root)), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in root.rglob("*")
        if path.is_file() and not path.is_symlink()
    )


def source_links(root: Path) -> set[tuple[str, str]]:
    return {(str(path.relative_to(root)), os.readlink(path)) for path in root.rglob("*") if path.is_symlink()}


def read_members(contents: Contents, limit: int = UNLIMITED) -> tuple[list[Member], dict[str, bytes]]:
    """Members, and the content of each file; hard links take the content of their target."""
    members = list(contents.members)
    content = {m.path: bytes(m.open(limit).all()) for m in members if m.open is not None}
    for member in members:
        if member.kind is MemberKind.HARDLINK:
            content[member.path] = content[member.target]
    return members, content


def assert_same_tree(contents: Contents, root: Path, data: Reader, *, links: bool = True) -> list[Member]:
    """The multiset of (path, SHA-256) equals the source; spans lie inside the image."""
    members, content = read_members(contents)
    assert [m for m in members if m.problem] == []
    found = Counter((path, hashlib.sha256(data).hexdigest()) for path, data in content.items())
    expected = source_files(root)
    assert found - expected == Counter()
    assert expected - found == Counter()
    if links:
        assert {(m.path, m.target) for m in members if m.kind is MemberKind.SYMLINK} == source_links(root)
    directories = {m.path for m in members if m.kind is MemberKind.DIRECTORY and m.path}
    assert directories >= {str(p.relative_to(root)) for p in root.rglob("*") if p.is_dir()}
    assert_spans(contents, members, data)
    return members


def assert_spans(contents: Contents, members: list[Member], data: Reader) -> None:
    """Everything claimed lies inside; tables exist and do not swallow the image's files."""
    structure = list(contents.structure())
    for span in [*structure, *(span for member in members for span in member.extents)]:
        assert 0 <= span.start <= span.end <= data.size, span


def covered(contents: Contents, members: list[Member]) -> int:
    """Bytes that members or tables own."""
    spans = sorted([*contents.structure(), *(span for m in members for span in m.extents)])
    total = end = 0
    for span in spans:
        total += max(span.end, end) - max(span.start, end)
        end = max(end, span.end)
    return total


def drain(contents: Contents, limit: int = 1 << 22) -> Iterator[bytes]:
    """Read everything a hostile image offers; only `FormatError`s may come."""
    for member in contents.members:
        if member.open is None:
            continue
        try:
            reader = member.open(limit)
            assert reader.size <= limit
            yield bytes(reader.read_upto(0, 1 << 16))
        except FormatError:
            continue


def survives(read: object, data: bytes) -> None:
    """Reading `data` gives a value or a `FormatError`, and spans inside it."""
    assert callable(read)
    reader = BufferReader(data)
    try:
        contents: Contents = read(reader)
        for _ in drain(contents):
            pass
        spans: list[Span] = list(contents.structure())
    except FormatError:
        return
    assert all(0 <= span.start <= span.end <= len(data) for span in spans)
