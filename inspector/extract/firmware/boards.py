"""Kernels of AVM, programs of cable modems, and flash contents with a map, in the pipeline."""

from inspector.errors import NotThisFormat
from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware import avm, flashmaps, programstore
from inspector.formats.reader import Reader, Span

BUILT = "built sample from the documented layout"


class AvmKernel(Wrapper):
    """One kernel or two."""

    INFO = ExtractorInfo(
        name="avm-kernel",
        title="kernel image of AVM (EVA)",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of routers of AVM, and others with the ADAM2 boot loader.",
        references=("binwalk-ng structures/eva.rs",),
        limitations=("The signature behind the image is not verified.",),
        tested=BUILT,
    )
    MAGIC = tuple(Magic(magic) for magic in avm.MAGICS)
    parse = staticmethod(avm.parse_avm)


class ProgramStore(Wrapper):
    """One program, or the halves of one."""

    INFO = ExtractorInfo(
        name="program-store",
        title="Broadcom ProgramStore",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates of cable modems on Broadcom chips with eCos.",
        references=("binwalk-ng formats/program_store.rs",),
        limitations=(
            "Contents packed with LZ, LZO or NRV2B are named, not read.",
            "Only at the start of an artifact.",
        ),
        tested=BUILT,
        remedy="the ProgramStore tool of aeolus, or bcm2utils",
    )
    MAGIC = (Magic(programstore.PADDING, programstore.PADDING_AT, carve=False),)
    parse = staticmethod(programstore.parse_program_store)


class IntelFlash(Wrapper):
    """Regions of a flash."""

    INFO = ExtractorInfo(
        name="intel-flash",
        title="flash with Intel's descriptor",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Flash dumps and BIOS updates of computers, terminals and appliances on Intel chips.",
        references=("coreboot, ifdtool",),
        limitations=("Only the regions are read, not the access rights.",),
        tested=BUILT,
    )
    MAGIC = (Magic(flashmaps.DESCRIPTOR_MARK, flashmaps.DESCRIPTOR_MARK_AT),)
    parse = staticmethod(flashmaps.parse_intel_flash)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent of all regions; inside other data they must be whole, a dump may lack its second chip."""
        image = self.parse(data.slice(offset))
        if offset and flashmaps.is_cut(image):
            raise NotThisFormat("regions run on behind the data")
        return Span(offset, offset + image.size)


class Rtk(Wrapper):
    """What stands behind an RTK0 header."""

    INFO = ExtractorInfo(
        name="rtk0",
        title="RTK0 image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates whose header begins with RTK0.",
        references=("binwalk 3 structures/rtk.rs",),
        limitations=("The checksum is not verified.",),
        tested=BUILT,
    )
    MAGIC = (Magic(flashmaps.RTK_MAGIC, carve=False),)
    parse = staticmethod(flashmaps.parse_rtk)


class DmsImage(Wrapper):
    """An image with the bytes of each pair exchanged."""

    INFO = ExtractorInfo(
        name="dms-image",
        title="DMS image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Updates whose bytes are exchanged in pairs.",
        references=("binwalk 3 signatures/dms.rs",),
        limitations=("The header is not interpreted.",),
        tested=BUILT,
    )
    MAGIC = (Magic(flashmaps.DMS_MAGIC, flashmaps.DMS_MAGIC_AT, carve=False),)
    parse = staticmethod(flashmaps.parse_dms_image)
