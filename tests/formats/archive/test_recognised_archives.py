import binascii
import os
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import NotThisFormat, Unsupported
from inspector.extract.archive.recognised import RECOGNISED
from inspector.extract.archive.shelf import EXTRACTORS
from inspector.extract.base import Grade
from inspector.formats.reader import BufferReader
from tests.formats.original import tool
from tests.formats.promise import keeps_its_promise, run

CHECKED = (
    "arc", "hfs-plus", "xar", "mcrypt", "pgp-binary", "dmg", "minix", "jffs2-old",
    "efs2", "retro-bsd", "uuencode",
    "mysql-packed", "stuffit-deluxe",
)  # fmt: skip
BY_NAME = {extractor.INFO.name: extractor for extractor in RECOGNISED}


def measured(name: str, blob: bytes) -> int:
    return len(BY_NAME[name].measure(BufferReader(blob), 0))


def test_marks_of_three_bytes_are_proved_by_what_follows():
    assert measured("mysql-packed", b"\xfe\xfe\x07\x01" + bytes(60)) == 64
    assert measured("stuffit-deluxe", b"Sef\0\0\1" + bytes(60)) == 66
    for name, blob in (("mysql-packed", b"\xfe\xfe\x07\xfe" * 20), ("stuffit-deluxe", b"Sef er kominn " * 9)):
        with pytest.raises(NotThisFormat):
            measured(name, blob)


@pytest.mark.packers
def test_output_of_arc(tmp_path):
    (tmp_path / "a").write_bytes(b"text " * 100)
    run(tool("arc"), "a", "x.arc", "a", cwd=tmp_path)
    blob = (tmp_path / "x.arc").read_bytes()
    assert measured("arc", blob) == len(blob)


@pytest.mark.packers
@pytest.mark.parametrize("version", ["-1", "-2", "-3"])
@pytest.mark.parametrize("blocks", [256, 4000, 60000])
def test_output_of_mkfs_minix(tmp_path, version, blocks):
    (tmp_path / "disk").write_bytes(bytes(blocks * 1024))
    run(tool("mkfs.minix"), version, "disk", cwd=tmp_path)
    blob = (tmp_path / "disk").read_bytes()
    assert measured("minix", blob) == len(blob)
    for at in (1028, 1030, 1032):
        with pytest.raises(NotThisFormat):
            measured("minix", blob[:at] + b"\xfe\x7f\xfe\x7f" + blob[at + 4 :])


@pytest.mark.packers
def test_output_of_gpg_and_mcrypt(tmp_path):
    (tmp_path / "a").write_bytes(b"text " * 100)
    home = ["--homedir", str(tmp_path), "--batch", "--quiet", "--passphrase", "", "--pinentry-mode", "loopback"]
    run(tool("gpg"), *home, "--quick-generate-key", "test@example.org", "rsa2048", "encr", cwd=tmp_path)
    run(tool("gpg"), *home, "--quick-generate-key", "elliptic@example.org", "future-default", "default", cwd=tmp_path)
    for number, to in enumerate((["-r", "test@example.org"], ["-r", "elliptic@example.org"], [])):
        command = ["-e", "--trust-model", "always", *to] if to else ["-c"]
        home[home.index("--passphrase") + 1] = "" if to else "secret"
        run(tool("gpg"), *home, "-o", f"{number}.gpg", *command, "a", cwd=tmp_path)
        blob = (tmp_path / f"{number}.gpg").read_bytes()
        assert measured("pgp-binary", blob) == len(blob)
        with pytest.raises(NotThisFormat):
            measured("pgp-binary", blob[:2] + b"\x09" + blob[3:])
    assert measured("mcrypt", run(tool("mcrypt"), "-q", "-k", "secret", data=b"text " * 100))


PACK = {
    "btrfs": "truncate -s 130M x && mkfs.btrfs -q x",
    "xfs": "truncate -s 310M x && mkfs.xfs -q x",
    "reiserfs": "truncate -s 64M x && mkreiserfs -q -f x",
    "lrzip": "lrzip -q -o x a",
    "rzip": "rzip -o x a",
    "zpaq": "zpaq a x.zpaq a && mv x.zpaq x",
    "age": "age-keygen -o k && age -r $(grep -o 'age1.*' k) -o x a",
    "xar": "bsdtar --format xar -cf x a",
    "borg": "export BORG_BASE_DIR=$PWD; borg init -e none r && borg create r::one a && cp $(ls r/data/0/* | tail -1) x",
}


@pytest.mark.packers
@pytest.mark.parametrize("name", PACK)
def test_output_of_the_original_packer(tmp_path, name):
    (tmp_path / "folder").mkdir()
    for file in (tmp_path / "a", tmp_path / "folder" / "a"):
        file.write_bytes(b"https://planted.example.cn/v1 text " * 3000)
    # zpaq and borg keep their own start of a file.
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    line = subprocess.run(PACK[name], shell=True, cwd=tmp_path, env={**os.environ, "PATH": path}, check=False)
    if line.returncode or not (tmp_path / "x").exists():
        pytest.skip(f"no packer of {name} here")
    blob = (tmp_path / "x").read_bytes()
    assert measured(name, blob) == len(blob)
    assert [e.INFO.name for e in RECOGNISED if _claims(e, blob)] == [name]


def _claims(extractor, blob: bytes) -> bool:
    data = BufferReader(blob)
    if not any(data.startswith(magic.pattern, magic.offset) for magic in extractor.MAGIC):
        return False
    try:
        return bool(extractor.measure(data, 0))
    except NotThisFormat:
        return False


@pytest.mark.parametrize(
    ("name", "blob"),
    [
        ("dmg", bytes(900) + (b"koly\0\0\0\4\0\0\2\0").ljust(512, b"\0")),
        ("jffs2-old", b"\x19\x84\xe0\x01\0\0\0\x20".ljust(200, b"\0")),
        ("efs2", b"\0\0\0\x53\1\0\1\0EFSSuper".ljust(200, b"\0")),
        ("uuencode", b"begin 644 rc.local\n" + binascii.b2a_uu(b"https://planted.example.cn/") + b"`\nend\n"),
        ("retro-bsd", b"FS<<".ljust(1020, b"\0") + b">>FS"),
    ],
)
def test_rows_with_a_check(name, blob):
    assert measured(name, blob) == len(blob)
    with pytest.raises(NotThisFormat):
        measured(name, blob[:14])


def test_names_are_unique_and_every_row_has_a_remedy():
    names = [extractor.INFO.name for extractor in EXTRACTORS]
    assert len(names) == len(set(names))
    assert all(e.INFO.grade is Grade.RECOGNISE and e.INFO.remedy for e in RECOGNISED)
    assert not any(magic.carve for e in RECOGNISED for magic in e.MAGIC)


def test_rows_without_a_check_hold_on_their_magic_alone():
    for extractor in RECOGNISED:
        for magic in extractor.MAGIC:
            blob = bytes(magic.offset) + magic.pattern + bytes(40)
            try:
                assert len(extractor.measure(BufferReader(blob), 0)) == len(blob)
            except NotThisFormat:
                assert extractor.INFO.name in CHECKED
        with pytest.raises(Unsupported):
            extractor.unpack(BufferReader(b"x"))


@given(st.binary(max_size=100))
def test_any_bytes(raw):
    for extractor in RECOGNISED:
        keeps_its_promise(extractor, raw)
        for magic in extractor.MAGIC:
            if magic.offset < 100:
                keeps_its_promise(extractor, bytes(magic.offset) + magic.pattern + raw)
