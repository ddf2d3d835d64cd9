"""TP-Link encrypted settings (`model.conf`, `config.bin`): DES with one key for all models, checked by an MD5 sum.

Format: DES-ECB with the key that many public tools name (478DA50BF9E3D2CF). In firmware the MD5 sum of the plain text
stands plainly before the encrypted text (checked on a WR940N v6); in backups it is encrypted too.
Limits: backups of models that compress the text before are handed over compressed.
"""

from hashlib import md5
from typing import Final

from inspector.errors import LimitReached, NotThisFormat
from inspector.formats.image import Image
from inspector.formats.layout import Member
from inspector.formats.reader import BufferReader, Reader, Span

KEY: Final = bytes.fromhex("478da50bf9e3d2cf")
DIGEST: Final = 16
BLOCK: Final = 8
SMALLEST, LARGEST = 64, 1 << 20
TEXT: Final = frozenset({9, 10, 13, *range(32, 127)})
PROBE: Final = 48
MOST_ZEROS: Final = 8
"""Zero bytes that encrypted text may begin with; tables and pictures have more and are refused without decryption."""


def parse_tplink_config(data: Reader) -> Image:
    """Return the settings as text; only the MD5 sum makes it this format, for there is no magic."""
    if not SMALLEST <= data.size <= LARGEST or data.size % BLOCK:
        raise NotThisFormat("no size of encrypted TP-Link settings")
    head = data.read_at(0, PROBE)
    if head.count(0) > MOST_ZEROS or TEXT.issuperset(head) or not TEXT.issuperset(_des(head)[DIGEST:]):
        raise NotThisFormat("no TP-Link settings behind the encryption")
    raw = data.read_at(0, data.size)
    plain = _des(raw)
    content = plain[DIGEST:]
    if md5(content, usedforsecurity=False).digest() not in (raw[:DIGEST], plain[:DIGEST]):
        raise NotThisFormat("MD5 sum of the settings differs")

    def open_settings(limit: int) -> Reader:
        if len(content) > limit:
            raise LimitReached(f"{len(content)} bytes, {limit} allowed")
        return BufferReader(content)

    extent = Span(DIGEST, data.size)
    member = Member("settings.conf", open=open_settings, extents=(extent,), size=len(content), format="config")
    return Image(data.size, (member,), (Span(0, DIGEST),), {"encryption": "DES-ECB, published key"})


def _des(raw: bytes) -> bytes:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
    from cryptography.hazmat.primitives.ciphers import Cipher, modes

    # One key three times over is single DES. The vendor chose it; here it only reads what is published.
    return Cipher(TripleDES(KEY * 3), modes.ECB()).decryptor().update(raw)  # noqa: S305
