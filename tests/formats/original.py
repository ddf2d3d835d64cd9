"""Original programs that build fixtures: found, or the test is skipped and says which one is missing."""

import shutil

import pytest


def tool(name: str) -> str:
    """Return the path of a program, or skip."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if not found:
        pytest.skip(f"{name} is not installed")
    return found
