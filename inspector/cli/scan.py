"""`inspector scan`: the main job."""

import logging
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from inspector.cli.exit_codes import RATINGS, Exit, code_for, worst
from inspector.cli.inputs import Input, NamedPath, inputs
from inspector.cli.outputs import LINES, Outputs, Target, named_file, targets
from inspector.cli.policy import Gate, announce, gate, policy_options
from inspector.cli.progress import Progress

if TYPE_CHECKING:
    from inspector.cli.run_record import RunRecord
    from inspector.folders import Source
    from inspector.session import Inspection, Session

logger = logging.getLogger(__name__)

HELD: Final = 256
"""Finished profiles that wait for an earlier one, where order matters; then no new inspection begins."""


@click.command("scan")
@click.argument("paths", nargs=-1, required=True, type=NamedPath())
@click.option("-f", "--format", "formats", multiple=True, metavar="FORMAT[=FILE]", help="Output; repeat for several.")
@click.option("--lang", type=click.Choice(["en", "cs"]), default="en", show_default=True, help="Language of reports.")
@click.option("--open", "open_page", is_flag=True, help="Write the HTML page and open it.")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="Folder for one profile each.")
@click.option("--jobs", type=click.IntRange(1, 64), help="Worker processes (default: one for each core).")
@click.option("--signatures", multiple=True, type=click.Path(path_type=Path), help="Folder with further signatures.")
@click.option("--yara", multiple=True, type=click.Path(exists=True, path_type=Path), help="YARA rule file or folder.")
@click.option("--fail-on", type=click.Choice(RATINGS[1:]), help="Exit 1 from this rating on.")
@click.option("--fail-on-incomplete", is_flag=True, help="Exit 4 when nothing was found but not all could be seen.")
@policy_options
@click.option("--require-sandbox", is_flag=True, help="Fail rather than inspect with a weaker sandbox.")
@click.option("--show-rejected", is_flag=True, help="List what looked like an endpoint and was refused.")
@click.option("--max-depth", type=click.IntRange(1, 64), default=12, show_default=True)
@click.option("--max-members", type=click.IntRange(1), default=100_000, show_default=True)
@click.option("--max-unpacked", type=click.IntRange(1), default=20 << 30, show_default=True, metavar="BYTES")
@click.option("--max-ratio", type=click.IntRange(1), default=200, show_default=True, help="Unpacked to packed bytes.")
@click.option("--max-seconds", type=click.IntRange(1), default=300, show_default=True)
@click.option("--max-memory", type=click.IntRange(64 << 20), default=2 << 30, show_default=True, metavar="BYTES")
@click.option(
    "--external",
    type=click.Choice(["never", "auto", "always"]),
    default="auto",
    show_default=True,
    help="Give ranges that nothing explains to binwalk and unblob, where installed (auto: large ones).",
)
@click.option("--no-cache", is_flag=True, help="Inspect everything anew and keep no results.")
@click.option("--run-record", type=click.Path(path_type=Path, dir_okay=False), help="Write times, host, sandbox here.")
@click.option("-q", "--quiet", is_flag=True, help="Only errors on stderr.")
@click.option("-v", "--verbose", count=True, help="Say on stderr what was done; twice: each part, each gap.")
def command(paths: Sequence[Path], **chosen: Any) -> None:
    """Inspect PATHS and report what leads to the PRC or entities based there.

    Without -f the report goes to the terminal. Directories are walked; every file in them is one artifact, the base
    and the splits of an Android app together are one.
    """
    _logging(chosen["verbose"], chosen["quiet"])
    outputs = _outputs(chosen)
    decider = gate(chosen)
    left_out: Counter[str] = Counter()
    found = inputs(paths, left_out)
    first = list(islice(found, 2))
    if not first:
        raise _exit(Exit.NOTHING, f"nothing to inspect: no files there{_besides(left_out)}")
    if len(first) > 1:
        outputs.refuse_collisions()
    session, jobs = _prepare(chosen, alone=len(first) == 1)
    total = 1 if len(first) == 1 else _count(paths, chosen["quiet"])
    run = Run(session, jobs, outputs, decider, Progress(total, not chosen["quiet"]), chosen)
    code = run.over(chain(first, found))
    if left_out:
        logger.warning("not inspected%s", _besides(left_out))
    sys.exit(code)


def _besides(left_out: Counter[str]) -> str:
    """Return what lies below the folders and is no file: a link is followed only where it is named itself."""
    return f" ({', '.join(f'{what}: {count}' for what, count in sorted(left_out.items()))})" if left_out else ""


def _count(paths: Sequence[Path], quiet: bool) -> int:
    """Return how many inputs there are, for the time remaining; 0 where nobody would see it."""
    return sum(1 for _ in inputs(paths)) if sys.stderr.isatty() and not quiet else 0


def _logging(verbose: int, quiet: bool) -> None:
    level = logging.ERROR if quiet else (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    logging.basicConfig(level=level, format="inspector: %(levelname)s: %(message)s", stream=sys.stderr)


def _exit(code: Exit, message: str) -> SystemExit:
    click.echo(f"inspector: {message}", err=True)
    return SystemExit(code)


def _outputs(chosen: dict[str, Any]) -> Outputs:
    wanted = targets(chosen["formats"])
    if chosen["open_page"] and not any(target.format == "html" for target in wanted):
        wanted.append(Target("html", Path("inspector-report.html")))
    if chosen["output"] and all(target.file or target.format == LINES for target in wanted):
        wanted.append(Target("json"))  # a folder was asked for, and nothing else goes there
    elif not wanted:
        wanted = [Target("terminal")]
    gated = bool(chosen["policy"] or chosen["fail_on"] or chosen["fail_on_incomplete"])
    return Outputs(wanted, chosen["output"], chosen["lang"], chosen["open_page"], gated=gated)


def _prepare(chosen: dict[str, Any], alone: bool) -> "tuple[Session, int]":
    """Return the session and how many artifacts run at once: many with one worker each, or one with many."""
    from inspector.extract.budget import Limits
    from inspector.harvest import Options, Toolbox
    from inspector.knowledge import load_knowledge
    from inspector.knowledge.addresses import AddressTables
    from inspector.knowledge.yara_pack import read_rules, with_rules
    from inspector.results import Results
    from inspector.session import Session

    limits = Limits(
        depth=chosen["max_depth"],
        members=chosen["max_members"],
        unpacked=chosen["max_unpacked"],
        ratio=chosen["max_ratio"],
        seconds=chosen["max_seconds"],
        memory=chosen["max_memory"],
    )
    jobs = chosen["jobs"] or os.cpu_count() or 1
    workers = jobs if alone else 1
    options = Options(limits, workers, show_rejected=chosen["show_rejected"], external=chosen["external"])
    knowledge = with_rules(load_knowledge(chosen["signatures"]), read_rules(chosen["yara"]))
    toolbox = Toolbox(knowledge, AddressTables(knowledge))
    results = None if chosen["no_cache"] else Results()
    return Session(toolbox, options, chosen["require_sandbox"], results, many=not alone), 1 if alone else jobs


@dataclass(slots=True)
class Run:
    """One `inspector scan`, from its inputs to its exit code."""

    session: "Session"
    jobs: int
    outputs: Outputs
    decider: Gate | None
    progress: Progress
    chosen: dict[str, Any]
    _record: "RunRecord | None" = None
    _under_way: dict[int, Input] = field(default_factory=dict)
    _held: "dict[int, Inspection]" = field(default_factory=dict)
    _next: int = 0
    _codes: set[Exit] = field(default_factory=set)
    _told: bool = False

    def over(self, found: Iterable[Input]) -> Exit:
        """Inspect everything and return the exit code; on an interruption the outputs hold whole profiles only."""
        from inspector.session import inspect_files

        signal.signal(signal.SIGTERM, _terminated)
        self._record = self._open_record()
        try:
            for inspection in inspect_files(self._sources(found), self.session, self.jobs, self._tick):
                self._take(inspection)
            self.progress.clear()
            self.outputs.close()
        except KeyboardInterrupt:
            self._codes.add(Exit.INTERRUPTED)
            self.progress.clear()
            click.echo("inspector: interrupted; what was finished is kept, run again to go on", err=True)
        finally:
            self.outputs.abandon()
            if self._record is not None:
                self._record.finish(worst(self._codes))
            if self.session.results is not None:
                self.session.results.prune()
        return worst(self._codes)

    def _open_record(self) -> "RunRecord | None":
        if self.chosen["run_record"] is None:
            return None
        from inspector import external
        from inspector.cli.run_record import RunRecord

        used = {} if self.chosen["external"] == "never" else external.present()
        tools = [{"name": name, "path": path} for name, path in used.items()]
        return RunRecord(named_file(self.chosen["run_record"]), self.session, self.jobs, tools)

    def _sources(self, found: Iterable[Input]) -> "Iterator[Source]":
        number = 0
        for source in found:
            if source.error:
                self._complain(source.error)
                continue
            self._under_way[number] = source
            number += 1
            yield source.source

    def _tick(self, running: int) -> bool:
        self.progress.tick(running)
        return len(self._held) < HELD

    def _take(self, inspection: "Inspection") -> None:
        self.progress.done += 1
        if not self.outputs.ordered:
            self._finish(inspection)
            return
        self._held[inspection.number] = inspection
        while self._next in self._held:
            self._finish(self._held.pop(self._next))
            self._next += 1

    def _finish(self, inspection: "Inspection") -> None:
        source = self._under_way.pop(inspection.number)
        if self._record is not None:
            self._record.add(inspection)
        self._tell_of_the_sandbox(inspection)
        if inspection.document is None:
            self._complain(f"cannot read {str(source.path)!r}: {inspection.error}")
            return
        self.progress.clear()
        _explain(inspection.document, inspection)
        self.outputs.write(inspection.document, source)
        self._codes.add(code_for(inspection.document, self.chosen["fail_on"], self.chosen["fail_on_incomplete"]))
        if self.decider is not None:
            decision = self.decider.decide(inspection.document)
            shown, quiet = self.outputs.on_terminal, self.chosen["quiet"]
            self._codes.add(announce(decision, inspection.document, on_stdout=shown, quiet=quiet))

    def _tell_of_the_sandbox(self, inspection: "Inspection") -> None:
        from inspector.isolate import sandbox

        reached = next((outcome.sandbox for outcome in inspection.outcomes if outcome.sandbox), sandbox.LAYERS)
        if not self._told and not sandbox.complete(reached):
            self._told = True
            self.progress.clear()
            logger.warning("the sandbox is incomplete on this machine, it only reached: %s", ", ".join(reached))

    def _complain(self, message: str) -> None:
        self.progress.clear()
        click.echo(f"inspector: {message}", err=True)
        self._codes.add(Exit.USAGE)


def _explain(document: dict[str, Any], inspection: "Inspection") -> None:
    """Log what was done with one artifact; for those who want it all, each container and each gap."""
    if not logger.isEnabledFor(logging.INFO):
        return
    from inspector.report.printable import printable

    coverage, runs = document["coverage"], len(inspection.outcomes)
    logger.info(
        "%s: %s, %s bytes, %s parts scanned, %s not readable, %s gaps; %s",
        printable(document["artifact"]["name"]),
        document["artifact"]["format"],
        document["artifact"]["size"],
        coverage["files"]["scanned"],
        coverage["files"]["failed"],
        len(coverage["gaps"]),
        f"{inspection.seconds:.1f} s, runs: {runs}" if runs else "from the result cache",
    )
    for node in document["tree"]:
        seen = int(node["score"] * 1000) / 10
        logger.debug("%s: %s, %s bytes, seen: %s%%", printable(node["path"]), node["format"], node["size"], seen)
    for gap in coverage["gaps"]:
        place = f"{printable(gap['location']['path'])}+{gap['location']['offset']:#x}"
        logger.debug("%s: %s bytes not seen, %s: %s", place, gap["length"], gap["reason"], printable(gap["detail"]))


def _terminated(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
