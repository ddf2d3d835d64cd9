"""Disk images of virtual machines in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.archive import virtualdisk

PACKER = "original packer: qemu-img"


class Vhd(Wrapper):
    """Growing disk of Virtual PC and Hyper-V."""

    INFO = ExtractorInfo(
        name="vhd",
        title="Virtual PC disk image (VHD)",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Appliances for Hyper-V and Azure.",
        references=("Microsoft, Virtual Hard Disk Image Format",),
        limitations=(
            "A disk of fixed size is read as the disk it is.",
            "Of differences only the changed blocks are shown.",
        ),
        tested=PACKER,
    )
    MAGIC = (Magic(virtualdisk.VHD_MAGIC, carve=False),)
    parse = staticmethod(virtualdisk.parse_vhd)


class Vhdx(Wrapper):
    """Disk of newer Hyper-V."""

    INFO = ExtractorInfo(
        name="vhdx",
        title="Hyper-V disk image (VHDX)",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Appliances for Hyper-V.",
        references=("MS-VHDX",),
        limitations=("The log is not replayed.", "Of differences only the changed blocks are shown."),
        tested=PACKER,
    )
    MAGIC = (Magic(virtualdisk.VHDX_MAGIC, carve=False),)
    parse = staticmethod(virtualdisk.parse_vhdx)


class Vdi(Wrapper):
    """Disk of VirtualBox."""

    INFO = ExtractorInfo(
        name="vdi",
        title="VirtualBox disk image",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Appliances for VirtualBox.",
        references=("VirtualBox VDICore.h",),
        tested=PACKER,
    )
    MAGIC = (Magic(virtualdisk.VDI_MAGIC, virtualdisk.VDI_MAGIC_AT, carve=False),)
    parse = staticmethod(virtualdisk.parse_vdi)


class Vmdk(Wrapper):
    """Growing or streamed disk of VMware."""

    INFO = ExtractorInfo(
        name="vmdk",
        title="VMware disk image (VMDK)",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Appliances for VMware, also inside OVA packages.",
        references=("VMware, Virtual Disk Format 5.0",),
        limitations=("Disks in several files are read as far as the first one goes.",),
        tested=PACKER,
    )
    MAGIC = (Magic(virtualdisk.VMDK_MAGIC, carve=False),)
    parse = staticmethod(virtualdisk.parse_vmdk)


class Qcow2(Wrapper):
    """Disk of QEMU."""

    INFO = ExtractorInfo(
        name="qcow2",
        title="QEMU disk image (QCOW, QCOW2)",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Appliances for KVM and OpenStack: routers, recorders, management consoles.",
        references=("QEMU qcow2.txt",),
        limitations=(
            "Encrypted images and extended tables are named, not read.",
            "Of differences only the changed blocks are shown.",
        ),
        tested=PACKER,
    )
    MAGIC = (Magic(virtualdisk.QCOW_MAGIC, carve=False),)
    parse = staticmethod(virtualdisk.parse_qcow)


class Qed(Wrapper):
    """Disk of QEMU in the format that was meant to follow QCOW2."""

    INFO = ExtractorInfo(
        name="qed",
        title="QEMU enhanced disk image (QED)",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Appliances for KVM of about 2010 to 2015.",
        references=("QEMU qed_spec.txt",),
        limitations=("Of differences only the changed blocks are shown.",),
        tested=PACKER,
    )
    MAGIC = (Magic(virtualdisk.QED_MAGIC, carve=False),)
    parse = staticmethod(virtualdisk.parse_qed)


class Parallels(Wrapper):
    """Growing disk of Parallels and Virtuozzo."""

    INFO = ExtractorInfo(
        name="parallels",
        title="Parallels disk image",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Appliances for Parallels Desktop and Virtuozzo.",
        references=("QEMU parallels.txt",),
        limitations=("The descriptor of a disk in several files is not read: each file is a disk of its own.",),
        tested="original packer: qemu-img; a built sample for the older kind",
    )
    MAGIC = tuple(Magic(magic, carve=False) for magic in virtualdisk.PARALLELS_MAGICS)
    parse = staticmethod(virtualdisk.parse_parallels)
