"""`inspector signatures`: look at the knowledge base, check it, bring other lists in."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from inspector.errors import UsageError

FOLDERS = click.option(
    "--signatures", "packs", multiple=True, type=click.Path(path_type=Path), help="Folder with further signatures."
)


@click.group("signatures")
def command() -> None:
    """Look at the knowledge base, check it, import other lists."""


@command.command("lint")
@FOLDERS
def lint_command(packs: Sequence[Path]) -> None:
    """Check every signature: schema, examples, duplicates, references, benign values. Exit 1 on a complaint."""
    from inspector.knowledge import builtin_folder, load_knowledge
    from inspector.lint import lint
    from inspector.scan.endpoint.hosts import suffix_length, suffix_list

    def is_public_suffix(name: str) -> bool:
        return suffix_length(name.split(".")) == name.count(".") + 1 and bool(suffix_list().tlds)

    knowledge = load_knowledge(packs)
    benign = builtin_folder() / "benign.txt"
    complaints = lint(knowledge, benign if benign.exists() else None, is_public_suffix)
    for complaint in complaints:
        click.echo(str(complaint))
    count = sum(len(signature.indicators) for signature in knowledge.signatures.values())
    words = f"{len(knowledge.vendors)} vendors, {len(knowledge.signatures)} subjects, {count} indicators"
    click.echo(f"{words}: {len(complaints)} complaints", err=True)
    sys.exit(1 if complaints else 0)


@command.command("test")
@FOLDERS
@click.argument("ids", nargs=-1)
def test_command(packs: Sequence[Path], ids: Sequence[str]) -> None:
    """Run the examples of all signatures, or of those whose id starts with one of IDS. Exit 1 on a failure."""
    from inspector.classify import Index
    from inspector.knowledge import load_knowledge
    from inspector.lint import example_failures

    knowledge = load_knowledge(packs)
    for wanted in ids:
        if not any(signature_id.startswith(wanted) for signature_id in knowledge.signatures):
            raise UsageError(f"no subject whose id starts with {wanted!r}; see `inspector signatures list`")
    index = Index(knowledge)
    passed = failed = 0
    for signature in knowledge.signatures.values():
        if ids and not signature.id.startswith(tuple(ids)):
            continue
        for indicator in signature.indicators:
            problems = list(example_failures(index, signature, indicator))
            for problem in problems:
                click.echo(f"{signature.id}:{indicator.id}: {problem}")
            failed += len(problems)
            passed += len(indicator.match) + len(indicator.no_match) - len(problems)
    click.echo(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


@command.command("list")
@FOLDERS
@click.option("--vendor", default="", help="Only vendors whose id starts with this.")
@click.option("--domicile", default="", help="Only vendors with this seat (CN, HK, US …).")
@click.option("--category", default="", help="Only this category.")
def list_command(packs: Sequence[Path], vendor: str, domicile: str, category: str) -> None:
    """List subjects, one per line: id, seat, category, limbs, name."""
    from inspector.knowledge import load_knowledge

    knowledge = load_knowledge(packs)
    for signature in knowledge.signatures.values():
        owner = knowledge.vendors[signature.vendor]
        wanted = (
            owner.id.startswith(vendor) and domicile in ("", owner.domicile) and category in ("", signature.category)
        )
        if wanted:
            limbs = "+".join(signature.limbs) or "origin only"
            click.echo(f"{signature.id}\t{owner.domicile}\t{signature.category}\t{limbs}\t{signature.name}")


@command.command("show")
@FOLDERS
@click.argument("subject")
def show_command(packs: Sequence[Path], subject: str) -> None:
    """Show one subject, or all of a vendor, with indicators and references."""
    from inspector.knowledge import load_knowledge

    knowledge = load_knowledge(packs)
    chosen = [s for s in knowledge.signatures.values() if s.id == subject or s.vendor == subject]
    if not chosen:
        raise UsageError(f"no subject or vendor {subject!r}; see `inspector signatures list`")
    for signature in chosen:
        vendor = knowledge.vendors[signature.vendor]
        click.echo(f"{signature.id}: {signature.name}\n  {signature.summary}")
        click.echo(
            f"  vendor {vendor.name} ({vendor.group}), {vendor.domicile}"
            + (f"; {vendor.disputed}" if vendor.disputed else "")
        )
        click.echo(
            f"  {signature.kind}, {signature.category}, {' + '.join(signature.limbs) or 'origin only'},"
            f" {signature.origin}"
        )
        for caveat in signature.caveats:
            click.echo(f"  caveat: {caveat}")
        for indicator in signature.indicators:
            place = f", hosted in {indicator.hosting}" if indicator.hosting else ""
            click.echo(f"  {indicator.kind} ({indicator.confidence}{place}): {', '.join(indicator.patterns)}")
        for reference in signature.references:
            click.echo(
                f"  [{reference.id}] {reference.kind}: {reference.title} {reference.locator} {reference.read}".rstrip()
            )


@command.command("fmt")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--check", is_flag=True, help="Change nothing; exit 1 when a file would change.")
def fmt_command(files: Sequence[Path], check: bool) -> None:
    """Bring signature FILES, or all below a folder, into the house shape.

    Comments above a key are kept; a file with any other comment is refused, never written without it.
    """
    from inspector.knowledge.format import formatted

    changed = []
    listed = [sorted(path.rglob("*.yaml")) if path.is_dir() else [path] for path in files]
    for path in (path for group in listed for path in group):
        text = formatted(path)
        if text != path.read_text(encoding="utf-8"):
            changed.append(path)
            if not check:
                path.write_text(text, encoding="utf-8")
    for path in changed:
        click.echo(f"{'would change' if check else 'changed'} {path}")
    sys.exit(1 if check and changed else 0)


@command.command("import")
@click.argument("source", type=click.Choice(["v2fly", "dnsmasq", "libchecker", "exodus"]))
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder of the new pack.")
def import_command(source: str, path: Path, output: Path) -> None:
    """Make a local pack out of another project's list. It is weaker than the built-in knowledge and marked so."""
    from inspector.knowledge.importers import import_pack

    count = import_pack(source, path, output)
    click.echo(f"{output}: {count} patterns; use it with --signatures {output}")
