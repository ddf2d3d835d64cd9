from collections.abc import Callable

import pytest

from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.model.observation import Sighting
from inspector.scan.base import ScanNotes
from inspector.scan.endpoint.endpoints import EndpointScanner

SCANNER = EndpointScanner()


def scan(content: bytes, leaf_format: str = "data", notes: ScanNotes | None = None) -> list[Sighting]:
    leaf = Artifact(path="fw.bin!leaf", format=leaf_format, name="leaf")
    return list(SCANNER.scan(leaf, BufferReader(content), notes or ScanNotes()))


@pytest.fixture
def values() -> Callable[..., set[tuple[str, str]]]:
    return lambda content, leaf_format="data": {
        (s.observable.kind.value, s.observable.value) for s in scan(content, leaf_format)
    }
