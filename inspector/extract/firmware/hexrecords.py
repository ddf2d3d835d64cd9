"""Hexadecimal records in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.firmware.wrapper import Wrapper
from inspector.formats.hexrecords import parse_ihex, parse_srec, parse_ti_txt


class IntelHex(Wrapper):
    """Memory regions of an Intel HEX file."""

    INFO = ExtractorInfo(
        name="intel-hex",
        title="Intel HEX",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Programs of microcontrollers as text.",
        references=("Intel, Hexadecimal Object File Format Specification, 1988",),
        limitations=("Start addresses are not kept.",),
        tested="real images: MicroPython for micro:bit, nrfutil, compared with objcopy",
    )
    MAGIC = tuple(Magic(prefix, carve=False) for prefix in (b":02000", b":10", b":20", b":06", b":04", b":08", b":0"))
    parse = staticmethod(parse_ihex)


class SRecord(Wrapper):
    """Memory regions of an S-record file."""

    INFO = ExtractorInfo(
        name="s-record",
        title="Motorola S-record",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Programs of microcontrollers and meters as text.",
        references=("Motorola M68000 Family Programmer's Reference Manual, appendix C",),
        limitations=("Start addresses are not kept.",),
        tested="original packer: objcopy of binutils",
    )
    MAGIC = tuple(Magic(b"S%d" % kind, carve=False) for kind in (0, 1, 2, 3))
    parse = staticmethod(parse_srec)


class TiText(Wrapper):
    """Memory regions of a TI-TXT file."""

    INFO = ExtractorInfo(
        name="ti-txt",
        title="TI-TXT",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Programs of MSP430 and other microcontrollers of Texas Instruments as text.",
        references=("srecord manual, srec_ti_txt",),
        limitations=("The format has no checksum.",),
        tested="original packer: srec_cat of srecord",
    )
    MAGIC = (Magic(b"@", carve=False),)
    parse = staticmethod(parse_ti_txt)
