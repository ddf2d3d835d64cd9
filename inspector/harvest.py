"""What one artifact yields while it is walked: sightings, facts, rejections, gaps; and what all scans share."""

import logging
import re
from collections import Counter
from dataclasses import replace
from functools import cached_property, lru_cache, partial
from typing import Any, Final, NamedTuple

from inspector.classify import AddressBook, Index
from inspector.classify.addresses import NoAddresses
from inspector.classify.generic import ICP_NUMBERS
from inspector.errors import FormatError
from inspector.extract.budget import Limits
from inspector.extract.carve import Carver
from inspector.extract.catalogue import CATALOGUE
from inspector.formats.reader import Reader, Span
from inspector.isolate.marks import Marks
from inspector.model.artifact import Artifact
from inspector.model.knowledge import Anchors, Knowledge
from inspector.model.ledger import Gap
from inspector.model.observation import Location, Observable, Sighting
from inspector.profile.rejections import Refusals
from inspector.scan import import_all
from inspector.scan.base import ScanNotes
from inspector.scan.database import load_database
from inspector.scan.stage import ScanLeaf, prepare_scan

logger = logging.getLogger(__name__)

MOST_OBSERVABLES: Final = 200_000
"""Different observables kept over the whole artifact: a file made of host names must not fill the memory."""
MOST_OWNED: Final = 20_000
"""Those that signatures know, kept beyond that number."""
MOST_GAPS: Final = 2_000
"""Gaps of scanners that are kept; a limit is reported with the first one dropped."""
KEPT_PER_OBSERVABLE: Final = 32
"""Sightings of one observable kept over the whole artifact; further ones are only counted."""
KEPT_PER_APP: Final = 4
"""Sightings of one observable kept in each app even so: every app of a system image gets its own verdict."""
_APP: Final = re.compile(r"!(?:apk|ipa|hap)(?:@0x[0-9a-f]+)?(?=!|$)")


PARTS: Final = ("sightings", "counts", "rejected", "refused", "facts", "gaps", "limits_hit")
"""What a worker hands back of its harvest."""


class Options(NamedTuple):
    """What a scan is asked to do; everything here is part of the profile."""

    limits: Limits = Limits()
    workers: int = 1
    show_rejected: bool = False
    external: str = "auto"


class Toolbox:
    """What every scan of a process shares: knowledge, indexes, compiled databases. Built before the first fork."""

    def __init__(self, knowledge: Knowledge, addresses: AddressBook | None = None) -> None:
        self.knowledge = knowledge
        self.addresses: AddressBook = addresses or NoAddresses()

    @cached_property
    def index(self) -> Index:
        """Return the matcher over all indicators."""
        return Index(self.knowledge)

    @cached_property
    def carver(self) -> Carver:
        """Return the carver over all extractors."""
        return Carver(CATALOGUE, partial(load_database, caseless=False))

    @cached_property
    def scan(self) -> ScanLeaf:
        """Return the scan function, its databases compiled for this knowledge."""
        anchors = Anchors(
            strings=self.index.strings(),
            regexes=(*self.index.regexes(), *ICP_NUMBERS),
            packages=self.index.packages(),
            yara=self.knowledge.yara,
            hosts=self.index.hosts(),
            classes=self.index.classes(),
            sha256=self.knowledge.sha256,
        )
        return prepare_scan(anchors)

    def warm(self, for_many: bool = False) -> None:
        """Build now what children share, once; with `for_many` artifacts also what not every one of them needs."""
        _ = (self.index, self.carver.warm(), self.scan)
        if for_many:
            from inspector.formats.program.dex_code import numpy

            self.carver.import_all()
            import_all()
            numpy()
            _ = self.addresses.date


class Harvest:
    """Visitor of the walk: scans each leaf and adds up what was seen."""

    def __init__(self, toolbox: Toolbox, marks: Marks, quarantine: frozenset[str], options: Options) -> None:
        self.toolbox = toolbox
        self.marks = marks
        self.quarantine = quarantine
        self.options = options
        self.sightings: dict[Observable, list[Sighting]] = {}
        self.counts: Counter[Observable] = Counter()
        self.per_app: Counter[tuple[Observable, str]] = Counter()
        self.rejected: Counter[str] = Counter()
        self.refused = Refusals()
        self.facts: list[tuple[str, str, str]] = []
        self.gaps: list[Gap] = []
        self.limits_hit: set[str] = set()

    def at(self, path: str) -> None:
        """Note that work on this path begins or goes on."""
        self.marks.at(path)

    def skip(self, path: str) -> bool:
        """Tell whether the path is quarantined; else note that work on it begins."""
        self.marks.at(path)
        return path in self.quarantine

    def visit(self, artifact: Artifact, data: Reader, base: int) -> list[Span]:
        """Scan one leaf, return the ranges that scanners know to be encrypted; a scanner's bug is a gap."""
        notes = ScanNotes(listing=self.options.show_rejected)
        self.marks.at(artifact.path)
        try:
            found = self.toolbox.scan(artifact, data, notes)
        except FormatError as error:
            self._gap(Gap(artifact.path, base, data.size, error.reason, str(error)))
            return []
        except MemoryError:
            self.limits_hit.add("memory")
            self._gap(Gap(artifact.path, base, data.size, "limit", "scanning it took more memory than is allowed"))
            return []
        except Exception as error:
            logger.error("scanner failed on %r", artifact.path, exc_info=error)
            detail = f"scanner failed: {type(error).__name__}"
            self._gap(Gap(artifact.path, base, data.size, "failed", detail, "report this as a bug"))
            return []
        for sighting in found:
            self._keep(sighting if not base else _moved(sighting, base))
        if notes.rejected:
            self.rejected.update(notes.rejected)
        if self.options.show_rejected:
            self.refused.add((value, reason, artifact.path, base + at) for value, reason, at in notes.refused)
        self.facts += notes.facts
        for at, size, why, text in notes.gaps:
            self._gap(Gap(artifact.path, base + at, size, why, text))
        return [Span(at, at + size) for at, size, why, _ in notes.gaps if why == "encrypted"]

    def _keep(self, sighting: Sighting) -> None:
        kept = self.sightings.get(sighting.observable)
        if kept is None:
            # What leads to somebody is worth the room that the many others of a flood are not.
            room = MOST_OBSERVABLES + (MOST_OWNED if self._is_full() and self._is_owned(sighting.observable) else 0)
            if len(self.sightings) >= room:
                self.limits_hit.add("observables")
                return
            kept = self.sightings[sighting.observable] = []
        self.counts[sighting.observable] += 1
        app = (sighting.observable, app_of(sighting.location.path))
        if len(kept) < KEPT_PER_OBSERVABLE or (app[1] and self.per_app[app] < KEPT_PER_APP):
            kept.append(sighting)
            self.per_app[app] += 1

    def _is_full(self) -> bool:
        return len(self.sightings) >= MOST_OBSERVABLES

    def _is_owned(self, observable: Observable) -> bool:
        return bool(self.toolbox.index.find(observable.kind, observable.value))

    def _gap(self, gap: Gap) -> None:
        if gap.reason == "limit":
            self.limits_hit.add("scan")
        if len(self.gaps) < MOST_GAPS:
            self.gaps.append(gap)
        else:
            self.limits_hit.add("gaps")

    def merge(self, other: "Harvest") -> None:
        """Append what another harvest holds, in its order."""
        for observable, sightings in other.sightings.items():
            for sighting in sightings:
                self._keep(sighting)
            # The other has counted those that it did not keep, too.
            if observable in self.counts:
                self.counts[observable] += other.counts[observable] - len(sightings)
        self.rejected.update(other.rejected)
        self.refused.merge(other.refused)
        self.facts += other.facts
        self.limits_hit |= other.limits_hit
        for gap in other.gaps:
            self._gap(gap)

    def __getstate__(self) -> dict[str, Any]:
        return {key: getattr(self, key) for key in PARTS}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


@lru_cache(maxsize=1024)
def app_of(path: str) -> str:
    """Return the chain of the innermost app that a place lies in, or nothing."""
    if "!apk" not in path and "!ipa" not in path and "!hap" not in path:
        return ""
    found = list(_APP.finditer(path))
    return path[: found[-1].end()] if found else ""


def _moved(sighting: Sighting, base: int) -> Sighting:
    return replace(sighting, location=Location(sighting.location.path, sighting.location.offset + base))
