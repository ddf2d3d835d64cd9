from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.scan.base import ScanNotes
from inspector.scan.native_libraries import NativeLibraries
from tests.formats.program.test_elf import build


def test_names_what_a_program_needs_and_calls():
    notes = ScanNotes()
    leaf = Artifact("fw!/lib/renamed.so", "elf", "renamed.so")
    found = {
        (s.observable.value, s.key, s.attributes) for s in NativeLibraries().scan(leaf, BufferReader(build()), notes)
    }
    assert found == {("libc.so", "DT_NEEDED", (("version", "6"),)), ("libx.so", "DT_SONAME", ())}
    assert notes.facts == [("imports", "fw!/lib/renamed.so", "getaddrinfo")]
