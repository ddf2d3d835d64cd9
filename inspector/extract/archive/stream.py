"""The shared body of extractors for a single compressed stream: one member, the decoded content."""

from abc import abstractmethod

from inspector.errors import Malformed
from inspector.extract.base import Extractor
from inspector.formats.codec.streams import STEP, Stream, decode, span_of
from inspector.formats.layout import Contents, Member
from inspector.formats.reader import Reader, Span

CONTENT = "content"
"""Name of the one member of a stream that carries none."""


class StreamExtractor(Extractor):
    """A codec as a container. Subclasses give the codec, a check of the header and, where cheap, the extent."""

    @abstractmethod
    def check(self, data: Reader, offset: int) -> None:
        """Raise `NotThisFormat` unless the header at `offset` holds."""

    @abstractmethod
    def codec(self, data: Reader, offset: int, step: int = STEP) -> Stream:
        """Decode the stream at `offset` in pieces of at most `step` bytes."""

    def length(self, data: Reader, offset: int) -> int:
        """Return the stored length; by decoding, unless a subclass knows better. Raises `Malformed`."""
        return span_of(self.codec, data, offset)

    def name(self, data: Reader) -> str:  # noqa: ARG002 - subclasses read it from the header
        """Return the name of the content."""
        return CONTENT

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent of the stream; one that is cut off reaches to the end of the data."""
        self.check(data, offset)
        try:
            length = self.length(data, offset)
        except Malformed:
            length = span_of(self.codec, data, offset)
        return Span(offset, offset + length)

    def unpack(self, data: Reader) -> Contents:
        """Return the one member; it covers header and trailer, which hold nothing else."""
        name = self.name(data)
        whole = (Span(0, data.size),)
        return Contents((Member(name, open=lambda limit: decode(self.codec, data, 0, limit), extents=whole),))
