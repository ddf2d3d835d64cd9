"""Bit streams of programmable chips, in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware import fpga

LOGIC = "Logic is not interpreted; the program of a soft processor is not put together from memory blocks."


class XilinxBit(Wrapper):
    """A stream behind the name of its design and its part."""

    INFO = ExtractorInfo(
        name="xilinx-bit",
        title="Xilinx bit stream with header (.bit)",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Configuration of programmable chips in cameras, radios and instruments.",
        references=("AMD UG470 and UG380, configuration packets",),
        limitations=(LOGIC, "Encrypted streams are named."),
        tested="original packer: Vivado 2020.1 to 2022.1 and ISE, for 7 series and Spartan-6, from PyPI",
    )
    MAGIC = (Magic(fpga.BIT_HEAD),)
    parse = staticmethod(fpga.parse_bit)


class XilinxBitstream(Wrapper):
    """A stream as the chip reads it."""

    INFO = ExtractorInfo(
        name="xilinx-bitstream",
        title="Xilinx bit stream",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Configuration of programmable chips in cameras and radios, at the start of their flash.",
        references=("AMD UG470 and UG380, configuration packets",),
        limitations=(LOGIC, "Encrypted streams are named.", "Only at the start of an artifact."),
        tested="original packer: Vivado 2020.1 to 2022.1 and ISE, 7 series and Spartan-6, without their header",
    )
    MAGIC = tuple(Magic(fpga.MARK, at, carve=False) for at in fpga.MARKS_AT)
    parse = staticmethod(fpga.parse_xilinx)


class LatticeBitstream(Wrapper):
    """A stream of ECP5, MachXO, Nexus or iCE40."""

    INFO = ExtractorInfo(
        name="lattice-bitstream",
        title="Lattice bit stream",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Configuration of small programmable chips in instruments, locks and phones.",
        references=("Lattice FPGA-TN-02039", "Project Trellis and Project IceStorm, bitstream format"),
        limitations=(
            LOGIC,
            "Only at the start of an artifact.",
            "Commands of ECP5 and iCE40 are walked; encrypted streams, MachXO and Nexus are named, not explained.",
        ),
        tested="original packer: Lattice Radiant for iCE40, ecppack for ECP5 (37 streams from PyPI)",
    )
    MAGIC = tuple(Magic(head, carve=False) for head in fpga.LATTICE_HEADS)
    parse = staticmethod(fpga.parse_lattice)
