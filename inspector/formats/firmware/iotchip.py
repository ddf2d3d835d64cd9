"""Updates of the Wi-Fi chips in smart plugs and bulbs: Tuya UG, Beken RBL, Realtek Ameba OTA.

Format: Tuya Wi-Fi SDK `package.h` (UG_PKG_FH_S); RT-Thread OTA packager and ltchiptool `rtota` (RBL header, the SDK's
default AES key); Realtek Ameba application note "OTA" (update header).
Limits: RBL bodies encrypted with a vendor's own key are named, not read; QuickLZ and FastLZ are not decoded.
"""

from struct import Struct
from typing import Final
from zlib import crc32

from inspector.errors import Encrypted, LimitReached, Malformed, NotThisFormat
from inspector.formats.image import Image, codec_at, header_at, locked, stored, text
from inspector.formats.layout import Member, Opener
from inspector.formats.reader import BufferReader, Reader, Span

UG: Final = Struct(">4s12sIII4s")
UG_HEAD, UG_TAIL = b"\x55\xaa\x55\xaa", b"\xaa\x55\xaa\x55"
RBL: Final = Struct("<4sII16s24s24sIIIII")
RBL_MAGIC: Final = b"RBL\0"
XOR, AES256 = 1, 2
COMPRESSIONS: Final = {0: "none", 1: "gzip", 2: "quicklz", 3: "fastlz"}
SDK_KEY: Final = b"0123456789ABCDEF0123456789ABCDEF"
SDK_IV: Final = b"0123456789ABCDEF"
AMEBA: Final = Struct("<4sIIIII")
AMEBA_TAGS: Final = (b"OTA1", b"OTA2")
MOST_AMEBA: Final = 8


def parse_tuya_ug(data: Reader) -> Image:
    """Return the program of a UG package; its byte sums that do not hold are notes."""
    header_at(data, UG.size, "a Tuya UG header")
    head, version, size, total, head_total, tail = data.unpack_at(0, UG)
    if (head, tail) != (UG_HEAD, UG_TAIL):
        raise NotThisFormat("no Tuya UG header")
    end = UG.size + size
    if end > data.size:
        raise Malformed(f"Tuya UG package of {end} bytes, {data.size} there")
    notes = []
    if sum(data.view_at(0, 24)) & 0xFFFFFFFF != head_total:
        notes.append("header sum differs")
    if sum(data.view_at(UG.size, size)) & 0xFFFFFFFF != total:
        notes.append("program sum differs")
    member = stored(data, "program", UG.size, end)
    return Image(end, (member,), (Span(0, UG.size),), {"version": text(version)}, tuple(notes))


def parse_rbl(data: Reader) -> Image:
    """Return the body of an RBL update, decrypted where it is encrypted with the key that the SDK ships."""
    raw = bytes(header_at(data, RBL.size, "an RBL header"))
    magic, algorithm, _, name, version, serial, body_crc, _, raw_size, size, own_crc = RBL.unpack(raw)
    if magic != RBL_MAGIC or crc32(raw[:-4]) != own_crc:
        raise NotThisFormat("no RBL header")
    end = RBL.size + size
    if end > data.size:
        raise Malformed(f"RBL update of {end} bytes, {data.size} there")
    right = crc32(data.view_at(RBL.size, size)) == body_crc
    compression = COMPRESSIONS.get(algorithm >> 8 & 15, str(algorithm >> 8 & 15))
    cipher = {0: "none", XOR: "xor", AES256: "aes256"}.get(algorithm & 15, str(algorithm & 15))
    return Image(
        size=end,
        members=(_rbl_body(data, text(name) or "body", end, cipher, compression, raw_size),),
        structure=(Span(0, RBL.size),),
        properties={
            "version": text(version),
            "serial": text(serial),
            "compression": compression,
            "encryption": cipher,
        },
        notes=() if right else ("body checksum differs",),
    )


def _rbl_body(data: Reader, path: str, end: int, cipher: str, compression: str, raw_size: int) -> Member:
    hint = compression if compression != "none" else ""
    if cipher == "none":
        return stored(data, path, RBL.size, end, hint=hint)
    opener = _aes_opener(data, end, compression, raw_size)
    if cipher == "aes256" and _opens(opener, data.size, compression):
        return Member(path, open=opener, extents=(Span(RBL.size, end),), format=hint)
    return locked(path, RBL.size, end, Encrypted(f"{cipher}, key of the vendor"))


def _opens(opener: Opener, limit: int, compression: str) -> bool:
    """Tell whether the SDK's key gives what the header promises: a gzip stream, or anything when nothing is packed."""
    if compression != "gzip":
        return False
    try:
        return codec_at(opener(limit), 0) == "gzip"
    except Malformed:
        return False


def _aes_opener(data: Reader, end: int, compression: str, raw_size: int) -> Opener:
    def open_body(limit: int) -> Reader:
        if end - RBL.size > limit:
            raise LimitReached(f"{end - RBL.size} bytes, {limit} allowed")
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        body = data.view_at(RBL.size, end - RBL.size)
        if len(body) % 16:
            raise Malformed("AES body is no multiple of 16 bytes")
        decryptor = Cipher(algorithms.AES(SDK_KEY), modes.CBC(SDK_IV)).decryptor()
        plain = decryptor.update(bytes(body)) + decryptor.finalize()
        return BufferReader(plain[:raw_size] if compression == "none" else plain)

    return open_body


def parse_ameba(data: Reader) -> Image:
    """Return the images of a Realtek Ameba OTA file, at the offsets that its header states."""
    header_at(data, 32, "an Ameba OTA header")
    version, count = data.unpack_at(0, Struct("<II"))
    if not 0 < count <= MOST_AMEBA or data.read_at(8, 4) not in AMEBA_TAGS:
        raise NotThisFormat("no Ameba OTA header")
    members, offset = [], 8
    for index in range(count):
        if offset + AMEBA.size > data.size:
            raise Malformed("Ameba OTA header runs past the end")
        tag, length, total, size, start, _ = data.unpack_at(offset, AMEBA)
        if tag not in AMEBA_TAGS or not 20 <= length <= 64 or not size:
            raise NotThisFormat("no Ameba OTA entry")
        if start + size > data.size:
            raise Malformed(f"Ameba image of {size} bytes at {start:#x} runs past the end")
        right = sum(data.view_at(start, size)) & 0xFFFFFFFF == total
        name = f"{index}-{tag.decode()}"
        members.append(stored(data, name, start, start + size, notes=() if right else ("checksum differs",)))
        offset += length
    end = max(span.end for member in members for span in member.extents)
    return Image(end, tuple(members), (Span(0, min(offset, end)),), {"version": f"{version:#x}"})
