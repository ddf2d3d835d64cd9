"""What starts what at boot: inittab, rc scripts, systemd units, crontabs, and the programs that scripts run.

The scanner notes facts leaf by leaf; `reach` joins them over one root.
"""

import re
from collections.abc import Iterator
from typing import ClassVar, Final

from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Sighting
from inspector.scan.base import Scanner, ScannerInfo, ScanNotes
from inspector.scan.endpoint.vocabulary import words

LARGEST: Final = 1 << 20
MOST: Final = 2_000
_STARTER_NAMES: Final = re.compile(
    r"/(?:inittab|rcS|rc\.local|profile|init(?:\.[\w.]+)?\.rc|preinit|linuxrc)$|/etc/(?:init\.d|rc\.d|rc\d?\.d|rcS\.d|preinit\.d|"
    r"hotplug\.d|uci-defaults|cron[\w.]*|crontabs|systemd|procd)/|/var/spool/cron/|/systemd/system/"
)
_PATH: Final = re.compile(r"(?:^|[\s\"'`;&|(=:!@+-])(/(?:[\w.+-]{1,64}/){0,12}[\w.+-]{1,64})")
_COMMAND: Final = re.compile(
    r"(?:^|[;&|({]|\b(?:then|do|else|exec|nohup|sudo|start-stop-daemon\s+[^\n;]{0,80}(?:-x|--exec|--start)))\s*"
    r"((?:\./)?[A-Za-z_][\w.+-]{1,63})(?=[\s;&|]|$)"
)
_UNIT_KEY: Final = re.compile(r"^\s*(?:Exec\w+|command|service\s+\S+|exec)\s*=?\s*", re.IGNORECASE)
_SHELL_WORDS: Final = words("""
    if then else elif fi for while until do done case esac in function return exit break continue shift local export
    unset read set test true false echo printf cd trap wait eval source exec let declare readonly
""")


class BootFacts(Scanner):
    """Notes ("starts", chain, program) for every program or path that a script, unit or table runs."""

    INFO: ClassVar = ScannerInfo(
        name="boot",
        emits=(),
        reads=("shell", "config", "text", "script"),
        summary="Which programs start at boot, and what they start.",
        limitations=(
            "conditions in scripts are not evaluated: what a script may start counts as started",
            "programs that a binary starts are not followed",
        ),
    )

    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:
        """Yield nothing: the facts go to the notes. Files above 1 MiB are read up to there."""
        if artifact.format != "shell" and not is_starter(artifact.inner):
            return
        text = data.read_upto(0, LARGEST).decode("utf-8", "replace")
        programs = dict.fromkeys(_programs(text))
        for program in list(programs)[:MOST]:
            notes.facts.append(("starts", artifact.path, program))
        yield from ()


def is_starter(inner: str) -> bool:
    """Tell whether the path is one that an init system reads by itself."""
    return _STARTER_NAMES.search(inner) is not None


def _programs(text: str) -> Iterator[str]:
    for line in text.replace("\\\n", " ").splitlines():
        if line.lstrip().startswith("#"):
            continue
        line = _UNIT_KEY.sub("", line[:2000])
        yield from _PATH.findall(line)
        yield from (name for name in _COMMAND.findall(line) if name not in _SHELL_WORDS)
