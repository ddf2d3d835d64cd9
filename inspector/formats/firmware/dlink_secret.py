"""D-Link images behind passphrases that are public: MH01, tagged (TLV), DLK, and files of the openssl program.

Format: devttys0/delink (`mh01`, `tlv`, `dlk`, `dap1610`, `r95`: headers and passphrases); OpenSSL `enc` (salt, key
derivation EVP_BytesToKey with one round).
Limits: images of models whose passphrase is not published stay gaps; signatures and digests are not verified.
"""

import hmac
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import md5, sha1, sha256
from struct import Struct
from typing import Any, Final

from inspector.errors import Encrypted, FormatError, LimitReached, Malformed, NotThisFormat
from inspector.formats.image import Image, aes_cbc, decoded, header_at, locked, stored, text
from inspector.formats.layout import Member
from inspector.formats.reader import BufferReader, Reader, Span

SALTED: Final = b"Salted__"
SALT_END: Final = 16
MH01_MAGIC: Final = b"MH01"
MH01_HEADER: Final = 0x41
MH01_VECTOR: Final = Span(0x20, 0x40)
TLV_MAGIC: Final = b"\x64\x80\x19\x40"
TLV: Final = Struct("<4s32s32s8s32sII")
TLV_DATA: Final = 1
DLK_MAGIC: Final = b"DLK"
DLK_HEADER: Final = 0x50
DLK_MORE: Final = 0x20
"""What a block holds besides its plain bytes: vector and padding."""
MODEL_PASSWORDS: Final = (
    b"044b4e59846ecee953662ff2238fcc23",
    b"927fc5786df1a9557524a0289e1e3f3b",
    b"4d5ee2c8b5d0fdd9a9a2d351ba897752",
    b"238a29b9432f688e30b701548c753146",
    b"a4f7c17c3e0aa4532c2024ce6ac5f17c",
    b"6b5a65dbc1ebc492ac6d8efbbb59ae09",
    b"70070e579f97548a96a7794d4d779376",
    b"7b4df82f7f042b9d0b40971be0ff53c4",
    b"6276ccf4c1d8d6f54b481095e78ff97f",
    b"1ae6c79be7d069ca74df7670bdfc4952",
    b"b4517d9b98e04d9f075f5e78c743e097",
    b"05c79b73cf88619d7b9725505cfd718f",
    b"6b29f1d663a21b35fb45b69a42649f5e",
    b"1bfb1004e29f9eb76dbe26eb0dd87cd1",
    b"c5f8a1e22f808abc84f2e4a6fa5f10bb",
    b"6420da70a975455e4ddd6b8fa5b652e7",
)
"""Models E15 to M60, each before and after a change of passphrase."""
SALTED_PASSWORDS: Final = (
    (b"2c3b6fa78bd60b41bb0796fef4b058b0", b"ustar", 0x101),  # DAP-1610 B1: a tar archive
    (b"CAD1C42B11F1982FFA94B6A24C260A43", b"\xd0\x0d\xfe\xed", 0),  # R36: a flat image tree
    (b"A11E331C15CE73ABA8E06171A11D2FB6", b"\xd0\x0d\xfe\xed", 0),  # M36
    (b"BE81AE1B6F523AC7164C4FD67B6BD8FD", b"\xd0\x0d\xfe\xed", 0),  # R95
    (b"91A9A3AF2218F4EA60AC37D5835EB318", b"\xd0\x0d\xfe\xed", 0),  # M95
)
"""Passphrase, and the bytes that prove it with their place in the plain content."""
PROOF: Final = 0x200


def derive(password: bytes, salt: bytes, digest: Callable[[bytes], Any], length: int) -> bytes:
    """Return key material as EVP_BytesToKey makes it with one round of `digest`."""
    material = block = b""
    while len(material) < length:
        block = digest(block + password + salt).digest()
        material += block
    return material[:length]


def _plain(decrypt: Callable[[bytes], bytes], raw: bytes) -> bytes:
    return _unpad(decrypt(raw))


def _unpad(plain: bytes) -> bytes:
    """Take the padding of the last block off; a wrong one means a wrong key."""
    count = plain[-1] if plain else 0
    if not 1 <= count <= 16 or plain[-count:] != bytes([count]) * count:
        raise Malformed("padding of the decrypted content is wrong")
    return plain[:-count]


def parse_mh01(data: Reader) -> Image:
    """Return the firmware decrypted with the one of the published passphrases that gives a second MH01 header."""
    header_at(data, MH01_HEADER + SALT_END, "an MH01 header")
    size = int.from_bytes(data.view_at(0x18, 4), "little")
    start, end = MH01_HEADER + SALT_END, MH01_HEADER + size
    if not data.startswith(MH01_MAGIC) or not data.startswith(SALTED, MH01_HEADER):
        raise NotThisFormat("no encrypted MH01 image")
    try:
        vector = bytes.fromhex(data.read_at(MH01_VECTOR.start, len(MH01_VECTOR)).decode("ascii"))
    except ValueError as error:
        raise NotThisFormat("MH01 image without a vector") from error
    if end > data.size or (end - start) % 16 or end <= start or len(vector) != 16:
        raise Malformed(f"MH01 content of {size} bytes, {data.size - MH01_HEADER} there")
    salt, first = data.read_at(start - 8, 8), data.read_at(start, 16)
    structure = (Span(0, start),)
    for password in MODEL_PASSWORDS:
        decrypt = aes_cbc(derive(password, salt, sha256, 16), vector)
        if decrypt(first).startswith(MH01_MAGIC):
            member = decoded(data, "firmware", Span(start, end), partial(_plain, decrypt))
            return Image(end, (member,), structure, {"encryption": "AES-128-CBC, published passphrase"})
    return Image(end, (locked("firmware", start, end, Encrypted("AES-128-CBC, passphrase not published")),), structure)


def parse_plain_mh01(data: Reader) -> Image:
    """Return what stands behind the header that a decrypted MH01 image has once more."""
    header_at(data, MH01_HEADER, "an MH01 header")
    size = int.from_bytes(data.view_at(0x18, 4), "little")
    if not data.startswith(MH01_MAGIC) or data.startswith(SALTED, MH01_HEADER) or not size:
        raise NotThisFormat("no plain MH01 image")
    if MH01_HEADER + size > data.size:
        raise NotThisFormat("MH01 content does not fit")
    return Image(
        MH01_HEADER + size, (stored(data, "firmware", MH01_HEADER, MH01_HEADER + size),), (Span(0, MH01_HEADER),)
    )


def parse_tlv(data: Reader) -> Image:
    """Return the firmware; an encrypted one is decrypted with the key that model and board name give."""
    header_at(data, TLV.size, "a D-Link TLV header")
    magic, model, board, _, digest, kind, size = data.unpack_at(0, TLV)
    if magic != TLV_MAGIC or kind != TLV_DATA or not text(model) or not text(board) or not size:
        raise NotThisFormat("no D-Link TLV header")
    end = TLV.size + size
    if end > data.size:
        raise Malformed(f"D-Link TLV image of {size} bytes, {data.size - TLV.size} there")
    properties = {"model": text(model), "board": text(board), "md5": text(digest)}
    structure = (Span(0, TLV.size),)
    if not data.startswith(SALTED, TLV.size):
        return Image(end, (stored(data, "firmware", TLV.size, end),), structure, properties)
    secret = hmac.new(board.split(b"\0")[0], model.split(b"\0")[0], sha1).hexdigest().encode()
    material = derive(secret, data.read_at(TLV.size + 8, 8), md5, 48)
    decrypt = aes_cbc(material[:32], material[32:])
    start = TLV.size + SALT_END
    member = decoded(data, "firmware", Span(start, end), partial(_plain, decrypt))
    properties["encryption"] = "AES-256-CBC, key from the names of model and board"
    return Image(end, (member,), (Span(0, start),), properties)


def parse_salted(data: Reader) -> Image:
    """Return the plain content of an `openssl enc` file of a model whose passphrase is published and fits."""
    offset = 0 if data.startswith(SALTED) else 512
    if not data.startswith(SALTED, offset):
        raise NotThisFormat("no salted file")
    start = offset + SALT_END
    end = start + (data.size - start & ~15)
    proof, salt = data.read_upto(start, PROOF), data.read_upto(offset + 8, 8)
    for password, mark, at in SALTED_PASSWORDS:
        material = derive(password, salt, sha256, 48)
        decrypt = aes_cbc(material[:32], material[32:])
        if decrypt(proof[: len(proof) & ~15])[at : at + len(mark)] == mark:
            member = decoded(data, "firmware", Span(start, end), partial(_plain, decrypt))
            return Image(end, (member,), (Span(0, start),), {"encryption": "AES-256-CBC, published passphrase"})
    raise NotThisFormat("no published passphrase fits")


def parse_dlk(data: Reader) -> Image:
    """Return signature and firmware; each block of the firmware has a vector and padding of its own."""
    header_at(data, DLK_HEADER, "a DLK header")
    if not data.startswith(DLK_MAGIC):
        raise NotThisFormat("no DLK header")
    second = DLK_HEADER + int.from_bytes(data.view_at(0x2C, 4), "little")
    if second + DLK_HEADER > data.size or not data.startswith(DLK_MAGIC, second):
        raise NotThisFormat("DLK image without its second header")
    block = int.from_bytes(data.view_at(second + 0x10, 4), "little") + DLK_MORE
    start = second + DLK_HEADER
    end = start + int.from_bytes(data.view_at(second + 0x2C, 4), "little")
    if end > data.size or end <= start or block % 16:
        raise Malformed(f"DLK content up to {end:#x}, {data.size:#x} there")
    members = [stored(data, "signature", DLK_HEADER, second), _dlk_firmware(data, Span(start, end), block)]
    return Image(end, tuple(members), (Span(0, DLK_HEADER), Span(second, start)))


def _dlk_firmware(data: Reader, extent: Span, block: int) -> Member:
    first = data.read_at(extent.start, min(block, len(extent)))
    for password in MODEL_PASSWORDS:
        try:
            next(_dlk_blocks(first, block, password))
        except (FormatError, StopIteration):
            continue
        return _dlk_member(data, extent, block, password)
    return locked("firmware", extent.start, extent.end, Encrypted("AES-256-CBC, key of the model not published"))


def _dlk_blocks(raw: bytes, block: int, password: bytes) -> Iterator[bytes]:
    for at in range(0, len(raw), block):
        piece = raw[at : at + block]
        if len(piece) < 32 or len(piece) % 16:
            raise Malformed("DLK block without content")
        yield _unpad(aes_cbc(password, piece[:16])(piece[16:]))


def _dlk_member(data: Reader, extent: Span, block: int, password: bytes) -> Member:
    def open_firmware(limit: int) -> Reader:
        if len(extent) > limit:
            raise LimitReached(f"{len(extent)} bytes, {limit} allowed")
        raw = data.read_at(extent.start, len(extent))
        return BufferReader(b"".join(_dlk_blocks(raw, block, password)))

    return Member("firmware", open=open_firmware, extents=(extent,))
