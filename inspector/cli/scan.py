"""`inspector scan`: the main job."""

import logging
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inspector.cli.exit_codes import RATINGS, Exit, code_for, worst
from inspector.cli.policy import Gate, announce, gate, policy_options
from inspector.errors import InspectorError, UsageError

if TYPE_CHECKING:
    from inspector.harvest import Options, Toolbox


@click.command("scan")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
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
@click.option("--max-seconds", type=click.IntRange(1), default=300, show_default=True)
@click.option("--max-memory", type=click.IntRange(64 << 20), default=2 << 30, show_default=True, metavar="BYTES")
@click.option("-q", "--quiet", is_flag=True, help="Only errors on stderr.")
@click.option("-v", "--verbose", count=True, help="Explain on stderr what is done; twice for every decision.")
def command(paths: Sequence[Path], **chosen: Any) -> None:
    """Inspect PATHS and report what leads to the PRC or entities based there.

    Without -f the report goes to the terminal. Directories are walked; every file in them is one artifact.
    """
    _logging(chosen["verbose"], chosen["quiet"])
    outputs = _outputs(chosen)
    decider = gate(chosen)
    files = list(_files(paths))
    if not files:
        raise _exit(Exit.NOTHING, "nothing to inspect: no files there")
    toolbox, options = _prepare(chosen)
    codes = [_one(path, toolbox, options, outputs, decider, chosen) for path in files]
    sys.exit(worst(codes))


def _logging(verbose: int, quiet: bool) -> None:
    level = logging.ERROR if quiet else (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    logging.basicConfig(level=level, format="inspector: %(levelname)s: %(message)s", stream=sys.stderr)


def _exit(code: Exit, message: str) -> SystemExit:
    click.echo(f"inspector: {message}", err=True)
    return SystemExit(code)


def _outputs(chosen: dict[str, Any]) -> list[tuple[str, Path | None]]:
    from inspector.report import REPORTERS

    outputs: list[tuple[str, Path | None]] = []
    for text in chosen["formats"]:
        name, _, target = text.partition("=")
        if name not in REPORTERS:
            raise UsageError(f"unknown format {name!r}; there are {', '.join(sorted(REPORTERS))}")
        outputs.append((name, Path(target) if target else None))
    if chosen["open_page"] and not any(name == "html" for name, _ in outputs):
        outputs.append(("html", Path("inspector-report.html")))
    return outputs or [("terminal", None)]


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from _below(path)
        elif path.is_file():
            if not os.access(path, os.R_OK):
                raise UsageError(f"cannot read {str(path)!r}: permission denied")
            yield path
        elif path.exists():
            raise UsageError(f"{str(path)!r} is no regular file")
        else:
            raise UsageError(f"no such file: {str(path)!r}")


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(parent, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _prepare(chosen: dict[str, Any]) -> "tuple[Toolbox, Options]":
    from inspector.extract.budget import Limits
    from inspector.harvest import Options, Toolbox
    from inspector.knowledge import load_knowledge
    from inspector.knowledge.addresses import AddressTables
    from inspector.knowledge.yara_pack import read_rules, with_rules

    limits = Limits(
        depth=chosen["max_depth"],
        members=chosen["max_members"],
        unpacked=chosen["max_unpacked"],
        seconds=chosen["max_seconds"],
        memory=chosen["max_memory"],
    )
    workers = chosen["jobs"] or os.cpu_count() or 1
    options = Options(limits, workers=workers, show_rejected=chosen["show_rejected"])
    knowledge = with_rules(load_knowledge(chosen["signatures"]), read_rules(chosen["yara"]))
    return Toolbox(knowledge, AddressTables(knowledge)), options


def _one(
    path: Path,
    toolbox: "Toolbox",
    options: "Options",
    outputs: Sequence[tuple[str, Path | None]],
    decider: Gate | None,
    chosen: dict[str, Any],
) -> Exit:
    from inspector.session import inspect_file

    try:
        document, _ = inspect_file(path, toolbox, options, chosen["require_sandbox"])
    except OSError as error:
        click.echo(f"inspector: cannot read {str(path)!r}: {error.strerror}", err=True)
        return Exit.USAGE
    for name, target in outputs:
        _write(document, name, target, chosen)
    code = code_for(document, chosen["fail_on"], chosen["fail_on_incomplete"])
    if decider is None:
        return code
    on_stdout = ("terminal", None) in outputs
    return worst([code, announce(decider.decide(document), on_stdout, _color(None), chosen["quiet"])])


def _write(document: dict[str, Any], name: str, target: Path | None, chosen: dict[str, Any]) -> None:
    from inspector.report import Presentation, render

    text = render(name, document, Presentation(color=_color(target), language=chosen["lang"]))
    if target is None:
        click.echo(text, nl=False, color=True)
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text)
    except OSError as error:
        raise InspectorError(f"cannot write {str(target)!r}: {error.strerror}") from error
    if name == "html" and chosen["open_page"]:
        click.launch(str(target))


def _color(target: Path | None) -> bool:
    return target is None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
