"""What decoding the bundles of app frameworks adds to a scan of the same bytes.

python benchmarks/decoding.py FILE... [--pairs 5]

FILE is a Hermes bundle, a `global-metadata.dat`, an assembly store, a Unity asset bundle or a library with a Dart
snapshot. The last row is an APK with a Cocos2d-x script of 4 MiB, encrypted here, and its key. Both sides walk and scan
the file with everything the product has, one of them without the readers of frameworks: to it the bundle is plain data.
Processor time, in pairs of alternating order. The ratio is what decoding and the scan of what it yields add, over a
plain scan of the same bytes; at most 1 is asked for. Where a file is packed the same bytes are the unpacked ones, since
nobody can search the packed ones; the ratio over those is printed too.
"""

import argparse
import statistics
import sys
import time
from functools import partial
from pathlib import Path
from typing import Final
from zipfile import ZIP_STORED, ZipFile

sys.path.insert(0, str(Path(__file__).parents[1]))

from inspector.extract.base import Extractor
from inspector.extract.budget import Budget, Limits
from inspector.extract.carve import Carver
from inspector.extract.mobile.frameworks import AssemblyStore, DartSnapshot, Hermes, Il2cpp, PackedAssembly, UnityBundle
from inspector.extract.mobile.package import Apk
from inspector.extract.registry import EXTRACTORS
from inspector.extract.walk import Node, Walker
from inspector.formats.mobile import unityfs, xamarin
from inspector.formats.reader import BufferReader, Reader, Span
from inspector.harvest import Toolbox
from inspector.knowledge import load_knowledge
from inspector.model.artifact import Artifact
from inspector.scan.base import ScanNotes
from inspector.scan.database import load_database

LARGEST: Final = 1 << 30
FRAMEWORKS: Final = (AssemblyStore, DartSnapshot, Hermes, Il2cpp, PackedAssembly, UnityBundle)
PARSERS: Final = {
    xamarin.STORE: xamarin.parse_store,
    xamarin.PACKED: xamarin.parse_packed,
    unityfs.MAGIC: unityfs.parse_unityfs,
}
KEY: Final = b"6362a1d8-f9b1-4b"
SCRIPT: Final = b"".join(
    b"function f%d(scene, node) { return node.children[%d] || scene.table[%d * node.tag]; }\n" % (n, n % 7, n)
    + (b'exports.host%d = "https://h%d.example.com/v1";\n' % (n, n) if n % 1000 == 0 else b"")
    for n in range(48_000)
)


class Side:
    """One way to scan: with these extractors and every scanner."""

    def __init__(self, toolbox: Toolbox, extractors: tuple[Extractor, ...]) -> None:
        self.toolbox = toolbox
        self.carver = Carver(extractors, partial(load_database, caseless=False))
        self.carver.warm()

    def spend(self, data: Reader) -> float:
        """Return the seconds of processor time that walking and scanning the data takes."""
        start = time.process_time()
        Walker(self.carver, Budget(Limits(), data.size), self).walk(Node("x", data, "x"))
        return time.process_time() - start

    def visit(self, artifact: Artifact, data: Reader, base: int) -> list[Span]:  # noqa: ARG002
        """Scan one leaf; none of it counts as encrypted."""
        self.toolbox.scan(artifact, data, ScanNotes())
        return []

    def skip(self, path: str) -> bool:  # noqa: ARG002
        """Leave nothing out."""
        return False

    def at(self, path: str) -> None:
        """Note nothing."""


class PlainApk(Apk):
    """An APK whose scripts stay as they lie in it."""

    def unpack(self, data: Reader):  # type: ignore[no-untyped-def]  # noqa: ANN201
        """Return the entries of the zip alone."""
        return super(Apk, self).unpack(data)


def main() -> None:
    """Print one row for each file, and one for a script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--pairs", type=int, default=5)
    chosen = parser.parse_args()
    toolbox = Toolbox(load_knowledge())
    toolbox.warm()
    plain = tuple(PlainApk() if isinstance(one, Apk) else one for one in EXTRACTORS if not isinstance(one, FRAMEWORKS))
    sides = Side(toolbox, EXTRACTORS), Side(toolbox, plain)
    for path in chosen.files:
        _row(path.name, BufferReader(path.read_bytes()), sides, chosen.pairs)
    _row("Cocos2d-x script in an APK", BufferReader(_game()), sides, chosen.pairs)


def _game() -> bytes:
    from io import BytesIO

    import xxtea

    def encrypted(plain: bytes) -> bytes:
        padded = plain + bytes(-len(plain) % 4) + len(plain).to_bytes(4, "little")
        return bytes(xxtea.encrypt(padded, KEY, padding=False))

    out = BytesIO()
    with ZipFile(out, "w", ZIP_STORED) as package:
        package.writestr("AndroidManifest.xml", b"<manifest/>")
        package.writestr("lib/arm64-v8a/libcocos2djs.so", bytes(1 << 19) + KEY + b"\0main.js\0" + bytes(1 << 19))
        package.writestr("assets/small.jsc", encrypted(SCRIPT[: 1 << 16]))
        package.writestr("assets/project.jsc", encrypted(SCRIPT))
    return out.getvalue()


def _unpacked(data: Reader) -> Reader:
    """Return what a packed file holds, end to end; other data as they are."""
    parse = next((one for magic, one in PARSERS.items() if data.startswith(magic)), None)
    if parse is None:
        return data
    opened = (member.open(LARGEST) for member in parse(data).members if member.open)
    return BufferReader(b"".join(one.read_at(0, one.size) for one in opened))


def _row(name: str, data: Reader, sides: tuple[Side, Side], pairs: int) -> None:
    decoding, plain = sides
    same = _unpacked(data)
    decoding.spend(data), plain.spend(data), plain.spend(same)
    added, times = [], []
    for number in range(pairs):
        first, second = sides if number % 2 else sides[::-1]
        spent = {first: first.spend(data), second: second.spend(data)}
        base = spent[plain] if same is data else plain.spend(same)
        added.append((spent[decoding] - spent[plain]) / base)
        times.append((spent[decoding], spent[plain], base))
    whole, bare, base = (statistics.median(column) for column in zip(*times, strict=True))
    packed = "" if same is data else f"; ×{(whole - bare) / bare:.2f} of the packed ones"
    print(
        f"{name[:32]:32} {data.size / 1e6:6.1f} MB  with decoding {whole:6.3f} s  plain {bare:6.3f} s  "
        f"same bytes {same.size / 1e6:6.1f} MB {base:6.3f} s  "
        f"adds ×{statistics.median(added):.2f} [{min(added):.2f}, {max(added):.2f}]{packed}",
        flush=True,
    )


if __name__ == "__main__":
    main()
