from io import BytesIO
from zipfile import ZipFile

import pytest

from inspector.errors import LimitReached, Malformed
from inspector.formats.firmware.dahua import parse_dahua
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import check_hostile, parts


def build() -> bytes:
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("Install", "{}")
        archive.writestr("romfs-x.squashfs.img", b"hsqs" * 30)
    return b"DH" + file.getvalue()[2:]


def test_the_zip_reads_again_once_its_magic_is_back():
    image = parse_dahua(BufferReader(build() + b"\xff" * 100))
    assert (image.size, image.members[0].format) == (len(build()), "zip")
    with ZipFile(BytesIO(parts(image)["package.zip"])) as archive:
        assert archive.namelist() == ["Install", "romfs-x.squashfs.img"]
        assert archive.read("romfs-x.squashfs.img") == b"hsqs" * 30


def test_allowance_and_cut():
    with pytest.raises(LimitReached):
        parse_dahua(BufferReader(build())).members[0].open(10)
    with pytest.raises(Malformed):
        parse_dahua(BufferReader(build()[:-1]))


def test_hostile():
    check_hostile(parse_dahua, build())
