"""Count what each decoder reports in ordinary programs, where hardly anything is hidden: an upper bound of false hits.

    python -m accuracy.decoders /usr/bin /usr/sbin /usr/lib/x86_64-linux-gnu

Every executable and shared object (ELF) below the folders is read, each file once. A decoder with more than one false
hit in 100 MB has to be off, or its hits of low confidence. The hits themselves are printed, so that true ones can be
told from false ones.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Final

from accuracy.scoring import table
from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.model.knowledge import Anchors
from inspector.model.observation import Sighting
from inspector.scan import PLACERS
from inspector.scan.base import ScanNotes
from inspector.scan.endpoint.endpoints import EndpointScanner
from inspector.scan.endpoint.hidden import HiddenEndpoints

DECODERS: Final = (
    *("base64", "hex", "xor", "dns-wire", "sockaddr-in", "hex-address", "decimal-address"),
    *("utf-16le", "utf-16be", "url-escapes", "backslash-escapes"),
)
UNIT: Final = 100_000_000


def programs(folders: list[Path]) -> Iterator[Path]:
    """Yield the ELF files below the folders in the order of their names; links are not followed."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink() and path.open("rb").read(4) == b"\x7fELF":
                yield path


def decoded(path: Path, scanners: tuple[EndpointScanner | HiddenEndpoints, ...]) -> Iterator[Sighting]:
    """Yield the sightings of a file that do not stand there as plain text."""
    with path.open("rb") as file:
        data = BufferReader(mmap(file.fileno(), 0, access=ACCESS_READ))
    leaf = Artifact(path=str(path), format="elf", name=path.name)
    for scanner in scanners:
        yield from (sighting for sighting in scanner.scan(leaf, data, ScanNotes()) if sighting.decoding)


def main() -> None:
    """Print one row for each decoder, then its hits."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    scanners = (EndpointScanner(PLACERS), HiddenEndpoints(PLACERS))
    for scanner in scanners:
        scanner.prepare(Anchors())
    files = size = 0
    places: Counter[str] = Counter()
    values: Counter[tuple[str, str, str]] = Counter()
    for path in programs(parser.parse_args().folders):
        files, size = files + 1, size + path.stat().st_size
        for sighting in decoded(path, scanners):
            decoder = sighting.decoding.partition(" ")[0]
            places[decoder] += 1
            values[decoder, sighting.observable.value, path.name] += 1
    print(f"{files} programs and libraries, {size / 1e6:.0f} MB\n")
    body = [(name, str(places[name]), f"{places[name] * UNIT / max(1, size):.2f}") for name in DECODERS]
    print(table(("decoder", "hits", "in 100 MB"), body), end="\n\n")
    for (decoder, value, name), count in sorted(values.items()):
        print(decoder, count, value, name)


if __name__ == "__main__":
    main()
