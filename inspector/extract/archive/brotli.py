"""Adapter for brotli, told by name."""

from contextlib import suppress

from inspector.errors import Malformed, NotThisFormat, Unsupported
from inspector.extract.archive.stream import StreamExtractor
from inspector.extract.base import ExtractorInfo, Family, Grade
from inspector.formats.archive import brotli
from inspector.formats.codec.streams import STEP, Stream
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span

PROBE = 1 << 12


class Brotli(StreamExtractor):
    """brotli as a container of one member."""

    INFO = ExtractorInfo(
        name="brotli",
        title="brotli stream",
        family=Family.ARCHIVE,
        grade=Grade.FULL,
        summary="Web pages of devices, Android updates (system.new.dat.br).",
        references=("RFC 7932",),
        limitations=(
            "Told by a file name that ends in .br only: the format has no magic.",
            "Streams with a large window, which RFC 7932 does not know, are named, not read.",
        ),
        tested="original packer: brotli",
        remedy="brotli -d --large_window=30",
    )
    MAGIC = ()
    NAMES = (".br",)

    def check(self, data: Reader, offset: int) -> None:
        """Raise `NotThisFormat` away from the start, or where the stream does not begin to decode."""
        if offset:
            raise NotThisFormat("brotli is told by the name of a file")
        with suppress(NotThisFormat):
            brotli.large_window(data, 0)
            return
        try:
            next(brotli.decompress(data, 0, PROBE))
        except (StopIteration, Malformed) as error:
            raise NotThisFormat("no brotli stream") from error

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the whole file: the stream is decoded when it is read."""
        self.check(data, offset)
        return Span(offset, data.size)

    def unpack(self, data: Reader) -> Contents:
        """Return the one member. Raises `Unsupported` for a stream with a large window."""
        with suppress(NotThisFormat):
            bits = brotli.large_window(data, 0)
            raise Unsupported(f"large window of {bits} bits")
        return super().unpack(data)

    def codec(self, data: Reader, offset: int, step: int = STEP) -> Stream:
        """Decode the stream at `offset`."""
        return brotli.decompress(data, offset, step)
