"""The options `--policy`, `--waivers` and `--as-of`, for every command that ends in a decision."""

import os
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from inspector.cli.exit_codes import Exit
from inspector.cli.outputs import show
from inspector.errors import UsageError

if TYPE_CHECKING:
    from inspector.model.decision import Decision, Waiver
    from inspector.profile.policy import Policy

Command = TypeVar("Command", bound=Callable[..., Any])


class Gate(NamedTuple):
    """A policy, further waivers, and the day they are judged for."""

    policy: "Policy"
    waivers: "tuple[Waiver, ...]"
    as_of: date

    def decide(self, document: dict[str, Any]) -> "Decision":
        """Return what the policy says about one profile document."""
        from inspector.profile.policy import apply_policy

        return apply_policy(self.policy, document, self.as_of, self.waivers)


def policy_options(command: Command) -> Command:
    """Add the three options to a command; `gate` reads them."""
    options = (
        click.option("--policy", metavar="FILE|NAME", help="Decide by this policy; exit 1 where it denies."),
        click.option("--waivers", multiple=True, type=click.Path(path_type=Path), help="File with further waivers."),
        click.option("--as-of", metavar="DATE", help="Day for which waivers are judged (default: today)."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def wants_color() -> bool:
    """Tell whether stdout is a terminal that may have colours."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def gate(chosen: dict[str, Any]) -> Gate | None:
    """Return the gate that the options ask for, its files read and checked, or None without `--policy`."""
    if not chosen["policy"]:
        for name in ("waivers", "as_of"):
            if chosen[name]:
                raise UsageError(f"--{name.replace('_', '-')} needs --policy")
        return None
    from inspector.profile.policy import load_policy, load_waivers

    waivers = tuple(waiver for path in chosen["waivers"] for waiver in load_waivers(path))
    return Gate(load_policy(chosen["policy"]), waivers, _day(chosen["as_of"]))


def announce(
    decision: "Decision", document: Mapping[str, Any], *, on_stdout: bool = False, quiet: bool = False
) -> Exit:
    """Show a decision (as a panel on stdout, or as one line on stderr) and return the exit code it asks for."""
    from inspector.model.decision import Outcome
    from inspector.report.decision import render_decision
    from inspector.report.printable import printable

    if on_stdout:
        show(render_decision(decision, wants_color()))
    elif not quiet:
        counts = [(outcome, sum(r.outcome is outcome for r in decision.rulings)) for outcome in reversed(Outcome)]
        told = ", ".join(f"{count} {outcome}" for outcome, count in counts if count) or "nothing to rule on"
        name = printable(document["artifact"]["name"])
        click.echo(f"inspector: {name}: policy {decision.policy}: {decision.outcome} ({told})", err=True)
    return Exit.POLICY if decision.outcome is Outcome.DENY else Exit.DONE


def _day(text: str | None) -> date:
    if not text:
        return date.today()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--as-of wants a date like 2026-11-23, not {text!r}") from error
