"""The common shape of images and wrappers: a header that says where their parts are, how long it is, and what it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from struct import Struct
from typing import Final
from zlib import crc32

from inspector.errors import LimitReached, Malformed, NotThisFormat
from inspector.formats.layout import Contents, Member, Opener
from inspector.formats.reader import BufferReader, Reader, Span


@dataclass(frozen=True, slots=True)
class Image:
    """A wrapper taken apart; offsets are relative to its first byte."""

    size: int
    """Extent of the whole image in bytes, header and padding of its own included."""
    members: tuple[Member, ...] = ()
    structure: tuple[Span, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    damage: str = ""
    """Why members may be missing that nobody can name: becomes a gap."""

    def contents(self) -> Contents:
        """Return the same as the contract of an extractor wants it."""
        return Contents(self.members, lambda: self.structure, dict(self.properties), self.notes, self.damage)


def stored(
    data: Reader,
    path: str,
    start: int,
    end: int,
    *,
    hint: str = "",
    notes: tuple[str, ...] = (),
) -> Member:
    """Return a member whose bytes stand plainly in `data[start:end]`; `Malformed` where they do not fit."""
    if not 0 <= start <= end <= data.size:
        raise Malformed(f"{path} wants {start:#x}..{end:#x} of {data.size:#x} bytes")
    return Member(
        path, open=slicer(data, start, end), extents=(Span(start, end),), size=end - start, format=hint, notes=notes
    )


def slicer(data: Reader, start: int, end: int) -> Opener:
    """Return an opener of `data[start:end]`: nothing is decoded, but the allowance still holds."""

    def open_slice(limit: int) -> Reader:
        if end - start > limit:
            raise LimitReached(f"{end - start} bytes, {limit} allowed")
        return data.slice(start, end)

    return open_slice


def locked(path: str, start: int, end: int, problem: Exception) -> Member:
    """Return a member whose bytes cannot be read; `problem` (a `FormatError`) becomes a gap over them."""
    return Member(path, extents=(Span(start, end),), size=end - start, problem=problem)


def header_at(data: Reader, length: int, what: str) -> memoryview:
    """Return the first `length` bytes; `NotThisFormat` where there are fewer, for no header then fits."""
    if data.size < length:
        raise NotThisFormat(f"too short for {what}")
    return data.view_at(0, length)


def text(raw: bytes | memoryview) -> str:
    """Return a fixed-width header field up to its first NUL, as ASCII; the rest as hexadecimal escapes."""
    return bytes(raw).split(b"\0", 1)[0].decode("ascii", "backslashreplace").strip()


_CODECS: Final = (
    (b"\x1f\x8b\x08", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x89LZO\0", "lzo"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"\x02\x21\x4c\x18", "lz4"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
_LZMA: Final = Struct("<BIQ")


def codec_at(data: Reader, offset: int) -> str:
    """Return the compression that begins at `offset`, or nothing; lzma-alone has no magic and is told by its fields."""
    head = data.read_upto(offset, _LZMA.size)
    for magic, codec in _CODECS:
        if head.startswith(magic):
            return "" if codec == "xz" and crc32(head[6:8]).to_bytes(4, "little") != head[8:12] else codec
    if len(head) < _LZMA.size:
        return ""
    properties, dictionary, size = _LZMA.unpack(head)
    plausible = properties in (0x5D, 0x6D, 0x5E, 0x6C, 0x51) and dictionary and dictionary & 0xFFF == 0
    return "lzma" if plausible and (size == (1 << 64) - 1 or size < 1 << 32) else ""


def decoded(
    data: Reader, path: str, extent: Span, decode: Callable[[bytes], bytes], *, hint: str = "", size: int = -1
) -> Member:
    """Return a member whose stored bytes go through `decode` when it is opened; it must not make them longer."""

    def open_decoded(limit: int) -> Reader:
        if len(extent) > limit:
            raise LimitReached(f"{len(extent)} bytes, {limit} allowed")
        return BufferReader(decode(data.read_at(extent.start, len(extent))))

    return Member(path, open=open_decoded, extents=(extent,), size=size, format=hint)


def aes_cbc(key: bytes, vector: bytes) -> Callable[[bytes], bytes]:
    """Return a decoder of AES-CBC without padding; `Malformed` where the bytes are no whole blocks."""

    def decrypt(raw: bytes) -> bytes:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        if len(raw) % 16:
            raise Malformed("AES content is no multiple of 16 bytes")
        decryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
        return decryptor.update(raw) + decryptor.finalize()

    return decrypt
