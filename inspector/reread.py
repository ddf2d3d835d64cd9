"""Read the bytes of an evidence again from the artifact, walking only the way that leads to them."""

import base64
import binascii
import contextlib
import hashlib
import mmap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from inspector.extract.budget import Budget, Limits
from inspector.extract.carve import Carver
from inspector.extract.catalogue import CATALOGUE
from inspector.extract.walk import Inside, Node, Walker
from inspector.folders import as_source, read_several
from inspector.formats.layout import Member
from inspector.formats.reader import BufferReader, Reader, Span
from inspector.isolate import Bounds, Marks, run
from inspector.model.artifact import Artifact
from inspector.model.ledger import LedgerSpan
from inspector.model.observation import AS_WRITTEN, GBK
from inspector.profile.by_hand import BEFORE, SHOWN, Cut
from inspector.second_look import load_readers, second_look

NEAR: Final = 512
"""A value is looked for from a little before the offset up to this many bytes behind it."""
LARGEST_CERTIFICATE: Final = 64 << 10
_PEM: Final = b"-----BEGIN CERTIFICATE-----"
LARGEST_SEARCH: Final = 256 << 20
LEAST_CUT: Final = 64
"""Bytes that a member must have before it is looked for in what lies around it."""
MOST_HEADS: Final = 64
"""Places with a member's first bytes that are compared with all of it."""
RECORDS: Final = frozenset(
    {
        "native-library",
        "android-component",
        "android-metadata",
        "java-package",
        "app-id",
        "ios-framework",
        "objc-class",
        "component",
        "permission",
        "file-name",
    }
)
"""Kinds whose place is a table entry or a whole member that names the value by an index or by its own name."""


@dataclass(frozen=True, slots=True)
class Reread:
    """What stands at one place now."""

    found: str
    """`there`, `named` (the place is a record or the member itself, the text stands elsewhere in the member), `decoded`
    (only visible after decoding), `differs` or `not-reached`."""
    start: int = 0
    raw: bytes = b""
    """Up to 96 bytes from `start` on."""
    code: tuple[str, ...] = ()
    """What a second reader shows of the code there, when it was asked for."""
    cuts: tuple[Cut | None, ...] = ()
    """For each member on the way: where it lies in what its container stands in, if it lies there as it is."""


@dataclass(slots=True)
class _Collector:
    """Visitor that keeps the bytes at the wanted places of leaves."""

    wanted: Mapping[str, Sequence[tuple[int, int]]]
    """Path → (index of the evidence, offset)."""
    read: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    values: Mapping[int, str] = field(default_factory=dict)
    """Index of an evidence whose place is a record → the value to look for in the whole member."""
    named: set[int] = field(default_factory=set)
    used_by: Mapping[int, tuple[str, Sequence[str]]] = field(default_factory=dict)
    """Index of an evidence whose code a second reader shall show → its value and the methods that load it."""
    code: dict[int, list[str]] = field(default_factory=dict)

    def visit(self, artifact: Artifact, data: Reader, base: int) -> list[Span]:
        for index, offset in self.wanted.get(artifact.path, ()):
            here = offset - base
            if index not in self.read and 0 <= here < data.size:
                start = max(here - BEFORE, 0)
                length = min(max(NEAR, LARGEST_CERTIFICATE) + BEFORE, data.size - start)
                self.read[index] = (base + start, bytes(data.read_at(start, length)))
                if index in self.values and _named(self.values[index], artifact, data):
                    self.named.add(index)
                if index in self.used_by:
                    self.code[index] = second_look(bytes(data.all()), *self.used_by[index])
        return []

    def skip(self, path: str) -> bool:  # noqa: ARG002 - nothing is quarantined here
        return False

    def at(self, path: str) -> None:
        """Nothing is noted: a crash ends this one walk."""


class _Aimed(Walker):
    """Opens only the members that lie on the way to a wanted path, and notes which of them lie there as they are."""

    targets: tuple[str, ...] = ()

    def __init__(self, carver: Carver, budget: Budget, visitor: "_Collector") -> None:
        super().__init__(carver, budget, visitor)
        self.cuts: dict[str, Cut | None] = {}
        self._around: list[Reader] = []

    def walk(self, node: Node) -> tuple[float, list[LedgerSpan], str]:
        if self._around:
            self.cuts[node.path] = _cut(node.data, self._around[-1])
        self._around.append(node.data)
        try:
            return super().walk(node)
        finally:
            self._around.pop()

    def on_the_way(self, path: str) -> list[Cut | None]:
        """Return the cuts of the members that lead to a path, from the outside in."""
        met = [member for member in self.cuts if path == member or path.startswith(f"{member}!")]
        return [self.cuts[member] for member in sorted(met, key=len)]

    def member(self, inside: Inside, member: Member) -> float:
        path = inside.path_of(member)
        if any(target == path or target.startswith(f"{path}!") for target in self.targets):
            return super().member(inside, member)
        return 0.0


def reread(
    path: Path,
    name: str,
    evidence: Sequence[Mapping[str, Any]],
    limits: Limits | None = None,
    *,
    code: bool = False,
) -> list[Reread]:
    """Return what stands at the place of each evidence, in order; the artifact is read in a sandboxed child.

    `name` is what the artifact was called in the profile; with `code` a second reader looks at each place. Raises
    `OSError`.
    """
    bounded = limits or Limits()
    if code:
        load_readers()
    data = _opened(path)

    def job(marks: Marks) -> bytes:  # noqa: ARG001 - what every job is given
        return orjson.dumps(_walk(data, name, evidence, bounded, code=code))

    outcome = run(job, Bounds(bounded.memory, bounded.seconds))
    if outcome.problem:
        return [Reread("not-reached") for _ in evidence]
    answers = orjson.loads(outcome.answer)
    return [
        Reread(found, start, bytes.fromhex(raw), tuple(lines), tuple(cut and (cut[0], cut[1]) for cut in cuts))
        for found, start, raw, lines, cuts in answers
    ]


def _opened(path: Path) -> Reader:
    if (several := read_several(as_source(path))) is not None:
        return several[0]
    with path.open("rb") as stream:
        data: Any = mmap.mmap(stream.fileno(), 0, prot=mmap.PROT_READ) if path.stat().st_size else b""
    return BufferReader(data)


def file_sha256(path: Path) -> str:
    """Return the hash of a file, of its parts end to end, or of the zip that a bundle or the parts of an app stand for.

    Raises `OSError`.
    """
    if (several := read_several(as_source(path))) is not None:
        return several[1]
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _walk(
    data: Reader, name: str, evidence: Sequence[Mapping[str, Any]], limits: Limits, *, code: bool
) -> list[list[Any]]:
    wanted: dict[str, list[tuple[int, int]]] = {}
    for index, item in enumerate(evidence):
        wanted.setdefault(item["location"]["path"], []).append((index, item["location"]["offset"]))
    values = {
        index: item["observable"]["value"]
        for index, item in enumerate(evidence)
        if item["observable"]["kind"] in RECORDS
    }
    used_by = {
        index: (item["observable"]["value"], item["referenced_by"]) for index, item in enumerate(evidence) if code
    }
    collector = _Collector(wanted, values=values, used_by=used_by)
    walker = _Aimed(Carver(CATALOGUE), Budget(limits, data.size), collector)
    walker.targets = tuple(wanted)
    walker.walk(Node(name, data, name))
    return [
        [
            *_judged(item, collector.read.get(index), index in collector.named),
            collector.code.get(index, []),
            walker.on_the_way(item["location"]["path"]),
        ]
        for index, item in enumerate(evidence)
    ]


def _cut(member: Reader, around: Reader) -> Cut | None:
    """Return where a member's bytes stand, unchanged and in one piece, in what lies around it."""
    if not LEAST_CUT <= member.size <= min(around.size, LARGEST_SEARCH):
        return None
    raw = member.all()
    head, at = bytes(raw[:LEAST_CUT]), -1
    for _ in range(MOST_HEADS):
        at = around.find(head, at + 1)
        if at < 0 or at + member.size > around.size:
            return None
        if around.view_at(at, member.size) == raw:
            return at, member.size
    return None


def _named(value: str, artifact: Artifact, data: Reader) -> bool:
    """Tell whether a member bears this name, or holds it anywhere as text; also a class by its name in its package."""
    if artifact.name.casefold() == value.casefold():
        return True
    raw = bytes(data.read_at(0, min(data.size, LARGEST_SEARCH))).lower()
    short = "." + value.rpartition(".")[2] if value.count(".") > 1 else ""
    return any(form in raw for text in _spellings(value, short) for form in _encoded(text))


def _judged(item: Mapping[str, Any], read: tuple[int, bytes] | None, named: bool) -> list[Any]:
    if read is None:
        return ["not-reached", 0, ""]
    start, raw = read
    lead = item["location"]["offset"] - start
    there = _stands(item["observable"]["kind"], item["observable"]["value"], item["excerpt"], raw, lead)
    found = "there" if there else "named" if named else "decoded" if item["decoding"] not in AS_WRITTEN else "differs"
    return [found, start, raw[:SHOWN].hex()]


def _stands(kind: str, value: str, excerpt: str, raw: bytes, lead: int) -> bool:
    """Tell whether the value stands at the place: as text in any of the encodings, or as a certificate's bytes."""
    if kind == "certificate":
        digest = _certificate(raw[lead:])
        return bool(digest) and digest in value
    near = raw[: lead + NEAR + 2 * len(value)].lower()
    return any(form in near for text in _spellings(value, excerpt) for form in _encoded(text))


def _spellings(value: str, excerpt: str) -> Iterable[str]:
    """Return the ways in which a normalised value may be written: a package with slashes, a name as it was found."""
    core = excerpt.strip()
    return [text for text in (value, value.replace(".", "/"), core) if len(text) > 1]


def _encoded(text: str) -> Iterable[bytes]:
    lower = text.lower()
    forms = [lower.encode(codec, "surrogatepass") for codec in ("utf-8", "utf-16-le", "utf-16-be")]
    return [*forms, lower.encode(GBK, "replace").lower()]


def _certificate(raw: bytes) -> str:
    """Return the SHA-256 of the certificate that begins here, in DER or as a PEM block, or nothing."""
    if raw.startswith(_PEM):
        body, _, _ = raw[len(_PEM) :].partition(b"-----")
        with contextlib.suppress(binascii.Error):
            raw = base64.b64decode(body)
    if len(raw) < 4 or raw[0] != 0x30 or not raw[1] & 0x80:
        return ""
    count = raw[1] & 0x7F
    end = 2 + count + int.from_bytes(raw[2 : 2 + count], "big")
    return hashlib.sha256(raw[:end]).hexdigest() if count <= 3 and end <= len(raw) else ""
