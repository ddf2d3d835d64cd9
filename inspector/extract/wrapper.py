"""Adapter of every parser that returns an `Image`: the parser's checks are the measurement."""

from abc import abstractmethod

from inspector.extract.base import Extractor
from inspector.formats.image import Image
from inspector.formats.layout import Contents
from inspector.formats.reader import Reader, Span


class Wrapper(Extractor):
    """Base of the extractors of images; a subclass states `INFO`, `MAGIC` and `parse`."""

    @staticmethod
    @abstractmethod
    def parse(data: Reader) -> Image:
        """Return the image that starts at the first byte of `data`, which may run on behind it."""

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent that the header states, once the parser's checks hold."""
        return Span(offset, offset + self.parse(data.slice(offset)).size)

    def unpack(self, data: Reader) -> Contents:
        """Return the parts of the image, in the order of the header."""
        return self.parse(data).contents()
