"""Fixtures that every test may use: one toolbox for the session, and no network."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from inspector.harvest import Options, Toolbox
from inspector.knowledge import load_knowledge
from inspector.knowledge.addresses import AddressTables
from inspector.session import inspect_file

# Every run tries the same examples, so that a red run is a change's doing; `make fuzz` looks for new ones.
settings.register_profile("repeatable", derandomize=True)
settings.register_profile("explore", max_examples=2000, deadline=None, print_blob=True)
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write what the tests see as the new expectation")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def toolbox() -> Toolbox:
    knowledge = load_knowledge()
    box = Toolbox(knowledge, AddressTables(knowledge))
    box.warm()
    return box


@pytest.fixture
def inspect_path(toolbox: Toolbox) -> Callable[..., dict[str, Any]]:
    def inspect(path: Path, **options: Any) -> dict[str, Any]:
        return inspect_file(path, toolbox, Options(**options))[0]

    return inspect


@pytest.fixture
def inspect_bytes(toolbox: Toolbox, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    def inspect(data: bytes, name: str = "artifact.bin", **options: Any) -> dict[str, Any]:
        path = tmp_path / name
        path.write_bytes(data)
        return inspect_file(path, toolbox, Options(**options))[0]

    return inspect


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for the network fails, unless it is marked for real inputs or a browser."""
    if request.node.get_closest_marker("realworld") or request.node.get_closest_marker("browser"):
        return

    def refuse(*_: object) -> None:
        raise AssertionError("a test opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
