"""The user's YARA rules on every leaf: matches become sightings, a slow rule becomes a gap."""

import time
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Final

from inspector.errors import KnowledgeError
from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.knowledge import Anchors
from inspector.model.observation import Context, Kind, Location, Observable, Presence, Sighting
from inspector.scan.base import Scanner, ScannerInfo, ScanNotes
from inspector.scan.excerpts import excerpt_at

LEAF_SECONDS: Final = 10
"""Time-out of the rule set on one leaf."""
TOTAL_SECONDS: Final = 60
"""Time of all leaves together in one process; then the rules stop and the profile says so."""
LARGEST: Final = 256 << 20
PLACES: Final = 8


class YaraRules(Scanner):
    """Runs the compiled rules; does nothing where the user gave none."""

    INFO: ClassVar = ScannerInfo(
        name="yara",
        emits=(Kind.YARA,),
        reads=("*",),
        summary="YARA rules given with --yara, on the same decoded leaves as all other scanners.",
        references=("yara.readthedocs.io",),
        limitations=(
            f"leaves above {LARGEST >> 20} MB are left out",
            f"{LEAF_SECONDS} s for one leaf, {TOTAL_SECONDS} s for all leaves of one worker",
        ),
    )

    def __init__(self) -> None:
        self._rules: Any = None
        self._spent = 0.0

    def prepare(self, anchors: Anchors) -> None:
        """Compile the rule sources in the anchors; `KnowledgeError` for a rule that does not compile."""
        self._rules = _compiled(anchors.yara) if anchors.yara else None

    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:
        """Yield one sighting for each of the first places of every rule that matches."""
        if self._rules is None:
            return
        if self._spent > TOTAL_SECONDS or data.size > LARGEST:
            reason = "time for YARA rules used up" if data.size <= LARGEST else "too large for YARA rules"
            notes.gaps.append((0, data.size, "limit", reason))
            return
        for match in self._matches(data, notes):
            yield from _sightings(artifact, data, match)

    def _matches(self, data: Reader, notes: ScanNotes) -> Sequence[Any]:
        import yara

        start = time.monotonic()
        try:
            return list(self._rules.match(data=bytes(data.all()), timeout=LEAF_SECONDS))
        except yara.TimeoutError:
            notes.gaps.append((0, data.size, "limit", f"YARA rules took longer than {LEAF_SECONDS} s"))
        except yara.Error as error:
            notes.gaps.append((0, data.size, "failed", f"YARA: {error}"))
        finally:
            self._spent += time.monotonic() - start
        return ()


def _compiled(sources: Sequence[tuple[str, str]]) -> Any:
    import yara

    named = {f"{number}:{name}": text for number, (name, text) in enumerate(sources)}
    try:
        return yara.compile(sources=named, includes=False)
    except yara.Error as error:
        raise KnowledgeError(f"YARA: {error}") from error


def _sightings(artifact: Artifact, data: Reader, match: Any) -> Iterator[Sighting]:
    observable = Observable(Kind.YARA, match.rule)
    meta = tuple(sorted((key, str(value)) for key, value in match.meta.items()))
    places = sorted((item.offset, item.matched_length) for string in match.strings for item in string.instances)
    for offset, length in places[:PLACES] or [(0, 0)]:
        excerpt, decoding = excerpt_at(data, offset, offset + length)
        yield Sighting(
            observable,
            Location(artifact.path, offset),
            context=Context.CODE,
            presence=Presence.STRING,
            excerpt=excerpt,
            decoding=decoding,
            key=match.namespace.partition(":")[2],
            attributes=(*meta, ("tags", " ".join(match.tags)))[:32],
        )
