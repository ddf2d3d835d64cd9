"""Android backups (adb backup): four lines of text, then a tar archive, packed with zlib or plain.

Format: AOSP `BackupManagerService`, "ANDROID BACKUP" header.
Limits: backups under a passphrase are named, not read.
"""

from typing import Final

from inspector.errors import Encrypted, NotThisFormat, Unsupported
from inspector.formats.archive import zlib
from inspector.formats.codec.streams import decode
from inspector.formats.image import Image, locked, stored
from inspector.formats.layout import Member
from inspector.formats.reader import Reader, Span

MAGIC: Final = b"ANDROID BACKUP\n"
LONGEST_HEADER: Final = 64
NEWEST: Final = 5


def parse_backup(data: Reader) -> Image:
    """Return the tar archive as one member."""
    lines = data.read_upto(0, LONGEST_HEADER).split(b"\n", 4)
    if not data.startswith(MAGIC) or len(lines) < 5 or not lines[1].isdigit() or lines[2] not in (b"0", b"1"):
        raise NotThisFormat("no Android backup")
    start = sum(len(line) + 1 for line in lines[:4])
    whole, structure = Span(start, data.size), (Span(0, start),)
    properties = {"version": lines[1].decode(), "encryption": lines[3].decode("ascii", "backslashreplace")}
    if lines[3] != b"none":
        problem = Encrypted("AES-256 under a passphrase")
        return Image(data.size, (locked("backup.tar", start, data.size, problem),), structure, properties)
    if int(lines[1]) > NEWEST:
        raise Unsupported(f"Android backup of version {int(lines[1])}")
    if lines[2] == b"0":
        return Image(data.size, (stored(data, "backup.tar", start, data.size),), structure, properties)
    packed = Member("backup.tar", open=lambda limit: decode(zlib.decompress, data, start, limit), extents=(whole,))
    return Image(data.size, (packed,), structure, properties)
