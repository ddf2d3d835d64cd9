"""Replay attacks through the ordinary session: a child each, in a folder where nothing else may appear."""

import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from inspector.harvest import Options
from inspector.selftest.attack import Attack, Probe, Verdict, judge
from inspector.selftest.mock import MockToolbox
from inspector.session import Session, inspect_files


def replay(attacks: Iterable[Attack | Probe], toolbox: MockToolbox, require_sandbox: bool = True) -> Iterator[Verdict]:
    """Yield how each attack ended, in order. The files are written to a temporary folder and removed again."""
    with tempfile.TemporaryDirectory(prefix="inspector-selftest-") as folder:
        for attack in attacks:
            if isinstance(attack, Probe):
                yield _probed(attack, Path(folder))
            else:
                yield _one(attack, toolbox, Path(folder), require_sandbox)


def _probed(probe: Probe, folder: Path) -> Verdict:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=folder) as own:
        complaints = tuple(probe.run(Path(own)))
    return Verdict(probe, complaints, time.monotonic() - began)


def _one(attack: Attack, toolbox: MockToolbox, folder: Path, require_sandbox: bool) -> Verdict:
    path = folder / attack.name
    path.write_bytes(attack.build())
    before = path.stat()
    session = Session(toolbox, Options(attack.limits, workers=2, external="never"), require_sandbox)
    (inspection,) = inspect_files([path], session, 1)
    complaints: tuple[str, ...] = (inspection.error,) if inspection.error else ()
    if inspection.document is not None:
        complaints = judge(attack, inspection.document, inspection.seconds)
    after = path.stat()
    if (before.st_mtime_ns, before.st_size, before.st_mode) != (after.st_mtime_ns, after.st_size, after.st_mode):
        complaints += ("the file itself was changed",)
    if extra := sorted(set(os.listdir(folder)) - {attack.name}):
        complaints += (f"files appeared: {extra[:4]}",)
    path.unlink()
    return Verdict(attack, complaints, seconds=inspection.seconds)
