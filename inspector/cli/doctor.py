"""`inspector doctor`: what this machine offers, what a child really reaches here, and what could be installed."""

import sys
from collections.abc import Iterator
from typing import Final

import click

from inspector.cli.exit_codes import Exit

REMEDIES: Final = {
    "binwalk": "Debian and Ubuntu: apt install binwalk; 3.x: cargo install binwalk",
    "unblob": "pipx install unblob, and the programs that `unblob --show-external-dependencies` lists",
}


@click.command("doctor")
@click.option("--require-sandbox", is_flag=True, help="Exit 3 when the sandbox is incomplete.")
def command(require_sandbox: bool) -> None:
    """Show what this machine offers: sandbox layers, engines, cache, external extractors."""
    from inspector.isolate import Bounds, run, sandbox

    reached = run(lambda _: b"", Bounds(1 << 30, 20)).sandbox
    for title, lines in (
        ("Sandbox of a child", _sandbox(reached)),
        ("Engines", _engines()),
        ("Cache", _cache()),
        ("External extractors", _external()),
    ):
        click.echo(f"{title}")
        for name, word in lines:
            click.echo(f"  {name:<16}{word}")
    complete = sandbox.complete(reached)
    click.echo("Every layer of the sandbox took hold." if complete else "The sandbox is incomplete on this machine.")
    sys.exit(Exit.FAILED if require_sandbox and not complete else Exit.DONE)


def _sandbox(reached: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    from inspector.isolate import sandbox

    offered = sandbox.offered()
    for layer in sandbox.LAYERS:
        word = offered.get(layer, "no")
        yield layer, f"{'reached' if layer in reached else 'not reached'} ({word})"


def _engines() -> Iterator[tuple[str, str]]:
    from importlib.metadata import PackageNotFoundError, version

    fallbacks = {
        "hyperscan": "not installed: scanning with re, about ten times slower",
        "isal": "not installed",
        "yara-python": "not installed: --yara does not work",
        "lief": "not installed: other programs' view of binaries is missing",
    }
    yield "python", sys.version.split()[0]
    for name, without in fallbacks.items():
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, without


def _cache() -> Iterator[tuple[str, str]]:
    from inspector import cache

    folder = cache.cache_folder()
    cache.store("probe", b"probe")
    yield "folder", str(folder)
    yield "writable", "yes" if cache.load("probe") == b"probe" else "no: everything works, only slower"
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0
    yield "size", f"{size / 1e6:.1f} MB"


def _external() -> Iterator[tuple[str, str]]:
    from inspector import external

    answering = {tool.name: tool for tool in external.installed()}
    for name, path in external.present().items():
        tool = answering.get(name)
        yield name, f"{tool.version} at {path}" if tool else f"at {path}, but gives no version: it is not used"
    for name in external.missing():
        yield name, f"not installed ({REMEDIES[name]})"
