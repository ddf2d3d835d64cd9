"""Hosts, URLs, addresses and e-mail addresses of one leaf.

One sweep finds anchors; each distinct text around an anchor is judged once. Memory grows with the number of distinct
endpoints, not with the size of the leaf or the number of repetitions.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.knowledge import Anchors
from inspector.model.observation import Kind, Location, Observable, Sighting
from inspector.scan import sweep
from inspector.scan.base import Place, Placer, Scanner, ScannerInfo, ScanNotes
from inspector.scan.candidates import AFTER, BEFORE, Candidate, examine, host_key, url_key
from inspector.scan.encodings import Decoded, decode_escaped, decode_wide
from inspector.scan.excerpts import excerpt_at

SIGHTINGS_KEPT: Final = 32
"""Places kept per endpoint and leaf; the rest is counted."""
ENDPOINTS_KEPT: Final = 100_000
"""Distinct endpoints kept per leaf; then the leaf is `truncated`, a gap."""
_VERDICTS_KEPT: Final = 200_000
_VALUED_FORMATS: Final = frozenset(("config", "json", "xml", "plist", "axml"))


@dataclass(slots=True)
class _Seen:
    """The places of one endpoint, first ones only, and how many there were."""

    places: list[tuple[int, int, str, tuple[tuple[str, str], ...]]] = field(default_factory=list)
    count: int = 0


class EndpointScanner(Scanner):
    """Finds hosts, URLs, IPv4 and IPv6 addresses and e-mail addresses in any leaf."""

    INFO: ClassVar = ScannerInfo(
        name="endpoints",
        emits=(Kind.HOSTNAME, Kind.URL, Kind.IP_ADDRESS, Kind.EMAIL),
        reads=("*",),
        summary="Host names below every public suffix, URLs of any scheme, IP addresses, e-mail addresses.",
        references=("RFC 1123", "RFC 3986", "RFC 4291", "publicsuffix.org/list"),
        limitations=(
            f"at most {SIGHTINGS_KEPT} places are kept for one endpoint in one leaf",
            "names that a program builds from pieces at run time are not seen",
        ),
    )

    def __init__(self, placers: Sequence[Placer] = ()) -> None:
        self._placers = {leaf_format: placer for placer in placers for leaf_format in placer.FORMATS}
        self._sweep: sweep.Sweep | None = None

    def prepare(self, anchors: Anchors) -> None:  # noqa: ARG002
        """Compile or load the anchors; the knowledge adds nothing here."""
        if self._sweep is None:
            self._sweep = sweep.Sweep(sweep.endpoint_anchors())

    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:
        """Yield sightings by offset; the first of an endpoint carries `count` where some were dropped."""
        self.prepare(Anchors())
        assert self._sweep is not None
        collection = _Collection(data, notes, valued=artifact.format in _VALUED_FORMATS)
        for kind, end in self._sweep.hits(data):
            collection.take(kind, end)
        yield from self._sightings(artifact, data, collection.seen)

    def _sightings(self, artifact: Artifact, data: Reader, seen: dict[Observable, _Seen]) -> Iterator[Sighting]:
        hits = sorted(
            (start, end, observable, decoding, attributes, entry.count if index == 0 else 0)
            for observable, entry in seen.items()
            for index, (start, end, decoding, attributes) in enumerate(entry.places)
        )
        placer = self._placers.get(artifact.format)
        spans = [(start, end) for start, end, *_ in hits]
        places = placer.places(artifact, data, spans) if placer and spans else [Place()] * len(hits)
        for (start, end, observable, decoding, attributes, count), place in zip(hits, places, strict=True):
            extra = (("count", str(count)),) if count > SIGHTINGS_KEPT else ()
            yield Sighting(
                observable,
                Location(artifact.path, start),
                context=place.context,
                presence=place.presence,
                excerpt=excerpt_at(data, start, end, decoding),
                decoding=decoding,
                key=place.key,
                referenced_by=place.referenced_by,
                attributes=tuple(sorted(attributes + extra)),
            )


class _Collection:
    """The endpoints of one leaf as they come in."""

    def __init__(self, data: Reader, notes: ScanNotes, *, valued: bool) -> None:
        self.seen: dict[Observable, _Seen] = {}
        self._data = data
        self._notes = notes
        self._valued = valued
        self._verdicts: dict[bytes, Candidate | None] = {}
        self._decoded_to = -1
        self._truncated = False

    def take(self, kind: int, end: int) -> None:
        """Judge the anchor of `kind` that ends at `end` of the leaf."""
        if kind in _DECODERS:
            if end > self._decoded_to and (decoded := _DECODERS[kind](self._data, end)):
                self._decoded_to = decoded.end
                self._take_decoded(decoded)
            return
        if kind not in (sweep.HOST, sweep.SCHEME, sweep.IPV4, sweep.IPV6):
            return
        low = max(0, end - BEFORE)
        text = self._data.read_upto(low, end - low + (2 if kind == sweep.HOST else AFTER))
        if kind == sweep.HOST:
            self._take_host(text, end - low, low)
        elif kind == sweep.SCHEME:
            self._take_url(text, end - low, low)
        elif found := examine(text, kind, end - low):
            self._keep(found, low)

    def _take_host(self, text: bytes, end: int, low: int) -> None:
        # Code repeats itself: the same name between the same neighbours gets the verdict it got before.
        key = host_key(text, end - 1)
        if key in self._verdicts:
            known = self._verdicts[key]
        else:
            self._make_room()
            known = examine(text, sweep.HOST, end, valued=self._valued)
            known = known and known._replace(start=known.start - end, end=known.end - end)
            self._verdicts[key] = known
        if known is None:
            return
        if known.reason or self._is_full(known):
            self._keep(known, low + end)
            return
        # The port behind a name and the local part before it are not part of the key.
        text += self._data.read_upto(low + len(text), 6)
        if fresh := examine(text, sweep.HOST, end, valued=self._valued):
            self._keep(fresh, low)

    def _take_url(self, text: bytes, end: int, low: int) -> None:
        key = url_key(text, end)
        if key not in self._verdicts:
            self._make_room()
            found = examine(text, sweep.SCHEME, end)
            self._verdicts[key] = found and found._replace(start=found.start - end, end=found.end - end)
        if (known := self._verdicts[key]) is None:
            return
        self._keep(known, low + end)
        if known.cut:
            host = dict(known.attributes)["host"]
            start = known.start + known.value.find(host)
            self._keep(Candidate(Kind.HOSTNAME, host, start, start + len(host)), low + end)

    def _make_room(self) -> None:
        if len(self._verdicts) >= _VERDICTS_KEPT:
            self._verdicts.clear()

    def _is_full(self, found: Candidate) -> bool:
        entry = self.seen.get(Observable(found.kind, found.value)) if found.kind is Kind.HOSTNAME else None
        return entry is not None and entry.count >= SIGHTINGS_KEPT

    def _take_decoded(self, decoded: Decoded) -> None:
        for found in decoded.candidates(valued=self._valued):
            self._keep(found, 0, decoded.decoding)

    def _keep(self, found: Candidate, base: int, decoding: str = "") -> None:
        start, end = base + found.start, base + found.end
        if found.reason:
            self._notes.refuse(found.value, found.reason, start)
            return
        observable = Observable(found.kind, found.value)
        entry = self.seen.get(observable)
        if entry is None:
            if len(self.seen) >= ENDPOINTS_KEPT:
                self._truncate(start)
                return
            entry = self.seen[observable] = _Seen()
        if decoding and any(start == place[0] for place in entry.places):
            return
        entry.count += 1
        if len(entry.places) < SIGHTINGS_KEPT:
            entry.places.append((start, end, decoding, found.attributes))

    def _truncate(self, offset: int) -> None:
        if not self._truncated:
            self._truncated = True
            detail = (
                f"more than {ENDPOINTS_KEPT} distinct endpoints: those first seen behind this offset are not listed"
            )
            self._notes.gaps.append((offset, self._data.size - offset, "limit", detail))
        self._notes.rejected["truncated"] += 1


_DECODERS: Final[dict[int, Callable[[Reader, int], Decoded | None]]] = {
    sweep.WIDE: decode_wide,
    sweep.ESCAPED: decode_escaped,
}
