"""Images of the original packers cut, changed and joined, through the whole scan: bounded, honest about the rest."""

import os
import random
import subprocess

import pytest

from tests.formats.trees import build_tree, find_tool

pytestmark = pytest.mark.packers
PACK = {
    "squashfs gzip": "mksquashfs TREE OUT -quiet -noappend -comp gzip",
    "squashfs xz": "mksquashfs TREE OUT -quiet -noappend -comp xz",
    "squashfs lz4": "mksquashfs TREE OUT -quiet -noappend -comp lz4",
    "jffs2": "mkfs.jffs2 -l -r TREE -o OUT",
    "ubifs": "mkfs.ubifs -r TREE -m 2048 -e 126976 -c 300 -o OUT",
    "cramfs": "mkfs.cramfs TREE OUT",
    "romfs": "genromfs -d TREE -f OUT",
    "erofs": "mkfs.erofs -zlz4hc OUT TREE",
    "iso9660": "genisoimage -quiet -R -o OUT TREE",
    "ext4": "mke2fs -q -F -t ext4 -d TREE OUT 8M",
    "cpio": "cd TREE && find . | cpio -o --quiet -H newc > OUT",
    "tar.gz": "tar -C TREE -czf OUT .",
    "7z": "cd TREE && 7z a -bd OUT.7z . && mv OUT.7z OUT",
    "zip": "cd TREE && zip -qr - . > OUT",
}
"""Shell lines; TREE and OUT are put in."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return build_tree(tmp_path_factory.mktemp("tree"), 30, holes=False)


@pytest.fixture(scope="module")
def pack(tree, tmp_path_factory):
    made: dict[str, bytes] = {}

    def get(name: str) -> bytes:
        if name not in made:
            program = next(word for word in PACK[name].split() if find_tool(word) and word != "cd")
            out = tmp_path_factory.mktemp("image") / "out"
            line = PACK[name].replace("TREE", str(tree)).replace("OUT", str(out))
            environment = {**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}
            done = subprocess.run(line, shell=True, check=False, capture_output=True, env=environment)
            if done.returncode or not out.is_file():
                pytest.skip(f"{program} cannot make it")
            made[name] = out.read_bytes()
        return made[name]

    return get


def honest(profile: dict, size: int) -> None:
    """No reader broke, every byte is in the partition, and no more counts as seen than the partition allows."""
    coverage = profile["coverage"]
    assert profile["verdict"]["status"] != "failed"
    assert [gap for gap in coverage["gaps"] if gap["reason"] == "failed"] == []
    assert sum(coverage["partition"].values()) == size
    assert coverage["score"] <= 1 - coverage["partition"].get("opaque", 0) / size + 0.001


@pytest.mark.parametrize("name", PACK)
def test_a_cut_image_is_never_clean(name, pack, inspect_bytes):
    image = pack(name)
    for part in (1, 3, 5, 6):
        cut = image[: len(image) * part // 7]
        profile = inspect_bytes(cut, external="off")
        honest(profile, len(cut))
        assert profile["verdict"]["status"] != "none-found", part


@pytest.mark.parametrize("name", PACK)
def test_changed_and_joined_images_cost_what_they_cost(name, pack, inspect_bytes):
    image, rng = pack(name), random.Random(name)
    changed = bytearray(image)
    for _ in range(20):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    honest(inspect_bytes(bytes(changed), external="off"), len(image))
    joined = image + bytes(777) + pack("squashfs gzip")
    profile = inspect_bytes(joined, external="off")
    honest(profile, len(joined))
    assert any("squashfs" in node["format"] or "squashfs" in node["path"] for node in profile["tree"])
