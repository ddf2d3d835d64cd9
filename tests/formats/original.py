"""Original programs that build fixtures: found, or the test is skipped and says which one is missing."""

import shutil
import sys
from pathlib import Path

import pytest


def tool(name: str) -> str:
    """Return the path of a program, or skip; those of `tests/packers.lock` stand beside the interpreter."""
    found = shutil.which(name) or shutil.which(name, path=f"/usr/sbin:/sbin:{Path(sys.executable).parent}")
    if not found:
        pytest.skip(f"{name} is not installed")
    return found
