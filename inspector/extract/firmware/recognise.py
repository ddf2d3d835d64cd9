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
    _entry("wrgg", "WRGG firmware image", "Updates of D-Link and Netgear devices made by Alpha Networks.",
           _at(b"wrgg0"), "image behind a header of Alpha Networks", "OpenWrt mkwrggimg"),
    _entry("vxworks-img0", "IMG0 image of VxWorks", "Devices with VxWorks.", _at(b"IMG0"), "VxWorks program",
           "binwalk"),
    _entry("vxworks-memfs", "Wind River management file system", "Web pages of devices with VxWorks.",
           tuple(Magic(mark * 15, carve=False) for mark in (b"ow", b"OW")),
           "files of Wind River", "binwalk"),
    _entry("cisco-vxworks", "Cisco VxWorks image", "Updates of Linksys and Cisco routers with VxWorks.",
           _at(b"CI032.00"), "parts behind a header of Cisco", "binwalk"),
    _entry("sercomm", "Sercomm image", "Updates of routers made by Sercomm (Netgear, Linksys, Vodafone).",
           _at(b"sErCoMm"), "image behind a header of Sercomm, encrypted on newer models", "binwalk; scfw tools"),
    _entry("csr-dfu", "CSR firmware update", "Bluetooth devices on CSR chips.",
           (Magic(b"CSR-dfu2", carve=False), Magic(b"CSRbcfw1", carve=False)), "XAP2 program", "csr-spi-ftdi tools"),
    _entry("mediatek-flash", "MediaTek flash image", "Boot chains of MediaTek devices.",
           (Magic(b"SF_BOOT\0\0\0\0\0", carve=False), Magic(b"EMMC_BOOT\0\0\0", carve=False),
            Magic(b"NOR_BOOT\0\0\0\0", carve=False), Magic(b"BOOTLOADER!", carve=False),
            Magic(b"BRLYT\0\0\0", carve=False), Magic(b"FILE_INFO\0\0\0", carve=False)),
           "boot loader of MediaTek", "mtkclient"),
    _entry("ubicom", "Ubicom image", "Routers on Ubicom chips.", _at(b"\xfa\x32\0\x80"), "Ubicom32 program",
           "binwalk"),
    _entry("bcrm", "Broadcom section image", "Set-top boxes and modems on Broadcom chips.", _at(b"BCRM"),
           "sections of Broadcom", "binwalk"),
    _entry("lancom", "LANCOM firmware", "Updates of LANCOM routers.",
           tuple(Magic(mark, carve=False) for mark in (b"ELSF", b"ELSO", b"ELSB", b"ELSC", b"ELSP")),
           "parts of LANCOM", "binwalk"),
    _entry("digi", "Digi International firmware", "Updates of Digi serial and console servers.", _at(b"Digi", 0xC0),
           "program behind a header of Digi", "binwalk"),
    _entry("thomson", "Thomson encoded firmware", "Updates of Thomson and Alcatel modems.", _at(b"BLI223WJ0"),
           "encrypted by Thomson", "decblob"),
    _entry("hilink", "Encrypted HiLink uImage", "Updates of HooToo and RavPower travel routers.",
           _at(b"\x4a\x52\xca\xda", 0x23), "encrypted with DES, published key", "binwalk 2.3"),
    _entry("roku", "Roku image", "Updates of Roku players.", _at(b"imgARMcC", 8), "image of Roku", "binwalk"),
    _entry("motorola-logo", "Motorola boot pictures", "Logo partitions of Motorola phones.",
           (Magic(b"MotoLogo\0", carve=False), Magic(b"MotoRun\0", carve=False)), "pictures", "binwalk"),
    _entry("qualcomm-dt", "Qualcomm device tree container", "Boot images of older Qualcomm devices.", _at(b"QCDT"),
           "device trees by board", "dtbtool"),
    _entry("nexus-bootldr", "Nexus boot loader image", "Boot loaders of Nexus phones.", _at(b"BOOTLDR!"),
           "boot chain of Qualcomm", "imgtool"),
    _entry("nexus-imgdata", "Nexus pictures", "Picture partitions of Nexus phones.", _at(b"IMGDATA!"), "pictures",
           "imgtool"),
    _entry("qualcomm-splash", "Qualcomm splash screen", "Logo partitions of Qualcomm devices.", _at(b"SPLASH!!"),
           "pictures", "binwalk"),
    _entry("beyonwiz", "Beyonwiz firmware", "Updates of Beyonwiz television recorders.", _at(b"WizFwPkgl"),
           "files of Beyonwiz", "beyonwiz tools"),
    _entry("zyxel-rom0", "ZyXEL settings (rom-0)", "Settings of ZyXEL, TP-Link and D-Link DSL routers with ZyNOS.",
           tuple(Magic(mark, 6, carve=False) for mark in (b"dbgarea\0", b"spt.dat\0", b"autoexec.net")),
           "settings packed with the LZS of Stac", "rom-0 decoders"),
    _entry("toshiba-ssd", "Toshiba SSD firmware", "Updates of Toshiba solid-state disks.", _at(b"ID\1" + bytes(13)),
           "program of Toshiba", "binwalk"),
    _entry("samsung-modem", "Samsung modem image", "Modem partitions of Samsung phones.", _at(b"TOC\0\0\0\0\0"),
           "parts of a modem", "binwalk"),
    _entry("amino", "Amino MCastFS2 image", "Updates of Amino set-top boxes.",
           _at(b"\x0e\0MCastFS2\0\0"), "signed parts", "binwalk"),
    _entry("wdk-fs", "WDK file system", "Devices with WDK 2.0.", _at(b"WDK 2.0\0", 18), "files", "binwalk"),
    _entry("troc-fs", "TROC file system", "Cameras and recorders.", _at(b"TROC"), "files", "binwalk"),
    _entry("cisco-ios", "Cisco IOS microcode", "Boot programs of older Cisco routers and switches.",
           tuple(Magic(mark, carve=False) for mark in (b"\x85\x01\x14\0", b"\x85\x01\xcb\0")),
           "program of Cisco", "ciscoRF or a disassembler"),
    _entry("rome", "ROME image", "Netgear KWGR614 and Linksys WRT54GX routers on Realtek chips.",
           tuple(Magic(mark + kind, carve=False) for mark in (b"G614", b"\x59\xa0\xe8\x42")
                 for kind in (b"\xd9\x2f", b"\xb1\x62", b"\xea\x43", b"\x8d\xc9", b"\x2a\x05", b"\x6c\xe8",
                              b"\xc3\x71")),
           "image behind a header of the ROME boot loader", "binwalk"),
    _entry("nsp", "NSP firmware", "Routers with a kernel behind an NSP header.",
           (Magic(b"MTDC\0", carve=False), Magic(b"CDTM", carve=False)), "kernel behind a header", "binwalk"),
    _entry("aculab-voip", "Aculab VoIP firmware", "Telephony cards of Aculab.", _at(b"VoIP Startup and"),
           "program of Aculab", "binwalk"),
    _entry("hp-laserjet-1000", "HP LaserJet 1000 firmware", "Printers that load their program from the host.",
           _at(b"\xbe\xefABCDEFGH"), "program of the printer", "foo2zjs"),
    _entry("cobalt-rom", "Cobalt boot ROM", "Server appliances of Sun and Cobalt.",
           (Magic(b"Cobalt Networks Inc.\nFirmware v", carve=False), Magic(b"CRfs", carve=False)), "boot ROM",
           "binwalk"),
    _entry("libertas", "Marvell Libertas firmware", "Wi-Fi modules on Marvell 8385, 8686 and kin.",
           _at(b"\1\0\0\0\0\0\0\xc0\0\2\0\0"), "program in blocks", "a disassembler"),
    _entry("printer-job", "printer job (PJL)", "Firmware updates of printers, sent as a print job.",
           _at(b"\x1b%-12345X@PJL"), "data behind commands of a print job", "binwalk"),
    _entry("dlink-encrypted", "encrypted D-Link image", "Updates of the D-Link DIR-822, DIR-842, DIR-850 and DAP-1665.",
           tuple(Magic(mark, carve=False) for mark in (b"\xdf\x8c\x39\x0d", b"\x35fo\x68", b"\xf5\x2a\xa0\xb4",
                                                       b"\xe3\x13\0\x5b", b"\x0a\x14\xe4\x24")),
           "encrypted by D-Link, key of the model", "delink"),
    _entry("dlink-encrypt-ascii", "encrypted D-Link repeater image", "Updates of the D-Link DAP-1325 and DAP-1610.",
           _at(b"encrypt\0", 56), "encrypted by D-Link, key of the model", "delink"),
    _entry("netboot", "Netboot image", "Programs that devices load over the network.", _at(b"\x36\x13\x03\x1b"),
           "boot image", "mknbi"),
)  # fmt: skip
"""Formats that binwalk or unblob name, and schemes of encryption that a header states."""
