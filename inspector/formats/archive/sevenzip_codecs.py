"""The coders a 7z block may be run through.

Format: Methods.txt of the LZMA SDK (public domain); for Brotli and LZ4, 7-Zip ZS.
"""

import lzma
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from inspector.errors import Encrypted, FormatError, Malformed, Unsupported
from inspector.formats.archive import brotli, bzip2, lz4, lzma_alone, zstd
from inspector.formats.codec import bcj2, branchfilters, deflate64, ppmd
from inspector.formats.codec.streams import Codec, Decoded, Filter, collect, inflate, lzma2_dictionary, raw_lzma
from inspector.formats.reader import BufferReader, MappedReader, Piece, Reader

COPY: Final = b"\x00"
LZMA: Final = b"\x03\x01\x01"
LZMA2: Final = b"\x21"
DELTA: Final = b"\x03"
BRANCH_FILTERS: Final = {
    b"\x04": lzma.FILTER_X86, b"\x03\x03\x01\x03": lzma.FILTER_X86,
    b"\x05": lzma.FILTER_POWERPC, b"\x03\x03\x02\x05": lzma.FILTER_POWERPC,
    b"\x06": lzma.FILTER_IA64, b"\x03\x03\x04\x01": lzma.FILTER_IA64,
    b"\x07": lzma.FILTER_ARM, b"\x03\x03\x05\x01": lzma.FILTER_ARM,
    b"\x08": lzma.FILTER_ARMTHUMB, b"\x03\x03\x07\x01": lzma.FILTER_ARMTHUMB,
    b"\x09": lzma.FILTER_SPARC, b"\x03\x03\x08\x05": lzma.FILTER_SPARC,
}  # fmt: skip
STREAMS: Final[dict[bytes, Codec]] = {
    b"\x04\x01\x08": inflate,
    b"\x04\x01\x09": deflate64.decompress,
    b"\x04\x02\x02": bzip2.decompress,
    b"\x04\xf7\x11\x01": zstd.decompress,
    b"\x04\xf7\x11\x02": brotli.decompress_frames,
    b"\x04\xf7\x11\x04": lz4.decompress,
}
NAMED: Final = {
    b"\x0b": "RISC-V filter",
    b"\x04\xf7\x11\x05": "LZ5",
    b"\x04\xf7\x11\x06": "Lizard",
}
OWN_FILTERS: Final[dict[bytes, Callable[[Reader, bytes], bytes]]] = {
    b"\x0a": lambda data, properties: branchfilters.arm64(data.all(), int.from_bytes(properties[:4], "little")),
    b"\x02\x03\x02": lambda data, _: branchfilters.swapped(data.all(), 2),
    b"\x02\x03\x04": lambda data, _: branchfilters.swapped(data.all(), 4),
}
PPMD: Final = b"\x03\x04\x01"
BCJ2: Final = b"\x03\x03\x01\x1b"
AES: Final = b"\x06\xf1\x07\x01"
MAX_DICTIONARY: Final = 1 << 28
CHUNK: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Coder:
    """One coder by its method number and properties."""

    method: bytes
    properties: bytes = b""

    def decode(self, data: Reader, size: int) -> Reader:
        """Return `size` decoded bytes, fewer with `damage` set; the caller has checked `size` against its limit."""
        if self.method == COPY:
            return data.slice(0, min(size, data.size))
        if self.method in OWN_FILTERS:
            return BufferReader(OWN_FILTERS[self.method](data, self.properties)[:size])
        return self._collect(data, size).reader()

    def join(self, streams: Sequence[Reader], size: int) -> Reader:
        """Return `size` bytes put together from the four streams of BCJ2; `Malformed` where they do not fit."""
        if self.method != BCJ2 or len(streams) != bcj2.STREAMS:
            raise Unsupported("7z block of several streams")
        main, calls, jumps, choices = (bytes(stream.all()) for stream in streams)
        return BufferReader(bcj2.decode(main, calls, jumps, choices, size))

    def _collect(self, data: Reader, size: int) -> Decoded:
        if self.method == LZMA:
            if len(self.properties) < 5:
                raise Malformed("7z LZMA coder without properties")
            header = self.properties[:5] + size.to_bytes(8, "little")
            whole = MappedReader([Piece(13, BufferReader(header)), Piece(data.size, data)])
            return collect(lzma_alone.decompress_standard, whole, 0, size)
        if self.method == LZMA2:
            dictionary = max(min(_lzma2_dictionary(self.properties), MAX_DICTIONARY, size), 1 << 12)
            return _run([{"id": lzma.FILTER_LZMA2, "dict_size": dictionary}], data, size)
        if self.method == DELTA:
            distance = (self.properties or b"\0")[0] + 1
            return _filter({"id": lzma.FILTER_DELTA, "dist": distance}, data, size)
        if self.method == PPMD:
            return ppmd.decode(data, self.properties, size)
        if self.method in BRANCH_FILTERS:
            return _filter({"id": BRANCH_FILTERS[self.method]}, data, size)
        return collect(STREAMS[self.method], data, 0, size)


def _lzma2_dictionary(properties: bytes) -> int:
    code = properties[0] if properties else 0
    if code > 40:
        raise Malformed("7z LZMA2 coder with an impossible dictionary")
    return lzma2_dictionary(code)


def _run(filters: Sequence[Filter], data: Reader, size: int) -> Decoded:
    return collect(partial(raw_lzma, filters), data, 0, size)


def _filter(wanted: Filter, data: Reader, size: int) -> Decoded:
    """Run a filter alone: liblzma wants a compressor behind it, so the bytes go in as stored LZMA2 chunks."""
    stored = bytearray()
    for offset in range(0, data.size, CHUNK):
        piece = data.view_at(offset, min(CHUNK, data.size - offset))
        stored += (b"\x02" if offset else b"\x01") + (len(piece) - 1).to_bytes(2) + piece
    stored += b"\0"
    lzma2 = {"id": lzma.FILTER_LZMA2, "dict_size": 1 << 16}
    return _run([wanted, lzma2], BufferReader(stored), size)


def unreadable(coders: Sequence[Coder]) -> FormatError | None:
    """Return why these coders cannot be run, or None where they can."""
    if any(coder.method == AES for coder in coders):
        return Encrypted("7z AES-256")
    known = {COPY, LZMA, LZMA2, PPMD, DELTA, BCJ2, *BRANCH_FILTERS, *OWN_FILTERS, *STREAMS}
    for coder in coders:
        if coder.method not in known:
            return Unsupported(f"7z coder {NAMED.get(coder.method, coder.method.hex())}")
    return None


def branched() -> FormatError:
    """Return the problem of known coders that form no single chain."""
    return Unsupported("7z block of several streams")
