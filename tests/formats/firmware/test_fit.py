import subprocess
from hashlib import sha256

import pytest

from inspector.errors import Encrypted, NotThisFormat
from inspector.formats.firmware.fdt import parse_fdt
from inspector.formats.firmware.fit import parse_fit
from inspector.formats.reader import BufferReader
from tests.formats.original import tool
from tests.formats.wrapper_checks import check_hostile, parts

SOURCE = """
/dts-v1/;
/ {
    description = "two images";
    images {
        kernel-1 {
            description = "kernel";
            data = /incbin/("kernel");
            type = "kernel"; arch = "arm64"; os = "linux"; compression = "lzma";
            load = <0x80000>; entry = <0x80000>;
            hash-1 { algo = "crc32"; };
            hash-2 { algo = "sha256"; };
        };
        fdt-1 {
            data = /incbin/("tree");
            type = "flat_dt"; arch = "arm64"; compression = "none";
            hash-1 { algo = "sha1"; };
        };
    };
    configurations { default = "c"; c { kernel = "kernel-1"; fdt = "fdt-1"; }; };
};
"""
CONTENTS = {"kernel-1": b"\x5d\0\0kernel" * 40, "fdt-1": b"tree of devices"}
pytestmark = pytest.mark.packers


@pytest.fixture(scope="module", params=["inside", "outside", "position"])
def built(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fit")
    (folder / "kernel").write_bytes(CONTENTS["kernel-1"])
    (folder / "tree").write_bytes(CONTENTS["fdt-1"])
    (folder / "image.its").write_text(SOURCE)
    tool("dtc")
    options = {"inside": [], "outside": ["-E"], "position": ["-E", "-p", "0x1000"]}[request.param]
    subprocess.run(
        [tool("mkimage"), *options, "-f", "image.its", "image.itb"], cwd=folder, check=True, capture_output=True
    )
    return (folder / "image.itb").read_bytes()


def test_images_inside_and_outside_of_the_tree(built):
    image = parse_fit(BufferReader(built))
    assert parts(image) == CONTENTS
    assert {m.path: m.format for m in image.members} == {"kernel-1": "lzma", "fdt-1": ""}
    assert all(not member.notes for member in image.members)
    assert image.properties == {"description": "two images", "images": "2"}
    assert image.size <= len(built)


def test_changed_image_fails_its_hashes(built):
    blob = built.replace(b"tree of devices", b"tree 0f devices")
    notes = {m.path: m.notes for m in parse_fit(BufferReader(blob)).members}
    assert notes == {"kernel-1": (), "fdt-1": ("sha1 differs",)}


def test_tree_without_images_is_another_format(tmp_path):
    (tmp_path / "plain.dts").write_text('/dts-v1/; / { compatible = "x"; };')
    subprocess.run([tool("dtc"), "-O", "dtb", "-o", "plain.dtb", "plain.dts"], cwd=tmp_path, check=True)
    blob = (tmp_path / "plain.dtb").read_bytes()
    assert [node.path for node in parse_fdt(BufferReader(blob))] == [""]
    with pytest.raises(NotThisFormat):
        parse_fit(BufferReader(blob))


def test_ciphered_image_names_its_cipher(tmp_path):
    source = SOURCE.replace(
        'hash-1 { algo = "sha1"; };', 'cipher { algo = "aes256"; key-name-hint = "vendor"; };'
    ).replace("/incbin/", "/incbin/")
    for name in ("kernel", "tree"):
        (tmp_path / name).write_bytes(sha256(name.encode()).digest())
    (tmp_path / "image.dts").write_text(source)
    subprocess.run([tool("dtc"), "-O", "dtb", "-o", "image.itb", "image.dts"], cwd=tmp_path, check=True)
    members = {m.path: m for m in parse_fit(BufferReader((tmp_path / "image.itb").read_bytes())).members}
    assert members["fdt-1"].open is None
    assert isinstance(members["fdt-1"].problem, Encrypted)
    assert str(members["fdt-1"].problem) == "aes256, key 'vendor' of the boot loader"


def test_hostile(built):
    check_hostile(parse_fit, built, rounds=150)
