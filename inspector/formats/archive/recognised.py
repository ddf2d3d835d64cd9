"""Formats that are known by their first bytes and not read: what they are called and what reads them.

Sources: the `file` magic database's documentation, each format's own header description, the signature lists that
binwalk 2.3 and unblob publish in their manuals.
Limits: none of these headers tells the length of the whole, so a format counts only at the start of an artifact.
"""

from binascii import Error, a2b_base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from inspector.formats.archive.pgp import INSIDE as PGP_OPEN
from inspector.formats.data.keyring import tag_of
from inspector.formats.reader import Reader

Check = Callable[[Reader], bool]
PGP_FOLLOWS: Final = tuple(
    bytes([tag]) for tag in (0xD2, 0xC9, 0xD4, 0xA4, 0xA5, 0xA6, 0xA7, 0x84, 0x85, 0x8C, 0xC1, 0xC3)
)
"""First bytes of packets with encrypted data, or another session key."""
MINIX_1: Final = (0x137F, 0x138F)
MINIX_2: Final = (0x2468, 0x2478)
MINIX_3: Final = 0x4D5A


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
    endings: tuple[str, ...] = ()
    """Endings of file names that announce it where no magic stands at its start."""


def _hfs(data: Reader) -> bool:
    return data.read_upto(1026, 2) in (b"\0\x04", b"\0\x05")


def _xar(data: Reader) -> bool:
    return data.read_upto(4, 4) in (b"\0\x1c\0\x01", b"\0\x40\0\x01")


def _arc(data: Reader) -> bool:
    head = data.read_upto(0, 29)
    name = head[2:15].split(b"\0")[0]
    length = int.from_bytes(head[15:19], "little")
    return len(head) == 29 and 1 <= head[1] <= 11 and name.isascii() and name[:1].isalnum() and 29 + length <= data.size


def _minix(data: Reader) -> bool:
    """Tell whether the counts of a Minix superblock agree: its maps are large enough, its tables come before data."""
    raw = data.read_upto(1024, 32)
    for order in ("little", "big"):
        if len(raw) == 32 and any(_minix_counts(raw, order, version) for version in (1, 3)):
            return True
    return False


def _minix_counts(raw: bytes, order: Literal["little", "big"], version: int) -> bool:
    def number(at: int, width: int = 2) -> int:
        return int.from_bytes(raw[at : at + width], order)

    if version == 3:
        if number(24) != MINIX_3:
            return False
        block, inode = number(28), 64
        inodes, maps, zone_maps, first, zones = number(0, 4), number(6), number(8), number(10), number(20, 4)
    else:
        if number(16) not in (*MINIX_1, *MINIX_2):
            return False
        block, inode = 1024, 32 if number(16) in MINIX_1 else 64
        inodes, maps, zone_maps, first = number(0), number(4), number(6), number(8)
        zones = number(2) if number(16) in MINIX_1 else number(20, 4)
    if not (inodes and block and first < zones):
        return False
    tables = 2 + maps + zone_maps + -(-inodes * inode // block)
    return maps * block * 8 > inodes and zone_maps * block * 8 >= zones - first and first in (0, tables, tables + 1)


def _dmg(data: Reader) -> bool:
    """Tell whether the last sector is the header of an Apple disk image, version 4."""
    return data.read_upto(data.size - 512, 12) == b"koly\0\0\0\4\0\0\2\0"


def _old_jffs2(data: Reader) -> bool:
    order: Literal["little", "big"] = "little" if data.startswith(b"\x84\x19") else "big"
    length = int.from_bytes(data.read_upto(4, 4), order)
    return 12 <= length <= 1 << 17 and length <= data.size


def _efs2(data: Reader) -> bool:
    return data.read_upto(8, 8) == b"EFSSuper"


def _retro_bsd(data: Reader) -> bool:
    return data.startswith(b">>FS", 1020)


def _uuencoded(data: Reader) -> bool:
    """Tell whether a mode and a name stand in the first line, and a second one as long as it states."""
    first, _, rest = data.read_upto(0, 600).partition(b"\n")
    words = first.split(b" ", 2)
    line = rest.partition(b"\n")[0].rstrip(b"\r")
    if len(words) < 3 or len(words[1]) not in (3, 4) or not words[1].isdigit() or not line:
        return False
    return 33 <= line[0] <= 96 and len(line) - 1 == -(-(line[0] - 32 & 63) // 3) * 4


def _mcrypt(data: Reader) -> bool:
    """Tell whether the name of a cipher follows, ended by a NUL."""
    name = data.read_upto(4, 24).split(b"\0")[0]
    return 3 <= len(name) <= 20 and name.replace(b"-", b"").isalnum()


def _pgp_session(data: Reader) -> bool:
    """Tell whether a packet with a session key stands here, for a public key or a passphrase, and data behind it."""
    head = data.read_upto(0, 16)
    if len(head) < 16:
        return False
    wide = head[0] & 1
    length, body = int.from_bytes(head[1 : 2 + wide], "big"), 2 + wide
    if head[0] == 0x8C:
        fits = head[body] == 4 and 1 <= head[body + 1] <= 13 and head[body + 2] in (0, 1, 3) and length >= 4
    else:
        bits = int.from_bytes(head[body + 10 : body + 12], "big")
        fits = head[body] == 3 and head[body + 9] in (1, 2, 16, 18)
        fits = fits and (head[body + 9] != 1 or -8 < bits - (length - 12) * 8 <= 0)
    return fits and data.read_upto(body + length, 1) in PGP_FOLLOWS


def _pgp_armored(data: Reader) -> bool:
    """Tell an encrypted message from one that is only signed, by its first packet."""
    text = data.read_upto(0, 4096).replace(b"\r", b"")
    try:
        first = a2b_base64(text.partition(b"\n\n")[2][:4])[:1]
    except Error:
        return True
    return not first or tag_of(first[0]) not in PGP_OPEN


def _stuffit_deluxe(data: Reader) -> bool:
    """Tell a segment, whose mark is three letters, from a text that begins with them."""
    return data.startswith(b"SITD") or b"\0" in data.read_upto(3, 32)


def _mysql_packed(data: Reader) -> bool:
    """Tell whether a small version number follows the mark, and a header with its length behind it."""
    head = data.read_upto(0, 16)
    return len(head) == 16 and 1 <= head[3] <= 10


KNOWN: Final = (
    Known("arc", "ARC archive", ((b"\x1a", 0),), "nomarch or unar", check=_arc),
    Known("arj-jar", "JAR archive of ARJ Software", ((b"\x1aJar\x1b", 14),), "jar16"),
    Known("arj-jar-2", "JAR archive of ARJ Software, second version", ((b"JARCS", 0),), "jar16"),
    Known("aix-backup", "AIX backup (BFF)", ((b"\x09\0\x6b\xea", 0),), "AIX restore"),
    Known("afx", "AFX compressed file", ((b"-afx-", 2),), "the packer that made it"),
    Known("uuencode", "uuencoded file", ((b"begin ", 0),), "uudecode", check=_uuencoded),
    Known("script-encoder", "encoded Windows script", ((b"#@~^", 0),), "scrdec"),
    Known("blcr", "saved process of BLCR", ((b"Ck0\0\0R\0\0\0", 0), (b"\0\0\0C\0\0\0R", 0)), "cr_restart"),
    Known("rzip", "rzip archive", ((b"RZIP", 0),), "rzip"),
    Known("kgb", "KGB archive", ((b"KGB_arch -", 0),), "kgb_arch_posix"),
    Known("hpack", "HPACK archive", ((b"HPAK", 0),), "hpack"),
    Known("pack200", "pack200 archive", ((b"\xca\xfe\xd0\x0d", 0),), "unpack200"),
    Known("ucl", "UCL stream", ((b"\0\xe9UCL\xff\x01\x1a", 0),), "uclpack"),
    Known("borg", "Borg backup segment", ((b"BORG_SEG", 0),), "borg"),
    Known("btrfs-stream", "Btrfs send stream", ((b"btrfs-stream\0", 0),), "btrfs receive"),
    Known(
        "mcrypt",
        "mcrypt encrypted file",
        ((b"\0m\x03", 0), (b"\0m\x02", 0)),
        "mcrypt, with the key",
        scheme="mcrypt",
        check=_mcrypt,
    ),
    Known(
        "pgp",
        "PGP message",
        ((b"-----BEGIN PGP MESSAGE-----", 0),),
        "gpg, with the key",
        scheme="PGP",
        check=_pgp_armored,
    ),
    Known(
        "pgp-binary",
        "PGP encrypted file",
        ((b"\x84", 0), (b"\x85", 0), (b"\x8c", 0)),
        "gpg, with the key",
        scheme="PGP",
        check=_pgp_session,
    ),
    Known("dmg", "Apple disk image (DMG)", (), "7z or dmg2img", check=_dmg, endings=(".dmg",)),
    Known("par1", "PAR recovery file", ((b"PAR\0\0\0\0\0", 0),), "par2"),
    Known("bsa", "Bethesda archive (BSA)", ((b"BSA\0\x67\0\0\0\x24", 0), (b"BSA\0\x68\0\0\0\x24", 0)), "bsab"),
    Known("jam", "JAM archive", ((b"\xe9,\x01JAM ", 0),), "jam"),
    Known("lbr", "LBR archive of CP/M", ((b"\0" + b" " * 11 + b"\0\0", 0),), "lar or unar"),
    Known("lzma-alpha", "LZMA stream of lzma-utils 4.42 alpha", ((b"\xffLZMA\0", 0),), "lzma-utils 4.42.0alpha"),
    Known("wince-cab", "Windows CE installer", ((b"MSCE\0\0\0\0", 0),), "wcecabinfo and 7z"),
    Known("xen-saved", "saved domain of Xen", ((b"LinuxGuestRecord", 0),), "xen tools"),
    Known("dosemu", "DOSEMU disk image", ((b"DOSEMU\0", 0),), "dosemu"),
    Known(
        "minix",
        "Minix file system",
        tuple(
            (magic.to_bytes(2, order), at)
            for magic, at in ((0x137F, 1040), (0x138F, 1040), (0x2468, 1040), (0x2478, 1040), (0x4D5A, 1048))
            for order in ("little", "big")
        ),
        "a Linux mount",
        is_file_system=True,
        check=_minix,
    ),
    Known(
        "jffs2-old",
        "JFFS2 file system of before 2001",
        ((b"\x84\x19\x01\xe0", 0), (b"\x84\x19\x02\xe0", 0), (b"\x19\x84\xe0\x01", 0), (b"\x19\x84\xe0\x02", 0)),
        "jefferson",
        is_file_system=True,
        check=_old_jffs2,
    ),
    Known(
        "efs2",
        "Qualcomm EFS2 file system",
        ((b"\0\0\0\x53", 0), (b"\x53\0\0\0", 0)),
        "qcommfs tools",
        is_file_system=True,
        check=_efs2,
    ),
    Known(
        "retro-bsd", "2.11BSD file system", ((b"FS<<", 0),), "RetroBSD fsutil", is_file_system=True, check=_retro_bsd
    ),
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
    Known("zoo", "Zoo archive", ((b"\xdc\xa7\xc4\xfd", 20),), "unar"),
    Known("stuffit", "StuffIt archive", ((b"StuffIt (c)1997-", 0), (b"rLau", 10)), "unar"),
    Known(
        "stuffit-deluxe",
        "StuffIt Deluxe archive",
        ((b"SITD", 0), (b"Sef", 0)),
        "StuffIt",
        check=_stuffit_deluxe,
    ),
    Known(
        "mysql-packed",
        "compressed MySQL table",
        ((b"\xfe\xfe\x07", 0), (b"\xfe\xfe\x06", 0)),
        "myisamchk --unpack",
        check=_mysql_packed,
    ),
    Known("zpaq", "ZPAQ archive", ((b"7kSt\xa0\x31\x83\xd3\x8c\xb2\x28\xb0\xd3zPQ", 0), (b"zPQ\x01", 0)), "zpaq"),
    Known("lrzip", "lrzip archive", ((b"LRZI\0", 0),), "lrzip"),
    Known("rar14", "RAR archive of before version 1.5", ((b"RE~^", 0),), "unrar"),
    Known("ace", "ACE archive", ((b"**ACE**", 7),), "unace"),
    Known("alz", "ALZip archive", ((b"ALZ\x01", 0),), "unar"),
    Known("egg", "EGG archive", ((b"EGGA", 0),), "unar"),
    Known("dms", "Amiga DMS disk", ((b"DMS!", 0),), "unar"),
    Known("rnc", "Rob Northen compressed file", ((b"RNC\x01", 0), (b"RNC\x02", 0)), "unblob"),
    Known("lzfse", "LZFSE stream", ((b"bvx2", 0), (b"bvxn", 0), (b"bvx-", 0)), "lzfse"),
    Known("snappy", "Snappy frames", ((b"\xff\x06\0\0sNaPpY", 0),), "snzip"),
    Known("xar", "XAR archive", ((b"xar!", 0),), "7z or bsdtar", check=_xar),
    Known("par2", "PAR2 recovery file", ((b"PAR2\0PKT", 0),), "par2"),
    Known("vmdk-cowd", "VMware ESX disk image (COWD)", ((b"COWD", 0),), "qemu-img convert"),
    Known("ewf", "Expert Witness image", ((b"EVF\x09\x0d\x0a\xff\0", 0),), "ewfexport"),
    Known("age", "age encrypted file", ((b"age-encryption.org/v1\n", 0),), "age, with the key", scheme="age v1"),
    Known("hfs-plus", "HFS+ volume", ((b"H+", 1024), (b"HX", 1024)), "7z", is_file_system=True, check=_hfs),
    Known("apfs", "APFS container", ((b"NXSB", 32),), "7z", is_file_system=True),
    Known("xfs", "XFS volume", ((b"XFSB\0\0", 0),), "a Linux mount", is_file_system=True),
    Known("btrfs", "Btrfs volume", ((b"_BHRfS_M", 65600),), "btrfs restore", is_file_system=True),
    Known("reiserfs", "ReiserFS volume", ((b"ReIsEr2Fs", 65588),), "a Linux mount", is_file_system=True),
)
