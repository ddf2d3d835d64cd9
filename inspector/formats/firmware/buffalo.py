"""Buffalo encrypted images: RC4 with a published key and a seed byte, for product name, version and firmware in turn.

Format: OpenWrt firmware-utils `buffalo-enc` (field order, chain of seeds).
Limits: the closing checksum is not verified: readable product and version prove the key. Images made with the
long state of the cipher, whose size is that of the content, are named, not decrypted.
"""

from struct import Struct
from typing import Final

from inspector.errors import Encrypted, Malformed, NotThisFormat
from inspector.formats.image import Image, decoded, header_at, locked
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span

MAGICS: Final = (b"start\0", b"asar1\0")
KEY: Final = b"Buffalo"
OUTER_MAGIC: Final = b"bgn\0"
OUTER_HEADER: Final = 208
LONGEST_TEXT: Final = 32
WORD: Final = Struct(">I")


def decrypt(raw: bytes, seed: int) -> bytes:
    """Return `raw` under RC4 with the published key behind `seed`."""
    from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
    from cryptography.hazmat.primitives.ciphers import Cipher

    return Cipher(ARC4(bytes([seed]) + KEY), mode=None).decryptor().update(raw)


def parse_buffalo(data: Reader) -> Image:
    """Return the decrypted firmware; an outer header of 208 bytes may stand before the image."""
    base = OUTER_HEADER if data.startswith(OUTER_MAGIC) else 0
    if not any(data.startswith(magic, base) for magic in MAGICS):
        raise NotThisFormat("no Buffalo image")
    header_at(data, base + 7, "a Buffalo image")
    seed, offset = data.view_at(base + 6, 1)[0], base + 7
    texts = []
    for _ in range(2):
        raw, offset = _text(data, offset)
        texts.append(decrypt(raw, seed))
        seed = raw[0]
    (size,) = data.unpack_at(offset, WORD)
    start = offset + WORD.size
    end = start + size
    if not size or end + WORD.size > data.size:
        raise Malformed(f"Buffalo image of {size} bytes, {data.size - start} there")
    whole = min(data.size, end + WORD.size + -(end + WORD.size) % 4)
    structure = (Span(0, start), Span(end, whole))
    if not all(plain.endswith(b"\0") and plain[:-1].isascii() and plain[:-1].isalnum() for plain in _words(texts)):
        problem = Encrypted("RC4 of Buffalo with the long state or another key")
        return Image(whole, (locked("firmware", start, end, problem),), structure)
    member = decoded(data, "firmware", Span(start, end), lambda raw: decrypt(raw, seed), size=size)
    properties = {
        "product": decode_name(texts[0].rstrip(b"\0")),
        "version": decode_name(texts[1].rstrip(b"\0")),
        "encryption": "RC4, published key",
    }
    return Image(whole, (member,), structure, properties)


def _text(data: Reader, offset: int) -> tuple[bytes, int]:
    (length,) = data.unpack_at(offset, WORD)
    if not 2 <= length <= LONGEST_TEXT:
        raise NotThisFormat("no Buffalo image")
    offset += WORD.size
    return data.read_at(offset, length), offset + length


def _words(texts: list[bytes]) -> list[bytes]:
    """Return the texts without the signs that names and versions hold besides letters and digits."""
    return [plain.translate(None, b"-._ ()/") for plain in texts]
