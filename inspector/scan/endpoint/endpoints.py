"""Hosts, URLs, addresses and e-mail addresses of one leaf.

One sweep finds anchors; each distinct text around an anchor is judged once. Memory grows with the number of distinct
endpoints, not with the size of the leaf or the number of repetitions.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import ClassVar, Final

from inspector.formats.reader import WINDOW, Reader
from inspector.model.artifact import Artifact
from inspector.model.knowledge import Anchors
from inspector.model.observation import Kind, Location, Observable, Sighting
from inspector.scan import sweep
from inspector.scan.base import AnchoredScanner, Placer, ScannerInfo, ScanNotes
from inspector.scan.endpoint.candidates import (
    AFTER,
    BEFORE,
    HOST_BYTES,
    Candidate,
    Key,
    examine,
    host_key,
    is_whole,
    quad_key,
    url_key,
)
from inspector.scan.endpoint.encodings import Decoded, decode_defanged, decode_escaped, decode_folded, decode_wide
from inspector.scan.endpoint.hosts import is_host
from inspector.scan.endpoint.rejection import (
    could_be_another,
    could_be_components,
    is_components,
    is_owned,
    other_than_host,
)
from inspector.scan.excerpts import excerpt_at
from inspector.scan.places.many import Places

SIGHTINGS_KEPT: Final = 32
"""Places kept per endpoint and leaf; the rest is counted."""
ENDPOINTS_KEPT: Final = 100_000
"""Distinct endpoints kept per leaf; then the leaf is `truncated`, a gap."""
OWNED_KEPT: Final = 10_000
"""Names with a known owner that are kept beyond those: many others before it hide none."""
_OWNED_REACH: Final = 72
"""Bytes of a name, from its end, that are asked for its owner."""
_AMONG: Final = 160
"""Bytes on each side of a name in which other files, suffixes or vectors show that it is one too."""
_VERDICTS_KEPT: Final = 200_000
_SHARED_KEPT: Final = 50_000
"""Verdicts that later leaves can use."""
_DOT: Final = 0x2E
_LABEL_BYTES: Final = frozenset(b"-_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") | frozenset(
    range(0x80, 0x100)
)
_VALUED_FORMATS: Final = frozenset(("config", "json", "xml", "plist", "axml"))
_PLAIN: Final = frozenset(("", "utf-16le", "utf-16be"))
"""What `packed-endpoints` reads where the borders of a text are known."""


@dataclass(slots=True)
class _Seen:
    """The places of one endpoint, first ones only, and how many there were."""

    places: list[tuple[int, int, str, tuple[tuple[str, str], ...]]] = field(default_factory=list)
    count: int = 0


_VERSION_REACH: Final = 24
_VERSION_INFO: Final = re.compile(re.escape("Version".encode("utf-16le")) + rb"\x00{2,6}\Z")
"""`FileVersion` and `ProductVersion` of a Windows program (`VS_VERSIONINFO`), up to the value."""


class EndpointScanner(AnchoredScanner):
    """Finds hosts, URLs, IPv4 and IPv6 addresses and e-mail addresses in any leaf."""

    INFO: ClassVar = ScannerInfo(
        name="endpoints",
        emits=(Kind.HOSTNAME, Kind.URL, Kind.IP_ADDRESS, Kind.EMAIL),
        reads=("*",),
        summary="Host names below every public suffix, URLs of any scheme, IP addresses, e-mail addresses.",
        references=("RFC 1123", "RFC 3986", "RFC 4291", "UTS #46", "publicsuffix.org/list"),
        limitations=(
            "of unusual spellings, `evil[.]com`, `hxxp://`, fullwidth forms, escapes and mixed addresses are read",
            "names written in reverse are not read",
            f"at most {SIGHTINGS_KEPT} places are kept for one endpoint in one leaf",
            "names that a program builds from pieces at run time are not seen",
        ),
    )

    def __init__(self, placers: Sequence[Placer] = ()) -> None:
        self._places = Places(placers)
        self._shared: Shared = {}
        self._known: AbstractSet[str] = frozenset()

    def prepare(self, anchors: Anchors) -> None:
        """Take the host names whose owner is known: these are not doubted for their last label."""
        self._known = anchors.hosts
        self._shared = {}

    def anchors(self) -> tuple[sweep.Anchor, ...]:
        """Return one anchor for each public suffix, scheme and form of address."""
        return sweep.endpoint_anchors()

    def judge(
        self, artifact: Artifact, data: Reader, notes: ScanNotes, windows: Iterable[sweep.Window]
    ) -> Iterator[Sighting]:
        """Yield sightings by offset; the first of an endpoint carries `count` where some were dropped."""
        shared = self._shared if data.size <= WINDOW else {}
        valued = artifact.format in _VALUED_FORMATS
        collection = _Collection(data, notes, shared, self._known, valued=valued)
        for offset, view, matches in windows:
            collection.take(offset, view, matches)
        collection.close()
        yield from self._sightings(artifact, data, collection.seen, notes)

    def _sightings(
        self, artifact: Artifact, data: Reader, seen: dict[Observable, _Seen], notes: ScanNotes
    ) -> Iterator[Sighting]:
        hits = sorted(
            (start, end, observable, decoding, attributes, entry.count if index == 0 else 0)
            for observable, entry in seen.items()
            for index, (start, end, decoding, attributes) in enumerate(entry.places)
        )
        places = self._places.of(artifact, data, hits)
        for (start, end, observable, decoding, attributes, count), place in zip(hits, places, strict=True):
            if place.bounded and decoding in _PLAIN:
                continue
            if place.rejected:
                notes.refuse(observable.value, place.rejected, start)
                continue
            if place.prefix and observable.kind is Kind.HOSTNAME:
                observable, start = _without_prefix(observable, start, place.prefix)
            excerpt, read_as = excerpt_at(data, start, end, decoding)
            extra = (("count", str(count)),) if count > SIGHTINGS_KEPT else ()
            yield Sighting(
                observable,
                Location(artifact.path, start),
                context=place.context,
                presence=place.presence,
                excerpt=excerpt,
                decoding=read_as,
                key=place.key,
                referenced_by=place.referenced_by,
                attributes=tuple(sorted(attributes + extra)),
            )


def _without_prefix(observable: Observable, start: int, prefix: int) -> tuple[Observable, int]:
    """Return a host name without the bytes of a length that happen to be letters, and where it starts."""
    value = observable.value[prefix:].lstrip(".-_")
    if "." not in value:
        return observable, start
    return Observable(observable.kind, value), start + len(observable.value) - len(value)


@dataclass(slots=True)
class _Verdict:
    """What was made of one distinct text, with offsets relative to the end of its anchor, and how often it came."""

    found: Candidate | None
    first: int
    """Offset in the leaf of its first occurrence."""
    count: int = 0
    seen: _Seen | None = None
    """The endpoint that the text is, once enough of its places are known: then it is counted only."""


Shared = dict[tuple[Key, bool], Candidate | None]
"""What became of texts whose key holds all that a verdict depends on; true in every leaf."""


class _Collection:
    """The endpoints of one leaf as they come in."""

    def __init__(
        self, data: Reader, notes: ScanNotes, shared: Shared, known: AbstractSet[str], *, valued: bool
    ) -> None:
        self.seen: dict[Observable, _Seen] = {}
        self._data = data
        self._notes = notes
        self._valued = valued
        self._shared = shared
        self._known = known
        self._verdicts: dict[Key, _Verdict] = {}
        self._decoded_to = -1
        self._mixed_to = -1
        self._truncated = False

    def take(self, offset: int, view: memoryview, matches: sweep.Matches) -> None:
        """Judge the matches in one window; `offset` is the window's place in the leaf."""
        # Code repeats itself: the same text between the same neighbours gets the verdict it got before.
        verdicts = self._verdicts
        last = len(view)
        for match in matches:
            kind, end = match >> sweep.KIND_SHIFT, match & sweep.END
            if kind == sweep.HOST:
                if end < last and view[end - 1] == _DOT and view[end] in _LABEL_BYTES:
                    continue  # the name goes on behind this label
                key: Key = host_key(view, end)
            elif kind == sweep.SCHEME:
                key = url_key(view, end)
            elif kind == sweep.IPV4:
                key = quad_key(self._data, offset + end)
            else:
                self._take_rare(kind, offset + end)
                continue
            verdict = verdicts.get(key)
            if verdict is None and self._truncated and not (kind == sweep.HOST and self._is_owned(view, end - 1)):
                # What a full list cannot take any more is counted, not judged: ten million names end in time.
                self._notes.rejected["truncated"] += 1
                continue
            if verdict is None:
                verdict = self._judge(key, kind, offset + end)
            verdict.count += 1
            if verdict.seen is not None:
                verdict.seen.count += 1
            elif verdict.found is not None and not verdict.found.reason:
                self._accept(key, kind, verdict, verdict.found, offset + end)

    def close(self) -> None:
        """Count what was refused: to be called once, after the last window."""
        for verdict in self._verdicts.values():
            if verdict.found is not None and verdict.found.reason:
                self._notes.refuse(verdict.found.value, verdict.found.reason, verdict.first, verdict.count)
        self._verdicts.clear()

    def _judge(self, key: Key, kind: int, end: int) -> _Verdict:
        if len(self._verdicts) >= _VERDICTS_KEPT:
            self.close()
        if kind == sweep.IPV4 or not is_whole(key):
            found = self._examine(kind, end)
        elif (asked := (key, self._valued)) in self._shared:
            found = self._shared[asked]
        else:
            if len(self._shared) >= _SHARED_KEPT:
                self._shared.clear()
            found = self._shared[asked] = self._told(key) if isinstance(key, bytes) else self._examine(kind, end)
        first = end + found.start if found else end
        verdict = self._verdicts[key] = _Verdict(found, first)
        return verdict

    def _told(self, name: bytes) -> Candidate | None:
        """Return the candidate of a name whose key says everything, with offsets relative to the end of its anchor."""
        end = len(name) - 1
        found = examine(name, sweep.HOST, end, valued=self._valued, known=self._known)
        return found and found.moved(-end)

    def _examine(self, kind: int, end: int) -> Candidate | None:
        """Return the candidate with offsets relative to `end`."""
        low = max(0, end - BEFORE)
        text = self._data.read_upto(low, end - low + AFTER)
        found = examine(text, kind, end - low, valued=self._valued, known=self._known)
        return found and found.moved(low - end)

    def _accept(self, key: Key, kind: int, verdict: _Verdict, found: Candidate, end: int) -> None:
        entry = self.seen.get(Observable(found.kind, found.value))
        if entry is not None and entry.count >= SIGHTINGS_KEPT and found.kind is not Kind.EMAIL:
            entry.count += 1
            verdict.seen = entry
        elif isinstance(key, tuple):
            self._keep(found, end)
            if found.cut:
                host = dict(found.attributes)["host"]
                start = found.start + found.value.find(host)
                named = is_host(host)
                part = Candidate(Kind.HOSTNAME if named else Kind.IP_ADDRESS, host, start, start + len(host))
                self._keep(part, end, found.decoding if named else "numeric-address")
        elif kind == sweep.HOST and is_whole(key) and key[-2:-1] != b":":
            self._keep(found, end)
        elif fresh := self._examine(kind, end):
            # The port behind a name and the local part before it are not part of the key.
            self._keep(fresh, end)

    def _take_rare(self, kind: int, end: int) -> None:
        if kind in (sweep.IPV6, sweep.WHOLE_IPV6):
            if found := self._examine(kind, end):
                self._keep(found, end)
        elif kind == sweep.MIXED:
            # The anchors of one address end at several of its signs.
            if end > self._mixed_to and (found := self._examine(kind, end)):
                self._keep(found, end)
                self._mixed_to = end + found.end
        elif kind in _DECODERS and end > self._decoded_to and (decoded := _DECODERS[kind](self._data, end)):
            for found in decoded.candidates(self._decoded_to, valued=self._valued, known=self._known):
                self._keep(found, 0, decoded.decoding)
            self._decoded_to = decoded.end

    def _other_name(self, name: str, start: int, end: int) -> str:
        """Return the reason to refuse a name that is none of a host by the text around it, or ""."""
        another, components = could_be_another(name), could_be_components(name)
        if not (another or components) or (owned := is_owned(name, self._known)) != another:
            return ""
        low = max(0, start - _AMONG)
        around = self._data.read_upto(low, end - low + _AMONG)
        if owned:
            return other_than_host(name, around, self._known)
        return "property-chain" if is_components(around, start - low, end - low) else ""

    def _keep(self, found: Candidate, base: int, decoding: str = "") -> None:
        start, end = base + found.start, base + found.end
        decoding = decoding or found.decoding
        if found.reason:
            self._notes.refuse(found.value, found.reason, start)
            return
        plain = found.kind is Kind.HOSTNAME and not (decoding or found.attributes)
        if plain and (reason := self._other_name(found.value, start, end)):
            self._notes.refuse(found.value, reason, start)
            return
        if found.kind is Kind.IP_ADDRESS and decoding == "utf-16le" and self._is_file_version(start):
            self._notes.refuse(found.value, "version-number", start)
            return
        observable = Observable(found.kind, found.value)
        entry = self.seen.get(observable)
        if entry is None:
            size = len(self.seen)
            if size >= ENDPOINTS_KEPT and (
                size >= ENDPOINTS_KEPT + OWNED_KEPT or not is_owned(found.value, self._known)
            ):
                self._truncate(start)
                return
            entry = self.seen[observable] = _Seen()
        elif any(place[:2] == (start, end) for place in entry.places):
            return  # a host behind `http:\\/\\/` is found with its escapes, and by itself
        entry.count += 1
        if len(entry.places) < SIGHTINGS_KEPT:
            entry.places.append((start, end, decoding, found.attributes))

    def _is_file_version(self, start: int) -> bool:
        low = max(0, start - _VERSION_REACH)
        return _VERSION_INFO.search(self._data.read_upto(low, start - low)) is not None

    def _is_owned(self, view: memoryview, end: int) -> bool:
        """Tell whether the name that ends at `end` is one whose owner is known, while there is room for it."""
        if len(self.seen) >= ENDPOINTS_KEPT + OWNED_KEPT:
            return False
        name = bytes(view[max(0, end - _OWNED_REACH) : end]).lower().translate(HOST_BYTES).rpartition(b" ")[2]
        return is_owned(name.decode("ascii"), self._known)

    def _truncate(self, offset: int) -> None:
        if not self._truncated:
            self._truncated = True
            detail = (
                f"truncated: over {ENDPOINTS_KEPT} distinct endpoints, "
                "of those first seen from here on only names with a known owner are kept"
            )
            self._notes.gaps.append((offset, self._data.size - offset, "limit", detail))
        self._notes.rejected["truncated"] += 1


_DECODERS: Final[dict[int, Callable[[Reader, int], Decoded | None]]] = {
    sweep.WIDE: decode_wide,
    sweep.ESCAPED: decode_escaped,
    sweep.DEFANGED: decode_defanged,
    sweep.FOLDED: decode_folded,
}
