"""Hexadecimal records in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.hexrecords import (
    parse_ihex,
    parse_mos,
    parse_srec,
    parse_tektronix,
    parse_tektronix_extended,
    parse_ti_txt,
)
from inspector.formats.firmware.veriloghex import STARTS, parse_verilog_hex


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
    MAGIC = tuple(Magic(start, carve=False) for start in (b"S0", b"S1", b"S2", b"S3", b"$$ "))
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


class TektronixHex(Wrapper):
    """Memory regions of a Tektronix hex file."""

    INFO = ExtractorInfo(
        name="tektronix-hex",
        title="Tektronix hex",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Programs of older microcontrollers as text.",
        references=("srecord manual, srec_tektronix",),
        limitations=("Start addresses are not kept.",),
        tested="original packer: srec_cat of srecord",
    )
    MAGIC = (Magic(b"/", carve=False),)
    parse = staticmethod(parse_tektronix)


class TektronixExtended(Wrapper):
    """Memory regions of a Tektronix extended hex file."""

    INFO = ExtractorInfo(
        name="tektronix-extended",
        title="Tektronix extended hex",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Programs of microcontrollers as text, with or without their symbols.",
        references=("srecord manual, srec_tektronix_extended", "GNU binutils, BFD target tekhex"),
        limitations=("Start addresses and symbols are not kept; names of symbols are searched as text.",),
        tested="original packers: srec_cat of srecord, objcopy of binutils",
    )
    MAGIC = (Magic(b"%", carve=False),)
    parse = staticmethod(parse_tektronix_extended)


class MosHex(Wrapper):
    """Memory regions of a MOS Technology hex file."""

    INFO = ExtractorInfo(
        name="mos-hex",
        title="MOS Technology hex",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Programs of devices on 6502 processors as text.",
        references=("srecord manual, srec_mos_tech",),
        tested="original packer: srec_cat of srecord",
    )
    MAGIC = (Magic(b";", carve=False),)
    parse = staticmethod(parse_mos)


class VerilogHex(Wrapper):
    """Memory regions of a Verilog memory file."""

    INFO = ExtractorInfo(
        name="verilog-hex",
        title="Verilog memory file (VMem)",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Programs of soft processors and boot memories as words in text.",
        references=("IEEE 1364-2005, 17.2.9", "srecord manual, srec_vmem"),
        limitations=(
            "The order of bytes in a word is not stated: the one that makes more of the contents readable is taken.",
            "Only files that begin with an address, comments aside.",
            "The format has no end mark: a TI-TXT file that is cut short is read as this one.",
        ),
        tested="original packers: srec_cat of srecord, objcopy of binutils",
    )
    MAGIC = tuple(Magic(start, carve=False) for start in STARTS)
    parse = staticmethod(parse_verilog_hex)
