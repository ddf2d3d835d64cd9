"""Formats that are known by their first bytes and not read: what they are called and what reads them.

Sources: the `file` magic database's documentation, each format's own header description, the signature lists that
binwalk 2.3 and unblob publish in their manuals.
Limits: none of these headers tells the length of the whole, so a format counts only at the start of an artifact.
"""

from binascii import crc32
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from inspector.formats.reader import Reader

Check = Callable[[Reader], bool]


@dataclass(frozen=True, slots=True)
class Known:
    """One format: its short name, its title, the bytes that announce it and where, and a program that reads it."""

    name: str
    title: str
    magics: tuple[tuple[bytes, int], ...]
    remedy: str
    is_file_system: bool = False
    scheme: str = ""
    """The encryption its header states, or empty."""
    check: Check | None = None
    """What must hold besides, for magics of few bytes."""


def _arj(data: Reader) -> bool:
    length = int.from_bytes(data.read_upto(2, 2), "little")
    header = data.read_upto(4, length + 4)
    return 30 <= length <= 2600 and len(header) == length + 4 and _checked(header)


def _checked(header: bytes) -> bool:
    return crc32(header[:-4]) == int.from_bytes(header[-4:], "little")


def _lha(data: Reader) -> bool:
    head = data.read_upto(0, 21)
    return len(head) == 21 and head[6:7] == b"-" and head[5:6].isalnum() and head[20] <= 3


def _hfs(data: Reader) -> bool:
    return data.read_upto(1026, 2) in (b"\0\x04", b"\0\x05")


def _xar(data: Reader) -> bool:
    return data.read_upto(4, 4) in (b"\0\x1c\0\x01", b"\0\x40\0\x01")


def _arc(data: Reader) -> bool:
    head = data.read_upto(0, 29)
    name = head[2:15].split(b"\0")[0]
    length = int.from_bytes(head[15:19], "little")
    return len(head) == 29 and 1 <= head[1] <= 11 and name.isascii() and name[:1].isalnum() and 29 + length <= data.size


def _iso_only(data: Reader) -> bool:
    return data.read_upto(0x8001, 5) == b"BEA01" and data.read_upto(0x8801, 5) in (b"NSR02", b"NSR03")


KNOWN: Final = (
    Known("arc", "ARC archive", ((b"\x1a", 0),), "nomarch or unar", check=_arc),
    Known("arj-jar", "JAR archive of ARJ Software", ((b"\x1aJar\x1b", 14),), "jar16"),
    Known("rzip", "rzip archive", ((b"RZIP", 0),), "rzip"),
    Known("kgb", "KGB archive", ((b"KGB_arch -", 0),), "kgb_arch_posix"),
    Known("hpack", "HPACK archive", ((b"HPAK", 0),), "hpack"),
    Known("pack200", "pack200 archive", ((b"\xca\xfe\xd0\x0d", 0),), "unpack200"),
    Known("ucl", "UCL stream", ((b"\0\xe9UCL\xff\x01\x1a", 0),), "uclpack"),
    Known("borg", "Borg backup segment", ((b"BORG_SEG", 0),), "borg"),
    Known("partclone", "Partclone image", ((b"partclone-image\0", 0),), "partclone.restore"),
    Known("btrfs-stream", "Btrfs send stream", ((b"btrfs-stream\0", 0),), "btrfs receive"),
    Known(
        "uzip",
        "FreeBSD uzip disk",
        ((b"#!/bin/sh\n#V2.0 ", 0), (b"#!/bin/sh\n#L3.0\n", 0), (b"#!/bin/sh\n#Z4.0 ", 0)),
        "unblob",
    ),
    Known("mcrypt", "mcrypt encrypted file", ((b"\0m\x03", 0),), "mcrypt, with the key", scheme="mcrypt"),
    Known("pgp", "PGP message", ((b"-----BEGIN PGP MESSAGE-----", 0),), "gpg, with the key", scheme="PGP"),
    Known("udf", "UDF volume", ((b"BEA01", 0x8001),), "7z", is_file_system=True, check=_iso_only),
    Known(
        "ufs1",
        "UFS1 volume",
        ((b"\x54\x19\x01\0", 9564), (b"\0\x01\x19\x54", 9564)),
        "a BSD mount",
        is_file_system=True,
    ),
    Known(
        "ufs2",
        "UFS2 volume",
        ((b"\x19\x01\x54\x19", 66908), (b"\x19\x54\x01\x19", 66908)),
        "a BSD mount",
        is_file_system=True,
    ),
    Known("arj", "ARJ archive", ((b"\x60\xea", 0),), "arj or 7z", check=_arj),
    Known("zoo", "Zoo archive", ((b"\xdc\xa7\xc4\xfd", 20),), "unar"),
    Known("lha", "LHA or LZH archive", ((b"-lh", 2), (b"-lz", 2), (b"-pm", 2)), "lhasa or 7z", check=_lha),
    Known("stuffit", "StuffIt archive", ((b"StuffIt (c)1997-", 0), (b"rLau", 10)), "unar"),
    Known("zpaq", "ZPAQ archive", ((b"7kSt\xa0\x31\x83\xd3\x8c\xb2\x28\xb0\xd3zPQ", 0), (b"zPQ\x01", 0)), "zpaq"),
    Known("lrzip", "lrzip archive", ((b"LRZI\0", 0),), "lrzip"),
    Known("ace", "ACE archive", ((b"**ACE**", 7),), "unace"),
    Known("alz", "ALZip archive", ((b"ALZ\x01", 0),), "unar"),
    Known("egg", "EGG archive", ((b"EGGA", 0),), "unar"),
    Known("dms", "Amiga DMS disk", ((b"DMS!", 0),), "unar"),
    Known("rnc", "Rob Northen compressed file", ((b"RNC\x01", 0), (b"RNC\x02", 0)), "unblob"),
    Known("lzfse", "LZFSE stream", ((b"bvx2", 0), (b"bvxn", 0), (b"bvx-", 0)), "lzfse"),
    Known("snappy", "Snappy frames", ((b"\xff\x06\0\0sNaPpY", 0),), "snzip"),
    Known("xar", "XAR archive", ((b"xar!", 0),), "7z or bsdtar", check=_xar),
    Known("wim", "Windows image", ((b"MSWIM\0\0\0", 0),), "wimlib or 7z"),
    Known("installshield", "InstallShield cabinet", ((b"ISc(", 0),), "unshield"),
    Known("par2", "PAR2 recovery file", ((b"PAR2\0PKT", 0),), "par2"),
    Known("vmdk-cowd", "VMware ESX disk image (COWD)", ((b"COWD", 0),), "qemu-img convert"),
    Known("qed", "QEMU enhanced disk image", ((b"QED\0", 0),), "qemu-img convert"),
    Known(
        "parallels", "Parallels disk image", ((b"WithouFreSpacExt", 0), (b"WithoutFreeSpace", 0)), "qemu-img convert"
    ),
    Known("ewf", "Expert Witness image", ((b"EVF\x09\x0d\x0a\xff\0", 0),), "ewfexport"),
    Known("age", "age encrypted file", ((b"age-encryption.org/v1\n", 0),), "age, with the key", scheme="age v1"),
    Known("hfs-plus", "HFS+ volume", ((b"H+", 1024), (b"HX", 1024)), "7z", is_file_system=True, check=_hfs),
    Known("apfs", "APFS container", ((b"NXSB", 32),), "7z", is_file_system=True),
    Known("xfs", "XFS volume", ((b"XFSB\0\0", 0),), "a Linux mount", is_file_system=True),
    Known("btrfs", "Btrfs volume", ((b"_BHRfS_M", 65600),), "btrfs restore", is_file_system=True),
    Known("reiserfs", "ReiserFS volume", ((b"ReIsEr2Fs", 65588),), "a Linux mount", is_file_system=True),
)
