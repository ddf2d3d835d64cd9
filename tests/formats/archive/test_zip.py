import io
import os
import struct
import time
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import Encrypted, FormatError, LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.extract.archive.zip import Zip
from inspector.formats.layout import MemberKind
from inspector.formats.names import escapes
from inspector.formats.reader import BufferReader
from tests.formats.original import tool
from tests.formats.promise import content, every_flip, every_prefix, files, keeps_its_promise, run, unpack

TREE = {
    "AndroidManifest.xml": b"\x03\x00\x08\x00" + b"manifest" * 50,
    "classes.dex": b"dex\n035\0" + bytes(range(256)) * 20,
    "assets/empty": b"",
    "res/é.txt": b"server=iot.example.cn\n" * 100,
}
CENTRAL, LOCAL = struct.Struct("<4s6H3L5H2L"), struct.Struct("<4s5H3L2H")


def build(method: int = zipfile.ZIP_DEFLATED, tree=TREE, **options) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method, **options) as archive:
        for name, data in tree.items():
            archive.writestr(name, data)
    return out.getvalue()


def patch(blob: bytes, name: bytes, central: dict[int, bytes], local: dict[int, bytes]) -> bytes:
    """Overwrite fields (by offset in the header) of the entry `name` in its directory and local headers."""
    out = bytearray(blob)
    for magic, size, fields in ((b"PK\1\2", 46, central), (b"PK\3\4", 30, local)):
        at = out.find(magic)
        while out[at + size : at + size + len(name)] != name:
            at = out.find(magic, at + 1)
        for offset, value in fields.items():
            out[at + offset : at + offset + len(value)] = value
    return bytes(out)


def by_name(blob: bytes):
    return {member.path: member for member in unpack(Zip(), blob)[2]}


def notes(blob: bytes, name: str) -> str:
    member = by_name(blob)[name]
    return "; ".join((*member.notes, *(member.open(1 << 26).notes if member.open else ())))


# --------------------------------------------------------------------------- contents


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_contents_and_every_byte_is_named(method):
    blob = build(method)
    span, contents, members = unpack(Zip(), blob)
    assert {m.path: content(m) for m in members if m.open} == TREE
    spans = sorted([*contents.structure(), *(s for m in members for s in m.extents)])
    covered = 0
    for part in spans:
        assert part.start <= covered
        covered = max(covered, part.end)
    assert covered == len(span) == len(blob)
    assert not contents.notes
    assert not any(m.notes for m in members)


def test_stored_members_are_views_not_copies():
    blob = build(zipfile.ZIP_STORED)
    view = by_name(blob)["classes.dex"].open(1 << 20).all()
    assert view.obj is blob


@pytest.mark.packers
@pytest.mark.parametrize("method", ["Copy", "Deflate", "Deflate64", "BZip2", "LZMA"])
def test_output_of_7z(tmp_path, method):
    tree = {
        "a/long.txt": b"".join(b"%d lines of text\n" % (i * i) for i in range(30_000)),
        "b": b"y" * 70_000,
        "c": os.urandom(999),
    }
    for name, data in tree.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    run("7z", "a", "-tzip", f"-mm={method}", "x.zip", *tree, cwd=tmp_path)
    assert files(Zip(), (tmp_path / "x.zip").read_bytes()) == tree


@pytest.mark.packers
def test_output_of_info_zip_with_link_and_data_descriptors(tmp_path):
    (tmp_path / "a").write_bytes(b"hello " * 1000)
    (tmp_path / "link").symlink_to("/etc/passwd")
    run("zip", "-y", "x.zip", "a", "link", cwd=tmp_path)
    members = by_name((tmp_path / "x.zip").read_bytes())
    assert (members["link"].kind, members["link"].target) == (MemberKind.SYMLINK, "/etc/passwd")
    piped = run("zip", "-q", "-", "-", data=b"hello " * 1000)
    assert files(Zip(), piped) == {"-": b"hello " * 1000}
    assert list(files(Zip(), piped[: piped.rfind(b"PK\1\2")]).values()) == [b"hello " * 1000]


@pytest.mark.packers
@pytest.mark.parametrize("scheme", ["ZipCrypto", "AES256"])
def test_encrypted_entries_say_so(tmp_path, scheme):
    (tmp_path / "a").write_bytes(b"hello " * 1000)
    run("7z", "a", "-tzip", f"-mem={scheme}", "-psecret", "x.zip", "a", cwd=tmp_path)
    with pytest.raises(Encrypted):
        by_name((tmp_path / "x.zip").read_bytes())["a"].open(1 << 20)


def test_zip64_sizes_and_end_record(monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 100)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 2)
    blob = build()
    assert b"PK\6\6" in blob
    assert files(Zip(), blob) == TREE


def test_carved_from_the_middle_with_comment_and_neighbour():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("x", b"inner")
        archive.comment = b"a comment"
    one, two = out.getvalue(), build()
    blob = b"junk" * 100 + one + two + b"\xff" * 9000
    span, _, members = unpack(Zip(), blob, 400)
    assert (span.end - 400, [m.path for m in members]) == (len(one), ["x"])
    assert unpack(Zip(), blob, 400 + len(one))[0].end == 400 + len(one) + len(two)


def test_archive_stored_inside_is_not_mistaken_for_the_outer_one():
    outer = build(zipfile.ZIP_STORED, {"base.apk": build(), "z": b"last"})
    span, _, members = unpack(Zip(), b"...." + outer + bytes(70_000), 4)
    assert (len(span), [m.path for m in members]) == (len(outer), ["base.apk", "z"])
    inner = next(iter(members)).extents[0].start + 4
    assert [m.path for m in unpack(Zip(), b"...." + outer, inner)[2]] == list(TREE)


def test_apk_signing_block_is_a_member():
    blob = build()
    start = blob.find(b"PK\1\2")
    pairs = b"certificate bytes"
    size = (len(pairs) + 24).to_bytes(8, "little")
    block = size + pairs + size + b"APK Sig Block 42"
    signed = bytearray(blob[:start] + block + blob[start:])
    signed[-6:-2] = (start + len(block)).to_bytes(4, "little")
    member = by_name(bytes(signed))["APK Signing Block"]
    assert (content(member), member.format) == (block, "apk-signing-block")


# --------------------------------------------------------------------------- attack rows

attack = pytest.mark.attack


@attack
def test_a1_hostile_names_are_data():
    names = ["../../x", "/abs", "..\\..\\x", "C:\\x"]
    members = by_name(build(tree=dict.fromkeys(names, b"x")))
    assert [name for name in members if escapes(name)] == names


@attack
def test_a11_bomb_stops_at_the_allowance():
    bomb = build(tree={"zeros": bytes(1 << 28)})
    started = time.process_time()
    with pytest.raises(LimitReached):
        by_name(bomb)["zeros"].open(1 << 24)
    assert time.process_time() - started < 20


def full_overlap(count: int) -> bytes:
    """Fifield: every directory entry points to the same local header."""
    blob = build(tree={"k": bytes(1 << 20)})
    start, end = blob.find(b"PK\1\2"), blob.find(b"PK\5\6")
    directory = b"".join(blob[start:end].replace(b"k", b"%c" % (48 + i % 64)) for i in range(count))
    return blob[:start] + directory + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(directory), start, 0)


def quoted_overlap(count: int) -> bytes:
    """Fifield: each file quotes the next local header in a stored deflate block, all share one kernel."""
    kernel = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = kernel.compress(bytes(1 << 20)) + kernel.flush()
    entries, tail, plain, quoted = [], b"", b"", b""
    for index in range(count):
        name = b"f%05d" % index
        if index == 0:
            body, plain = data, bytes(1 << 20)
        else:
            body = struct.pack("<BHH", 0, len(quoted), len(quoted) ^ 0xFFFF)
            plain = quoted + plain
        stored = len(body) + (len(tail) if index else 0)
        header = LOCAL.pack(b"PK\3\4", 20, 0, 8, 0, 0, zlib.crc32(plain), stored, len(plain), len(name), 0) + name
        quoted, tail = header, header + body + (tail if index else b"")
        entries.append((name, zlib.crc32(plain), stored, len(plain), len(tail)))
    directory = b"".join(
        CENTRAL.pack(b"PK\1\2", 20, 20, 0, 8, 0, 0, crc, stored, size, len(name), 0, 0, 0, 0, 0, len(tail) - left)
        + name
        for name, crc, stored, size, left in reversed(entries)
    )
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(directory), len(tail), 0)
    return tail + directory + end


@attack
@pytest.mark.parametrize("bomb", [full_overlap, quoted_overlap])
def test_a12_a13_overlapping_entries_are_refused_past_a_few(bomb):
    members = unpack(Zip(), bomb(300))[2]
    readable = [m for m in members if m.open]
    assert len(members) == 300
    assert 1 <= len(readable) <= 5
    assert all(isinstance(m.problem, Malformed) and m.extents for m in members if not m.open)
    assert "overlaps another entry" in members[-1].notes + members[0].notes


@attack
def test_a17_many_empty_entries_are_listed():
    blob = build(zipfile.ZIP_STORED, {f"{i:06x}": b"" for i in range(100_000)})
    started = time.process_time()
    assert len(unpack(Zip(), blob)[2]) == 100_000
    assert time.process_time() - started < 90


@attack
def test_a18_only_counted_bytes_are_trusted():
    small = (10).to_bytes(4, "little")
    blob = patch(build(tree={"big": bytes(1 << 20)}), b"big", {24: small}, {22: small})
    assert len(content(by_name(blob)["big"])) == 1 << 20
    assert "header says 10" in notes(blob, "big")


@attack
def test_a19_sizes_of_exabytes_allocate_nothing():
    monster = (0xFFFFFFFE).to_bytes(4, "little")
    blob = patch(build(zipfile.ZIP_STORED), b"classes.dex", {20: monster, 24: monster}, {})
    assert by_name(blob)["classes.dex"].open(1 << 26).damage is not None


@attack
def test_a20_unknown_method_is_stored_as_on_android():
    method = (0x7261).to_bytes(2, "little")
    blob = patch(build(zipfile.ZIP_STORED), b"classes.dex", {10: method}, {8: method})
    assert content(by_name(blob)["classes.dex"]) == TREE["classes.dex"]
    assert "method 29281 read as stored" in notes(blob, "classes.dex")
    wrong = patch(blob, b"classes.dex", {20: b"\1\0\0\0"}, {})
    assert content(by_name(wrong)["classes.dex"]) == TREE["classes.dex"]


@attack
def test_a21_the_directory_wins_over_the_local_header():
    blob = patch(build(), b"classes.dex", {}, {8: b"\0\0"})
    assert content(by_name(blob)["classes.dex"]) == TREE["classes.dex"]
    assert "local header says method 0, directory 8" in notes(blob, "classes.dex")


@attack
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a22_encryption_flag_without_encryption(method):
    blob = patch(build(method), b"classes.dex", {8: b"\1\0"}, {6: b"\1\0"})
    assert content(by_name(blob)["classes.dex"]) == TREE["classes.dex"]
    assert "encryption flag without encryption" in notes(blob, "classes.dex")


@attack
def test_a23_wrong_checksum_is_kept_and_flagged():
    blob = patch(build(), b"classes.dex", {16: b"\1\2\3\4"}, {14: b"\1\2\3\4"})
    assert content(by_name(blob)["classes.dex"]) == TREE["classes.dex"]
    assert "wrong CRC" in notes(blob, "classes.dex")


@attack
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a24_a25_duplicates_and_collisions_are_all_kept():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in (("classes.dex", b"one"), ("classes.dex", b"two"), ("classes.dex/x", b"three")):
            archive.writestr(name, data)
    found = {m.path: (content(m), m.notes) for m in unpack(Zip(), out.getvalue())[2]}
    assert sorted(data for data, _ in found.values()) == [b"one", b"three", b"two"]
    assert found["classes.dex@0x2c"] == (b"two", ("duplicate name", "name is a file and a folder"))


@attack
def test_a26_second_end_record_and_trailing_junk():
    for tail in (b"PK\5\6" + bytes(18), b"junk" * 30, b"PK\5\6" + b"\xff" * 18, b"PK\5\6"):
        span, _, members = unpack(Zip(), build() + tail)
        assert [m.path for m in members] == list(TREE)
        assert len(span) == len(build())


@attack
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("old_directory", [True, False])
def test_entries_that_the_directory_leaves_out_are_read_and_told(method, old_directory):
    blob = build(method)
    end, rows = blob.index(b"PK\5\6"), blob.split(b"PK\1\2")[1:]
    rows[-1] = rows[-1][: rows[-1].index(b"PK\5\6")]
    kept = b"".join(b"PK\1\2" + row for row in rows if b"classes.dex" not in row)
    before = blob if old_directory else blob[: blob.index(b"PK\1\2")]
    hiding = before + kept + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 3, 3, len(kept), len(before), 0)
    _, contents, members = unpack(Zip(), hiding)
    (hidden,) = [member for member in members if member.path.startswith("classes.dex")]
    assert hidden.path == f"classes.dex@{blob.index(b'PK', 4):#x}"
    assert (content(hidden), hidden.notes) == (TREE["classes.dex"], ("not in the directory",))
    assert contents.notes == ((f"another end record at {end:#x}",) if old_directory else ())


@attack
def test_many_headers_outside_the_directory_cost_little():
    blob = build()
    at = blob.index(b"PK\1\2")
    # Each says that its length stands behind it, so each has to be decoded: a stored block to the end, then nonsense.
    size = 31 * 2_000
    head = LOCAL.pack(b"PK\3\4", 20, 8, 8, 0, 0, 0, 0, 0, 0, 1) + b"\n"
    body = (head * 2_000)[:size].replace(b"\n", b"\x06")
    many = b"".join(LOCAL.pack(b"PK\3\4", 20, 0, 0, 0, 0, 0, 1, 1, 1, 0) + b"ax" for _ in range(1_100))
    started = time.monotonic()
    for filling, told in (
        (body, ()),
        (many, ("more than 1000 entries are not in the directory: the others are not read",)),
    ):
        moved = blob[:at] + filling + blob[at:-6] + struct.pack("<LH", at + len(filling), 0)
        _, contents, members = unpack(Zip(), moved)
        assert {m.path for m in members} >= set(TREE)
        assert (contents.notes, len(members) - len(TREE)) == (told, 1_000 if told else 0)
    assert time.monotonic() - started < 10


@attack
def test_nameless_entries_are_padding_of_the_tools():
    padding = LOCAL.pack(b"PK\3\4", 0, 0, 0, 0, 0, 0, 0, 0, 0, 40) + bytes(40)
    blob = build()
    at = blob.index(b"PK\1\2")
    moved = blob[:at] + padding + blob[at:-6] + struct.pack("<LH", at + len(padding), 0)
    _, contents, members = unpack(Zip(), moved)
    assert ([m.path for m in members], contents.notes) == (list(TREE), ())


@attack
def test_an_end_record_that_lies_about_comment_or_parts_is_told():
    blob = build()
    end = blob.index(b"PK\5\6")
    _, contents, _ = unpack(Zip(), blob[:-2] + b"\x32\0")
    assert contents.notes == ("comment of 50 bytes, 0 there",)
    _, contents, members = unpack(Zip(), blob[: end + 4] + b"\7\0\7\0" + blob[end + 8 :])
    assert {m.path: content(m) for m in members} == TREE
    assert contents.damage == ""
    assert contents.notes == ("end record says file 8 of several, all entries are in this one",)


@attack
def test_a_name_with_nul_is_told():
    blob = build().replace(b"assets/empty", b"assets\0empty")
    assert notes(blob, "assets\0empty") == "NUL in the name"


@attack
def test_a27_prefix_before_the_archive():
    blob = build()
    for prefix in (bytes(4096), b"dex\n035\0" + os.urandom(5000)):
        span, _, members = unpack(Zip(), prefix + blob, len(prefix))
        assert (len(span), {m.path: content(m) for m in members}) == (len(blob), TREE)
    adjusted = bytearray(b"#!/bin/sh\n" + blob)  # offsets that count the prefix, as `zip -A` writes them
    for magic, field in ((b"PK\1\2", 42), (b"PK\5\6", 16)):
        at = adjusted.find(magic)
        while at >= 0:
            value = int.from_bytes(adjusted[at + field : at + field + 4], "little") + 10
            adjusted[at + field : at + field + 4] = value.to_bytes(4, "little")
            at = adjusted.find(magic, at + 4)
    assert {m.path: content(m) for m in unpack(Zip(), bytes(adjusted), 10)[2]} == TREE


@attack
def test_a32_truncated_archives_are_walked_by_local_headers():
    blob = build()
    cut = blob[: blob.find(b"PK\1\2") - 30]
    _, contents, members = unpack(Zip(), cut)
    assert [m.path for m in members] == list(TREE)
    assert "central directory missing" in contents.damage
    last = members[-1].open(1 << 20)
    assert last.damage is not None or last.notes


# --------------------------------------------------------------------------- promises


def test_legacy_method_is_unsupported_by_name():
    blob = patch(build(), b"classes.dex", {10: b"\7\0"}, {8: b"\7\0"})
    with pytest.raises(Unsupported, match="tokenize"):
        by_name(blob)["classes.dex"].open(1 << 20)


@pytest.mark.parametrize("raw", [b"", b"PK", b"PK\3\4", b"PK\3\4" + b"\xff" * 40, b"PK\5\6", b"x" * 100])
def test_not_an_archive(raw):
    with pytest.raises((NotThisFormat, Malformed)):
        Zip().measure(BufferReader(raw), 0)


def test_every_prefix_and_every_changed_byte():
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA):
        blob = build(method, {"a": b"text " * 40, "b/c": os.urandom(60)})
        every_prefix(Zip(), blob)
        every_flip(Zip(), blob)


@given(st.binary(max_size=200), st.binary(max_size=60))
def test_any_bytes(raw, more):
    keeps_its_promise(Zip(), b"PK\3\4" + raw)
    keeps_its_promise(Zip(), build(tree={"a": b"b"})[:-22] + raw + b"PK\5\6" + more)


def test_fields_of_all_ones():
    blob = build(tree={"a": b"text"})
    for at in range(len(blob) - 4):
        try:
            for member in unpack(Zip(), blob[:at] + b"\xff\xff\xff\xff" + blob[at + 4 :])[2]:
                if member.open:
                    member.open(1 << 20)
        except FormatError:
            continue


@pytest.mark.packers
def test_first_of_several_files_says_so(tmp_path):
    (tmp_path / "noise").write_bytes(os.urandom(200_000))
    run(tool("zip"), "-q", "-s", "64k", "x.zip", "noise", cwd=tmp_path)
    contents = unpack(Zip(), (tmp_path / "x.z01").read_bytes())[1]
    assert "first of several files" in contents.damage


@pytest.mark.packers
def test_zip_written_to_a_pipe_with_an_open_offset(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"server=iot.example.cn\n" * 50)
    blob = run(tool("zip"), "-q", "-fz", "-", "a", "b", cwd=tmp_path)
    span, contents, members = unpack(Zip(), blob)
    assert (len(span), contents.damage) == (len(blob), "")
    assert {m.path: content(m) for m in members} == dict.fromkeys("ab", b"server=iot.example.cn\n" * 50)


def test_what_lies_before_the_first_header_is_not_searched_for_ends():
    asked = []

    class Watched(BufferReader):
        def find(self, needle, start=0, end=None):
            asked.append(start)
            return super().find(needle, start, end)

    archive = build()
    front = build(tree={"front.txt": b"front"}) * 50
    data = Watched(front + archive + bytes(70_000))
    assert len(Zip().measure(data, len(front))) == len(archive)
    assert asked
    assert min(asked) == len(front)
    assert Zip().measure(data, 0).end == len(front) // 50


def named(name: bytes, told: str, crc: int | None = None, flags: int = 0) -> bytes:
    """Return a zip whose one file has the name, and another one in the extra field of Info-ZIP."""
    out = io.BytesIO()
    field = struct.pack("<BI", 1, zlib.crc32(name) if crc is None else crc) + told.encode()
    entry = zipfile.ZipInfo("x" * len(name))
    entry.extra = struct.pack("<HH", 0x7075, len(field)) + field
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(entry, b"content")
    return patch(
        out.getvalue().replace(b"x" * len(name), name),
        name,
        {8: struct.pack("<H", flags)},
        {6: struct.pack("<H", flags)},
    )


def test_name_of_a_code_page_is_taken_from_the_field_with_the_name_in_unicode():
    (member,) = unpack(Zip(), named(b"pr\x81fung.txt", "prüfung.txt"))[2]
    assert (member.path, member.notes) == ("prüfung.txt", ())
    (member,) = unpack(Zip(), named(b"pr\x81fung.txt", "prüfung.txt", crc=7))[2]
    assert member.path == "pr\\x81fung.txt"


@pytest.mark.parametrize(("name", "flags"), [(b"client.dll", 0), ("clïent.dll".encode(), 0x800)])
def test_name_that_needs_no_other_stays_and_the_other_is_told(name, flags):
    (member,) = unpack(Zip(), named(name, "other.dll", flags=flags))[2]
    assert (member.path, member.notes) == (name.decode(), ("extra field says name 'other.dll'",))
    (member,) = unpack(Zip(), named(name, name.decode(), flags=flags))[2]
    assert member.notes == ()


@pytest.mark.packers
def test_unicode_names_of_zip(tmp_path):
    (tmp_path / "größe").write_bytes(b"content")
    run(tool("zip"), "-q", "x.zip", "größe", cwd=tmp_path, env={"LC_ALL": "C.UTF-8"})
    assert files(Zip(), (tmp_path / "x.zip").read_bytes()) == {"größe": b"content"}
