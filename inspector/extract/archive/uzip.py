"""Disks of uzip and cloop in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.archive import uzip


class Uzip(Wrapper):
    """Compressed disk behind a shell script."""

    INFO = ExtractorInfo(
        name="uzip",
        title="FreeBSD uzip disk, cloop disk",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Root file systems of appliances with FreeBSD (firewalls, storage) and of live systems.",
        references=("mkuzip(8)", "FreeBSD sys/geom/uzip", "cloop 2.0"),
        limitations=("Disks of cloop before 2.0 and since 4.0 are not read.",),
        tested="original packer: create_compressed_fs of cloop (zlib); built samples for xz, zstd and repeated blocks",
    )
    MAGIC = tuple(Magic(magic) for magic in uzip.MAGICS)
    parse = staticmethod(uzip.parse_uzip)
