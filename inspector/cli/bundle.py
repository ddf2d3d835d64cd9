"""`inspector bundle`: a profile with its reports, hashed and signed, in one zip."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from inspector.cli.outputs import named_file, write_whole
from inspector.errors import UsageError, no_file

REDACTIONS = ("none", "excerpts")


@click.command("bundle")
@click.argument("source", type=click.Path(path_type=Path), metavar="PROFILE.json|ARTIFACT")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The zip.")
@click.option("--key", required=True, type=click.Path(path_type=Path), help="Your ed25519 key (PEM or OpenSSH).")
@click.option("--redact", type=click.Choice(REDACTIONS), default="none", show_default=True, help="What to leave out.")
@click.option("--run-record", type=click.Path(path_type=Path), help="Record of the run, to go into the bundle.")
@click.option("--signatures", "packs", multiple=True, type=click.Path(path_type=Path), help="Further signatures.")
@click.option("--lang", type=click.Choice(["en", "cs"]), default="en", show_default=True, help="Language of reports.")
def command(source: Path, output: Path, key: Path, **chosen: Any) -> None:
    """Write an evidence bundle: profile, reports, excerpts and a statement signed with your key.

    A PROFILE.json goes in as it is; an ARTIFACT is inspected first, with the default limits.

    A key: `openssl genpkey -algorithm ed25519 -out KEY.pem`; its public half: `openssl pkey -in KEY.pem -pubout`.
    """
    from inspector.bundle.contents import bundle
    from inspector.bundle.envelope import key_id, read_private_key

    named_file(output)
    signer = read_private_key(key, _passphrase)
    record = chosen["run_record"]
    run_record = None if record is None else read(record)
    raw = _profile(source, chosen["packs"])
    write_whole(output, bundle(raw, signer, chosen["redact"], run_record, chosen["lang"]))
    click.echo(f"{output}: signed with {key_id(signer.public_key())}", err=True)


def read(path: Path) -> bytes:
    """Return what is in a file of the operator. Raises `UsageError`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {str(path)!r}: {error.strerror}") from error


def inspected(path: Path, packs: tuple[Path, ...], options: Any = None) -> dict[str, Any]:
    """Return the profile of an artifact, as `inspector scan` makes it. Raises `UsageError` where it is unreadable."""
    from inspector.harvest import Options, Toolbox
    from inspector.knowledge import load_knowledge
    from inspector.knowledge.addresses import AddressTables
    from inspector.session import inspect_file

    knowledge = load_knowledge(packs)
    try:
        return inspect_file(path, Toolbox(knowledge, AddressTables(knowledge)), options or Options(workers=_cores()))[0]
    except OSError as error:
        raise UsageError(f"cannot read {str(path)!r}: {error.strerror or error}") from error


def _cores() -> int:
    return os.cpu_count() or 1


def _profile(source: Path, packs: tuple[Path, ...]) -> bytes:
    from inspector.folders import is_readable
    from inspector.report import render

    if not is_readable(source):
        raise no_file(source)
    if source.suffix == ".json":
        return read(source)
    written = render("json", inspected(source, packs))
    return written.encode("utf-8", "surrogateescape") if isinstance(written, str) else written


def _passphrase() -> str:
    if not sys.stdin.isatty():
        raise UsageError("the key is encrypted, and there is no terminal to ask for its passphrase")
    answer: str = click.prompt("Passphrase of the key", hide_input=True, err=True)
    return answer
