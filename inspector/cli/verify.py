"""`inspector verify`: check an evidence bundle, and with the artifact at hand what it says."""

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from inspector.cli.exit_codes import Exit
from inspector.errors import BundleError, UsageError
from inspector.folders import AppParts, as_source, is_folded
from inspector.sets import parts_of

if TYPE_CHECKING:
    from inspector.bundle.check import Checked, Comparison

TIMES_DEFAULT: Final = 16
"""Limits that a bundle asks for are taken over up to this many times their defaults."""


@click.command("verify")
@click.argument("bundle", type=click.Path(path_type=Path))
@click.argument("artifact", required=False, type=click.Path(path_type=Path))
@click.option("--pub", required=True, type=click.Path(path_type=Path), help="Public ed25519 key (PEM or OpenSSH).")
@click.option("--signatures", "packs", multiple=True, type=click.Path(path_type=Path), help="Further signatures.")
def command(bundle: Path, artifact: Path | None, pub: Path, packs: tuple[Path, ...]) -> None:
    """Check the signature, every hash and the schema of BUNDLE; with ARTIFACT, inspect it again and compare.

    Exit 0: all of it holds. 1: it holds, but today's knowledge or version comes to another verdict or other findings.
    3: the bundle does not hold, is about another file, or the same inputs gave another profile.
    """
    from inspector.bundle.check import check
    from inspector.bundle.envelope import read_public_key

    key = read_public_key(pub)
    try:
        checked = check(bundle, key)
        _show(checked)
        code = Exit.DONE if artifact is None else _again(checked, artifact, packs)
    except BundleError as error:
        click.echo(f"inspector: {str(bundle)!r} does not hold: {error}", err=True)
        code = Exit.FAILED
    except OSError as error:
        raise UsageError(f"cannot read {str(error.filename or bundle)!r}: {error.strerror}") from error
    sys.exit(code)


def _say(line: str) -> None:
    """Write a line; who stops reading (`| head`) changes nothing of the exit code."""
    from inspector.cli.outputs import show

    show(f"{line}\n")


def _show(checked: "Checked") -> None:
    from inspector.report.printable import printable

    artifact, verdict = checked.document["artifact"], checked.document["verdict"]
    knowledge = checked.document["knowledge"]
    left_out = "" if checked.redaction == "none" else f", {checked.redaction} left out"
    _say(f"signature  good, {checked.files} files as signed{left_out}")
    _say(f"artifact   {printable(artifact['name'], 80)}, {artifact['size']} bytes, SHA-256 {artifact['sha256']}")
    _say(f"knowledge  {knowledge.get('date', '')}, SHA-256 {knowledge['sha256']}")
    _say(f"verdict    {verdict['status']}, rating {verdict['rating']}")


def _again(checked: "Checked", artifact: Path, packs: tuple[Path, ...]) -> Exit:
    """Inspect the artifact as the bundle's profile says it was, and report how the two stand."""
    from inspector.bundle.check import check_artifact, compare
    from inspector.cli.bundle import inspected
    from inspector.reread import file_sha256

    check_artifact(checked, artifact.name, file_sha256(artifact))
    with tempfile.TemporaryDirectory(prefix="inspector-") as folder:
        fresh = inspected(_called_as_before(checked, artifact, Path(folder)), packs, _options(checked))
    result = compare(checked, fresh)
    if result.identical:
        _say("inspected again: the same profile, byte for byte")
        return Exit.DONE
    _tell(result)
    return _code(result, checked.document["deterministic"] and fresh["deterministic"])


def _called_as_before(checked: "Checked", artifact: Path, folder: Path) -> Path:
    """Return the artifact under the name that it had, which is part of the profile: by links, without a copy.

    The name of an Apple bundle is that of its members too, so it is the same where the hash is.
    """
    source = as_source(artifact)
    if isinstance(source, AppParts):
        named = folder / Path(_name(checked.document["artifact"]["name"])).stem
        named.mkdir()
        links = {named / file.name: file for file in source.files}
    elif is_folded(source):
        return artifact
    else:
        links = {folder / name: file for name, file in zip(_names(checked), parts_of(artifact), strict=False)}
    for link, file in links.items():
        link.symlink_to(file.resolve())
    return named if isinstance(source, AppParts) else next(iter(links))


def _names(checked: "Checked") -> list[str]:
    """Return what the artifact was called, or each of the files that it was read from."""
    artifact = checked.document["artifact"]
    return [_name(part["name"]) for part in artifact["files"]] or [_name(artifact["name"])]


def _name(name: str) -> str:
    if not name or "/" in name or "\0" in name or name in (".", "..") or len(name.encode("utf-8", "replace")) > 255:
        raise BundleError("the artifact's name in the profile is none that a file can have")
    return name


def _options(checked: "Checked") -> Any:
    """Return the options that the profile was made with."""
    import os

    from inspector.extract.budget import Limits
    from inspector.harvest import Options

    defaults = dict(Limits().as_pairs())
    limits = checked.document["coverage"].get("limits", {})
    for name, value in limits.items():
        if name not in defaults or type(value) is not int or not 0 < value <= TIMES_DEFAULT * defaults[name]:
            raise BundleError(f"was made with a limit that is not taken over here: {name[:40]!r}")
    chosen = checked.document.get("options", {})
    external = str(chosen.get("external", "auto"))
    shown = chosen.get("show_rejected") is True
    return Options(Limits(**limits), workers=os.cpu_count() or 1, show_rejected=shown, external=external)


def _tell(result: "Comparison") -> None:
    from inspector.report.printable import printable

    parts = (
        ("made with other inputs", result.inputs),
        ("other results", result.results),
        ("other details", result.other),
    )
    for title, texts in parts:
        if texts:
            _say(f"inspected again: {title}")
        for text in texts:
            _say(f"  {printable(text, 240)}")


def _code(result: "Comparison", deterministic: bool) -> Exit:
    if not result.inputs and not result.results and not result.other:
        _say("inspected again: the same profile, written in another form")
        return Exit.DONE
    if not result.inputs and deterministic:
        click.echo("inspector: the same inputs gave another profile", err=True)
        return Exit.FAILED
    return Exit.POLICY if result.results else Exit.DONE
