"""Firmware formats that are told, not read: each becomes a named gap that says what would read it."""

from typing import ClassVar, Final

from inspector.errors import Encrypted, FormatError, NotThisFormat, Unsupported
from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.image import locked
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Recognised(Extractor):
    """One format without a reader; no length is known of it, so it counts at the start of an artifact only."""

    problem: ClassVar[type[FormatError]]
    scheme: ClassVar[str]
    """What the gap says of the content; begins with `encrypted` where a key is missing."""

    def measure(self, data: Reader, offset: int) -> Span:
        """Return everything from `offset` on where a magic stands."""
        if not any(data.startswith(magic.pattern, offset + magic.offset) for magic in self.MAGIC):
            raise NotThisFormat(f"no {self.INFO.title}")
        return Span(offset, data.size)

    def unpack(self, data: Reader) -> Contents:
        """Return one member that cannot be opened and says why."""
        return Contents((locked("content", 0, data.size, self.problem(self.scheme)),))


def _entry(name: str, title: str, where: str, magics: tuple[Magic, ...], states: str, remedy: str) -> Recognised:
    class Entry(Recognised):
        INFO = ExtractorInfo(
            name=name,
            title=title,
            family=Family.FIRMWARE,
            grade=Grade.RECOGNISE,
            summary=where,
            references=("binwalk 2.3 magic files; binwalk 3 signatures; unblob handlers",),
            limitations=("Recognised only.",),
            tested="header built from the documented magic",
            remedy=remedy,
            scheme=states if states.startswith("encrypted") else "",
        )
        MAGIC = magics
        problem = Encrypted if states.startswith("encrypted") else Unsupported
        scheme = states

    return Entry()


def _at(pattern: bytes, offset: int = 0, *, carve: bool = False) -> tuple[Magic, ...]:
    return (Magic(pattern, offset, carve=carve),)


RECOGNISED: Final[tuple[Recognised, ...]] = (
    _entry("luks", "LUKS encrypted volume", "Encrypted partitions of Linux devices.", _at(b"LUKS\xba\xbe"),
           "encrypted with LUKS (dm-crypt)", "cryptsetup with the passphrase or key file"),
    _entry("bitlocker", "BitLocker encrypted volume", "Encrypted partitions of Windows devices.",
           _at(b"-FVE-FS-", 3), "encrypted with BitLocker", "dislocker with the recovery key"),
    _entry("openssl-enc", "OpenSSL salted encryption", "Updates that a vendor encrypts with the openssl program.",
           _at(b"Salted__"), "encrypted with openssl enc, passphrase of the vendor", "openssl with the passphrase"),
    _entry("qualcomm-sbl", "Qualcomm secondary boot loader", "Boot chains of Qualcomm devices.",
           _at(b"\xd1\xdc\x4b\x84\x34\x10\xd7\x73"), "boot loader of Qualcomm", "qcom-mbn-tools"),
    _entry("mediatek-gfh", "MediaTek boot image (GFH)", "Boot chains of MediaTek devices.", _at(b"MMM\x01\x38\0\0\0"),
           "boot loader of MediaTek", "mtkclient"),
    _entry("apple-img3", "Apple IMG3 image", "Boot chains of older Apple devices.", _at(b"3gmI"),
           "encrypted with AES, key of the device", "xpwntool with the key"),
    _entry("logfs", "LogFS file system", "Flash of older Linux devices.",
           _at(b"\x7a\x3a\x8e\x5c\xb9\xd5\xbf\x67", 0x18), "file system LogFS", "Linux kernel before 5.6"),
)  # fmt: skip
"""Formats that binwalk or unblob name, and schemes of encryption that a header states."""
