"""Command line: arguments in, exit codes out; the only place that prints."""

from inspector.cli.main import main

__all__ = ["main"]
