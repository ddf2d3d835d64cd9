"""All archives and compressed streams, explicitly."""

from typing import Final

from inspector.extract.archive.android_backup import AndroidBackup
from inspector.extract.archive.ar import Ar
from inspector.extract.archive.asar import Asar
from inspector.extract.archive.brotli import Brotli
from inspector.extract.archive.bzip2 import Bzip2
from inspector.extract.archive.cab import Cab
from inspector.extract.archive.chm import Chm
from inspector.extract.archive.compound import Compound
from inspector.extract.archive.compress import Compress
from inspector.extract.archive.gzip import Gzip
from inspector.extract.archive.inno import Inno
from inspector.extract.archive.installshield import InstallShield, InstallShield3, InstallStream
from inspector.extract.archive.lz4 import Lz4
from inspector.extract.archive.lzh import Arj, Lha
from inspector.extract.archive.lzip import Lzip
from inspector.extract.archive.lzma_alone import LzmaAlone
from inspector.extract.archive.lzop import Lzop
from inspector.extract.archive.nsis import Nsis
from inspector.extract.archive.partclone import Partclone
from inspector.extract.archive.partition_table import Gpt, Mbr
from inspector.extract.archive.pgp import PgpArmor, PgpMessage
from inspector.extract.archive.qnx_deflate import QnxDeflate
from inspector.extract.archive.rar import Rar
from inspector.extract.archive.recognised import RECOGNISED
from inspector.extract.archive.rpm import Rpm
from inspector.extract.archive.sevenzip import SevenZip
from inspector.extract.archive.sourcemap import SourceMap
from inspector.extract.archive.szdd import Kwaj, Szdd
from inspector.extract.archive.tar import Tar
from inspector.extract.archive.uzip import Uzip
from inspector.extract.archive.virtualdisk import Parallels, Qcow2, Qed, Vdi, Vhd, Vhdx, Vmdk
from inspector.extract.archive.wim import Wim
from inspector.extract.archive.xz import Xz
from inspector.extract.archive.zip import Zip
from inspector.extract.archive.zlib import Zlib
from inspector.extract.archive.zstd import Zstd
from inspector.extract.base import Extractor

EXTRACTORS: Final[tuple[Extractor, ...]] = (
    Zip(),
    Tar(),
    Gzip(),
    Xz(),
    LzmaAlone(),
    Zstd(),
    Bzip2(),
    Lz4(),
    Lzip(),
    Lzop(),
    Zlib(),
    Brotli(),
    Ar(),
    Rpm(),
    Gpt(),
    Mbr(),
    Cab(),
    Rar(),
    SevenZip(),
    Compress(),
    Asar(),
    SourceMap(),
    AndroidBackup(),
    Compound(),
    Vhd(),
    Vhdx(),
    Vdi(),
    Vmdk(),
    Qcow2(),
    PgpMessage(),
    PgpArmor(),
    Wim(),
    Qed(),
    Parallels(),
    Arj(),
    Lha(),
    Szdd(),
    Partclone(),
    Uzip(),
    QnxDeflate(),
    Kwaj(),
    Nsis(),
    Inno(),
    InstallShield(),
    InstallShield3(),
    InstallStream(),
    Chm(),
    *RECOGNISED,
)
