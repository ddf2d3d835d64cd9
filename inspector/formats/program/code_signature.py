"""Apple code signature: who signed a Mach-O image, for which team, with which entitlements.

Format: Apple `xnu` `cs_blobs.h` (SuperBlob, CodeDirectory).
Limits: hashes and signatures are not verified; entitlements in DER are not read where the XML ones are missing.
"""

from dataclasses import dataclass
from struct import Struct
from typing import Final

from inspector.errors import FormatError, NotThisFormat
from inspector.formats.data.plist import Plist, parse_plist
from inspector.formats.reader import Reader

SUPER, DIRECTORY, ENTITLEMENTS, WRAPPER = 0xFADE0CC0, 0xFADE0C02, 0xFADE7171, 0xFADE0B01
MOST_BLOBS: Final = 64
LONGEST: Final = 256
LARGEST_CMS: Final = 1 << 20
TEAM_SINCE: Final = 0x20200
ADHOC: Final = 2


@dataclass(frozen=True, slots=True)
class CodeSignature:
    """What a signature says; empty values where it does not."""

    identifier: str = ""
    team: str = ""
    adhoc: bool = False
    entitlements: Plist = None
    """A dictionary, or None."""
    entitlements_at: int = 0
    """Offset of the entitlements in the data, for locations."""
    cms: bytes = b""
    """The CMS signature in DER, with the certificates of the signer."""


def parse_code_signature(data: Reader) -> CodeSignature:
    """Return the facts of the SuperBlob at the start of `data`; damaged blobs are left out."""
    header = Struct(">3I")
    if data.size < header.size or data.unpack_at(0, header)[0] != SUPER:
        raise NotThisFormat("no code signature")
    _, _, count = data.unpack_at(0, header)
    found: dict[str, object] = {}
    for index in range(min(count, MOST_BLOBS, (data.size - 12) // 8)):
        _, at = data.unpack_at(12 + 8 * index, Struct(">2I"))
        if at + 8 <= data.size:
            magic, size = data.unpack_at(at, Struct(">2I"))
            blob = data.slice(at, min(at + max(size, 8), data.size))
            for key, value in _blob(magic, blob, at).items():
                found.setdefault(key, value)
    return CodeSignature(**found)  # type: ignore[arg-type]


def _blob(magic: int, blob: Reader, at: int) -> dict[str, object]:
    if magic == DIRECTORY and blob.size >= 44:
        return _directory(blob)
    if magic == ENTITLEMENTS:
        try:
            value = parse_plist(blob.slice(8))
        except FormatError:
            return {}
        return {"entitlements": value, "entitlements_at": at + 8} if isinstance(value, dict) else {}
    return {"cms": blob.read_upto(8, LARGEST_CMS)} if magic == WRAPPER and blob.size > 8 else {}


def _directory(blob: Reader) -> dict[str, object]:
    version, flags, _, identifier = blob.unpack_at(8, Struct(">4I"))
    found: dict[str, object] = {"identifier": _text(blob, identifier), "adhoc": bool(flags & ADHOC)}
    if version >= TEAM_SINCE and blob.size >= 52:
        (team,) = blob.unpack_at(48, Struct(">I"))
        found["team"] = _text(blob, team) if team else ""
    return found


def _text(blob: Reader, at: int) -> str:
    return blob.read_upto(at, LONGEST).split(b"\0", 1)[0].decode("utf-8", "replace")
