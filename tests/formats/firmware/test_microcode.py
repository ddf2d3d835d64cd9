"""Intel microcode: the updates of a file, each with its sum."""

from struct import pack

import pytest

from inspector.errors import Encrypted, NotThisFormat
from inspector.extract.firmware.optionrom import Microcode
from inspector.formats.firmware.microcode import parse_microcode
from inspector.formats.reader import BufferReader
from tests.formats.packages import debian_file
from tests.formats.wrapper_checks import check_hostile


def update(signature: int = 0x906EA, size: int = 2048) -> bytes:
    head = [1, 0xF4, 0x02152020, signature, 0, 1, 0x22, size - 48 if size != 2048 else 0, size if size != 2048 else 0]
    blob = bytearray(pack("<9I12x", *head) + b"\xa5" * (size - 48))
    total = sum(memoryview(bytes(blob)).cast("I"))
    blob[16:20] = pack("<I", -total & 0xFFFFFFFF)
    return bytes(blob)


def test_updates_in_a_row_are_named():
    blob = update() + update(0x806EC, 4096)
    image = parse_microcode(BufferReader(blob + bytes(100)))
    assert image.size == len(blob)
    assert [member.path for member in image.members] == [
        "microcode-000906ea-000000f4-20200215",
        "microcode-000806ec-000000f4-20200215",
    ]
    assert all(isinstance(member.problem, Encrypted) for member in image.members)
    with pytest.raises(NotThisFormat):
        parse_microcode(BufferReader(update()[:-1] + b"\0"))
    with pytest.raises(NotThisFormat):
        parse_microcode(BufferReader(b"\1\0\0\0" + bytes(5000)))
    check_hostile(parse_microcode, blob)


@pytest.mark.realworld
def test_microcode_of_debian():
    blob = debian_file("intel-microcode", "lib/firmware/intel-ucode/06-9e-0a")
    assert len(Microcode().measure(BufferReader(blob), 0)) == len(blob)
