"""QNX boot images, laid out as documented: startup header, packed blocks; and damage."""

import gzip
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lzallright import LZOCompressor

from inspector.errors import LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.extract.budget import Budget, Limits
from inspector.extract.carve import Carver
from inspector.extract.catalogue import CATALOGUE
from inspector.extract.filesystem.qnx import QnxImageFs
from inspector.extract.firmware.qnx import QnxStartup
from inspector.extract.walk import Node, Walker
from inspector.formats.firmware.qnx_ifs import parse_qnx_startup
from inspector.formats.reader import BufferReader
from tests.builders.original_tools import NRV2B, NRV2B_SOURCE, inflated
from tests.formats.filesystem.test_qnx_imagefs import FILES, imagefs
from tests.formats.nrv2b import literals
from tests.formats.promise import content, files, keeps_its_promise, unpack
from tests.formats.wrapper_checks import check_hostile


def packed(raw: bytes, packing: int) -> bytes:
    if packing == 4:
        return gzip.compress(raw)
    pack = {8: LZOCompressor().compress, 12: literals}[packing]
    blocks = [bytes(pack(raw[at : at + 0x8000])) for at in range(0, len(raw), 0x8000)]
    return b"".join(len(block).to_bytes(2, "big") + block for block in blocks) + b"\0\0"


def startup(body: bytes, packing: int = 0, order: str = "<", plain: int = 0) -> bytes:
    """Return a boot image whose file system, as it is stored, is `body`."""
    code = b"startup code of the board" * 30
    if packing:
        body += bytes(-len(body) % 4) + b"\x12\x34\x56\x78"  # the checksum of the image stands behind its packed bytes
    flags = packing | (2 if order == ">" else 0)
    size = 256 + len(code)
    head = struct.pack(order + "IHBBHH", 0x00FF7EEB, 1, flags, 0, 256, 40) + struct.pack(order + "5I", 0, 0, 0, 0, 0)
    head += struct.pack(order + "4IHH", size, size + len(body), 0, plain, 0, 0) + bytes(12)
    return head.ljust(256, b"\0") + code + body


@pytest.mark.parametrize("packing", [0, 4, 8, 12])
@pytest.mark.parametrize("order", ["<", ">"])
def test_boot_image(packing, order):
    plain = imagefs(order)
    image = startup(packed(plain, packing) if packing else plain, packing, order, len(plain))
    span, contents, members = unpack(QnxStartup(), b"preboot." + image + b"tail", 8)
    assert len(span) == len(image)
    program, inner = members
    assert content(program).startswith(b"startup code")
    assert content(inner) == plain
    assert files(QnxImageFs(), content(inner)) == FILES
    assert contents.properties["machine"] == "ARM"
    if packing:
        with pytest.raises(LimitReached):
            inner.open(1000)


def test_zlib_without_the_header_of_gzip():
    image = startup(zlib.compress(imagefs()), 4)
    assert content(unpack(QnxStartup(), image)[2][1]) == imagefs()


def test_blocks_of_the_original_library():
    blocks = [inflated(block) for block in NRV2B]
    body = b"".join(len(block).to_bytes(2, "big") + block for block in blocks) + b"\0\0"
    assert content(unpack(QnxStartup(), startup(body, 12))[2][1]) == NRV2B_SOURCE


def test_packing_without_a_name_is_told():
    _, _, (_, inner) = unpack(QnxStartup(), startup(imagefs(), 16))
    assert isinstance(inner.problem, Unsupported)


def test_cut_off_image():
    packed_image = startup(packed(imagefs(), 8), 8)
    cut = parse_qnx_startup(BufferReader(packed_image[:-200]))
    assert "cut off" in cut.damage
    assert cut.members[1].open(1 << 20).damage is not None


def test_what_is_no_boot_image():
    image = startup(imagefs())
    for at, value in ((4, 2), (6, 2), (8, 1), (50, 1)):
        with pytest.raises(NotThisFormat):
            parse_qnx_startup(BufferReader(image[:at] + bytes([value]) + image[at + 1 :]))
    with pytest.raises(Malformed):
        parse_qnx_startup(BufferReader(image[:32] + b"\0\0\0\0" + image[36:]))


class Nothing:
    def visit(self, artifact, data, base):
        return []

    def skip(self, path):
        return False

    def at(self, path):
        pass


def test_walk_reaches_the_files_of_two_images_in_a_row():
    second = imagefs(contents={"second.txt": b"https://second.example.cn/ " * 30}, mount=b"/second")
    blob = b"\xe9jump".ljust(600, b"\x90") + startup(imagefs() + second)
    walker = Walker(Carver(CATALOGUE), Budget(Limits(), len(blob)), Nothing())
    walker.walk(Node("file", BufferReader(blob), "file"))
    paths = {path for _, path, _ in walker.found.paths}
    assert {"/etc/cloud.conf", "/.script", "/second.txt"} <= paths


def test_hostile():
    for packing in (0, 8, 12):
        body = packed(imagefs(), packing) if packing else imagefs()
        check_hostile(parse_qnx_startup, startup(body, packing), rounds=100)


@given(st.binary(max_size=300))
def test_any_bytes(raw):
    keeps_its_promise(QnxStartup(), b"\xeb\x7e\xff\0\1\0" + raw)
    keeps_its_promise(QnxStartup(), startup(raw, 8))
