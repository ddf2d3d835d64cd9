"""`inspector formats`: what can be read, and how far."""

import click


@click.command("formats")
@click.argument("words", nargs=-1)
def command(words: tuple[str, ...]) -> None:
    """List the formats with their grade: full, list or recognise. WORDS narrow the list."""
    from inspector.reference import format_rows

    listed = False
    for info in format_rows():
        line = f"{info.name:22} {info.grade.value:10} {info.family.value:10} {info.title}"
        if all(word.lower() in f"{line} {info.summary}".lower() for word in words):
            listed = True
            click.echo(line)
            for limit in info.limitations:
                click.echo(f"{'':22} – {limit}")
    if not listed:
        click.echo(f"inspector: no format here has {' '.join(map(repr, words))} in its name or summary", err=True)
