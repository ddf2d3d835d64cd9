"""Take an artifact apart: identify or carve each node, hand its leaves to a visitor, keep the ledger.

Nothing is written to disk. The walk never raises for what an artifact contains: every problem becomes a gap.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol
from weakref import WeakKeyDictionary

from inspector.errors import Encrypted, FormatError, LimitReached, ToolMissing, Unsupported
from inspector.extract.archive.stream import CONTENT
from inspector.extract.base import Family, Grade
from inspector.extract.budget import Budget
from inspector.extract.carve import Carver, Damage, Find
from inspector.extract.leaf import HEAD, leaf_format, stays_text
from inspector.extract.ledger import Claim, partition, score
from inspector.extract.parts import REASON, REMEDY, joined, lack_of
from inspector.extract.statistics import Look, entropy, looks, sample
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.names import escapes
from inspector.formats.program.dex import tables_end
from inspector.formats.program.qt_resources import REGISTERS as QT_REGISTERS
from inspector.formats.reader import Reader, Span
from inspector.model.artifact import Artifact
from inspector.model.ledger import Gap, LedgerSpan, SpanKind, TreeNode

logger = logging.getLogger(__name__)

APPS: Final = frozenset({"apk", "ipa", "app-set", "aab", "hap"})
APP_ENDINGS: Final = (".apk", ".aab", ".apks", ".apkm", ".xapk", ".ipa", ".hap")
CARVED_LEAVES: Final = frozenset({"data", "elf", "pe", "macho", "kernel", "fpga-configuration", "hdf5", "tflite"})
"""Leaves that may hold whole containers at any offset."""
DENSE_LEAVES: Final = frozenset({"fpga-configuration", "openpgp-keyring"})
"""Leaves whose whole structure was checked: dense by what they are, not because something is hidden."""
PROGRAMS: Final = frozenset({"elf", "pe", "macho"})
SMALLEST_CARVE: Final = 64
LARGEST_TREE: Final = 5_000
GAP_FROM: Final = 1024
"""High-entropy ranges shorter than this are counted as opaque but not listed one by one."""
MOST_GAPS: Final = 2_000


class Visitor(Protocol):
    """Receives every leaf; its bytes count as scanned when it returns."""

    def visit(self, artifact: Artifact, data: Reader, base: int) -> list[Span]:
        """Scan a leaf, return what of `data` is encrypted; `base` is its offset in what locations speak of."""

    def skip(self, path: str) -> bool:
        """Tell whether this node is quarantined: it brought an earlier run down."""

    def at(self, path: str) -> None:
        """Take note that work goes on with this node, after its members."""


@dataclass(slots=True)
class Yield:
    """What a walk adds up besides sightings; yields of workers merge in member order."""

    gaps: list[Gap] = field(default_factory=list)
    tree: list[TreeNode] = field(default_factory=list)
    oddities: list[tuple[str, str]] = field(default_factory=list)
    """(path, note): traversal names, wrong checksums, tampering."""
    properties: list[tuple[str, str, str]] = field(default_factory=list)
    """(path, key, value): what the headers of containers say about themselves."""
    paths: list[tuple[str, str, int]] = field(default_factory=list)
    """(root, inner path, mode) of every file and (with mode -1) symbolic link `name -> target`."""
    files: int = 0
    scanned: int = 0
    failed: int = 0
    limits_hit: set[str] = field(default_factory=set)

    def merge(self, other: "Yield") -> None:
        """Append what another walk found, in its order."""
        # Cut as one process would have cut: how many workers there were must not show.
        if len(self.gaps) + len(other.gaps) > MOST_GAPS:
            self.limits_hit.add("gaps")
        self.gaps = (self.gaps + other.gaps)[:MOST_GAPS]
        self.tree = (self.tree + other.tree)[:LARGEST_TREE]
        self.oddities += other.oddities
        self.properties += other.properties
        self.paths += other.paths
        self.files += other.files
        self.scanned += other.scanned
        self.failed += other.failed
        self.limits_hit |= other.limits_hit


@dataclass(frozen=True, slots=True)
class Node:
    """One artifact in the tree while it is walked."""

    path: str
    data: Reader
    name: str
    depth: int = 0
    hint: str = ""
    root: str = ""
    inner: str = ""
    app: str = ""
    ancestors: tuple[Reader, ...] = ()
    """The containers around it, outermost first: one that comes again inside itself would never end."""
    resources: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Inside:
    """An opened container, as its members need to know it."""

    path: str
    depth: int
    ancestors: tuple[Reader, ...]
    app: str
    rooted: bool
    """Whether members are paths of a file system: shown with a leading slash."""
    plain: str = ""
    """Path of the container without its suffix: that of what a stream without a stored name holds; may be empty."""
    remedy: str = ""
    """What would read members that no reader here can; may be empty."""
    hint: str = ""
    """Leaf format of members whose container knows none."""

    def path_of(self, member: Member) -> str:
        """Return the chain that names a member of this container."""
        return f"{self.path}!{_absolute(member.path) if self.rooted else member.path}"


Job = Callable[["Walker"], list[float]]


class FanOut(Protocol):
    """Runs jobs, perhaps in worker processes, and returns their results in order."""

    def __call__(
        self, walker: "Walker", groups: Sequence[Sequence[Member]], job: Callable[..., list[float]]
    ) -> list[float]:
        """Run `job(walker, group)` for every group; merge yields and visits in order of the groups."""


class Walker:
    """Walks one artifact. Not reusable: `found` belongs to this run."""

    def __init__(self, carver: Carver, budget: Budget, visitor: Visitor, fan_out: FanOut | None = None) -> None:
        self.carver = carver
        self.budget = budget
        self.visitor = visitor
        self.fan_out = fan_out
        self.found = Yield()
        self._broken: list[tuple[str, Damage]] = []
        self._digests: WeakKeyDictionary[Reader, bytes] = WeakKeyDictionary()

    def know(self, data: Reader, digest: bytes) -> None:
        """Take the SHA-256 of `data` from the caller, who has it already."""
        self._digests[data] = digest

    def walk(self, node: Node) -> tuple[float, list[LedgerSpan], str]:
        """Return the node's score, its partition and its format."""
        if self.visitor.skip(node.path):
            self._gap(node.path, Span(0, node.data.size), "failed", "brought down an earlier run; left out")
            return 0.0, [LedgerSpan(0, node.data.size, SpanKind.OPAQUE, 0.0, "quarantined")], "quarantined"
        find, damage = self._identify(node)
        before, gaps = len(self._broken), len(self.found.gaps)
        result = self._container(node, find) if find is not None else self._leaf(node, damage)
        self._name_damages(result[1], before)
        if len(self.found.gaps) > gaps:
            self._name_part(node, gaps)
        return result

    def _name_part(self, node: Node, before: int) -> None:
        """Say of the gaps of a lone part of a file that the other parts would close them."""
        lack = lack_of(node.name, node.data)
        if lack is None:
            return
        new = self.found.gaps[before:]
        mine = [lack.alone and gap.path == node.path and gap.reason == "unknown-data" for gap in new]
        named = [gap._replace(reason=REASON, detail=lack.words, remedy=REMEDY) for gap in new]
        self.found.gaps[before:] = [name if own else gap for gap, name, own in zip(new, named, mine, strict=True)]
        if not any(mine) and any(gap.reason == "malformed" and gap.path.startswith(node.path) for gap in new):
            self._gap(node.path, Span(node.data.size, node.data.size), REASON, lack.words, REMEDY)

    def _name_damages(self, spans: list[LedgerSpan], before: int) -> None:
        """Report containers that were certain but unreadable, where nothing else explains their bytes.

        A magic in the clear whose rest makes no sense is a constant in code, not a damaged archive.
        """
        opaque = [span for span in spans if span.kind is SpanKind.OPAQUE]
        for path, damage in self._broken[before:]:
            if any(span.start <= damage.offset < span.end for span in opaque):
                info, place = damage.extractor.INFO, Span(damage.offset, damage.offset)
                self._problem(path, place, damage.problem, info.title, info.remedy)
        del self._broken[before:]

    # ------------------------------------------------------------------ containers

    def _identify(self, node: Node) -> tuple[Find | None, Damage | None]:
        if node.data.size < 4:
            return None, None
        try:
            return self.carver.identify(node.data, node.name)
        except Exception as error:  # one place per stage where a reader's bug becomes a gap
            self._bug(node.path, error)
            return None, None

    def _container(self, node: Node, find: Find) -> tuple[float, list[LedgerSpan], str]:
        claims = self._unpack(node, find, node.path)
        if find.extractor.INFO.grade is Grade.RECOGNISE and not find.extractor.INFO.scheme:
            claims += self._carved(node, find.span)  # behind a header that no reader knows may stand what one does
        spans = self._settle(node, claims, find.span)
        total = score(spans)
        self._node(node.path, find.extractor.INFO.name, node.data, total)
        return total, spans, find.extractor.INFO.name

    def _unpack(self, node: Node, find: Find, path: str) -> list[Claim]:
        """Return the claims on `find.span`, in offsets of the node, after walking all members."""
        info, start = find.extractor.INFO, find.span.start
        part = node.data if len(find.span) == node.data.size else node.data.slice(start, find.span.end)
        here = f"{path}!{info.name}" + (
            f"@{start:#x}" if start or (node.depth == 0 and len(find.span) < node.data.size) else ""
        )
        if info.media:
            return [*self._texts(node, find, part, here), Claim(find.span, SpanKind.MEDIA, 1.0, info.name)]
        if info.grade is Grade.RECOGNISE:
            self._visit(node, part, start, "data")  # what no reader knows is still searched
            reason = "encrypted" if info.scheme else "unsupported"
            detail = f"{info.title}: {info.scheme}" if info.scheme else info.title
            return [self._unreadable(path, find.span, reason, detail, info.remedy)]
        if any(part.size == around.size and self._digest(part) == self._digest(around) for around in node.ancestors):
            return [self._unreadable(path, find.span, "limit", "contains itself", "")]
        try:
            self.budget.check_depth(node.depth + 1)
            contents = find.extractor.unpack(part)
            inside = Inside(
                path=here,
                depth=node.depth,
                ancestors=(*node.ancestors, part),
                app=here if info.name in APPS else node.app,
                rooted=info.family is Family.FILESYSTEM,
                plain=_without_suffix(node) if part.size == node.data.size else "",
                remedy=info.remedy,
                hint=_told_by(node.data),
            )
            claims = self._members(inside, contents)
            self.visitor.at(node.path)
            claims += [Claim(span, SpanKind.STRUCTURE, 1.0, info.name) for span in contents.structure()]
        except FormatError as error:
            self._visit(node, part, start, "data")
            return [self._problem(path, find.span, error, info.title, info.remedy)]
        except Exception as error:  # a bug of one reader must not cost the rest
            self._bug(here, error)
            self._visit(node, part, start, "data")
            return [Claim(find.span, SpanKind.OPAQUE, 0.0, "failed")]
        self.found.oddities += [(here, note) for note in (*contents.notes, *_around(node, find))]
        if contents.damage:
            self._gap(here, Span(len(find.span), len(find.span)), "malformed", contents.damage)
        if _runs_as_code(node, find):
            self._gap(here, Span(0, 0), "ambiguous", DEX_IN_FRONT)
        self.found.properties += [(here, key, value) for key, value in contents.properties.items()]
        return _shifted(claims, start)

    def _texts(self, node: Node, find: Find, part: Reader, here: str) -> list[Claim]:
        """Return the claims on the texts that a medium carries, after walking them."""
        try:
            texts = self._listed(find.extractor.unpack(part).members, here)
            if texts:
                self.budget.check_depth(node.depth + 1)
            inside = Inside(here, node.depth, (*node.ancestors, part), node.app, rooted=False)
            claims = _claims(texts, [self.member(inside, text) for text in texts])
        except FormatError as error:
            self._problem(node.path, Span(find.span.start, find.span.start), error, find.extractor.INFO.title)
            return []
        except Exception as error:  # as above
            self._bug(here, error)
            return []
        return _shifted(claims, find.span.start)

    def _members(self, inside: "Inside", contents: Contents) -> list[Claim]:
        members = self._listed(contents.members, inside.path)

        def walk_group(walker: "Walker", group: Sequence[Member]) -> list[float]:
            return [walker.member(inside, member) for member in group]

        groups = _split(members) if self.fan_out else [members]
        if self.fan_out and len(groups) > 1:
            scores = self.fan_out(self, groups, walk_group)
        else:
            scores = walk_group(self, members)
        return _claims(members, scores)

    def _listed(self, members: Iterable[Member], here: str) -> list[Member]:
        listed: list[Member] = []
        try:
            for member in members:
                self.budget.spend_member()
                listed.append(member)
        except LimitReached as error:
            self._problem(here, Span(0, 0), error, "")
        except FormatError as error:  # damage in the middle: what came before it still counts
            self._problem(here, Span(0, 0), error, "")
        return joined(listed, self.budget.allowance)

    def member(self, inside: "Inside", member: Member) -> float:
        """Walk one member and return its score, 0 to 1."""
        path = inside.path_of(member)
        if escapes(member.path) and not member.path.startswith("/"):
            self.found.oddities.append((path, "name leaves its container"))
        self.found.oddities += [(path, note) for note in member.notes]
        if member.kind is MemberKind.SYMLINK:
            self.found.paths.append((inside.path, f"{_absolute(member.path)} -> {member.target}", -1))
        elif member.kind is MemberKind.FILE:
            self.found.files += 1
            self.found.paths.append((inside.path, _absolute(member.path), member.mode))
        if member.open is None and member.problem is None:
            return 1.0
        try:
            return self._content(inside, path, member)
        except FormatError as error:
            self._problem(path, Span(0, max(member.size, 0)), error, "", inside.remedy)
        except Exception as error:  # a decoder's bug costs its member
            self._bug(path, error)
        self.found.failed += 1
        return 0.0

    def _content(self, inside: "Inside", path: str, member: Member) -> float:
        if member.open is None:
            raise member.problem or FormatError("no content")
        if self.visitor.skip(path):
            raise FormatError("brought down an earlier run; left out")
        data = member.open(self.budget.allowance())
        self.budget.spend(data)
        self.found.oddities += [(path, note) for note in data.notes]
        if data.damage is not None:  # the good beginning is walked, what is missing is a gap
            self._problem(path, Span(data.size, data.size), data.damage, "", inside.remedy)
        told = (member.path == CONTENT and inside.plain) or member.path
        child = Node(
            path=path,
            data=data,
            name=told.rpartition("/")[2],
            depth=inside.depth + 1,
            hint=member.format or inside.hint,
            root=inside.path,
            inner=_absolute(told),
            app=inside.app,
            ancestors=inside.ancestors,
            resources=member.resources,
        )
        return self.walk(child)[0]

    # ------------------------------------------------------------------ leaves

    def _leaf(self, node: Node, damage: Damage | None) -> tuple[float, list[LedgerSpan], str]:
        label = leaf_format(node.data, node.inner or node.name, node.hint)
        claims: list[Claim] = []
        whole = Span(0, node.data.size)
        if damage is not None:
            info = damage.extractor.INFO
            self._problem(node.path, whole, damage.problem, info.title, info.remedy)
        if label == "dex":
            claims = self._behind_code(node)
        elif node.depth == 0 or (label in CARVED_LEAVES and node.data.size >= SMALLEST_CARVE):
            claims = self._carved(node, whole, streams=label == "data" or _registers_resources(label, node.data))
        if label == "data" and claims:
            spans = self._settle(node, claims, None)
        else:
            sealed = self._visit(node, node.data, 0, label)
            claims += [Claim(span, SpanKind.OPAQUE, 0.0, "encrypted") for span in sealed]
            spans = self._clear(node, label, claims)
        total = score(spans)
        if node.depth == 0 or claims or label not in CARVED_LEAVES:
            self._node(node.path, label, node.data, total)
        self.found.scanned += 1
        return total, spans, label

    def _behind_code(self, node: Node) -> list[Claim]:
        """Return the claims on what stands behind the tables of a DEX, where loaders and packers put their payload."""
        behind = Span(tables_end(node.data), node.data.size)
        if len(behind) < SMALLEST_CARVE or all(kind is Look.PADDING for _, kind in looks(node.data, behind)):
            return []
        if node.depth:  # of an artifact it is a matter of taste which part has the other behind it
            self.found.oddities.append((node.path, f"{len(behind)} bytes stand behind the code"))
        claims = self._carved(node, behind)
        for region in partition(node.data.size, claims)[1]:
            if region.end > behind.start:  # the reader of the DEX answers for its own strings alone
                start = max(region.start, behind.start)
                self._visit(node, node.data.slice(start, region.end), start, "data")
        return claims

    def _carved(self, node: Node, region: Span, *, streams: bool = True) -> list[Claim]:
        try:
            carved = self.carver.carve(node.data, region)
            finds = [*carved.finds, *(self._scattered(node, region, carved.finds) if streams else ())]
        except FormatError as error:
            return [self._problem(node.path, region, error, "")]
        except Exception as error:  # as above
            self._bug(node.path, error)
            return []
        claims: list[Claim] = []
        for find in finds:
            claims += self._unpack(node, find, node.path)
            self._within(node, find, claims)
        self._broken += [(node.path, found) for found in carved.damages]
        if carved.truncated:
            self._problem(node.path, region, LimitReached("too many magics to measure", "members"), "")
        return claims

    def _scattered(self, node: Node, region: Span, finds: Sequence[Find]) -> list[Find]:
        """Return streams whose magic is too short to carve, between what carving found."""
        borders = [region.start, *(at for find in finds for at in (find.span.start, find.span.end)), region.end]
        between = [Span(start, end) for start, end in zip(borders[::2], borders[1::2], strict=True)]
        return [
            find for part in between if len(part) >= SMALLEST_CARVE for find in self.carver.scattered(node.data, part)
        ]

    def _within(self, node: Node, find: Find, claims: list[Claim]) -> None:
        # What a carved container leaves unclaimed inside its own extent is typed with the rest of the node.
        here = f"{node.path}!{find.extractor.INFO.name}@{find.span.start:#x}"
        inside = [c for c in claims if find.span.start <= c.span.start < find.span.end]
        value = sum(len(c.span) * c.weight for c in inside) / max(len(find.span), 1)
        self._node(here, find.extractor.INFO.name, node.data.slice(find.span.start, find.span.end), min(value, 1.0))

    def _clear(self, node: Node, label: str, claims: list[Claim]) -> list[LedgerSpan]:
        """Type a scanned leaf: small ones of a known kind and text are in the clear, the rest by its statistics.

        A magic proves its few bytes only: what follows it may be encrypted all the same.
        """
        known = label not in CARVED_LEAVES and (node.data.size <= HEAD or stays_text(node.data))
        if known and not claims and node.data.size:
            return [LedgerSpan(0, node.data.size, SpanKind.SCANNED, 1.0, label)]
        if known:
            claims.append(Claim(Span(0, node.data.size), SpanKind.SCANNED, 1.0, label))
            return partition(node.data.size, claims)[0]
        spans, free = partition(node.data.size, claims)
        for region in free:
            spans += self._typed(node, region, label)
        return sorted(spans)

    def _settle(self, node: Node, claims: list[Claim], extent: Span | None) -> list[LedgerSpan]:
        """Type what the parsers left over: scan it raw, carve it where it lies behind the container."""
        spans, free = partition(node.data.size, claims)
        rest: list[Span] = []
        for region in _cut_at(free, extent.end if extent is not None else 0):
            outside = extent is not None and region.start >= extent.end
            if outside and len(region) >= SMALLEST_CARVE and (more := self._carved(node, region)):
                inner, left = partition(node.data.size, more)
                spans += inner
                rest += [Span(max(s.start, region.start), min(s.end, region.end)) for s in left if _meets(s, region)]
            else:
                rest.append(region)
        for region in rest:
            typed = self._typed(node, region, "")
            spans += typed
            if all(span.kind is SpanKind.PADDING for span in typed):
                continue  # gigabytes of free space hold nothing to find
            if len(region) >= SMALLEST_CARVE and node.data.read_upto(region.start, 1):
                self._visit(node, node.data.slice(region.start, region.end), region.start, "data")
        return sorted(spans)

    def _typed(self, node: Node, region: Span, label: str) -> list[LedgerSpan]:
        spans: list[LedgerSpan] = []
        for run, kind in looks(node.data, region):
            if kind is Look.PADDING:
                spans.append(LedgerSpan(run.start, run.end, SpanKind.PADDING))
            elif kind is Look.CLEAR or label in DENSE_LEAVES:
                spans.append(LedgerSpan(run.start, run.end, SpanKind.SCANNED, 1.0, label))
            else:
                spans.append(LedgerSpan(run.start, run.end, SpanKind.OPAQUE, 0.0, "high entropy"))
                if len(run) >= GAP_FROM:
                    bits = round(entropy(sample(node.data, run)), 2)
                    self._gap(node.path, run, "unknown-data", "compressed or encrypted by its statistics", bits=bits)
        return spans

    def _visit(self, node: Node, data: Reader, base: int, label: str) -> list[Span]:
        if not data.size:
            return []
        label = (_told_by(node.data) if label == "data" else "") or label
        artifact = Artifact(node.path, label, node.name, node.root, node.inner or node.name, node.app, node.resources)
        return self.visitor.visit(artifact, data, base)

    # ------------------------------------------------------------------ records

    def _digest(self, data: Reader) -> bytes:
        known = self._digests.get(data)
        if known is None:
            hasher = hashlib.sha256()
            for _, view in data.windows():
                hasher.update(view)
            known = self._digests[data] = hasher.digest()
        return known

    def _node(self, path: str, format_name: str, data: Reader, value: float) -> None:
        if len(self.found.tree) < LARGEST_TREE:
            self.found.tree.append(TreeNode(path, format_name, self._digest(data).hex(), data.size, round(value, 6)))

    def _gap(self, path: str, span: Span, reason: str, detail: str, remedy: str = "", bits: float = -1.0) -> None:
        if len(self.found.gaps) < MOST_GAPS:
            self.found.gaps.append(Gap(path, span.start, len(span), reason, detail, remedy, bits))
        else:
            self.found.limits_hit.add("gaps")

    def _unreadable(self, path: str, span: Span, reason: str, detail: str, remedy: str) -> Claim:
        self._gap(path, span, reason, detail, remedy)
        return Claim(span, SpanKind.OPAQUE, 0.0, detail)

    def _problem(self, path: str, span: Span, error: Exception, title: str, reader: str = "") -> Claim:
        """Note a gap; `reader` is what would read a variant of the format that no reader here knows."""
        reason = error.reason if isinstance(error, FormatError) else "failed"
        if isinstance(error, LimitReached):
            self.budget.note(error)
            self.found.limits_hit |= self.budget.hit
        remedy = f"install {error.tool}" if isinstance(error, ToolMissing) else ""
        if isinstance(error, Encrypted):
            remedy = "ask the vendor for the key or an unencrypted image"
        if isinstance(error, Unsupported):
            remedy = reader
        text = f"{title}: {error}" if title else str(error)
        return self._unreadable(path, span, reason, text, remedy)

    def _bug(self, path: str, error: Exception) -> None:
        if isinstance(error, MemoryError):
            self._problem(path, Span(0, 0), LimitReached("reading it took more memory than is allowed", "memory"), "")
            return
        logger.error("reader failed on %r: %s", path, type(error).__name__, exc_info=error)
        self._gap(path, Span(0, 0), "failed", f"reader failed: {type(error).__name__}", "report this as a bug")


DEX_IN_FRONT: Final = (
    "DEX code in front of the package, which Android 5.0 to 8.0 may run in place of the package's own (CVE-2017-13156)"
)


def _runs_as_code(node: "Node", find: Find) -> bool:
    """Tell whether an APK lies behind DEX code, in one file: its signature of the first scheme still holds."""
    return find.extractor.INFO.name == "apk" and find.span.start > 0 and node.data.startswith(b"dex\n0", 0)


def _around(node: "Node", find: Find) -> Iterator[str]:
    """Say what stands around an app in a file named as one: the system may run other code than tools look at."""
    if _runs_as_code(node, find):
        yield f"{find.span.start} bytes of {DEX_IN_FRONT}"
        return
    if find.extractor.INFO.name not in APPS or not node.name.lower().endswith(APP_ENDINGS):
        return
    if find.span.start:
        yield f"{find.span.start} bytes stand in front of the package"
    if behind := node.data.size - find.span.end:
        yield f"{behind} bytes stand behind the package"


def _told_by(around: Reader) -> str:
    """Return the leaf format of what is carved from a document: the streams of a PDF are text and its description."""
    return "documentation" if around.startswith(b"%PDF-") else ""


def _without_suffix(node: Node) -> str:
    """Return the path of a node without the last suffix of its name, or "" where nothing or no suffix is left."""
    stem, dot, _ = node.name.rpartition(".")
    return (node.inner or node.name).rpartition(".")[0] if dot and stem else ""


def _absolute(path: str) -> str:
    """Return the path from the root of its file system, without steps in front; a name that begins with a dot stays."""
    at = 0
    while path.startswith(("./", "../"), at):
        at = path.index("/", at) + 1
    path = path[at:]
    return path if path.startswith("/") else "/" if path in (".", "..") else f"/{path}"


def _registers_resources(label: str, data: Reader) -> bool:
    """Tell whether a program hands Qt resources compiled into it to Qt: they have no magic but that of zlib."""
    return label in PROGRAMS and data.find(QT_REGISTERS) >= 0


def _shifted(claims: list[Claim], start: int) -> list[Claim]:
    """Return the claims on a range as claims on what holds it, `start` bytes further on."""
    if not start:
        return claims
    return [claim._replace(span=Span(claim.span.start + start, claim.span.end + start)) for claim in claims]


def _claims(members: Sequence[Member], scores: Sequence[float]) -> list[Claim]:
    """Return what members claim of their container, each with the score that its walk gave."""
    return [
        _claim(span, value, member) for member, value in zip(members, scores, strict=True) for span in member.extents
    ]


def _claim(span: Span, value: float, member: Member) -> Claim:
    if member.problem is not None and value == 0.0:
        return Claim(span, SpanKind.OPAQUE, 0.0, "unreadable member")
    return Claim(span, SpanKind.MEMBER, value)


def _cut_at(regions: Iterable[Span], border: int) -> Iterator[Span]:
    """Yield the regions, one that reaches over the end of the container as two: what lies behind is another's."""
    for region in regions:
        if region.start < border < region.end:
            yield Span(region.start, border)
            yield Span(border, region.end)
        else:
            yield region


def _meets(a: Span, b: Span) -> bool:
    return a.start < b.end and b.start < a.end


def _split(members: Sequence[Member], groups: int = 16, worth: int = 1 << 20) -> list[Sequence[Member]]:
    """Cut members into runs of about equal stored size; one run where the whole is not worth a fork."""
    sizes = [sum(len(span) for span in member.extents) + 4096 for member in members]
    total = sum(sizes)
    if total < worth or len(members) < 2:
        return [members]
    runs: list[Sequence[Member]] = []
    start = filled = 0
    for index, size in enumerate(sizes):
        filled += size
        if filled >= total / groups:
            runs.append(members[start : index + 1])
            start, filled = index + 1, 0
    if start < len(members):
        runs.append(members[start:])
    return runs
