"""A reader and a scanner that do on demand what a bug or an exploit would: crash, hang, grow, flood, speak in escapes.

Known only to the toolbox of the self-test; no ordinary scan ever loads them.
"""

import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from typing import Final

from inspector.errors import NotThisFormat
from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.extract.carve import Carver
from inspector.extract.catalogue import CATALOGUE
from inspector.formats.layout import Contents, Member
from inspector.formats.reader import BufferReader, Reader, Span
from inspector.harvest import Toolbox
from inspector.model.artifact import Artifact
from inspector.model.observation import Sighting
from inspector.scan.base import ScanNotes
from inspector.scan.database import load_database

MAGIC: Final = b"INSPECTOR-MOCK\x00"
LENGTH: Final = 64
NAP: Final = 7
"""Seconds."""
HELD: Final = 400 << 20
"""Bytes."""
HOSTILE_NAME: Final = "\x1b]0;owned\x07\x1b[2J\u202egpj.exe\r\nERROR forged"


def trigger(stage: str, action: str) -> bytes:
    """Return a file that makes the mock of `stage` (`measure`, `unpack`, `scan`) do `action`."""
    return (MAGIC + f"{stage} {action}".encode()).ljust(LENGTH, b"\x00")


class MockExtractor(Extractor):
    """Reads nothing; does what its input asks for."""

    INFO = ExtractorInfo(
        name="mock",
        title="Mock of the self-test",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Misbehaves on demand.",
        tested="built sample",
    )
    MAGIC = (Magic(MAGIC),)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the fixed extent, after what the input asks for; what is meant for the scanner is no container."""
        if data.startswith(b"scan", offset + len(MAGIC)):
            raise NotThisFormat("for the scanner")
        _act(data, offset, "measure")
        return Span(offset, min(offset + LENGTH, data.size))

    def unpack(self, data: Reader) -> Contents:
        """Return one member with the rest of the input, after what the input asks for."""
        action = _act(data, 0, "unpack")
        if action == "self":
            return Contents([Member("again", lambda _: data, extents=(Span(0, data.size),), size=data.size)])
        if action == "members":
            return Contents(Member(f"{number}", lambda _: BufferReader(b"")) for number in range(1 << 40))
        if action == "escapes":
            return Contents([Member(HOSTILE_NAME, lambda _: BufferReader(b"x"), extents=(Span(0, data.size),))])
        if action == "claims":
            return Contents([], structure=lambda: [Span(-5, 1 << 60), Span(3, 2), Span(0, data.size)])
        return Contents([Member("inside", lambda _: BufferReader(data.all()[LENGTH // 2 :]), (Span(0, data.size),))])


class MockToolbox(Toolbox):
    """The toolbox of an ordinary scan with both mocks in it."""

    def warm(self, for_many: bool = False) -> None:
        """Build everything, then put the mocks around it."""
        super().warm(for_many)
        if "mocked" in self.__dict__:
            return
        scan = self.scan

        def scan_or_misbehave(artifact: Artifact, data: Reader, notes: ScanNotes) -> list[Sighting]:
            _act(data, 0, "scan")
            return scan(artifact, data, notes)

        self.__dict__ |= {
            "mocked": True,
            "scan": scan_or_misbehave,
            "carver": Carver((*CATALOGUE, MockExtractor()), partial(load_database, caseless=False)),
        }


def _act(data: Reader, offset: int, stage: str) -> str:
    text = data.read_upto(offset, LENGTH)
    wanted, _, action = text[len(MAGIC) :].rstrip(b"\x00").partition(b" ")
    if not text.startswith(MAGIC) or wanted.decode() != stage:
        return ""
    word = action.decode()
    if word in ACTIONS:
        ACTIONS[word]()
    return word


def _crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _hang() -> None:
    while True:
        time.sleep(60)


def _spin() -> None:
    while True:
        pass


def _grandchild() -> None:
    if os.fork() == 0:
        _hang()
    _hang()


def _grow() -> None:
    held = [b""]
    while True:
        held.append(os.urandom(1 << 20) * 16)


def _flood() -> None:
    for _ in _forever():
        os.write(2, b"\x1b[31mnoise\n" * 400)


def _forever() -> Iterator[int]:
    yield from range(2000)


def _nap() -> None:
    time.sleep(NAP)


def _hold() -> None:
    held = os.urandom(1 << 20) * (HELD >> 20)
    time.sleep(1)
    del held


def _bug() -> None:
    raise RuntimeError("a bug, with \x1b[31mcolour")


def _recurse() -> None:
    _recurse()


def _leave() -> None:
    os._exit(0)


ACTIONS: Final = {
    "crash": _crash,
    "hang": _hang,
    "spin": _spin,
    "grandchild": _grandchild,
    "grow": _grow,
    "nap": _nap,
    "hold": _hold,
    "flood": _flood,
    "bug": _bug,
    "recurse": _recurse,
    "leave": _leave,
}
