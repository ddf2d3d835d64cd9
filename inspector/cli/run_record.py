"""The run record: facts of the run that must not be in a profile. Written as the run goes, named when it ends."""

import contextlib
import os
import platform
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import orjson

from inspector import __version__
from inspector.errors import InspectorError
from inspector.isolate import sandbox

if TYPE_CHECKING:
    from inspector.session import Inspection, Session

SCHEMA = "inspector/run/1"


class RunRecord:
    """Writes `FILE.part` while the run lasts; memory does not grow with the number of artifacts."""

    def __init__(self, path: Path, session: "Session", jobs: int, tools: list[dict[str, str]]) -> None:
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._began = time.monotonic()
        self._count = 0
        head = {
            "schema": SCHEMA,
            "tool": {"name": "inspector", "version": __version__},
            "knowledge": session.toolbox.knowledge.sha256,
            "started": _now(),
            "host": _host(),
            "jobs": jobs,
            "sandbox": {"offered": sandbox.offered(), "required": session.require_sandbox},
            "external_tools": tools,
        }
        try:
            self._stream: IO[bytes] = open(self._part, "wb")  # noqa: SIM115 - closed by `finish`
        except OSError as error:
            raise InspectorError(f"cannot write {str(path)!r}: {error.strerror}") from error
        self._stream.write(orjson.dumps(head)[:-1] + b',"artifacts":[')

    def add(self, inspection: "Inspection") -> None:
        """Record what became of one artifact."""
        self._stream.write((b",\n" if self._count else b"\n") + orjson.dumps(_artifact(inspection)))
        self._count += 1

    def finish(self, code: int) -> None:
        """Complete the record with the exit code of the run. Raises `InspectorError`."""
        tail = {"finished": _now(), "seconds": round(time.monotonic() - self._began, 3), "exit": code}
        try:
            self._stream.write(b"\n]," + orjson.dumps(tail)[1:] + b"\n")
            self._stream.close()
            os.replace(self._part, self._path)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.unlink(self._part)
            raise InspectorError(f"cannot write {str(self._path)!r}: {error.strerror}") from error


def _artifact(inspection: "Inspection") -> dict[str, Any]:
    document, outcomes = inspection.document, inspection.outcomes
    return {
        "path": os.fsencode(inspection.path).decode("utf-8", "backslashreplace"),
        "sha256": document["artifact"]["sha256"] if document else "",
        "status": document["verdict"]["status"] if document else "unreadable",
        "error": inspection.error,
        "cached": document is not None and not outcomes,
        "seconds": round(inspection.seconds, 3),
        "peak_memory": max((outcome.peak_memory for outcome in outcomes), default=0),
        "sandbox": list(outcomes[-1].sandbox) if outcomes else [],
        "attempts": [
            {"problem": o.problem, "detail": o.detail, "at": list(o.culprits), "seconds": round(o.seconds, 3)}
            for o in outcomes
        ],
    }


def _host() -> dict[str, Any]:
    return {
        "name": platform.node(),
        "system": platform.system(),
        "kernel": platform.release(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
