"""Vendor scrambling with published keys: EnGenius (XOR), QNAP (PC1 cipher over the first part).

Format: ryancdotorg "EnGenius firmware decryption" and unblob `engenius` (header, key); the PC1 cipher of Alexander
Pukall, public domain, with the key that QNAP's own PC1 program takes.
Limits: decrypting a megabyte of PC1 takes about three seconds.
"""

from struct import Struct
from typing import Final

from inspector.errors import LimitReached, Malformed, NotThisFormat
from inspector.formats.image import Image, decoded, header_at, text
from inspector.formats.layout import Member
from inspector.formats.names import decode_name
from inspector.formats.reader import BufferReader, MappedReader, Piece, Reader, Span

ENGENIUS: Final = Struct(">III20sII16s32sI4s8s7II")
ENGENIUS_MAGIC: Final = b"\x124Vxall"
ENGENIUS_MAGIC_AT: Final = 0x5C
ENGENIUS_KEY: Final = bytes.fromhex("ac783c9ecf67b359")
MOST_MODEL: Final = 64
QNAP_START: Final = bytes.fromhex("f57b4703")
"""A gzip header under the cipher with version 4 of the key."""
QNAP_FOOTER: Final = Struct("<6sI16s16s16s16s")
QNAP_MAGIC: Final = b"icpnas"
MOST_PC1: Final = 1 << 23
"""Bytes under the slow cipher; QNAP encrypts one megabyte."""
QNAP_SECRET: Final = b"QNAPNASVERSION"


def parse_engenius(data: Reader) -> Image:
    """Return the firmware behind the header, the XOR undone; where the key stands plainly fixes its phase."""
    header_at(data, ENGENIUS.size, "an EnGenius header")
    fields = data.unpack_at(0, ENGENIUS)
    vendor, product, version, length, model_length = fields[1], fields[2], fields[3], fields[4], fields[-1]
    start = ENGENIUS.size + model_length
    if not data.startswith(ENGENIUS_MAGIC, ENGENIUS_MAGIC_AT) or model_length > MOST_MODEL or not length:
        raise NotThisFormat("no EnGenius header")
    end = start + length
    if end > data.size:
        raise Malformed(f"EnGenius image of {end} bytes, {data.size} there")
    phase = data.find(ENGENIUS_KEY, 0, end)  # zeros of the content show the key as it is
    if phase < 0:
        raise Malformed("EnGenius image without a run of zeros: the key's phase is not known")
    turn = (start - phase) % len(ENGENIUS_KEY)
    key = ENGENIUS_KEY[turn:] + ENGENIUS_KEY[:turn]
    properties = {
        "vendor": f"{vendor:#x}",
        "product": f"{product:#x}",
        "version": text(version),
        "model": text(data.read_at(ENGENIUS.size, model_length)),
    }
    member = decoded(data, "firmware", Span(start, end), lambda raw: _xor(raw, key), size=length)
    return Image(end, (member,), (Span(0, start),), properties)


def _xor(raw: bytes, key: bytes) -> bytes:
    """Return `raw` under a repeated key, as one big number: fast for tens of megabytes."""
    mask = (key * (len(raw) // len(key) + 1))[: len(raw)]
    return (int.from_bytes(raw, "big") ^ int.from_bytes(mask, "big")).to_bytes(len(raw), "big")


def parse_qnap(data: Reader) -> Image:
    """Return the package with its encrypted first part decrypted; the footer at the end says how long that is."""
    if not data.startswith(QNAP_START):
        raise NotThisFormat("no QNAP package")
    at = data.find(QNAP_MAGIC, len(QNAP_START))
    if at < 0 or at + QNAP_FOOTER.size > data.size:
        raise NotThisFormat("QNAP package without a footer")
    _, length, device, version, *_ = data.unpack_at(at, QNAP_FOOTER)
    if length > min(at, MOST_PC1) or not version[:1].isdigit() or not text(device).isascii():
        raise NotThisFormat("QNAP footer does not fit")
    return _qnap_image(data, at, QNAP_SECRET + version[:1], "gzip")


def parse_qnap_networking(data: Reader) -> Image:
    """Return the package of a router or switch, whose footer ends the file: the device's name is the key."""
    at = data.size - QNAP_FOOTER.size
    if not data.startswith(QNAP_MAGIC, at) or data.startswith(QNAP_START):
        raise NotThisFormat("no QNAP footer at the end")
    _, length, device, *_ = data.unpack_at(at, QNAP_FOOTER)
    secret = bytes(device).rstrip(b"\0")
    if not 0 < length <= min(at, MOST_PC1) or not secret.isascii() or not secret or secret.startswith(b"QNAP"):
        raise NotThisFormat("QNAP footer does not fit")
    return _qnap_image(data, at, secret)


def _qnap_image(data: Reader, at: int, secret: bytes, hint: str = "") -> Image:
    """Return the package in front of the footer at `at`."""
    _, length, device, version, date, revision = data.unpack_at(at, QNAP_FOOTER)

    def open_package(limit: int) -> Reader:
        if at > limit:
            raise LimitReached(f"{at} bytes, {limit} allowed")
        plain = BufferReader(pc1_decrypt(data.read_at(0, length), secret))
        return MappedReader([Piece(length, plain), Piece(at - length, data, length)])

    end = at + QNAP_FOOTER.size
    member = Member("package", open=open_package, extents=(Span(0, at),), size=at, format=hint)
    properties = {
        "device": text(device),
        "version": text(version),
        "date": text(date),
        "revision": decode_name(revision.split(b"\0")[0]),
        "encryption": "PC1, published key",
    }
    return Image(end, (member,), (Span(at, end),), properties)


def pc1_decrypt(raw: bytes, secret: bytes) -> bytes:
    """Return the plain bytes; the key's words are stirred with the exclusive or of all plain bytes before."""
    tables = [_pc1_words(secret, mix) for mix in range(256)]
    out = bytearray(len(raw))
    mix = carry = total = 0
    for at, byte in enumerate(raw):
        result = 0
        for index, (step, word) in enumerate(tables[mix]):
            total = step + carry + 0x4E35 * (total + index) & 0xFFFF
            carry = step
            result ^= word ^ total
        plain = byte ^ (result >> 8) ^ (result & 0xFF)
        out[at] = plain
        mix ^= plain
    return bytes(out)


def _pc1_words(secret: bytes, mix: int) -> list[tuple[int, int]]:
    """Return per key word its two products, for one state of the mixed-in plain bytes; characters are signed."""
    words: list[tuple[int, int]] = []
    previous = 0
    for high, low in zip(secret[::2], secret[1::2], strict=False):
        signed = low ^ mix
        word = previous ^ ((high ^ mix) * 256 + signed - (256 if signed > 0x7F else 0) & 0xFFFF)
        previous = 0x4E35 * word + 1 & 0xFFFF
        words.append((0x15A * word & 0xFFFF, previous))
    return words
