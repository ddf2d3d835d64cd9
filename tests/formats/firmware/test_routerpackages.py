import zlib
from binascii import crc32
from struct import pack

import pytest

from inspector.errors import Encrypted, Malformed, NotThisFormat, Unsupported
from inspector.extract.firmware.routerpackages import HEADED_IMAGES
from inspector.formats.firmware import buffalo, headed, jboot, npk, opticalterminal, ubiquiti, webtrees, zynos
from inspector.formats.layout import MemberKind
from inspector.formats.reader import BufferReader
from tests.formats.wrapper_checks import attempt, check_hostile, parts

CONTENT = b"\x27\x05\x19\x56 kernel and root file system " * 20


def buffalo_image(content: bytes = CONTENT, *, outer: bool = False) -> bytes:
    seed, out = 0x4F, b"start\0\x4f"
    for word in (b"WZR-HP-G300NH\0", b"1.99\0"):
        packed = buffalo.decrypt(word, seed)  # the cipher is its own inverse
        out += pack(">I", len(packed)) + packed
        seed = packed[0]
    out += pack(">I", len(content)) + buffalo.decrypt(content, seed) + b"\xaa\xbb\xcc\xdd"
    return (b"bgn\0".ljust(208, b"\0") if outer else b"") + out + bytes(-len(out) % 4)


@pytest.mark.parametrize("outer", [False, True])
def test_buffalo_image_is_decrypted(outer):
    image = buffalo.parse_buffalo(BufferReader(buffalo_image(outer=outer)))
    assert parts(image) == {"firmware": CONTENT}
    assert (image.properties["product"], image.properties["version"]) == ("WZR-HP-G300NH", "1.99")
    check_hostile(buffalo.parse_buffalo, buffalo_image(outer=outer))


def test_the_cipher_of_buffalo_is_rc4():
    # Key "Key", plain "Plaintext" is the usual example of RC4; here key "Buffalo" behind a seed of 0x42,
    # computed by hand with the textbook loop.
    state, j = list(range(256)), 0
    key = b"\x42Buffalo"
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) & 0xFF
        state[i], state[j] = state[j], state[i]
    i = j = 0
    stream = bytearray()
    for _ in range(32):
        i = (i + 1) & 0xFF
        j = (j + state[i]) & 0xFF
        state[i], state[j] = state[j], state[i]
        stream.append(state[(state[i] + state[j]) & 0xFF])
    assert buffalo.decrypt(bytes(32), 0x42) == bytes(stream)


def test_buffalo_image_of_another_key_is_a_gap():
    blob = bytearray(buffalo_image())
    blob[6] ^= 0xFF
    (member,) = buffalo.parse_buffalo(BufferReader(bytes(blob))).members
    assert isinstance(member.problem, Encrypted)


def headed_image(row: headed.Headed, content: bytes = CONTENT) -> bytes:
    head = bytearray(row.header)
    head[row.magic_at : row.magic_at + len(row.magic)] = row.magic
    for _, at, width in row.texts:
        word = b"DKBS-7" if not at and row.magic_at == 7 else b"1.02"
        if not at:
            head[: row.magic_at] = word.ljust(row.magic_at, b"x")[: row.magic_at]
            continue
        head[at : at + width] = word.ljust(width, b"\0")
    size = len(content) + (row.header if row.counts_header else 0)
    head[row.length : row.length + 4] = size.to_bytes(4, "big" if row.order == "big" else "little")
    return bytes(head) + content


@pytest.mark.parametrize("row", headed.HEADED, ids=lambda row: row.name)
def test_content_behind_a_plain_header(row):
    blob = headed_image(row)
    image = row.parse(BufferReader(blob + b"behind"))
    assert (parts(image), image.size) == ({"content": CONTENT}, len(blob))
    check_hostile(row.parse, blob)
    with pytest.raises(Malformed):
        row.parse(BufferReader(blob[:-1]))


def test_every_row_is_an_extractor():
    assert [extractor.INFO.name for extractor in HEADED_IMAGES] == [row.name for row in headed.HEADED]


def zyxel(content: bytes) -> bytes:
    head = pack(">4sIII", b"0RDH", 0x17C, 0x17C + len(content), crc32(content) ^ 0xFFFFFFFF)
    head += b"5.0.0.0\n".ljust(32, b"\0") + b"\n".ljust(32, b"\0") + pack(">I", len(content)) + bytes(12)
    head += b"3 6035 122 0\n".ljust(164, b"\0") + b"MT7621A\0" + b"NR7101".ljust(16, b"\0")
    return head.ljust(0x17C, b"\0") + content


def test_zyxel_header():
    image = headed.parse_zyxel_trx(BufferReader(zyxel(CONTENT)))
    assert (parts(image), image.notes) == ({"image": CONTENT}, ())
    assert image.properties == {"chip": "MT7621A", "board": "NR7101"}
    assert headed.parse_zyxel_trx(BufferReader(zyxel(CONTENT)[:-1] + b"?")).notes
    check_hostile(headed.parse_zyxel_trx, zyxel(CONTENT))


def zynos_object(kind: int, flags: int, plain: int, body: bytes) -> bytes:
    return (
        pack(">IH3sBIIBBHH15sHI3x", 0xBFC00000, 0, b"SIG", kind, plain, len(body), flags, 0, 0, 0, b"V3.40(ABC)", 0, 0)
        + body
    )


def test_zynos_objects():
    packed = zynos.parse_zynos(BufferReader(zynos_object(4, 0xE0, 9000, b"packed body") + b"next"))
    assert (parts(packed), packed.size) == ({"rom-bin": b"packed body"}, 48 + 11)
    plain = zynos.parse_zynos(BufferReader(zynos_object(3, 0x40, 10, b"plain body")))
    assert (parts(plain), plain.properties["version"]) == ({"boot-extension": b"plain body"}, "V3.40(ABC)")
    check_hostile(zynos.parse_zynos, zynos_object(4, 0xE0, 9000, CONTENT))


def sch2(codec: int, kernel: bytes, line: bytes = b"root=/dev/mtdblock2") -> bytes:
    head = bytearray(
        pack("<2sBB8IHH", b"\x24\x21", codec, 2, 0, len(kernel), crc32(kernel), 0, 0, 0, 0, 0, 40, len(line))
    )
    head[32:36] = crc32(head).to_bytes(4, "little")
    return bytes(head) + line + kernel


def test_sch2_kernel():
    image = jboot.parse_sch2(BufferReader(sch2(3, CONTENT)))
    assert (parts(image), image.notes) == ({"kernel": CONTENT}, ())
    assert image.properties == {"compression": "lzma", "command line": "root=/dev/mtdblock2"}
    assert isinstance(jboot.parse_sch2(BufferReader(sch2(1, CONTENT))).members[0].problem, Unsupported)
    check_hostile(jboot.parse_sch2, sch2(3, CONTENT))
    with pytest.raises(NotThisFormat):
        jboot.parse_sch2(BufferReader(sch2(3, CONTENT).replace(b"\x24\x21\x03", b"\x24\x21\x02")))


def jboot_arm(content: bytes) -> bytes:
    head = pack("<12sHHIIHBB", b"DWR921C1", 0, 0, 0, 0, 0, 1, 0)
    head += pack("<5I4I", 0, 0x10000, 0x200000, 0x10000, len(content), 0, 0, 0, 0)
    return head + pack("<HHHBBIHH", 0x4842, 2, 0, 0, 0, 0, 0, 0) + content


def test_jboot_arm_image():
    image = jboot.parse_jboot_arm(BufferReader(jboot_arm(CONTENT)))
    assert (parts(image), image.properties["rom"]) == ({"content": CONTENT}, "DWR921C1")
    check_hostile(jboot.parse_jboot_arm, jboot_arm(CONTENT))


def npk_package() -> bytes:
    def container(kind: int, body: bytes) -> bytes:
        return pack("<HI", kind, len(body)) + body

    def record(mode: int, name: bytes, body: bytes) -> bytes:
        return pack("<H6x3IIIH", mode, 1, 2, 3, 0, len(body), len(name)) + name + body

    tree = (
        record(0o040755, b"boot", b"") + record(0o100755, b"boot/kernel", CONTENT) + record(0o100644, b"UPGRADED", b"u")
    )
    body = container(1, b"system".ljust(16, b"\0") + b"\x02\x2e\x06\0")
    body += container(22, bytes(50)) + container(21, b"hsqs" + CONTENT) + container(4, zlib.compress(tree))
    return b"\x1e\xf1\xd0\xba" + pack("<I", len(body)) + body


def test_npk_package_lists_its_packed_tree():
    image = npk.list_npk(BufferReader(npk_package() + b"behind"))
    found = parts(image)
    assert found["boot/kernel"] == CONTENT
    assert found["UPGRADED"] == b"u"
    assert found["2-squashfs"] == b"hsqs" + CONTENT
    assert image.properties == {"package": "system"}
    assert [m.path for m in image.members if m.kind is MemberKind.DIRECTORY] == ["boot"]
    assert image.size == len(npk_package())
    check_hostile(npk.list_npk, npk_package())
    assert "3-files" in parts(npk.parse_npk(BufferReader(npk_package())))


def test_npk_tree_that_does_not_decode_stays_one_member():
    blob = npk_package()
    at = blob.index(b"\x78\x9c")
    image = npk.list_npk(BufferReader(blob[:at] + b"\x78\x9c\xff\xff" + blob[at + 4 :]))
    assert "files" in parts(image)


def ubiquiti_image(mark: bytes = b"UBNT") -> bytes:
    head = mark + b"XM.ar7240.v5.6.6".ljust(256, b"\0")
    out = head + pack(">II", crc32(head), 0)
    for name, body in ((b"kernel", CONTENT), (b"rootfs", b"hsqs" + CONTENT)):
        part = pack(">4s16s12s6I", b"PART", name, b"", 0, 1, 0x9F050000, 0, len(body), 0x100000) + body
        out += part + pack(">II", crc32(part), 0)
    return out + pack(">4sII", b"END.", 0, 0)


@pytest.mark.parametrize("mark", ubiquiti.MAGICS)
def test_ubiquiti_parts(mark):
    image = ubiquiti.parse_ubiquiti(BufferReader(ubiquiti_image(mark) + b"behind"))
    assert (parts(image), image.notes) == ({"kernel": CONTENT, "rootfs": b"hsqs" + CONTENT}, ())
    assert (image.size, image.properties) == (len(ubiquiti_image()), {"version": "XM.ar7240.v5.6.6"})
    check_hostile(ubiquiti.parse_ubiquiti, ubiquiti_image(mark))


def test_ubiquiti_part_with_a_wrong_checksum_is_noted():
    blob = bytearray(ubiquiti_image())
    blob[268 + 56 + 5] ^= 1
    assert "kernel" in ubiquiti.parse_ubiquiti(BufferReader(bytes(blob))).notes[0]


def hwnp() -> bytes:
    products = b"120|130|140|\0".ljust(256, b"\0")
    bodies = {b"file:/var/UpgradeCheck.xml": b"<upgradecheck/>", b"flash:rootfs": b"hsqs" + CONTENT}
    at = 36 + len(products) + 360 * len(bodies)
    items, data = b"", b""
    for index, (name, body) in enumerate(bodies.items()):
        items += pack("<IIII256s16s64sII", index, crc32(body), at + len(data), len(body), name, b"ROOTFS", b"V5", 0, 0)
        data += body
    head = pack("<4s4sIIIIBBHII", b"HWNP", b"", 0, at, 0, len(bodies), 0, 0, len(products), 360, 0)
    return head + products + items + data


def test_hwnp_items():
    image = opticalterminal.parse_hwnp(BufferReader(hwnp()))
    assert parts(image) == {"file:/var/UpgradeCheck.xml": b"<upgradecheck/>", "flash:rootfs": b"hsqs" + CONTENT}
    assert image.properties == {"products": "120|130|140|"}
    assert not any(member.notes for member in image.members)
    check_hostile(opticalterminal.parse_hwnp, hwnp())


def zte(kind: int = 0, *, outer: bool = True) -> bytes:
    text = b"<DB><Tbl name='TR069'><DM name='URL' val='http://acs.example.cn/'/></Tbl></DB>" * 30
    out = b"\x01\x02\x03\x04" + pack(">14I", kind, len(text), *[0] * 3, 1, 2, *[0] * 7)
    pieces = [text[at : at + 1024] for at in range(0, len(text), 1024)]
    for index, piece in enumerate(pieces):
        packed = zlib.compress(piece)
        out += pack(">3I", len(piece), len(packed), index + 1 < len(pieces)) + packed
    return (opticalterminal.ZTE_START.ljust(128, b"\0") if outer else b"") + out


@pytest.mark.parametrize("outer", [False, True])
def test_zte_settings(outer):
    image = opticalterminal.parse_zte_config(BufferReader(zte(outer=outer)))
    assert parts(image)["settings.xml"].count(b"acs.example.cn") == 30
    check_hostile(opticalterminal.parse_zte_config, zte(outer=outer))
    assert isinstance(opticalterminal.parse_zte_config(BufferReader(zte(2, outer=outer))).members[0].problem, Encrypted)


def pfs() -> bytes:
    bodies = {b"index.htm": b"<html>", b"js\\app.js": b"var host='cloud.example.cn';"}
    table, data = b"", b""
    for index, (name, body) in enumerate(bodies.items()):
        table += name.ljust(40, b"\0") + pack("<3I", index + 1, len(data), len(body))
        data += body
    return b"PFS/0.9\0".ljust(14, b"\0") + pack("<H", len(bodies)) + table + data


def test_pfs_files():
    image = webtrees.parse_pfs(BufferReader(pfs()))
    assert parts(image) == {"index.htm": b"<html>", "js/app.js": b"var host='cloud.example.cn';"}
    check_hostile(webtrees.parse_pfs, pfs())


def mpfs() -> bytes:
    bodies = {b"index.htm\0": b"<html>", b"": b"index of variables", b"status.xml\0": b"<r/>"}
    count = len(bodies)
    names_at = 8 + 2 * count + 22 * count
    names = b"".join(bodies) + b"\0"
    data_at, entries, strings, data = names_at + len(names), b"", names_at, b""
    for name, body in bodies.items():
        at = strings if name else names_at + len(names) - 1
        entries += pack("<IIIIIH", at, data_at + len(data), len(body), 0, 0, 0)
        strings += len(name)
        data += body
    return b"MPFS\x02\x01" + pack("<H", count) + bytes(2 * count) + entries + names + data


def test_mpfs_files():
    image = webtrees.parse_mpfs(BufferReader(mpfs()))
    assert parts(image) == {"index.htm": b"<html>", "index1": b"index of variables", "status.xml": b"<r/>"}
    check_hostile(webtrees.parse_mpfs, mpfs())


def foscam() -> bytes:
    body = bytes([2, 4, 10, 18])
    for name, content in {b"/js": None, b"/js/app.js": b"var host='cloud.example.cn';", b"/empty": b""}.items():
        body += pack("<I", len(name)) + name
        body += b"\0" if content is None else b"\1" + pack("<I", len(content)) + content
    return b"\xbd\x9a\x0c\x44" + pack("<II", sum(body), 12 + len(body)) + body


def test_foscam_web_pages():
    image = webtrees.parse_foscam(BufferReader(foscam() + b"behind"))
    assert (parts(image), image.size) == (
        {"js/app.js": b"var host='cloud.example.cn';", "empty": b"", "js": None},
        len(foscam()),
    ) or parts(image) == {"js/app.js": b"var host='cloud.example.cn';", "empty": b""}
    assert (image.properties, image.notes) == ({"version": "2.4.10.18"}, ())
    assert webtrees.parse_foscam(BufferReader(foscam().replace(b"cloud", b"cloue"))).notes == ("wrong byte sum",)
    check_hostile(webtrees.parse_foscam, foscam())


@pytest.mark.parametrize("parse", [row.parse for row in headed.HEADED] + [
    buffalo.parse_buffalo, headed.parse_zyxel_trx, zynos.parse_zynos,
    jboot.parse_sch2, jboot.parse_jboot_arm, npk.parse_npk,
    ubiquiti.parse_ubiquiti, opticalterminal.parse_hwnp, opticalterminal.parse_zte_config, webtrees.parse_pfs,
    webtrees.parse_mpfs, webtrees.parse_foscam,
])  # fmt: skip
def test_other_bytes_are_not_these_formats(parse):
    assert attempt(parse, b"some text of no interest to anybody".ljust(600, b".")) is None
    assert attempt(parse, bytes(600)) is None
