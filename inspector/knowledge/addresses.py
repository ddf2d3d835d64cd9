"""Offline address data: where a block is registered, and which AS announces it.

File: a line of JSON (date, source, countries, operators, table sizes), then little-endian arrays: range starts and
one small number each, for both families; IPv6 by the upper 64 bits. Mapped, looked up by bisection.
`--ip-data FILE.mmdb` puts a newer country table in front of it.
"""

import ipaddress
import json
import mmap
import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from inspector.errors import UsageError
from inspector.model.address import AddressFacts
from inspector.model.knowledge import Knowledge

TABLES: Final = Path(__file__).parent / "data" / "addresses.bin"
_WIDTH: Final = {"ipv4": "I", "ipv6": "Q"}


class TableWriter:
    """Collects ranges and writes the file that `AddressTables` reads."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.date = ""
        self._names: dict[str, list[str]] = {"countries": [""], "operators": [""]}
        self._tables: list[tuple[str, array[int], array[int]]] = []

    def add_countries(self, family: str, ranges: Iterable[tuple[int, int, str]]) -> None:
        """Add sorted inclusive ranges of one family (`ipv4`, `ipv6`) with their country."""
        self._add("countries", family, ranges)

    def add_operators(self, family: str, ranges: Iterable[tuple[int, int, str]]) -> None:
        """Add sorted inclusive ranges with `<AS number> <organisation>`."""
        self._add("operators", family, ranges)

    def _add(self, table: str, family: str, ranges: Iterable[tuple[int, int, str]]) -> None:
        names = self._names[table]
        numbers = {name: index for index, name in enumerate(names)}
        starts, values = array(_WIDTH[family]), array("H")
        following = 0
        for first, last, name in ranges:
            if first > following:
                starts.append(following)
                values.append(0)
            if name not in numbers:
                numbers[name] = len(names)
                names.append(name)
            starts.append(first)
            values.append(numbers[name])
            following = last + 1
        if following < 1 << (8 * starts.itemsize):
            starts.append(following)
            values.append(0)
        self._tables.append((f"{table}-{family}", starts, values))

    def finish(self) -> bytes:
        """Return the file."""
        head: dict[str, Any] = {"date": self.date, "source": self.source, **self._names}
        head["tables"] = [[name, starts.typecode, len(starts)] for name, starts, _ in self._tables]
        body = [json.dumps(head, ensure_ascii=False).encode(), b"\n"]
        for _, starts, values in self._tables:
            body += [_little(starts), _little(values)]
        return b"".join(body)


def _little(values: "array[int]") -> bytes:
    if sys.byteorder == "big":
        values = array(values.typecode, values)
        values.byteswap()
    return values.tobytes()


def _numbers(raw: memoryview, typecode: str) -> Sequence[int]:
    if sys.byteorder == "big":
        values = array(typecode, raw.tobytes())
        values.byteswap()
        return values
    return raw.cast(typecode)  # type: ignore[call-overload,no-any-return]  # "I", "Q" or "H"


class AddressTables:
    """The address book of a scan; the file is mapped at the first look-up, which touches a few pages of it."""

    def __init__(self, knowledge: Knowledge, path: Path = TABLES, override: Path | None = None) -> None:
        self._path = path
        self._knowledge = knowledge
        self._override = override

    @property
    def date(self) -> str:
        """Return the date of the data, ISO 8601."""
        return str(self._head["date"])

    @property
    def source(self) -> str:
        """Return the packages and versions that the data comes from."""
        extra = f"; country overridden by {self._override.name}" if self._override else ""
        return str(self._head["source"]) + extra

    def facts(self, address: str) -> AddressFacts:
        """Return what is known of an address; private and reserved space is always unknown."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return AddressFacts()
        if not parsed.is_global:
            return AddressFacts()
        family = f"ipv{parsed.version}"
        number = int(parsed) if parsed.version == 4 else int(parsed) >> 64
        country = self._overridden(address) or self._find("countries", family, number)
        asn, _, name = self._find("operators", family, number).partition(" ")
        owner, seat = self._owner(int(asn or 0))
        return AddressFacts(country, int(asn or 0), owner or name, seat)

    def _find(self, table: str, family: str, number: int) -> str:
        starts, values = self._tables[f"{table}-{family}"]
        return str(self._head[table][values[bisect_right(starts, number) - 1]])

    def _overridden(self, address: str) -> str:
        return (
            str((self._country_reader.get(address) or {}).get("country", {}).get("iso_code", ""))
            if self._override
            else ""
        )

    @cached_property
    def _country_reader(self) -> Any:
        import maxminddb

        try:
            return maxminddb.open_database(str(self._override))
        except (OSError, ValueError) as error:
            raise UsageError(f"cannot read address data {self._override}: {error}") from error

    @cached_property
    def _raw(self) -> memoryview:
        with self._path.open("rb") as stream:
            return memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))

    @cached_property
    def _first_line(self) -> bytes:
        with self._path.open("rb") as stream:
            return stream.readline()

    @cached_property
    def _head(self) -> dict[str, Any]:
        head: dict[str, Any] = json.loads(self._first_line)
        return head

    @cached_property
    def _tables(self) -> dict[str, tuple[Sequence[int], Sequence[int]]]:
        tables, at = {}, len(self._first_line)
        for name, code, count in self._head["tables"]:
            parts = []
            for typecode in (code, "H"):
                end = at + count * array(typecode).itemsize
                parts.append(_numbers(self._raw[at:end], typecode))
                at = end
            tables[name] = (parts[0], parts[1])
        return tables

    @cached_property
    def _listed(self) -> Mapping[int, str]:
        """AS number → its pattern in the signatures."""
        return {int(pattern.removeprefix("AS")): pattern for pattern in self._knowledge.patterns.get("asn", {})}

    def _owner(self, asn: int) -> tuple[str, str]:
        """Return the operator and the seat of its controlling group, from the signatures, or ("", "")."""
        known = self._knowledge
        if asn not in self._listed:
            return "", ""
        *_, number, place = known.patterns["asn"][self._listed[asn]]
        signature = known.signatures[tuple(known.signatures)[number]]
        vendor = known.vendors[signature.vendor]
        return signature.indicators[place].operator or vendor.name, vendor.domicile
