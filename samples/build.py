"""Build the samples: `python samples/build.py [NAME …]`. Needs mksquashfs; the images it writes are committed.

Every image is the same byte for byte on every run: fixed times, fixed owners, one processor.
"""

import argparse
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from binascii import crc32
from pathlib import Path
from struct import pack

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
TIME = 1_700_000_000


def squashfs(tree: dict[str, tuple[int, bytes]], links: dict[str, str] | None = None) -> bytes:
    """Return a squashfs image (xz) of `tree`: path → (mode, content)."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "root")
        for path, (mode, content) in tree.items():
            target = root / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            target.chmod(mode)
        for path, goal in (links or {}).items():
            target = root / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(goal)
        for entry in [root, *root.rglob("*")]:
            if entry.is_dir():
                entry.chmod(0o755)
        image = Path(folder, "image")
        options = ["-comp", "xz", "-all-root", "-noappend", "-no-xattrs", "-processors", "1", "-no-progress", "-nopad"]
        times = ["-all-time", str(TIME), "-mkfs-time", str(TIME)]
        command = [shutil.which("mksquashfs") or "mksquashfs", str(root), str(image), *options, *times]
        subprocess.run(command, check=True, capture_output=True)
        return image.read_bytes()


def uimage(name: str, payload: bytes, architecture: int, kind: int, load: int = 0x80008000) -> bytes:
    """Return a U-Boot legacy image; `kind` 2 is a kernel, 7 a file system."""
    head = pack(
        ">7I4B32s",
        0x27051956,
        0,
        TIME,
        len(payload),
        load,
        load,
        crc32(payload),
        5,
        architecture,
        kind,
        0,
        name.encode(),
    )
    head = head[:4] + pack(">I", crc32(head)) + head[8:]
    return head + payload


def build(name: str) -> bytes:
    """Return the image of one sample, by its recipe."""
    spec = importlib.util.spec_from_file_location("recipe", HERE / name / "recipe.py")
    assert spec is not None
    assert spec.loader is not None
    recipe = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(recipe)
    image: bytes = recipe.build()
    return image


def main() -> None:
    """Write the images named on the command line, or all."""
    known = sorted(path.parent.name for path in HERE.glob("*/recipe.py"))
    parser = argparse.ArgumentParser(description="Build the samples; needs mksquashfs.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(known)} (all of them without a name)")
    names = parser.parse_args().names or known
    if unknown := [name for name in names if name not in known]:
        parser.error(f"no such sample: {', '.join(unknown)}; there are {', '.join(known)}")
    for name in names:
        image = build(name)
        target = HERE / name / f"{name}.bin"
        target.write_bytes(image)
        print(f"{target.relative_to(HERE.parent)}: {len(image):,} bytes")


if __name__ == "__main__":
    main()
