"""The lines to check by hand: right for hostile names, and right when a shell runs them."""

import io
import re
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from inspector.profile.by_hand import BEFORE, Step, lines, steps, word

MONITOR = Path(__file__).parents[3] / "samples/patient-monitor/patient-monitor.bin"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("fw.bin", []),
        ("a.apk!apk!classes.dex", [Step("apk", 0, "classes.dex")]),
        ("fw!squashfs@0x40000!/bin/x", [Step("squashfs", 0x40000, "/bin/x")]),
        ("fw!uimage!kernel!gzip!content", [Step("uimage", 0, "kernel"), Step("gzip", 0, "content")]),
        ("a.zip!zip!odd!name.txt", [Step("zip", 0, "odd!name.txt")]),
        ("a.zip!zip!zip!zip!x", [Step("zip", 0, "zip"), Step("zip", 0, "x")]),
    ],
)
def test_the_steps_of_a_chain(path, expected):
    assert steps(path) == expected


def test_formats_of_the_profile_count_as_containers():
    assert steps("fw!odd-vendor!part!zip!x", ["odd-vendor"]) == [Step("odd-vendor", 0, "part"), Step("zip", 0, "x")]


def test_a_container_without_a_common_tool_ends_the_lines():
    assert lines("fw!odd-vendor!part", 5, ["odd-vendor"]) == [
        "# odd-vendor: no common tool; inspector explain with the artifact does this step"
    ]


def test_a_member_that_lies_there_as_it_is_is_cut_out():
    assert lines("fw!odd-vendor!part!zip!x", 5, ["odd-vendor"], [(64, 1000), None]) == [
        "tail -c +65 fw | head -c 1000 > part1",
        "unzip -p part1 x > part2",
        "tail -c +1 part2 | head -c 96 | xxd -o 0",
    ]


NASTY = [
    "a b.txt",
    "$(touch hit)",
    "`touch hit`",
    "a;touch hit",
    "quote'd",
    'dou"ble',
    "-rf",
    "st*r",
    "br[ack]et",
    "\x1b[31m",
    "tab\tnew\nline",
]


@pytest.mark.parametrize("name", NASTY)
def test_a_name_is_one_word_to_the_shell_and_shows_nothing_unprintable(name):
    written = word(name)
    assert written.isprintable()
    echoed = subprocess.run(["bash", "-c", f"printf %s {written}"], capture_output=True, check=True).stdout
    assert echoed.decode() == name


def run(told, folder):
    done = subprocess.run(["bash", "-euc", "\n".join(told)], cwd=folder, capture_output=True, check=False)
    assert not (folder / "hit").exists()
    return done.stdout.decode()


CONTENT = b"." * 1000 + b"api.example.org" + b"." * 1000


@pytest.mark.skipif(not all(map(shutil.which, ("unzip", "xxd", "bash"))), reason="needs unzip and xxd")
@pytest.mark.parametrize("name", [n for n in NASTY if n.isprintable()])
def test_the_lines_reach_a_member_of_a_zip(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, CONTENT)
    shown = run(lines(f"a.zip!zip!{name}", 1000), tmp_path)
    assert shown.startswith(f"{1000 - BEFORE:08x}")
    assert "api.example" in shown.splitlines()[1]


@pytest.mark.skipif(not all(map(shutil.which, ("tar", "xxd", "bash"))), reason="needs tar and xxd")
@pytest.mark.parametrize("name", [n for n in NASTY if n.isprintable()])
def test_the_lines_reach_a_member_of_a_compressed_tar_behind_other_bytes(tmp_path, name):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(CONTENT)
        archive.addfile(entry, io.BytesIO(CONTENT))
    (tmp_path / "fw.bin").write_bytes(b"\0" * 512 + packed.getvalue())
    shown = run(lines(f"fw.bin!gzip@0x200!content!tar!{name}", 1000), tmp_path)
    assert "api.example" in shown


@pytest.mark.skipif(not all(map(shutil.which, ("unsquashfs", "xxd", "bash"))), reason="needs squashfs-tools and xxd")
def test_the_lines_reach_the_evidence_of_the_sample(tmp_path, inspect_path):
    shutil.copy(MONITOR, tmp_path)
    document = inspect_path(MONITOR)
    for finding in document["findings"]:
        place = finding["evidence"][0]["location"]
        assert "202.114.4.1" in run(lines(place["path"], place["offset"]), tmp_path)


LINE = "server=byhand.tuyacn.com\n"
MAKERS = {
    "bzip2": "bzip2 -kc cloud.conf > fw.bin",
    "xz": "xz -kc cloud.conf > fw.bin",
    "lzma": "xz --format=lzma -kc cloud.conf > fw.bin",
    "zstd": "zstd -qkc cloud.conf > fw.bin",
    "lz4": "lz4 -qkc cloud.conf > fw.bin",
    "lzop": "lzop -c cloud.conf > fw.bin",
    "lzip": "lzip -kc cloud.conf > fw.bin",
    "cpio": "find etc | cpio -o -H newc --quiet > fw.bin",
    "ar": "ar rc fw.bin cloud.conf",
    "7z": "7z a -bd fw.7z etc > log && mv fw.7z fw.bin",
    "ext": "mke2fs -q -t ext4 -d tree fw.bin 2M",
    "iso9660": "genisoimage -quiet -R -o fw.bin tree",
    "fat": "mkfs.fat -C fw.bin 2048 > log && mcopy -i fw.bin cloud.conf ::cloud.conf",
    "zip": "zip -q fw.zip cloud.conf && (head -c 4096 /dev/zero; cat fw.zip) > fw.bin",
    "squashfs": "mksquashfs tree fw.sqfs -quiet -no-progress && (head -c 4096 /dev/zero; cat fw.sqfs) > fw.bin",
}


@pytest.mark.skipif(not all(map(shutil.which, ("xxd", "bash"))), reason="needs xxd")
@pytest.mark.parametrize("kind", MAKERS)
def test_the_lines_for_what_the_original_packer_made_reach_the_evidence(kind, tmp_path, inspect_path):
    for folder in ("etc", "tree/etc"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "cloud.conf").write_text("# settings\n" * 20 + LINE * 40)
    (tmp_path / "cloud.conf").write_text("# settings\n" * 20 + LINE * 40)
    made = subprocess.run(["bash", "-euc", MAKERS[kind]], cwd=tmp_path, capture_output=True, check=False)
    if made.returncode == 127:
        pytest.skip(f"the packer of {kind} is not installed")
    assert made.returncode == 0, made.stderr
    document = inspect_path(tmp_path / "fw.bin", external="never")
    place = document["findings"][0]["evidence"][0]["location"]
    assert f"!{kind}" in place["path"]
    told = lines(place["path"], place["offset"], {node["format"] for node in document["tree"]})
    if shutil.which(re.search(r"[|] (\w+)|^(\w+)", told[0]).expand(r"\1\2")) is None:
        pytest.skip(f"the reader of {kind} is not installed")
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(tmp_path / "fw.bin", tmp_path / "elsewhere")
    assert "byhand.tuyacn.co" in run(told, tmp_path / "elsewhere").replace("\n", ""), told


def test_the_lines_for_an_artifact_of_several_files_begin_at_the_file():
    told = lines("my.apks!app-set!base 1.apk!apk!assets/c.txt", 15, ("app-set", "apk"), folder="/vetted/my app")
    assert told[0] == "unzip -p '/vetted/my app/base 1.apk' assets/c.txt > part2"
