"""The APK signing block: schemes v2, v3 and v3.1, their certificates and the proof of rotation; what else is in it.

Format: source.android.com, "APK signature scheme v2", "v3", "v3.1", "v4"; block identifiers of channel packers:
github.com/Meituan-Dianping/walle, github.com/Tencent/VasDolly.
Limits: signatures are not verified, certificates are handed over as DER.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct, unpack_from
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.reader import Reader

MAGIC: Final = b"APK Sig Block 42"
PAIR: Final = Struct("<QI")
LARGEST: Final = 1 << 26
MOST_ITEMS: Final = 100

SCHEMES: Final = {0x7109871A: "v2", 0xF05368C0: "v3", 0x1B93AD61: "v3.1"}
OTHERS: Final = {
    0x2B09189E: "source stamp v1",
    0x6DFF800D: "source stamp v2",
    0x42726577: "padding",
    0x504B4453: "dependency list of the Android Gradle plugin",
    0x2146444E: "Google Play metadata",
    0x71777777: "channel mark of Walle (Meituan)",
    0x881155FF: "channel mark of VasDolly (Tencent)",
}
ROTATION: Final = 0x3BA06F8C


@dataclass(frozen=True, slots=True)
class Signer:
    """One signer of a scheme; certificates as DER, the signing one first."""

    scheme: str
    certificates: tuple[bytes, ...]
    min_sdk: int = 0
    max_sdk: int = 0
    """SDK range the signer is meant for, 0 where the scheme has none."""
    lineage: tuple[bytes, ...] = ()
    """Earlier certificates, oldest first, the current one last; empty without rotation."""


@dataclass(frozen=True, slots=True)
class SigningBlock:
    """What stands in the block, in file order."""

    signers: tuple[Signer, ...]
    schemes: tuple[str, ...]
    others: tuple[str, ...]
    """Names of the other entries, `0x…` where they are not known."""
    notes: tuple[str, ...] = ()


def parse_signing_block(data: Reader) -> SigningBlock:
    """Return the contents of a signing block, which is exactly `data`, its two sizes and its magic included.

    Raises `NotThisFormat` without the magic at the end.
    """
    if not 32 <= data.size <= LARGEST or not data.startswith(MAGIC, data.size - len(MAGIC)):
        raise NotThisFormat("no APK signing block")
    signers: list[Signer] = []
    schemes: list[str] = []
    others: list[str] = []
    notes: list[str] = []
    for kind, value in _pairs(data.read_at(8, data.size - 32)):
        scheme = SCHEMES.get(kind)
        if scheme is None:
            others.append(OTHERS.get(kind, f"{kind:#010x}"))
            continue
        schemes.append(scheme)
        try:
            signers += _signers(value, scheme)
        except Malformed as error:
            notes.append(f"signature scheme {scheme}: {error}")
    return SigningBlock(tuple(signers), tuple(dict.fromkeys(schemes)), tuple(dict.fromkeys(others)), tuple(notes))


def _pairs(raw: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    for _ in range(MOST_ITEMS):
        if at + PAIR.size > len(raw):
            return
        length, kind = PAIR.unpack_from(raw, at)
        if length < 4 or at + 8 + length > len(raw):
            return
        yield kind, raw[at + PAIR.size : at + 8 + length]
        at += 8 + length


class _Parts:
    """Takes length-prefixed parts off the front of some bytes."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.at = 0

    def __bool__(self) -> bool:
        return self.at < len(self.raw)

    def number(self) -> int:
        if self.at + 4 > len(self.raw):
            raise Malformed("part cut short")
        self.at += 4
        return int(unpack_from("<I", self.raw, self.at - 4)[0])

    def part(self) -> bytes:
        length = self.number()
        if self.at + length > len(self.raw):
            raise Malformed(f"part of {length} bytes, {len(self.raw) - self.at} there")
        self.at += length
        return self.raw[self.at - length : self.at]

    def parts(self) -> Iterator[bytes]:
        for _ in range(MOST_ITEMS):
            if not self:
                return
            yield self.part()


def _signers(value: bytes, scheme: str) -> Iterator[Signer]:
    for raw in _Parts(_Parts(value).part()).parts():
        signed = _Parts(_Parts(raw).part())
        signed.part()
        certificates = tuple(_Parts(signed.part()).parts())
        if scheme == "v2":
            yield Signer(scheme, certificates)
            continue
        low, high = signed.number(), signed.number()
        yield Signer(scheme, certificates, low, high, _lineage(signed.part()))


def _lineage(attributes: bytes) -> tuple[bytes, ...]:
    for raw in _Parts(attributes).parts():
        attribute = _Parts(raw)
        if attribute.number() == ROTATION:
            attribute.number()
            levels = _Parts(raw[attribute.at :]).parts()
            return tuple(_Parts(_Parts(level).part()).part() for level in levels)
    return ()
