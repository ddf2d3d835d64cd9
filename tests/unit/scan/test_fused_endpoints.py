"""Names that touch in a program of Go are told apart where a scan reads it, and only there."""

from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.scan import PLACERS, scan_leaf
from inspector.scan.base import ScanNotes
from inspector.scan.endpoint.endpoints import EndpointScanner
from inspector.scan.endpoint.fused import FusedEndpoints
from tests.builders.elf import Elf
from tests.formats.program.test_fused_strings import BIG, built, lea

SCANNERS = (EndpointScanner(PLACERS), FusedEndpoints(PLACERS))


def values(image: bytes) -> set[str]:
    found = scan_leaf(Artifact("program", "elf", "program"), BufferReader(image), SCANNERS, ScanNotes())
    return {sighting.observable.value for sighting in found}


def test_names_that_touch_are_told_apart():
    assert values(built(BIG, lea, machine="x86_64", bits=64)) == {
        "api.tuyacn.com",
        "api.tuyaeu.com",
        "mqtt.hikvision.com",
        "open.ys7.com",
        "https://open.ys7.com/api",
    }


def test_a_name_outside_of_known_strings_is_found_as_before():
    assert values(Elf(rodata=b"\0a1.tuyacn.com\0", extra={".go.buildinfo": b"\0"}).build()) == {"a1.tuyacn.com"}
