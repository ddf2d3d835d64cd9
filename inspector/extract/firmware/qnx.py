"""QNX boot images in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.qnx_ifs import parse_qnx_startup


class QnxStartup(Wrapper):
    """Startup program and image file system."""

    INFO = ExtractorInfo(
        name="qnx-ifs",
        title="QNX boot image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Boot images of cars, medical and industrial devices with QNX.",
        references=("QNX sys/startup.h", "dumpifs"),
        limitations=(
            "Packings but zlib, LZO and UCL are named, not read.",
            "Checksums of the startup are not checked.",
        ),
        tested="built sample from the documented layout, with LZO of lzallright and UCL of libucl",
    )
    MAGIC = (Magic(b"\xeb\x7e\xff\0\1\0"), Magic(b"\0\xff\x7e\xeb\0\1"))
    parse = staticmethod(parse_qnx_startup)
