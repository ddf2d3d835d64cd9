"""D-Link images: SHRS and encrpted_img (AES with published keys), Alpha Networks' encrypted images, DEAFBEAD, FPKG.

Format: OpenWrt firmware-utils `dlink-sge-image` (SHRS layout); ONEKEY, "Extracting decryption keys of D-Link"
(encrpted_img); devttys0/delink `encimg` (Alpha Networks); unblob `handlers/archive/dlink` (field order).
Limits: Alpha images of models whose key is not published are named, not read; signatures are not verified.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha512
from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.image import Image, aes_cbc, decoded, header_at, stored
from inspector.formats.layout import Member
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span

SHRS: Final = Struct(">4sII16s64s64s64s")
SHRS_MAGIC: Final = b"SHRS"
SHRS_HEADER: Final = 0x6DC
SHRS_KEY: Final = bytes.fromhex("c05fbf1936c99429ce2a0781f08d6ad8")
ENCRPTED_MAGIC: Final = b"encrpted_img"
ENCRPTED_KEY: Final = b"he9-4+M!)d6=m~we1,q2a3d1n&2*Z^%8"
ENCRPTED_VECTOR: Final = b"J%1iQl8$=lm-;8AE"
ERASE_BLOCK: Final = 0x20000
UBI_HEAD: Final = b"UBI#\1" + bytes(11)
ALPHA_HEADER: Final = 0x80
SEAMA_MAGIC: Final = b"\x5e\xa3\xa4\x17"
DEAFBEAD_MAGIC: Final = b"\xde\xaf\xbe\xad"
DIRECTORY, FILE = 0x86, 0x87
PACKAGE_MAGICS: Final = (b"FPKG", b"CPKG")
ENTRY: Final = Struct(">IHHI16s")
ENTRY_KINDS: Final = range(0x100, 0x104)
MOST_ENTRIES: Final = 10_000


@dataclass(frozen=True, slots=True)
class AlphaModel:
    """Key and vector of one model, as its firmware holds them: mixed with the model's signature before use."""

    signature: bytes
    key: bytes
    vector: bytes

    def decoder(self) -> Callable[[bytes], bytes]:
        """Return the decoder with key and vector unmixed."""
        return aes_cbc(self._mix(self.key), self._mix(self.vector))

    def _mix(self, raw: bytes) -> bytes:
        mark = self.signature
        return bytes(byte ^ ((index + 1) % 0xFC) ^ mark[index % len(mark)] for index, byte in enumerate(raw))


ALPHA_MODELS: Final = {
    bytes.fromhex(start): AlphaModel(signature, key, vector)
    for start, signature, key, vector in (
        ("35666f68", b"wapac25_dlink.2015_dap1665", b"EfCHXytwsC6F0zsedwZc+9vDbCjE3ge4", b"ggPy917jwESpnfXm"),
        ("6801ccfb", b"wapac28_dlink.2015_dap1720", b"qBiz6o/1RVQTtJBd3FS7FDbqogE8yoBm", b"EfDMqWWxHCOhEqgY"),
        ("df8c390d", b"wrgac43s_dlink.2015_dir822c1", b"KNpsEntCcsep1jdFIs3wnXySKRGNCGmf", b"uph587JdKHrtAUlr"),
        ("f52aa0b4", b"wrgac65_dlink.2015_dir842", b"xQYoRZeD726UAbRb846kO7TeNw8eZa6u", b"zufEbNF3kUafxFiE"),
        ("21ddda00", b"wrgac65_dlink.2015_dir842EU", b"xQYoRZeD726UAbRb846kO7TeNw8eZa6u", b"zufEbNF3kUafxFiE"),
        ("e313005b", b"wrgac05_dlob.hans_dir850l", b"BIuS1CVMEQG+0pUeE99jnR+vLlLd9unr", b"f3+odwHhmJL1ceW1"),
        ("0a14e424", b"wrgac25_dlink.2013gui_dir850l", b"qQehHMEmEPQ5izL+cabn8bNHZXHjkp6W", b"Mmb+IKQgnO8OuF4b"),
        ("4c1b95af", b"wrgac37_dlink.2013gui_dir859", b"KY0H9R2PDL3eu1J4uCVd1CK7BJ7vF1kc", b"qbStAzIRvWeQHz5U"),
    )
}
"""By the first four bytes of the encrypted image."""


def parse_shrs(data: Reader) -> Image:
    """Return the decrypted firmware; the SHA-512 of the encrypted bytes validates the extent."""
    header_at(data, SHRS_HEADER, "an SHRS header")
    magic, size, packed, vector, _, _, digest = data.unpack_at(0, SHRS)
    if magic != SHRS_MAGIC or packed % 16 or not 0 < size <= packed:
        raise NotThisFormat("no SHRS header")
    end = SHRS_HEADER + packed
    if end > data.size:
        raise Malformed(f"SHRS image of {end} bytes, {data.size} there")
    right = sha512(data.view_at(SHRS_HEADER, packed)).digest() == digest
    decrypt = aes_cbc(SHRS_KEY, vector)
    member = decoded(data, "firmware", Span(SHRS_HEADER, end), lambda raw: decrypt(raw)[:size], size=size)
    notes = () if right else ("digest of the encrypted content differs",)
    return Image(end, (member,), (Span(0, SHRS_HEADER),), {"encryption": "AES-128-CBC, published key"}, notes)


def parse_encrpted(data: Reader) -> Image:
    """Return the decrypted UBI image; each erase block is encrypted for itself."""
    header_at(data, 16, "an encrpted_img header")
    size = int.from_bytes(data.view_at(12, 4), "big")
    if not data.startswith(ENCRPTED_MAGIC) or size < 16:
        raise NotThisFormat("no encrpted_img header")
    end = 16 + size
    if end > data.size:
        raise Malformed(f"encrpted_img of {size} bytes, {data.size - 16} there")
    member = decoded(data, "firmware", Span(16, end), _decrypt_blocks, size=size)
    return Image(end, (member,), (Span(0, 16),), {"encryption": "AES-256-CBC, published key"})


def _decrypt_blocks(raw: bytes) -> bytes:
    decrypt = aes_cbc(ENCRPTED_KEY, ENCRPTED_VECTOR)
    blocks = [decrypt(raw[at : at + ERASE_BLOCK]) for at in range(0, len(raw), ERASE_BLOCK)]
    # Not every packer resets the vector; the first 16 bytes, which only name the UBI version, are then put back.
    return b"".join(block if block.startswith(b"UBI#") else UBI_HEAD + block[16:] for block in blocks)


def parse_alpha(data: Reader) -> Image:
    """Return the decrypted SEAMA image of a model whose key is published; its own header proves the key."""
    model = ALPHA_MODELS.get(bytes(header_at(data, ALPHA_HEADER, "an encrypted Alpha image")[:4]))
    if model is None:
        raise NotThisFormat("no encrypted Alpha image of a known model")
    decrypt = model.decoder()
    head = decrypt(data.read_at(0, ALPHA_HEADER))
    mark = b"signature=" + model.signature
    if not head.startswith(SEAMA_MAGIC) or mark not in head:
        raise NotThisFormat("key of the model does not fit")
    end = data.size & ~15
    member = decoded(data, "firmware", Span(0, end), decrypt, hint="seama", size=end)
    return Image(
        end, (member,), (), {"model": decode_name(model.signature), "encryption": "AES-256-CBC, published key"}
    )


def parse_deafbead(data: Reader) -> Image:
    """Return the gzipped files of a DEAFBEAD archive; directories are only recorded as structure."""
    if not data.startswith(DEAFBEAD_MAGIC):
        raise NotThisFormat("no DEAFBEAD archive")
    offset, members, structure = 4, list[Member](), [Span(0, 4)]
    while offset + 3 <= data.size and len(structure) < MOST_ENTRIES:
        kind, length = data.unpack_at(offset, Struct("<BH"))
        if kind not in (DIRECTORY, FILE):
            break
        name_end = offset + 3 + length
        if not length or name_end + 4 * (kind == FILE) > data.size:
            raise NotThisFormat("DEAFBEAD entry without a name")
        if kind == DIRECTORY:
            structure.append(Span(offset, name_end))
            offset = name_end
            continue
        size = int.from_bytes(data.view_at(name_end, 4), "little")
        path = decode_name(data.read_at(offset + 3, length)).replace("\\", "/")
        structure.append(Span(offset, name_end + 4))
        members.append(stored(data, path, name_end + 4, name_end + 4 + size, hint="gzip"))
        offset = name_end + 4 + size
    if not members:
        raise NotThisFormat("DEAFBEAD archive without files")
    return Image(offset, tuple(members), tuple(structure))


def parse_fpkg(data: Reader) -> Image:
    """Return the files of a FPKG or CPKG archive, checksums and signatures among them."""
    header_at(data, 12, "an FPKG archive")
    magic, version, first = data.unpack_at(0, Struct(">4sII"))
    if magic not in PACKAGE_MAGICS or version != 0x01000000 or not 12 <= first <= 0x1000:
        raise NotThisFormat("no FPKG archive")
    members = tuple(_fpkg_entries(data, first))
    if not members:
        raise NotThisFormat("FPKG archive without entries")
    end = members[-1].extents[0].end
    heads = (Span(m.extents[0].start - ENTRY.size, m.extents[0].start) for m in members)
    return Image(end, members, (Span(0, first), *heads), {"kind": magic.decode()})


def _fpkg_entries(data: Reader, offset: int) -> Iterator[Member]:
    for _ in range(MOST_ENTRIES):
        if offset + ENTRY.size > data.size:
            return
        length, kind, _, size, name = data.unpack_at(offset, ENTRY)
        if length != ENTRY.size or kind not in ENTRY_KINDS:
            return
        start = offset + ENTRY.size
        yield stored(data, decode_name(name.split(b"\0")[0]).strip(), start, start + size)
        offset = start + size
