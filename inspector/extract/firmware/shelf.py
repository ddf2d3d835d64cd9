"""All firmware wrappers, explicitly."""

from typing import Final

from inspector.extract.base import Extractor
from inspector.extract.firmware.allwinner import Allwinner
from inspector.extract.firmware.ambarella import Ambarella
from inspector.extract.firmware.appliances import (
    Airoha,
    Amlogic,
    Autel,
    Bneg,
    HpBdl,
    HpIpkg,
    InstarZip,
    Moxa,
    Mrvl,
    Pac,
    RockLoader,
    Sbfh,
    WinCe,
    XeroxDlm,
)
from inspector.extract.firmware.aqara import Aqara
from inspector.extract.firmware.arcadyan import Arcadyan
from inspector.extract.firmware.bcmtag import BroadcomTag
from inspector.extract.firmware.boards import AvmKernel, DmsImage, IntelFlash, ProgramStore, Rtk
from inspector.extract.firmware.bouffalo import Bouffalo
from inspector.extract.firmware.chk import Chk
from inspector.extract.firmware.dahua import Dahua
from inspector.extract.firmware.dji import DjiImah, DjiXv4
from inspector.extract.firmware.dlink import AlphaEncrypted, DeafBead, Encrpted, Fpkg, Shrs
from inspector.extract.firmware.dlink_secret import DlinkSalted, Dlk, Mh01, Mh01Plain, Tlv
from inspector.extract.firmware.esp import EspFlash, EspImage, EspPartitions
from inspector.extract.firmware.fit import Fit
from inspector.extract.firmware.fpga import LatticeBitstream, XilinxBit, XilinxBitstream
from inspector.extract.firmware.hexrecords import (
    IntelHex,
    MosHex,
    SRecord,
    TektronixExtended,
    TektronixHex,
    TiText,
    VerilogHex,
)
from inspector.extract.firmware.hikvision import Hikvision
from inspector.extract.firmware.ingenic import Ingenic
from inspector.extract.firmware.iotchip import Ameba, BekenCode, BekenRbl, TuyaUg
from inspector.extract.firmware.iotota import MatterOta, ZigbeeOta
from inspector.extract.firmware.linux import BzImage, KernelConfig, KernelImage, Zboot, ZImage
from inspector.extract.firmware.mcuimage import Gbl, McuBoot, Uf2
from inspector.extract.firmware.mcupackages import AvbFooter, DfuSe, Ebl, Vbmeta, Verity
from inspector.extract.firmware.nanddump import NandDump
from inspector.extract.firmware.optionrom import Ipxe, Microcode, OptionRom
from inspector.extract.firmware.phoneparts import HuaweiUpdate, MtkPartition
from inspector.extract.firmware.qnx import QnxStartup
from inspector.extract.firmware.realtek import Realtek
from inspector.extract.firmware.recognise import RECOGNISED
from inspector.extract.firmware.rockchip import Rkaf, Rkfw, RkPart
from inspector.extract.firmware.routerheader import Dni, Linksys
from inspector.extract.firmware.routerpackages import (
    HEADED_IMAGES,
    Buffalo,
    FoscamWebUi,
    Hwnp,
    JbootArm,
    Mpfs,
    Npk,
    Pfs,
    Sch2,
    Ubiquiti,
    ZteConfig,
    Zynos,
    ZyxelTrx,
)
from inspector.extract.firmware.scrambled import EnGenius, Qnap, QnapNetworking
from inspector.extract.firmware.seama import Seama
from inspector.extract.firmware.telink import Telink
from inspector.extract.firmware.tplink import SafeLoader, TpLink
from inspector.extract.firmware.tplinkconfig import TpLinkConfig
from inspector.extract.firmware.trx import Trx
from inspector.extract.firmware.ubootenv import UbootEnv
from inspector.extract.firmware.uefi import UefiCapsule, UefiSections, UefiVolume
from inspector.extract.firmware.uimage import UImage
from inspector.extract.firmware.xiaomi import Xiaomi
from inspector.extract.firmware.xiongmai import Xiongmai

EXTRACTORS: Final[tuple[Extractor, ...]] = (
    NandDump(),
    UImage(),
    Trx(),
    TpLink(),
    SafeLoader(),
    Xiaomi(),
    Xiongmai(),
    Seama(),
    Chk(),
    BroadcomTag(),
    Dahua(),
    Hikvision(),
    Aqara(),
    Realtek(),
    Telink(),
    ZigbeeOta(),
    MatterOta(),
    Arcadyan(),
    Fit(),
    EspFlash(),
    EspImage(),
    EspPartitions(),
    TuyaUg(),
    BekenRbl(),
    BekenCode(),
    Ameba(),
    Bouffalo(),
    Ambarella(),
    Rkfw(),
    Rkaf(),
    RkPart(),
    Allwinner(),
    DjiXv4(),
    DjiImah(),
    UefiCapsule(),
    UefiVolume(),
    UefiSections(),
    OptionRom(),
    Ipxe(),
    Microcode(),
    BzImage(),
    ZImage(),
    KernelImage(),
    Zboot(),
    KernelConfig(),
    UbootEnv(),
    IntelHex(),
    SRecord(),
    TiText(),
    TektronixHex(),
    TektronixExtended(),
    MosHex(),
    VerilogHex(),
    DfuSe(),
    Ebl(),
    Vbmeta(),
    AvbFooter(),
    Verity(),
    Shrs(),
    Encrpted(),
    AlphaEncrypted(),
    DeafBead(),
    Fpkg(),
    EnGenius(),
    Qnap(),
    QnapNetworking(),
    Ingenic(),
    McuBoot(),
    Gbl(),
    Uf2(),
    HuaweiUpdate(),
    MtkPartition(),
    TpLinkConfig(),
    Dni(),
    Linksys(),
    Mh01(),
    Mh01Plain(),
    Tlv(),
    Dlk(),
    DlinkSalted(),
    Buffalo(),
    ZyxelTrx(),
    Zynos(),
    Sch2(),
    JbootArm(),
    Npk(),
    Ubiquiti(),
    Hwnp(),
    ZteConfig(),
    FoscamWebUi(),
    Pfs(),
    Mpfs(),
    *HEADED_IMAGES,
    HpBdl(),
    HpIpkg(),
    XeroxDlm(),
    Bneg(),
    InstarZip(),
    Moxa(),
    Autel(),
    Airoha(),
    Mrvl(),
    Sbfh(),
    Amlogic(),
    Pac(),
    RockLoader(),
    WinCe(),
    AvmKernel(),
    ProgramStore(),
    IntelFlash(),
    XilinxBit(),
    XilinxBitstream(),
    LatticeBitstream(),
    Rtk(),
    DmsImage(),
    QnxStartup(),
    *RECOGNISED,
)
"""In the order of trust: where two claim the same bytes, the one with the stronger checks stands first."""
