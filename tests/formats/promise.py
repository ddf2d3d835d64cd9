"""What the tests of containers and codecs share: reading everything, and the promise every parser gives."""

import subprocess

from inspector.errors import FormatError
from inspector.extract.base import Extractor
from inspector.formats.layout import Member
from inspector.formats.reader import BufferReader

LIMIT = 1 << 26


def run(*command: str, data: bytes = b"", **kwargs) -> bytes:
    return subprocess.run(command, input=data, check=True, capture_output=True, **kwargs).stdout


def content(member: Member, limit: int = LIMIT) -> bytes:
    return bytes(member.open(limit).all())


def unpack(extractor: Extractor, blob: bytes, offset: int = 0):
    reader = BufferReader(blob)
    span = extractor.measure(reader, offset)
    assert offset <= span.start < span.end <= len(blob)
    contents = extractor.unpack(reader.slice(span.start, span.end))
    return span, contents, list(contents.members)


def files(extractor: Extractor, blob: bytes) -> dict[str, bytes]:
    return {m.path: content(m) for m in unpack(extractor, blob)[2] if m.open}


def keeps_its_promise(extractor: Extractor, blob: bytes, limit: int = 1 << 20) -> None:
    """Any bytes: values or a FormatError; extents and structure inside; nothing past the limit."""
    try:
        span, contents, members = unpack(extractor, blob)
    except FormatError:
        return
    for member in members:
        assert all(0 <= part.start <= part.end <= len(span) for part in member.extents)
        if member.open is None:
            continue
        try:
            reader = member.open(limit)
            reader.read_upto(0, 4096)
        except FormatError:
            continue
    assert all(0 <= part.start <= part.end <= len(span) for part in contents.structure())


def every_prefix(extractor: Extractor, blob: bytes, most: int = 400) -> None:
    for end in range(0, len(blob), max(1, len(blob) // most)):
        keeps_its_promise(extractor, blob[:end])


def every_flip(extractor: Extractor, blob: bytes, most: int = 400) -> None:
    for at in range(0, len(blob), max(1, len(blob) // most)):
        for value in (0x00, 0xFF, blob[at] ^ 0x41):
            keeps_its_promise(extractor, blob[:at] + bytes([value]) + blob[at + 1 :])
