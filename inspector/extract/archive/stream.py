"""The shared body of extractors for a single compressed stream: one member, the decoded content."""

from abc import abstractmethod
from typing import ClassVar

from inspector.errors import Malformed
from inspector.extract.base import Extractor
from inspector.formats.layout import Contents, Member
from inspector.formats.reader import Reader, Span
from inspector.formats.streams import Codec, decode, span_of

CONTENT = "content"
"""Name of the one member of a stream that carries none."""


class StreamExtractor(Extractor):
    """A codec as a container. Subclasses give the codec, a check of the header and, where cheap, the extent."""

    CODEC: ClassVar[Codec]

    @abstractmethod
    def check(self, data: Reader, offset: int) -> None:
        """Raise `NotThisFormat` unless the header at `offset` holds."""

    def ends_with_data(self, data: Reader, offset: int) -> bool:
        """Tell whether the stream provably reaches to the end of `data`, so that nothing needs decoding."""
        return False

    def name(self, data: Reader) -> str:
        """Return the name of the content."""
        return CONTENT

    def length(self, data: Reader, offset: int) -> int:
        """Return the stored length; by decoding, unless a subclass knows better. Raises `Malformed`."""
        return span_of(type(self).CODEC, data, offset)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent of the stream; one that is cut off reaches to the end of the data."""
        self.check(data, offset)
        if self.ends_with_data(data, offset):
            return Span(offset, data.size)
        try:
            length = self.length(data, offset)
        except Malformed:
            length = span_of(type(self).CODEC, data, offset)
        return Span(offset, offset + length)

    def unpack(self, data: Reader) -> Contents:
        """Return the one member; it covers header and trailer, which hold nothing else."""
        codec = type(self).CODEC
        member = Member(
            self.name(data), open=lambda limit: decode(codec, data, 0, limit), extents=(Span(0, data.size),)
        )
        return Contents((member,))
