"""Inspect files, each in its own child: start it, rerun it without the culprit, or record the failure.

One inspection is a generator that asks for children and gets their outcomes, so that one process without threads can
drive any number of them at once. Three reruns at most, each without the member that ended the one before: a crash
costs that member, not the artifact, and a poisoned file cannot keep the machine busy. Only one of them may follow a
time-out.
"""

import hashlib
import logging
import mmap
import os
import stat
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from inspector import external
from inspector.extract.external import Produced
from inspector.folders import AppParts, Source, as_source, files_of, is_bundle, name_of, open_folded
from inspector.formats.reader import BufferReader, Span
from inspector.harvest import Options, Toolbox
from inspector.isolate import Bounds, Child, Marks, Outcome, Watch
from inspector.isolate.child import Job
from inspector.isolate.sandbox import Workshop
from inspector.model.ledger import Coverage, Gap, SpanKind
from inspector.pipeline import Subject, document_head, inspect_subject
from inspector.profile.document import coverage_document, verdict_document
from inspector.profile.verdict import failed
from inspector.results import Results
from inspector.sets import CutFile, open_parts

logger = logging.getLogger(__name__)

ATTEMPTS: Final = 4
AHEAD: Final = 8
"""Paths looked ahead for each child, to start the larger ones first."""
HASHED_AT_ONCE: Final = 32 << 20
"""Bytes hashed before the other inspections get their turn."""
PROBLEM_WORDS: Final = {
    "crash": "a reader or scanner crashed",
    "timeout": "the time limit was passed",
    "memory": "the memory limit was passed",
    "sandbox": "the sandbox that was asked for is not to be had on this machine",
    "changed": "the file changed while it was read",
}


class Session(NamedTuple):
    """What all inspections of a run share."""

    toolbox: Toolbox
    options: Options = Options()
    require_sandbox: bool = False
    results: Results | None = None
    """Profiles of earlier runs, or None to inspect everything anew."""
    many: bool = False
    """Whether many children are to come, which then share what not every one of them needs."""


class Inspection(NamedTuple):
    """One file, inspected. `document` is None, and `error` says why, for a file that could not be read."""

    path: Path
    """Of several files that are one app, the base."""
    document: dict[str, Any] | None = None
    outcomes: tuple[Outcome, ...] = ()
    """What became of each child that was started, in order; none for a profile from the result cache."""
    error: str = ""
    number: int = 0
    """Place of the path in the order in which it was given, from 0."""

    @property
    def seconds(self) -> float:
        """Return the wall time of all children together."""
        return sum(outcome.seconds for outcome in self.outcomes)


class Request(NamedTuple):
    """A child that an inspection wants."""

    job: Job
    bounds: Bounds


Steps = Generator[Request | None, Outcome, Inspection]
"""Asks for a child and receives its outcome; None only lets the others have a turn. Returns the inspection."""


def inspect_file(
    path: Path, toolbox: Toolbox, options: Options, require_sandbox: bool = False
) -> tuple[dict[str, Any], Outcome]:
    """Return (profile document, outcome of the last child). Raises `OSError` for a file that cannot be read."""
    inspection = next(inspect_files([as_source(path)], Session(toolbox, options, require_sandbox), 1))
    if inspection.document is None:
        raise OSError(inspection.error)
    return inspection.document, inspection.outcomes[-1]


def inspect_files(
    paths: Iterable[Source], session: Session, parallel: int, tick: Callable[[int], bool] = lambda _: True
) -> Iterator[Inspection]:
    """Yield an inspection of every path, as they end; at most `parallel` children run, paths are taken as needed.

    Of the next few paths the larger ones go first: a long inspection that begins last would keep all others waiting.

    `tick(running)` is called some ten times a second; while it returns False no further path is taken. Closing the
    iterator kills what runs.
    """
    waiting = _larger_first(enumerate(paths), AHEAD * parallel) if parallel > 1 else enumerate(paths)
    ready: deque[tuple[Steps, Outcome | None]] = deque()
    running: dict[Child, Steps] = {}
    watch = Watch()
    try:
        while True:
            more = tick(len(running)) or not running
            while more and len(ready) + len(running) < parallel and (taken := next(waiting, None)) is not None:
                ready.append((_numbered(*taken, session), None))
            if not ready and not running:
                return
            free = False
            for _ in range(len(ready)):
                ended = _advance(*ready.popleft(), watch, ready, running)
                if ended is not None:
                    free = True
                    yield ended
            # Where a place came free, the next path starts before we wait for those that run.
            ready.extend((running.pop(child), outcome) for child, outcome in watch.step(wait=not ready and not free))
    finally:
        watch.kill()


def _larger_first(paths: Iterator[tuple[int, Source]], ahead: int) -> Iterator[tuple[int, Source]]:
    while stretch := sorted(islice(paths, ahead), key=lambda numbered: -_size_of(numbered[1])):
        yield from stretch


def _size_of(source: Source) -> int:
    """Return the bytes of a path or of the files that are one input; 0 where it cannot be told."""
    try:
        return sum(os.stat(file).st_size for file in files_of(source))
    except OSError:
        return 0


def _numbered(number: int, source: Source, session: Session) -> Steps:
    inspection = yield from _steps(source, session)
    return inspection._replace(number=number)


def _advance(
    steps: Steps,
    outcome: Outcome | None,
    watch: Watch,
    ready: deque[tuple[Steps, Outcome | None]],
    running: dict[Child, Steps],
) -> Inspection | None:
    try:
        request = steps.send(outcome)  # type: ignore[arg-type]
    except StopIteration as end:
        inspection: Inspection = end.value
        return inspection
    if request is None:
        ready.append((steps, None))
        return None
    try:
        running[watch.start(request.job, request.bounds)] = steps
    except OSError as error:
        ready.append((steps, Outcome(problem="crash", detail=f"cannot start a process: {error.strerror}")))
    return None


def _steps(source: Source, session: Session) -> Steps:
    path = source if isinstance(source, Path) else source.files[0]
    outcomes: list[Outcome] = []
    document: dict[str, Any] | None = None
    for _ in range(2):  # a file that changes meanwhile gets one more chance
        try:
            subject, state = yield from _open(source)
        except OSError as error:
            return Inspection(path, error=error.strerror or str(error))
        key = ""
        if session.results:
            key = session.results.key(subject, session.toolbox, session.options, session.require_sandbox)
        if session.results and (known := session.results.load(key)) is not None:
            return Inspection(path, known)
        document = yield from _inspected(subject, session, outcomes)
        document = yield from _with_tools(subject, session, document, outcomes)
        if _state(source) in (state, None):
            if session.results:
                session.results.store(key, document)
            return Inspection(path, document, tuple(outcomes))
    changed = Outcome(problem="changed", detail="twice")
    return Inspection(path, failed_document(subject, session.toolbox, session.options, changed), tuple(outcomes))


def _open(source: Source) -> Generator[None, Outcome, tuple[Subject, tuple[int, ...]]]:
    """Map a file, the parts of one, a bundle or the parts of an app read-only and hash it. Raises `OSError`.

    Yields between pieces.
    """
    name = name_of(source)
    if isinstance(source, CutFile):
        state = _state(source)
        reader, digest, parts = yield from open_parts(source.files)
        return Subject(name, digest, reader, parts), state or ()
    if isinstance(source, AppParts) or is_bundle(source):
        state = _state(source)
        reader, digest = yield from open_folded(source)
        return Subject(name, digest, reader), state or ()
    handle = os.open(source, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a FIFO must not hold us up
    with open(handle, "rb", buffering=0) as stream:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "not a regular file")
        hasher, size = hashlib.sha256(), 0
        while piece := stream.read(1 << 20):
            hasher.update(piece)
            size += len(piece)
            if size % HASHED_AT_ONCE < len(piece):
                yield None
        now = os.fstat(handle).st_size
        if now < size:
            raise OSError(0, "it shrank while it was read, or is none that lies on a disk")
        data: Any = mmap.mmap(handle, size, prot=mmap.PROT_READ) if size else b""
    return Subject(name, hasher.hexdigest(), BufferReader(data)), _identity(status)


def _state(source: Source) -> tuple[int, ...] | None:
    try:
        return tuple(number for file in files_of(source) for number in _identity(os.stat(file)))
    except OSError:
        return None  # it vanished; what was mapped is still what was hashed


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _with_tools(
    subject: Subject, session: Session, document: dict[str, Any], outcomes: list[Outcome]
) -> Generator[Request, Outcome, dict[str, Any]]:
    """Return the document of a second inspection where external extractors found something in unexplained ranges."""
    mode = session.options.external
    failed_already = document["verdict"]["status"] == "failed"
    spans = [] if mode == "never" or failed_already else external.regions(document, mode)
    if not spans:
        return document
    if not external.installed():
        external.advise(document, spans, "", "install binwalk or unblob and scan again")
        return document
    try:
        with external.workshop() as folder:
            produced, whole = yield from _produced(subject, session, spans, folder)
            if any(item.files for item in produced):
                readable = (folder,)
                again = yield from _inspected(subject, session, outcomes, tuple(produced), readable)
                document = document if again["verdict"]["status"] == "failed" else again
    except OSError as error:
        external.advise(document, spans, f"; external extractors could not run: {error.strerror}")
        document["deterministic"] = False
        return document
    for item in produced:
        words = f"; {item.tool} took out {len(item.files)} files" + (f", {item.problem}" if item.problem else "")
        external.advise(document, [item.span], words)
    document["deterministic"] &= whole
    document["external_tools"] = [
        {"name": name, "version": version} for name, _, version in sorted({i.tool.partition(" ") for i in produced})
    ]
    return document


def _produced(
    subject: Subject, session: Session, spans: list[Span], folder: Path
) -> Generator[Request, Outcome, tuple[list[Produced], bool]]:
    """Return what the tools took out, and whether neither time nor memory nor the disk cut any of them short."""
    produced, whole = [], True
    for number, span in enumerate(spans):
        for tool in external.installed():
            place = folder / f"{number}-{tool.name}"
            if not external.enough_room(folder, len(span)):
                produced.append(Produced(span, f"{tool.name} {tool.version}", place, (), "not enough room on the disk"))
                whole = False
                break
            place.mkdir(mode=0o700)
            source, target = place / "range.bin", place / "out"
            target.mkdir(mode=0o700)
            external.copy(subject.data, span, source)
            yard = Workshop(place, external.MOST_BYTES)
            memory = session.options.limits.memory
            bounds = Bounds(memory, external.SECONDS, external.programs(), session.require_sandbox, yard)

            def job(_: Marks, tool: external.Tool = tool, source: Path = source, target: Path = target) -> bytes:
                return external.run_tool(tool, source, target)

            outcome = yield Request(job, bounds)
            problem = outcome.detail if outcome.problem else outcome.answer.decode()
            whole &= outcome.problem not in ("timeout", "memory")
            source.unlink()
            item = external.collect(span, tool, target, problem)
            produced.append(item)
            if item.files:
                break
    return produced, whole


def _inspected(
    subject: Subject,
    session: Session,
    outcomes: list[Outcome],
    produced: tuple[Produced, ...] = (),
    readable: tuple[Path, ...] = (),
) -> Generator[Request, Outcome, dict[str, Any]]:
    """Return the document of the first attempt that succeeds, or that of a failure."""
    options = session.options
    session.toolbox.warm(for_many=session.many)
    blamed: dict[str, Outcome] = {}
    bounds = Bounds(options.limits.memory, options.limits.seconds, readable, session.require_sandbox)
    for _ in range(ATTEMPTS):
        outcome = yield Request(_job(subject, session, frozenset(blamed), produced), bounds)
        outcomes.append(outcome)
        if not outcome.problem:
            return _blame(orjson.loads(outcome.answer), blamed)
        culprits = set(outcome.culprits) - {subject.name} - set(blamed)
        late = outcome.problem == "timeout" and any(first.problem == "timeout" for first in blamed.values())
        if not culprits or late or outcome.problem == "sandbox":
            break
        logger.warning("%s (%s) at %s: once more without it", outcome.problem, outcome.detail, sorted(culprits))
        blamed |= dict.fromkeys(culprits, outcome)
    return failed_document(subject, session.toolbox, options, outcomes[-1])


def _job(subject: Subject, session: Session, quarantine: frozenset[str], produced: tuple[Produced, ...]) -> Job:
    def job(marks: Marks) -> bytes:
        toolbox, options = session.toolbox, session.options
        return orjson.dumps(inspect_subject(subject, toolbox, options, marks, quarantine, produced))

    return job


def _blame(document: dict[str, Any], blamed: dict[str, Outcome]) -> dict[str, Any]:
    """Say in the quarantine gaps what the left-out members had done."""
    for gap in document["coverage"]["gaps"]:
        if outcome := blamed.get(gap["location"]["path"]):
            gap["detail"] = f"left out: {PROBLEM_WORDS[outcome.problem]} here ({outcome.detail})"
            gap["remedy"] = "report this file as a bug"
    if any(outcome.problem in ("timeout", "memory") for outcome in blamed.values()):
        document["deterministic"] = False
    return document


def failed_document(subject: Subject, toolbox: Toolbox, options: Options, outcome: Outcome) -> dict[str, Any]:
    """Return the profile of a file whose child died: status `failed`, everything opaque."""
    words = f"{PROBLEM_WORDS[outcome.problem]} ({outcome.detail})"
    gap = Gap(subject.name, 0, subject.data.size, "failed", words, "report this file as a bug")
    partition = dict.fromkeys(SpanKind, 0) | {SpanKind.OPAQUE: subject.data.size}
    coverage = Coverage(0.0, partition, gaps=(gap,), limits=options.limits.as_pairs())
    sentence = f"{words[0].upper()}{words[1:]}" + (f" at {outcome.culprits[0]}." if outcome.culprits else ".")
    return {
        **document_head(subject, toolbox, options, "unknown", "unknown", deterministic=False),
        "verdict": verdict_document(failed(sentence)),
        "findings": [],
        "observables": {},
        "rejected": {},
        "coverage": coverage_document(coverage),
        "tree": [],
    }
