"""Firmware formats that are told, not read: each becomes a named gap that says what would read it."""

from dataclasses import dataclass
from typing import ClassVar, Final

from inspector.errors import Encrypted, FormatError, Malformed, NotThisFormat, Unsupported
from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.formats.image import locked
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


@dataclass(frozen=True, slots=True)
class Length:
    """Where a header states its length: `bytes` at `offset`, plus what that does not count."""

    offset: int
    order: str
    more: int = 0


class Recognised(Extractor):
    """One format without a reader; only one that states its length is looked for inside other data."""

    problem: ClassVar[type[FormatError]]
    scheme: ClassVar[str]
    """What the gap says of the content; begins with `encrypted` where a key is missing."""
    length: ClassVar[Length | None]

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the stated extent, or everything up to the end where the header states none."""
        if not any(data.startswith(magic.pattern, offset + magic.offset) for magic in self.MAGIC):
            raise NotThisFormat(f"no {self.INFO.title}")
        if self.length is None:
            return Span(offset, data.size)
        raw = data.read_at(offset + self.length.offset, 4)
        size = int.from_bytes(raw, "big" if self.length.order == "big" else "little") + self.length.more
        if size < 16 or size > 1 << 31:
            raise NotThisFormat(f"no {self.INFO.title}")
        if offset + size > data.size:
            raise Malformed(f"{self.INFO.title} of {size} bytes, {data.size - offset} there")
        return Span(offset, offset + size)

    def unpack(self, data: Reader) -> Contents:
        """Return one member that cannot be opened and says why."""
        return Contents((locked("content", 0, data.size, self.problem(self.scheme)),))


def _entry(
    name: str, title: str, where: str, magics: tuple[Magic, ...], states: str, remedy: str, stated: Length | None = None
) -> Recognised:
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
        length = stated

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
    _entry("dlink-mh01", "D-Link MH01 image", "Updates of D-Link DIR-3040 and M-series routers.", _at(b"MH01"),
           "encrypted with AES-128-CBC, key of the model", "delink"),
    _entry("autel-ecc", "Autel ECC image", "Updates of Autel diagnosis tools and charging stations.",
           _at(b"ECC0101\0"), "substitution table of Autel", "unblob"),
    _entry("hp-bdl", "HP BDL package", "Updates of HP printers.", _at(b"ibdl\x01\0"), "package of HP parts", "unblob"),
    _entry("hp-ipkg", "HP IPKG package", "Parts of updates of HP printers.", _at(b"ipkg\x01\0\x03\0"),
           "package of HP files", "unblob"),
    _entry("instar-bneg", "Instar BNEG image", "Updates of Instar cameras.", _at(b"BNEG\x01\0\0\0"),
           "two partitions of Instar", "unblob"),
    _entry("airoha", "Airoha Bluetooth firmware", "Ear phones and speakers on Airoha chips.",
           _at(b"\xff" * 8 + b"\x11\0\x0a\0", 0xF8), "sections packed with LZMA, some with AES",
           "unblob; airoha-firmware-parser"),
    _entry("mikrotik-npk", "MikroTik NPK package", "Updates of MikroTik routers.", _at(b"\x1e\xf1\xd0\xba", carve=True),
           "package of zlib-packed files", "binwalk; npk tools", Length(4, "little", 8)),
    _entry("huawei-hwnp", "Huawei HWNP package", "Updates of Huawei optical network terminals.", _at(b"HWNP"),
           "signed package of Huawei", "hwnp tools"),
    _entry("zte-config", "ZTE configuration", "Saved settings of ZTE routers.",
           _at(b"\x99\x99\x99\x99\x44\x44\x44\x44\x55\x55\x55\x55\xaa\xaa\xaa\xaa"),
           "encrypted or packed settings of ZTE, key of the model", "zte-config-utility"),
    _entry("ubiquiti", "Ubiquiti firmware image", "Updates of Ubiquiti access points and cameras.",
           _at(b"UBNT"),
           "parts with CRC and signature", "binwalk; ubntmod"),
    _entry("qualcomm-sbl", "Qualcomm secondary boot loader", "Boot chains of Qualcomm devices.",
           _at(b"\xd1\xdc\x4b\x84\x34\x10\xd7\x73"), "boot loader of Qualcomm", "qcom-mbn-tools"),
    _entry("mediatek-gfh", "MediaTek boot image (GFH)", "Boot chains of MediaTek devices.", _at(b"MMM\x01\x38\0\0\0"),
           "boot loader of MediaTek", "mtkclient"),
    _entry("amlogic-burn", "Amlogic burning image", "Update packages of TV boxes on Amlogic chips.",
           _at(b"\x56\x19\xb5\x27", 8), "package of Amlogic partitions", "aml-img-tool"),
    _entry("unisoc-pac", "Unisoc PAC package", "Update packages of phones and tablets on Unisoc chips.",
           _at("BP_R".encode("utf-16-le")), "package of Unisoc partitions", "pacextractor"),
    _entry("rockchip-loader", "Rockchip loader", "Loader that is sent to Rockchip devices over USB.",
           (Magic(b"BOOT\x66\0", carve=False), Magic(b"LDR \x66\0", carve=False)),
           "parts scrambled with RC4, published key", "rkdeveloptool"),
    _entry("dlink-packimg", "D-Link PackImg", "Updates of D-Link routers.", _at(b"--PaCkImGs--"),
           "package mark before a file system", "binwalk 3"),
    _entry("dlink-tlv", "D-Link TLV image", "Updates of D-Link access points.", _at(b"\x64\x80\x19\x40"),
           "tagged image of D-Link", "binwalk 3"),
    _entry("dkbs", "D-Link DKBS image", "Updates of D-Link business routers.", _at(b"_dkbs_", 7),
           "package of D-Link", "binwalk 3"),
    _entry("jboot-stag", "JBOOT STAG header", "Kernels of D-Link mobile routers.", _at(b"\x04\x04\x24\x2b"),
           "kernel behind a JBOOT header", "OpenWrt jboot-tools"),
    _entry("jboot-sch2", "JBOOT SCH2 header", "Kernels of D-Link and Amit routers.", _at(b"\x24\x21\x03\x02"),
           "kernel behind a JBOOT header", "OpenWrt jboot-tools"),
    _entry("wince", "Windows CE image", "Navigation, point-of-sale and industrial devices.", _at(b"B000FF\n"),
           "records of a Windows CE memory image", "dumprom"),
    _entry("apple-img3", "Apple IMG3 image", "Boot chains of older Apple devices.", _at(b"3gmI"),
           "encrypted with AES, key of the device", "xpwntool with the key"),
    _entry("logfs", "LogFS file system", "Flash of older Linux devices.",
           _at(b"\x7a\x3a\x8e\x5c\xb9\xd5\xbf\x67", 0x18), "file system LogFS", "Linux kernel before 5.6"),
)  # fmt: skip
"""Formats that binwalk or unblob name, and schemes of encryption that a header states."""
