"""Every extractor, scanner and command is registered, documented and named once; generated pages are current."""

import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import inspector.extract
import inspector.scan
from inspector.cli.main import COMMANDS
from inspector.extract.base import Extractor, Grade
from inspector.extract.catalogue import CATALOGUE
from inspector.extract.registry import EXTRACTORS
from inspector.reference import PAGES
from inspector.scan import PLACERS, SCANNERS
from inspector.scan.base import AnchoredScanner, Placer, Scanner
from inspector.scan.deferred import DeferredPlacer, DeferredScanner
from tools import build_catalogue

REFERENCE = Path(__file__).parents[2] / "docs/reference"
MAKE = """
import sys
from inspector.knowledge import load_knowledge
from inspector.reference import PAGES
sys.stdout.buffer.write(PAGES[sys.argv[1]](load_knowledge()).encode())
"""


def concrete(package, base):
    found = set()
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        for _, item in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(item, base) and not inspect.isabstract(item) and item.__module__ == module.name:
                found.add(item)
    return found


def chain_of(item):
    """Return a scanner or placer and what it wraps, outermost first."""
    chain = [item]
    while (inner := getattr(chain[-1], "inner", None) or getattr(chain[-1], "_inner", None)) is not None:
        chain.append(inner)
    return chain


def kinds(items):
    return {type(inner) for item in items for inner in chain_of(item)}


def test_no_extractor_is_left_out():
    registered = {type(extractor) for extractor in EXTRACTORS}
    shapes = {cls for cls in concrete(inspector.extract, Extractor) if not hasattr(cls, "INFO")}
    assert (
        concrete(inspector.extract, Extractor) - registered - shapes - {b for r in registered for b in r.__mro__}
        == set()
    )


def test_no_scanner_is_left_out():
    assert concrete(inspector.scan, Scanner) - kinds(SCANNERS) == set()


def test_no_placer_is_left_out():
    assert concrete(inspector.scan, Placer) - kinds(PLACERS) == set()


@pytest.mark.parametrize("scanner", [s for s in SCANNERS if isinstance(s, DeferredScanner)], ids=lambda s: s.INFO.name)
def test_a_deferred_scanner_reads_what_its_class_says(scanner):
    assert scanner.reads == scanner.inner.INFO.reads
    assert not isinstance(scanner.inner, AnchoredScanner), "anchors are wanted before the first leaf"


def test_a_deferred_placer_reads_what_its_class_says():
    deferred = [inner for placer in PLACERS for inner in chain_of(placer) if isinstance(inner, DeferredPlacer)]
    assert deferred
    for placer in deferred:
        assert placer.FORMATS == placer.inner.FORMATS


def test_the_catalogue_announces_what_is_registered():
    assert build_catalogue.TARGET.read_text(encoding="utf-8") == build_catalogue.catalogue(), "run `make docs`"


def test_what_the_catalogue_announces_can_be_imported():
    assert [type(announced.extractor) for announced in CATALOGUE] == [type(extractor) for extractor in EXTRACTORS]
    assert [announced.name for announced in CATALOGUE] == [extractor.INFO.name for extractor in EXTRACTORS]


def test_format_names_are_unique():
    names = [extractor.INFO.name for extractor in EXTRACTORS]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("extractor", EXTRACTORS, ids=lambda e: e.INFO.name)
def test_a_grade_says_how_it_was_earned(extractor):
    info = extractor.INFO
    assert info.title
    assert info.summary.endswith(".")
    if info.grade is Grade.RECOGNISE:
        assert info.remedy or info.limitations or getattr(info, "scheme", "")
    else:
        assert info.tested


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_help(name):
    command = importlib.import_module(f"inspector.cli.{name.replace('-', '_')}").command
    assert command.help


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_current(name):
    path = REFERENCE / name
    assert path.exists(), "run `make docs`"
    # In a process of its own: click remembers the help option of a command from whoever asked first.
    made = subprocess.run([sys.executable, "-c", MAKE, name], capture_output=True, check=True, cwd=REFERENCE.parents[1])
    assert path.read_text(encoding="utf-8") == made.stdout.decode(), f"{name} is stale: run `make docs`"
