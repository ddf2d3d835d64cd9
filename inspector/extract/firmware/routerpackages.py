"""Images of router and network device makers in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.buffalo import MAGICS as BUFFALO_MAGICS
from inspector.formats.firmware.buffalo import OUTER_MAGIC, parse_buffalo
from inspector.formats.firmware.headed import HEADED, ZYXEL_MAGIC, Headed, parse_zyxel_trx
from inspector.formats.firmware.jboot import ARM_MARK, ARM_MARK_AT, SCH2_MAGIC, parse_jboot_arm, parse_sch2
from inspector.formats.firmware.npk import MAGIC as NPK_MAGIC
from inspector.formats.firmware.npk import list_npk, parse_npk
from inspector.formats.firmware.opticalterminal import HWNP_MAGIC, ZTE_PAYLOAD, ZTE_START, parse_hwnp, parse_zte_config
from inspector.formats.firmware.ubiquiti import MAGICS as UBIQUITI_MAGICS
from inspector.formats.firmware.ubiquiti import parse_ubiquiti
from inspector.formats.firmware.webtrees import (
    FOSCAM_MAGIC,
    MPFS_START,
    PFS_MAGIC,
    parse_foscam,
    parse_mpfs,
    parse_pfs,
)
from inspector.formats.firmware.zynos import MAGIC as ZYNOS_MAGIC
from inspector.formats.firmware.zynos import MAGIC_AT as ZYNOS_MAGIC_AT
from inspector.formats.firmware.zynos import parse_zynos
from inspector.formats.image import Image
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader


class Buffalo(Wrapper):
    """Buffalo image, decrypted with the published key."""

    INFO = ExtractorInfo(
        name="buffalo",
        title="Buffalo encrypted image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of Buffalo routers and access points.",
        references=("OpenWrt firmware-utils buffalo-enc",),
        limitations=(
            "The checksum is not verified.",
            "The long state of the cipher is not decrypted.",
        ),
        tested="built sample from the documented layout",
    )
    MAGIC = (*(Magic(magic, carve=False) for magic in BUFFALO_MAGICS), Magic(OUTER_MAGIC, carve=False))
    parse = staticmethod(parse_buffalo)


class ZyxelTrx(Wrapper):
    """Image behind a reversed TRX header."""

    INFO = ExtractorInfo(
        name="zyxel-trx",
        title="ZyXEL image header",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of ZyXEL LTE and 5G routers.",
        references=("OpenWrt firmware-utils zytrx",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(ZYXEL_MAGIC),)
    parse = staticmethod(parse_zyxel_trx)


class Zynos(Wrapper):
    """One object of a ZyNOS image."""

    INFO = ExtractorInfo(
        name="zynos",
        title="ZyXEL ZyNOS object (ras)",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of ZyXEL DSL routers and switches with ZyNOS.",
        references=(
            "OpenWrt firmware-utils zynos.h",
            "binwalk 2.3 magic/firmware",
        ),
        limitations=("Checksums are not verified.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(ZYNOS_MAGIC, ZYNOS_MAGIC_AT),)
    parse = staticmethod(parse_zynos)


class Sch2(Wrapper):
    """Kernel behind an SCH2 header."""

    INFO = ExtractorInfo(
        name="jboot-sch2",
        title="JBOOT SCH2 kernel",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Kernels of D-Link and Amit routers.",
        references=(
            "OpenWrt jboot-tools",
            "binwalk 3 structures/jboot",
        ),
        limitations=("Kernels packed with jz are named, not decoded.",),
        tested="built sample from the documented layout",
    )
    MAGIC = tuple(Magic(SCH2_MAGIC + bytes([codec, 2])) for codec in range(4))
    parse = staticmethod(parse_sch2)


class JbootArm(Wrapper):
    """Image behind the header of JBOOT on ARM."""

    INFO = ExtractorInfo(
        name="jboot-arm",
        title="JBOOT ARM image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of D-Link mobile routers on ARM.",
        references=("binwalk 3 structures/jboot",),
        limitations=("The 16-bit sums are not verified.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(ARM_MARK, ARM_MARK_AT),)
    parse = staticmethod(parse_jboot_arm)


class Npk(Wrapper):
    """MikroTik package."""

    INFO = ExtractorInfo(
        name="mikrotik-npk",
        title="MikroTik NPK package",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of MikroTik routers.",
        references=(
            "npkpy",
            "OpenWrt firmware-utils npk_pack_kernel",
        ),
        limitations=("Signatures are not verified.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(NPK_MAGIC),)
    parse = staticmethod(parse_npk)

    def unpack(self, data: Reader) -> Contents:
        """Return the containers, and the files of those that are packed trees."""
        return list_npk(data).contents()


class Ubiquiti(Wrapper):
    """Ubiquiti image with its parts."""

    INFO = ExtractorInfo(
        name="ubiquiti",
        title="Ubiquiti firmware image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of Ubiquiti access points and cameras.",
        references=("OpenWrt firmware-utils mkfwimage",),
        limitations=("Signatures are not verified.",),
        tested="built sample from the documented layout",
    )
    MAGIC = tuple(Magic(magic, carve=False) for magic in UBIQUITI_MAGICS)
    parse = staticmethod(parse_ubiquiti)


class Hwnp(Wrapper):
    """Huawei package of named items."""

    INFO = ExtractorInfo(
        name="huawei-hwnp",
        title="Huawei HWNP package",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of Huawei optical network terminals.",
        references=("HuaweiFirmwareTool",),
        limitations=("Signatures are not verified.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(HWNP_MAGIC, carve=False),)
    parse = staticmethod(parse_hwnp)


class ZteConfig(Wrapper):
    """Settings of ZTE devices."""

    INFO = ExtractorInfo(
        name="zte-config",
        title="ZTE configuration",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Saved settings of ZTE routers and optical network terminals.",
        references=("zte-config-utility",),
        limitations=("Settings under AES need the key of the model.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(ZTE_START, carve=False), Magic(ZTE_PAYLOAD + bytes(4), carve=False))
    parse = staticmethod(parse_zte_config)


class FoscamWebUi(Wrapper):
    """Web pages of a Foscam camera."""

    INFO = ExtractorInfo(
        name="foscam-webui",
        title="Foscam WebUI image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Web pages of Foscam cameras and those sold under other names.",
        references=("neXus, Foscam Resource ToolKit", "binwalk 2.3 magic/filesystems"),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(FOSCAM_MAGIC),)
    parse = staticmethod(parse_foscam)


class Pfs(Wrapper):
    """PFS file tree."""

    INFO = ExtractorInfo(
        name="pfs",
        title="PFS file tree",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Web pages of modems and routers on small chips.",
        references=("binwalk 2.3 unpfs",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(PFS_MAGIC),)
    parse = staticmethod(parse_pfs)


class Mpfs(Wrapper):
    """Microchip file tree."""

    INFO = ExtractorInfo(
        name="mpfs",
        title="Microchip MPFS2 file tree",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Web pages of devices with the TCP/IP stack of Microchip.",
        references=("Microchip AN1120",),
        limitations=("Version 1 is not read.",),
        tested="built sample from the documented layout",
    )
    MAGIC = (Magic(MPFS_START),)
    parse = staticmethod(parse_mpfs)


def _row(row: Headed) -> Wrapper:
    class Entry(Wrapper):
        INFO = ExtractorInfo(
            name=row.name,
            title=row.title,
            family=Family.FIRMWARE,
            grade=Grade.FULL,
            summary=row.summary,
            references=("binwalk 2.3 magic/firmware; binwalk 3 structures",),
            limitations=("Checksums are not verified.",),
            tested="built sample from the documented layout",
        )
        MAGIC = (Magic(row.magic, row.magic_at, carve=row.carve),)

        @staticmethod
        def parse(data: Reader) -> Image:
            """Return the content behind the header."""
            return row.parse(data)

    return Entry()


HEADED_IMAGES = tuple(_row(row) for row in HEADED)
