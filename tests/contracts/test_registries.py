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
from inspector.extract.registry import EXTRACTORS
from inspector.reference import PAGES
from inspector.scan import PLACERS, SCANNERS
from inspector.scan.base import Placer, Scanner

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


def test_no_extractor_is_left_out():
    registered = {type(extractor) for extractor in EXTRACTORS}
    shapes = {cls for cls in concrete(inspector.extract, Extractor) if not hasattr(cls, "INFO")}
    assert (
        concrete(inspector.extract, Extractor) - registered - shapes - {b for r in registered for b in r.__mro__}
        == set()
    )


def test_no_scanner_is_left_out():
    assert concrete(inspector.scan, Scanner) - {type(scanner) for scanner in SCANNERS} == set()


def test_no_placer_is_left_out():
    inner = {type(getattr(placer, "inner", None) or getattr(placer, "_inner", None) or placer) for placer in PLACERS}
    assert concrete(inspector.scan, Placer) - inner - {type(placer) for placer in PLACERS} == set()


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
