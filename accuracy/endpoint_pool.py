"""Candidates for labelling: everything in a source that has the shape of an endpoint, by loose rules of their own.

Nothing here uses the scanner: a pool made from its output could not show what it misses. Sources are found by size and
SHA-256, wherever they lie. A container (firmware, APK, package) is unpacked first; its leaves are read one by one.
"""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Final, NamedTuple

from inspector.extract.budget import Budget, Limits
from inspector.extract.carve import Carver
from inspector.extract.registry import EXTRACTORS
from inspector.extract.walk import Node, Walker
from inspector.formats.reader import BufferReader, Reader, Span
from inspector.model.artifact import Artifact
from inspector.scan.endpoint.hosts import suffix_list

HOST, URL, IPV4, IPV6, EMAIL = "hostname", "url", "ipv4", "ipv6", "email"
KINDS: Final = (HOST, URL, IPV4, IPV6, EMAIL)
LARGEST: Final = 48 << 20

_WIDE: Final = re.compile(rb"(?:[\x20-\x7e]\x00){6,}")
_RUN: Final = re.compile(rb"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]+(?:\.+[A-Za-z0-9_-]+)+")
_URL: Final = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]{1,20})://([^\x00-\x20\"'<>\\`\x7f-\xff]{1,300})")
_EMAIL: Final = re.compile(rb"(?<![A-Za-z0-9._%+-])([A-Za-z0-9._%+-]+)@([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+)")
_NUMBERS: Final = re.compile(rb"(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9])(?!\.[0-9])")
_HEXTETS: Final = re.compile(rb"(?<![0-9A-Za-z:._-])[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(?![0-9A-Za-z_])")


class Spot(NamedTuple):
    """A candidate and one place of it: `text[start:end]`."""

    kind: str
    value: str
    text: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Leaf:
    """One unpacked leaf."""

    artifact: Artifact
    data: Reader


class _Collector:
    """Visitor of the walk that keeps the leaves themselves."""

    def __init__(self) -> None:
        self.leaves: list[Leaf] = []

    def visit(self, artifact: Artifact, data: Reader, base: int) -> list[Span]:  # noqa: ARG002
        self.leaves.append(Leaf(artifact, data))
        return []

    def skip(self, path: str) -> bool:  # noqa: ARG002
        return False

    def at(self, path: str) -> None:
        """Nothing to note."""


def leaves(path: Path) -> list[Leaf]:
    """Return the leaves of a file, itself where it is none of the containers, in the order of the walk."""
    with path.open("rb") as file:
        data = BufferReader(mmap(file.fileno(), 0, access=ACCESS_READ))
    found = _Collector()
    budget = Budget(Limits(), data.size, float("inf"))
    Walker(Carver(EXTRACTORS), budget, found).walk(Node(path.name, data, path.name))
    return [leaf for leaf in found.leaves if leaf.data.size <= LARGEST]


def locate(wanted: dict[str, int], folders: list[Path]) -> dict[str, Path]:
    """Return a path for each SHA-256 of `wanted` (hash to size in bytes) that lies below one of the folders."""
    sizes = set(wanted.values())
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
            if path.is_file() and not path.is_symlink() and path.stat().st_size in sizes:
                digest = sha256(path.read_bytes()).hexdigest()
                if digest in wanted:
                    found.setdefault(digest, path)
    return found


def spots(leaf: Leaf) -> Iterator[Spot]:
    """Yield the candidates of one leaf, of its UTF-16 text too; the same value comes once for each place."""
    text = leaf.data.read_upto(0, LARGEST)
    yield from _plain(text, leaf.artifact.format)
    for match in _WIDE.finditer(text):
        yield from _plain(match.group()[::2], "")


def _plain(text: bytes, leaf_format: str) -> Iterator[Spot]:
    for match in _RUN.finditer(text):
        for start in _starts(text, match.start(), match.end(), leaf_format):
            yield from _names(text, start, match.end())
    yield from _others(text)


def _others(text: bytes) -> Iterator[Spot]:
    for match in _URL.finditer(text):
        if value := place_of(match.group(1), match.group(2)):
            yield Spot(URL, value, text, *match.span())
    for match in _EMAIL.finditer(text):
        if _last(match.group(2)) in suffix_list().tlds:
            yield Spot(EMAIL, match.group().decode().lower(), text, *match.span())
    for match in _NUMBERS.finditer(text):
        if all(int(part) < 256 for part in match.group().split(b".")):
            yield Spot(IPV4, match.group().decode(), text, *match.span())
    for match in _HEXTETS.finditer(text):
        if (address := address6(match.group().decode())) is not None:
            yield Spot(IPV6, address, text, *match.span())


def _names(text: bytes, start: int, end: int) -> Iterator[Spot]:
    raw = text[start:end]
    # `a@b.com` is judged as an e-mail address.
    mail = text[start - 1 : start] == b"@" and text[start - 2 : start - 1].isalnum()
    if mail or b".." in raw:
        return
    head, _, last = raw.rpartition(b".")
    if _last(raw) in suffix_list().tlds:
        yield Spot(HOST, raw.decode().lower(), text, start, end)
        return
    # Where strings lie end to end, a name may end inside a run: `api.vendor.comError`.
    for size in range(len(last) - 1, 1, -1):
        if last[size : size + 1].isupper() and last[:size].islower() and last[:size].decode() in suffix_list().tlds:
            yield Spot(HOST, (head + b"." + last[:size]).decode().lower(), text, start, start + len(head) + 1 + size)
            return


def _starts(text: bytes, start: int, end: int, leaf_format: str) -> Iterator[int]:
    """Yield where a run of name characters may begin: escapes and length bytes can look like letters."""
    mark = text[start - 1 : start]
    in_dex = leaf_format == "dex" and text.find(b"\0", start) - start - 1 == text[start]
    in_class = leaf_format == "java-class" and text[start - 2 : start] == b"\1\0" and start + text[start] >= end - 1
    if in_dex or in_class:
        start += 1
    elif mark == b"\\":
        start += 5 if text[start : start + 1] == b"u" and re.match(rb"u00[0-9a-fA-F]{2}", text[start:end]) else 1
    elif mark == b"%":
        yield start + (2 if re.match(rb"[0-9A-Fa-f]{2}", text[start:end]) else 1)
        dot = text.find(b".", start, end)
        start = dot + 1
    while start < end and text[start : start + 1] in (b".", b"-", b"_"):
        start += 1
    yield start


def _last(name: bytes) -> str:
    return name.rpartition(b".")[2].decode("latin-1").lower()


def place_of(scheme: bytes, rest: bytes) -> str:
    """Return `scheme://host[:port]` of a URL in lower case, which is what is labelled of it; "" without a host."""
    authority = re.split(rb"[/?#]", rest, maxsplit=1)[0].rpartition(b"@")[2]
    place = authority.rstrip(b".,;:!)]}>*$&=|").decode("latin-1").lower()
    if "[" in place and "]" not in place:
        place += "]"
    return f"{scheme.decode().lower()}://{place}" if place else ""


def address6(raw: str) -> str | None:
    """Return the usual form of an IPv6 address, or None."""
    raw = raw.rstrip(".")
    raw = raw[:-1] if raw.endswith(":") and not raw.endswith("::") else raw
    try:
        return str(ipaddress.IPv6Address(raw)) if re.search("[0-9A-Fa-f]", raw) else None
    except ValueError:
        return None
