from inspector.formats.ingenic import parse_ingenic
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import check_hostile, corpus


def test_boot_loader_of_the_dafang_camera():
    image = parse_ingenic(BufferReader(corpus("xiaomi-dafang/uboot.bin")))
    assert [(m.path, m.size) for m in image.members] == [("spl", 0x305C - 0x800)]


def test_hostile():
    check_hostile(parse_ingenic, corpus("xiaomi-dafang/uboot.bin")[:0x4000], rounds=60)
