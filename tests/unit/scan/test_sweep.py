"""One sweep for all scanners finds what each of them finds alone, with hyperscan and without it."""

import sys

import pytest

from inspector.formats.reader import WINDOW, BufferReader
from inspector.scan import SCANNERS, sweep
from inspector.scan.base import AnchoredScanner
from inspector.scan.sweep import Anchor, JointSweep, Sweep, ends

OWNERS = [scanner.anchors() for scanner in SCANNERS if isinstance(scanner, AnchoredScanner) and scanner.FIXED]
TEXT = (
    b"see https://api.tuyaeu.com/v1 and 8.8.8.8, mail a@b.example.cn\0"
    b"telnetd -l /bin/sh -p 23\n-----BEGIN CERTIFICATE-----\naHR0cHM6Ly9hLmV4YW1wbGUuY29tL3g=\nend.com"
)


def joint(data: BufferReader, owners: list[tuple[Anchor, ...]] = OWNERS) -> dict[int, list[tuple[int, int]]]:
    return {owner: sorted(ends(windows)) for owner, windows in JointSweep(owners).windows(data).items()}


def alone(data: BufferReader, owners: list[tuple[Anchor, ...]] = OWNERS) -> dict[int, list[tuple[int, int]]]:
    found = {number: sorted(ends(Sweep(own).windows(data))) for number, own in enumerate(owners)}
    return {number: hits for number, hits in found.items() if hits}


def test_finds_the_same_together_and_alone():
    found = joint(BufferReader(TEXT))
    assert found == alone(BufferReader(TEXT))
    assert len(found) >= 3


@pytest.mark.parametrize("bound", ["KEPT_AS_VIEWS", "MATCHES_KEPT"])
def test_finds_the_same_in_what_is_large_or_dense(monkeypatch, bound):
    monkeypatch.setattr(sweep, bound, 1)
    found = joint(BufferReader(TEXT))
    assert {owner: hits for owner, hits in found.items() if hits} == alone(BufferReader(TEXT))


def test_gives_owners_of_a_large_leaf_the_bytes_of_their_windows(monkeypatch):
    monkeypatch.setattr(sweep, "KEPT_AS_VIEWS", 1)
    data = BufferReader(b"\0" * (WINDOW - 30) + TEXT + b" at the end: cloud.example.com")
    for windows in JointSweep(OWNERS).windows(data).values():
        for offset, view, _ in windows:
            assert bytes(view).rstrip(b"\0") == data.read_upto(offset, len(view)).rstrip(b"\0")


def test_loses_nothing_between_windows():
    data = BufferReader(b"\0" * (WINDOW - 30) + TEXT + b"\0")
    assert joint(data) == alone(data)


def test_threads_find_what_one_finds_in_the_same_order(monkeypatch):
    data = BufferReader(b"".join(TEXT + bytes(WINDOW // 2) + b"%d.example.com " % n for n in range(7)))
    monkeypatch.setattr(sweep, "ALONE", data.size)
    expected = [(offset, len(view), matches) for offset, view, matches in Sweep(OWNERS[0]).windows(data)]
    monkeypatch.setattr(sweep, "ALONE", 1)
    threaded = Sweep(OWNERS[0]).windows(data)
    assert [(offset, len(view), matches) for offset, view, matches in threaded] == expected
    assert next(Sweep(OWNERS[0]).windows(data))[0] == 0  # left early, the threads end


def test_works_without_hyperscan(monkeypatch):
    literal = [(Anchor(16, rb"telnetd"),), (Anchor(17, rb"nowhere"), Anchor(18, rb"-p 23"))]
    expected = joint(BufferReader(TEXT), literal)
    monkeypatch.setitem(sys.modules, "hyperscan", None)
    assert {owner: hits for owner, hits in joint(BufferReader(TEXT), literal).items() if hits} == expected
