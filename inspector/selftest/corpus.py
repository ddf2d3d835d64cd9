"""The hostile files of the self-test, one for each known attack on unpackers and scanners, and pairs around limits."""

import io
import struct
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from inspector.extract.budget import Limits
from inspector.selftest import archives, files
from inspector.selftest.archives import Entry
from inspector.selftest.attack import (
    Attack,
    Probe,
    finds,
    gap,
    hits,
    hits_nothing,
    host,
    no_gap,
    not_called_clean,
    not_failed,
    plain_in_terminal,
    read,
    survive,
    tampering,
    text,
)
from inspector.selftest.by_name import BY_NAME
from inspector.selftest.mock import trigger
from inspector.selftest.probes import PROBES

MIB: Final = 1 << 20


def _tar(name: str, kind: bytes, target: str, number: int) -> Callable[[], bytes]:
    entry, content = archives.tar_entry, archives.tar_entry("etc/server.conf")
    return lambda: archives.tar_of([(entry(name, kind, target), b""), (content, text(number))])


def _through_link() -> bytes:
    return archives.tar_of(
        [(archives.tar_entry("d", tarfile.SYMTYPE, "/outside"), b""), (archives.tar_entry("d/pwn"), text(4))]
    )


def _nodes() -> bytes:
    kinds = (tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE)
    nodes = [(archives.tar_entry(f"node{number}", kind), b"") for number, kind in enumerate(kinds)]
    return archives.tar_of([*nodes, (archives.tar_entry("etc/server.conf"), text(6))])


def _modes() -> bytes:
    return archives.tar_of(
        [
            (archives.tar_entry("d", tarfile.DIRTYPE, mode=0), b""),
            (archives.tar_entry("d/suid", mode=0o7777), b"#!/bin/sh\n"),
            (archives.tar_entry("d/none", mode=0), text(10)),
        ]
    )


def _zeros(size: int) -> Callable[[], bytes]:
    return lambda: archives.plain_zip([("zeros", bytes(size))])


def _many(count: int) -> Callable[[], bytes]:
    return lambda: archives.zip_of([Entry(b"%06d" % number, b"", method=0) for number in range(count)])


def _package(number: int, **fields: object) -> Callable[[], bytes]:
    """Return a maker of a package whose first entry is odd and whose second holds the planted host."""
    odd = Entry(b"res/odd.txt", b"nothing here, only words. " * 8, **fields)  # type: ignore[arg-type]
    return lambda: archives.zip_of([odd, Entry(b"assets/server.conf", text(number))])


def _odd_method(number: int, method: int) -> bytes:
    odd = Entry(b"assets/odd.conf", text(number), method=0, local_method=method, central_method=method)
    return archives.zip_of([odd, Entry(b"assets/other.conf", b"x=1\n")])


def _two_named_alike() -> bytes:
    return archives.zip_of([Entry(b"classes.dex", text(24)), Entry(b"classes.dex", text(24, "b"))])


def _two_ends() -> bytes:
    inner = archives.plain_zip([("server.conf", text(26))])
    return inner + archives.end_record(0, 0, 0) + files.noise(100)


def _set_of_apps() -> bytes:
    base = archives.plain_zip([("AndroidManifest.xml", files.axml()), ("assets/server.conf", text(33))])
    split = archives.plain_zip([("assets/more.conf", text(33, "b"))])
    return archives.plain_zip([("base.apk", base), ("split_config.apk", split)])


def _ipa() -> bytes:
    return archives.plain_zip(
        [
            ("Payload/../../outside", b"x"),
            ("Payload/App.app/Info.plist", files.property_list_bomb()),
            ("Payload/App.app/server.conf", text(34)),
        ]
    )


def _deep_json() -> bytes:
    return archives.plain_zip([("a.json", b'{"a":' + b"[" * 100_000), ("server.conf", text(39))])


def _long_match() -> bytes:
    return b"a" * (4 * MIB) + b"." + b"a-" * (2 * MIB) + b".cn" + b"\n" + text(40)


def _chain_of_dots() -> bytes:
    return b"a." * (4 * MIB) + b"\n" + text(41)


def _inner_addresses() -> bytes:
    return b"".join(
        b"url=http://%s/latest/meta-data\n" % h for h in (b"169.254.169.254", b"localhost", b"[::1]")
    ) + text(52)


def _zip64() -> bytes:
    extra = struct.pack("<HHQQ", 1, 16, 1 << 62, 1 << 62)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        info = zipfile.ZipInfo("claims.bin")
        info.extra = extra
        archive.writestr(info, b"few bytes")
        archive.writestr("server.conf", text(19))
    return stream.getvalue()


def _magics(count: int) -> bytes:
    each = (b"hsqs", b"\x1f\x8b\x08\x00", b"PK\x03\x04", b"\x27\x05\x19\x56", b"UBI#", b"\xfd7zXZ\x00", b"ustar")
    return b"".join(each[number % len(each)] + b"\x00" * 12 for number in range(count))


def _mock(stage: str, action: str, *checks: object, seconds: int = 4, memory: int = 512 * MIB) -> Attack:
    """Return a mock that misbehaves inside an archive: the member beside it must be read all the same."""
    word = f"{stage}-{action}"

    def build() -> bytes:
        return archives.plain_zip(
            [("a.conf", text(0, "a")), ("evil.bin", trigger(stage, action)), ("z.conf", text(0, "z"))], stored=True
        )

    every = (not_failed, not_called_clean, finds(host(0, "a"), host(0, "z")), *checks)
    limits = Limits(seconds=seconds, memory=memory, members=2000)
    return Attack(f"M-{word}", f"a {stage} step that does: {action}", build, every, limits, mock=True)  # type: ignore[arg-type]


def _under_and_over() -> tuple[Attack, ...]:
    """Return the pairs around each limit: one step below nothing is cut, one step above it is said."""
    small = Limits(seconds=60, members=500)
    deep, wide = Limits(seconds=60, depth=6), Limits(seconds=60, unpacked=8 * MIB)

    def pair(
        name: str, limit: str, under: Callable[[], bytes], over: Callable[[], bytes], limits: Limits
    ) -> list[Attack]:
        below = (not_failed, hits_nothing)
        above = (not_failed, hits(limit), gap("limit"), not_called_clean)
        return [
            Attack(f"L-{name}-under", f"just under the limit of {name}", under, below, limits),
            Attack(f"L-{name}-over", f"just over the limit of {name}", over, above, limits),
        ]

    return (
        *pair("members", "members", _many(500), _many(501), small),
        *pair(
            "depth", "depth", lambda: archives.nested_gzip(6, text(0)), lambda: archives.nested_gzip(7, text(0)), deep
        ),
        *pair("unpacked", "unpacked", _zeros(8 * MIB), _zeros(8 * MIB + 1), wide),
        *pair("ratio", "ratio", _zeros(64 * MIB), _zeros(64 * MIB + 1), Limits(seconds=60)),
        *_mock_pair("seconds", "nap", Limits(seconds=40), Limits(seconds=4), "time limit"),
        *_mock_pair("memory", "hold", Limits(seconds=40), Limits(seconds=40, memory=256 * MIB), "memory limit"),
    )


def _mock_pair(name: str, action: str, enough: Limits, too_little: Limits, words: str) -> tuple[Attack, Attack]:
    """Return a scan step that needs a fixed amount of something, once with more than that and once with less."""
    both = _mock("scan", action)
    above = (*both.checks, gap("", words))
    return (
        replace(
            both,
            id=f"L-{name}-under",
            title=f"just under the limit of {name}",
            limits=enough,
            checks=(not_failed, hits_nothing, finds(host(0, "a"), host(0, "z")), no_gap),
        ),
        replace(both, id=f"L-{name}-over", title=f"just over the limit of {name}", limits=too_little, checks=above),
    )


ATTACKS: Final[tuple[Attack | Probe, ...]] = (
    read(
        1,
        "traversal",
        "zip names that climb out",
        lambda: archives.plain_zip(
            [("../../x", b"x"), ("/abs", b"x"), ("..\\..\\x", b"x"), ("ok/server.conf", text(1))]
        ),
        tampering("leaves its container"),
    ),
    read(2, "ar", "ar member with an absolute path", lambda: archives.ar_of(b"/tmp/owned", text(2))),
    read(
        3,
        "cpio",
        "cpio member that climbs out",
        lambda: archives.cpio_of(b"../../owned", text(3)),
        tampering("leaves its container"),
    ),
    read(4, "through-link", "tar that writes through its own link", _through_link),
    read(5, "hardlink", "tar hard link to a system file", _tar("p", tarfile.LNKTYPE, "/etc/passwd", 5)),
    read(6, "nodes", "device nodes and pipes in a tar", _nodes),
    read(10, "modes", "set-uid, unreadable files, closed folders", _modes),
    survive(
        11,
        "bomb",
        "a third of a gigabyte of zeros in a zip",
        _zeros(320 * MIB),
        hits("ratio"),
        gap("limit"),
        not_called_clean,
    ),
    survive(
        12,
        "overlap",
        "zip entries that share their data",
        lambda: archives.overlapping_zip(2000, bytes(MIB)),
        tampering("overlaps another entry"),
        not_called_clean,
    ),
    survive(
        13,
        "quoting",
        "zip entries that quote one another",
        lambda: archives.quoting_zip(250, bytes(4 * MIB)),
        tampering("overlaps another entry"),
        not_called_clean,
    ),
    survive(
        14,
        "nest",
        "zips in zips in zips, each ten-fold",
        lambda: archives.nested_zips(4, 10, bytes(4 * MIB)),
        hits("ratio", "members"),
        not_called_clean,
    ),
    survive(
        15,
        "deep",
        "thirty containers, one in the other",
        lambda: archives.nested_gzip(30, text(15)),
        hits("depth"),
        gap("limit"),
        not_called_clean,
    ),
    Attack(
        "A16-self",
        "a container that contains itself",
        lambda: trigger("unpack", "self"),
        (not_failed, gap("limit", "contains itself")),
        mock=True,
    ),
    survive(
        17,
        "entries",
        "200,000 empty entries",
        _many(200_000),
        hits("members"),
        gap("limit"),
        not_called_clean,
        limits=Limits(seconds=300),
        slow=True,
    ),
    survive(
        18,
        "claims-less",
        "an entry that is larger than it claims",
        lambda: archives.zip_of([Entry(b"a", bytes(16 * MIB), size=10), Entry(b"server.conf", text(18))]),
        finds(host(18)),
    ),
    read(19, "claims-more", "an entry that claims exabytes", _zip64),
    read(20, "method", "an unknown compression method", lambda: _odd_method(20, 0x7261)),
    read(21, "two-methods", "methods that differ between header and directory", _package(21, central_method=0)),
    read(22, "fake-encryption", "an encryption flag on plain data", _package(22, flags=1)),
    read(23, "checksum", "a wrong checksum", _package(23, crc=1)),
    Attack("A24-two-dex", "two entries with one name", _two_named_alike, (not_failed, finds(host(24), host(24, "b")))),
    read(
        25,
        "file-and-folder",
        "a file and a folder with one name",
        lambda: archives.plain_zip([("classes.dex", b"x"), ("classes.dex/x", text(25))]),
    ),
    read(26, "two-ends", "a second end record and junk behind it", _two_ends),
    read(
        27,
        "prefix",
        "four kilobytes in front of a package",
        lambda: archives.zip_of([Entry(b"assets/server.conf", text(27))], prefix=b"\x00" * 4096),
    ),
    read(
        28,
        "manifest-magic",
        "a manifest with a wrong magic",
        lambda: archives.plain_zip([("AndroidManifest.xml", files.axml(magic=0x00080000, host=host(28).encode()))]),
    ),
    read(
        29,
        "manifest-count",
        "a manifest that claims 268 million strings",
        lambda: archives.plain_zip([("AndroidManifest.xml", files.axml(strings=0x0FFFFFF0, host=host(29).encode()))]),
    ),
    read(
        30,
        "resources",
        "a resource table of four gigabytes",
        lambda: archives.plain_zip([("resources.arsc", files.resource_table()), ("server.conf", text(30))]),
    ),
    read(
        31,
        "dex",
        "a DEX header of all ones",
        lambda: archives.plain_zip([("classes.dex", files.dex(b"\0" + text(31)))]),
    ),
    survive(32, "empty", "no bytes at all", lambda: b""),
    survive(32, "one-byte", "a single byte", lambda: b"P"),
    survive(
        32,
        "truncated",
        "a zip cut in the middle",
        lambda: archives.plain_zip([("a", files.noise(9000))])[:5000],
        not_called_clean,
    ),
    survive(32, "random", "random bytes", lambda: files.noise(300_000), gap("unknown-data")),
    read(33, "set", "split packages in one file", _set_of_apps, finds(host(33, "b"))),
    read(34, "ipa", "an iOS app with traversal and an entity bomb", _ipa),
    survive(35, "macho", "a universal binary of four billion parts", files.fat_macho),
    survive(35, "elf", "section tables beyond the end", files.elf),
    survive(
        36, "certificate", "a certificate with a megabyte of subject", lambda: files.certificate(b"a\0b" * 350_000)
    ),
    read(
        37,
        "entities",
        "an XML entity bomb",
        lambda: archives.plain_zip([("res/values/strings.xml", files.ENTITY_BOMB), ("server.conf", text(37))]),
    ),
    read(39, "json", "JSON a hundred thousand levels deep", _deep_json),
    read(40, "labels", "megabytes of one label", _long_match),
    read(41, "dots", "four million dots", _chain_of_dots),
    read(52, "metadata", "addresses that a careless tool would fetch", _inner_addresses),
    Attack("L-magics", "nothing but magics", lambda: _magics(100_000), (not_failed,)),
    *BY_NAME,
    *PROBES,
    *_under_and_over(),
    *(
        _mock(stage, action, gap("failed", "left out"))
        for stage in ("measure", "unpack", "scan")
        for action in ("crash", "leave")
    ),
    _mock("unpack", "hang", gap("failed", "time limit")),
    _mock("scan", "spin", gap("failed", "time limit")),
    _mock("scan", "grandchild", gap("failed", "time limit")),
    _mock("scan", "grow", gap("", "memory"), seconds=30),
    _mock("unpack", "grow", gap("", "memory"), seconds=30),
    _mock("scan", "bug", gap("failed", "RuntimeError"), plain_in_terminal),
    _mock("unpack", "recurse", gap("failed", "RecursionError")),
    _mock("unpack", "members", gap("limit"), hits("members"), seconds=30),
    Attack(
        "M-scan-flood", "a scanner that floods the terminal", lambda: trigger("scan", "flood"), (not_failed,), mock=True
    ),
    Attack(
        "M-unpack-escapes",
        "a member name made of control characters",
        lambda: trigger("unpack", "escapes"),
        (not_failed, plain_in_terminal),
        mock=True,
    ),
    Attack(
        "M-unpack-claims",
        "a reader that claims bytes which do not exist",
        lambda: trigger("unpack", "claims"),
        (not_failed,),
        mock=True,
    ),
)
