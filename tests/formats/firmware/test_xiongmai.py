import io
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import NotThisFormat
from inspector.extract.carve import Carver
from inspector.extract.firmware.xiongmai import Xiongmai
from inspector.extract.registry import EXTRACTORS
from inspector.formats.reader import BufferReader
from tests.formats.promise import every_flip, every_prefix, files, keeps_its_promise, unpack

DESCRIPTION = {"Hardware": "HI3516EV200_50H20L_S38", "Vendor": "General", "DevID": "000529B2", "UpgradeCommand": []}
FILES = {"InstallDesc": json.dumps(DESCRIPTION).encode(), "romfs-x.cramfs.img": b"\x27\x05\x19\x56" + bytes(200)}


def package(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_package_shows_its_device():
    assert files(Xiongmai(), package(FILES)) == FILES
    properties = unpack(Xiongmai(), package(FILES))[1].properties
    assert properties == {"hardware": "HI3516EV200_50H20L_S38", "vendor": "General", "devid": "000529B2"}
    find, _ = Carver(EXTRACTORS).identify(BufferReader(package(FILES)))
    assert find.extractor.INFO.name == "xiongmai"
    every_prefix(Xiongmai(), package(FILES))
    every_flip(Xiongmai(), package(FILES))


@pytest.mark.parametrize("text", [b"not json", b"[1]", b"[" * 20_000, b'{"Hardware": {"a": 1}}'])
def test_odd_descriptions_cost_only_the_properties(text):
    blob = package({**FILES, "InstallDesc": text})
    assert unpack(Xiongmai(), blob)[1].properties == {}


def test_other_zips_are_left_to_zip():
    with pytest.raises(NotThisFormat):
        Xiongmai().measure(BufferReader(package({"a.txt": b"x"})), 0)
    with pytest.raises(NotThisFormat):
        Xiongmai().measure(BufferReader(package({"a.txt": b"x", "doc/InstallDesc": b"x"})), 0)


@given(st.binary(max_size=200))
def test_any_bytes(raw):
    keeps_its_promise(Xiongmai(), b"PK\x03\x04" + raw + b"InstallDesc")
