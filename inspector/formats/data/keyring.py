"""Keyrings of OpenPGP: whole files of keys, the names on them and the signatures that bind both.

Format: RFC 9580, 4.2 (packets), 5.5 (keys), 10.1 (transferable keys).
Limits: told, not read; keyboxes of GnuPG 2.1 (`.kbx`) are another format.
"""

from typing import Final

from inspector.errors import FormatError
from inspector.formats.reader import Reader


def tag_of(code: int) -> int:
    """Return the kind of packet that a first byte states, 0 where it states none."""
    if not code & 0x80:
        return 0
    return code & 0x3F if code & 0x40 else code >> 2 & 15


def body_length(data: Reader, at: int) -> tuple[int, int, bool]:
    """Return where a body begins, how long it is, and whether more of it follows."""
    first = data.view_at(at, 1)[0]
    if first < 192:
        return at + 1, first, False
    if first < 224:
        return at + 2, (first - 192 << 8) + data.view_at(at + 1, 1)[0] + 192, False
    if first == 255:
        return at + 5, int.from_bytes(data.read_at(at + 1, 4), "big"), False
    return at + 1, 1 << (first & 31), True


WIDTHS: Final = (1, 2, 4, 0)
"""Bytes of a length in the old form, by the last two bits of a first byte; 0 for a body that goes on to the end."""
SIGNATURE, SECRET_KEY, PUBLIC_KEY, SECRET_SUBKEY, TRUST, USER, SUBKEY, ATTRIBUTE = 2, 5, 6, 7, 12, 13, 14, 17
KEYS: Final = (SECRET_KEY, PUBLIC_KEY)
SUBKEYS: Final = (SECRET_SUBKEY, SUBKEY)
BESIDE: Final = (SIGNATURE, TRUST, USER, ATTRIBUTE)
STARTS: Final = frozenset(
    code for code in range(0x80, 0x100) if tag_of(code) in KEYS and (code & 0x40 or code & 3 != 3)
)
VERSIONS: Final = (2, 3, 4, 5, 6)
MOST_PACKETS: Final = 1 << 18


def is_keyring(data: Reader) -> bool:
    """Tell whether keys, each followed by what belongs to it, fill the data to its last byte."""
    if data.view_at(0, 1)[0] not in STARTS:
        return False
    at = packets = 0
    try:
        while at < data.size and packets < MOST_PACKETS:
            tag, start, end = _packet(data, at)
            is_key = tag in KEYS or tag in SUBKEYS
            if end > data.size or not (is_key or tag in BESIDE) or (not packets and tag not in KEYS):
                return False
            if (is_key or tag == SIGNATURE) and (end - start < 6 or data.view_at(start, 1)[0] not in VERSIONS):
                return False
            at, packets = end, packets + 1
    except FormatError:
        return False
    return at == data.size and packets > 1


def _packet(data: Reader, at: int) -> tuple[int, int, int]:
    """Return the tag of a packet and where its body starts and ends; tag 0 for lengths that no key has."""
    code = data.view_at(at, 1)[0]
    if not code & 0x40:
        width = WIDTHS[code & 3]
        start = at + 1 + width
        return tag_of(code) if width else 0, start, start + int.from_bytes(data.read_at(at + 1, width), "big")
    start, length, more = body_length(data, at + 1)
    return 0 if more else tag_of(code), start, start + length
