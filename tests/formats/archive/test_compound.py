from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.extract.archive.compound import Compound
from inspector.extract.filesystem.squashfs import Squashfs
from inspector.formats.archive.compound import plain_name
from inspector.formats.layout import MemberKind
from inspector.formats.reader import BufferReader
from tests.formats.original import tool
from tests.formats.promise import content, every_flip, every_prefix, files, keeps_its_promise, run, unpack
from tests.formats.wrapper_checks import corpus

PACKAGE = """<?xml version="1.0"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
<Product Name="Camera client" Id="*" UpgradeCode="12345678-1234-1234-1234-123456789012" Language="1033"
 Version="1.2.3" Manufacturer="Example">
<Package InstallerVersion="200" Compressed="yes" Comments="x"/>
<Media Id="1" Cabinet="data.cab" EmbedCab="yes"/>
<Directory Id="TARGETDIR" Name="SourceDir"><Component Id="C1" Guid="12345678-1234-1234-1234-123456789013">
<File Id="F1" Name="big.bin" Source="big.bin"/></Component></Directory>
<Feature Id="Main" Level="1"><ComponentRef Id="C1"/></Feature></Product></Wix>"""
BIG = b"".join(sha256(str(i).encode()).digest() for i in range(3000))


@pytest.mark.packers
def test_package_of_wixl(tmp_path):
    (tmp_path / "big.bin").write_bytes(BIG)
    (tmp_path / "a.wxs").write_text(PACKAGE)
    run(tool("wixl"), "-o", "a.msi", "a.wxs", cwd=tmp_path)
    blob = (tmp_path / "a.msi").read_bytes()
    found = files(Compound(), blob)
    assert found["data.cab"].startswith(b"MSCF")
    assert len(found["data.cab"]) > len(BIG)
    assert b"Camera client" in found["!_StringData"]
    assert {"!_Tables", "!_Columns", "!Property", "!File", "\\x05SummaryInformation"} <= found.keys()
    _, contents, members = unpack(Compound(), blob)
    spans = [*contents.structure(), *(part for member in members for part in member.extents)]
    covered = {at for span in spans for at in range(span.start, span.end)}
    assert len(blob) - len(covered) < 64 * 64  # the small stream's last sectors are partly free
    every_prefix(Compound(), blob, 60)
    every_flip(Compound(), blob[:4096], 200)


def test_picture_caches_of_a_real_router():
    image = BufferReader(corpus("tp-link/wr940nv6_eu.bin"))
    start = image.find(b"hsqs")
    squashfs = image.slice(start)
    span = Squashfs().measure(squashfs, 0)
    members = {m.path: m for m in Squashfs().unpack(squashfs.slice(0, span.end)).members}
    caches = [content(m) for path, m in members.items() if path.endswith("Thumbs.db")]
    # The same as 7z lists: one cache was emptied, of the other two pictures are left.
    assert [{name: len(stream) for name, stream in files(Compound(), blob).items()} for blob in caches] == [
        {"Catalog": 16},
        {"256_b09cf18de68ea89a": 451, "256_4b3b2cb34cb209f": 523},
    ]


def built() -> bytes:
    """Return a file of version 3 by hand: one folder, one small and one large stream."""
    large = bytes(range(256)) * 20
    free, end = 0xFFFFFFFF, 0xFFFFFFFE
    fat = [0xFFFFFFFD, 2, end, end, end, *range(6, 15), end]

    def entry(name: str, kind: int, left=free, right=free, child=free, start=0, size=0) -> bytes:
        raw = name.encode("utf-16-le") + b"\0\0"
        head = raw.ljust(64, b"\0") + len(raw).to_bytes(2, "little") + bytes([kind, 1])
        links = b"".join(number.to_bytes(4, "little") for number in (left, right, child))
        return head + links + bytes(36) + start.to_bytes(4, "little") + size.to_bytes(8, "little")

    directory = entry("Root Entry", 5, child=1, start=4, size=64) + entry("folder", 1, child=2)
    directory += entry("large", 2, left=3, start=5, size=len(large)) + entry("small", 2, start=0, size=11)
    numbers = [free] * 109
    numbers[0] = 0
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += b"".join(value.to_bytes(2, "little") for value in (0x3E, 3, 0xFFFE, 9, 6)) + bytes(6)
    fields = [0, 1, 1, 0, 4096, 3, 1, end, 0, *numbers]
    head += b"".join(value.to_bytes(4, "little") for value in fields)
    table = b"".join(value.to_bytes(4, "little") for value in [*fat, *[free] * (128 - len(fat))])
    minis = (end.to_bytes(4, "little")).ljust(512, b"\xff")
    sectors = [table, directory, bytes(512), minis, b"small bytes".ljust(512, b"\0"), large]
    return head + b"".join(sectors)


def test_streams_large_and_small_in_folders():
    blob = built()
    assert files(Compound(), blob) == {"folder/large": bytes(range(256)) * 20, "folder/small": b"small bytes"}
    assert [m.path for m in unpack(Compound(), blob)[2] if m.kind is MemberKind.DIRECTORY] == ["folder"]
    every_prefix(Compound(), blob, 150)
    every_flip(Compound(), blob, 600)


@given(st.binary(max_size=1500))
def test_any_bytes(raw):
    keeps_its_promise(Compound(), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + raw)
    keeps_its_promise(Compound(), built()[:512] + raw)


def test_names_of_installer_tables():
    assert plain_name("\u4840\u3f7f\u4164\u422f\u4836") == "!_Tables"
    assert plain_name("\x05SummaryInformation") == "\\x05SummaryInformation"
