"""OpenPGP messages that are not encrypted: files that were signed, which gpg also compresses, bare or in base64.

Format: RFC 9580, 4.2 (packets), 5.6 (compressed data), 5.9 (literal data), 6.2 (ASCII armor).
Limits: signatures are not verified; what is encrypted is told by `recognised`; of a message in base64 the checksum is
not looked at.
"""

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from inspector.errors import FormatError, LimitReached, Malformed, NotThisFormat
from inspector.formats.archive import bzip2, zlib
from inspector.formats.codec.streams import Codec, decode, inflate
from inspector.formats.data.keyring import WIDTHS, body_length, tag_of
from inspector.formats.image import Image, slicer
from inspector.formats.layout import Member
from inspector.formats.names import decode_name
from inspector.formats.reader import BufferReader, MappedReader, Piece, Reader, Span

SIGNATURE, ONE_PASS, COMPRESSED, MARKER, LITERAL, PADDING = 2, 4, 8, 10, 11, 21
CODECS: Final[dict[int, Codec]] = {1: inflate, 2: zlib.decompress, 3: bzip2.decompress}
UNCOMPRESSED: Final = 0
KINDS: Final = b"btul1m"
"""First byte of literal data: binary, text, UTF-8, local, MIME."""
INSIDE: Final = (SIGNATURE, ONE_PASS, COMPRESSED, MARKER, LITERAL, PADDING)
PROBE: Final = 1 << 10
MOST_PACKETS: Final = 64
MOST_PIECES: Final = 1 << 20
ARMOR: Final = re.compile(rb"-----BEGIN PGP MESSAGE-----[ \t]*\r?\n(?:[A-Za-z]+: [^\n]*\n)*[ \t]*\r?\n")
ARMOR_HEAD: Final = b"-----BEGIN PGP MESSAGE-----"
ARMOR_END: Final = b"-----END PGP MESSAGE-----"
CHECKSUM: Final = re.compile(rb"\n=[A-Za-z0-9+/]{4}\s*\Z")
MOST_HEADERS: Final = 4096
MOST_ARMOR: Final = 1 << 28
NO_MESSAGE: Final = "no OpenPGP message"


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet; a body whose length was not known when it was written lies in several pieces."""

    tag: int
    start: int
    end: int
    pieces: tuple[Span, ...]

    def body(self, data: Reader) -> Reader:
        """Return what the packet holds."""
        if len(self.pieces) == 1:
            return data.slice(self.pieces[0].start, self.pieces[0].end)
        return MappedReader([Piece(len(span), data, span.start) for span in self.pieces])


def packets(data: Reader) -> Iterator[Packet]:
    """Yield the packets from the first byte on. Raises `Malformed` for one that is cut off or makes no sense."""
    at = 0
    for _ in range(MOST_PACKETS):
        if at >= data.size:
            return
        packet = _packet(data, at)
        yield packet
        at = packet.end


def _packet(data: Reader, start: int) -> Packet:
    code = data.view_at(start, 1)[0]
    tag, at = tag_of(code), start + 1
    if not tag:
        raise Malformed("no OpenPGP packet")
    if code & 0x40:
        pieces = list[Span]()
        for _ in range(MOST_PIECES):
            at, length, more = body_length(data, at)
            pieces.append(Span(at, at + length))
            at += length
            if not more:
                break
    else:
        width = WIDTHS[code & 3]
        length = int.from_bytes(data.read_at(at, width), "big") if width else data.size - at
        pieces = [Span(at + width, at + width + length)]
        at = pieces[0].end
    if at > data.size:
        raise Malformed("OpenPGP packet is cut off")
    return Packet(tag, start, at, tuple(pieces))


def parse_message(data: Reader) -> Image:
    """Return what a message holds: the file itself, or the packets that were compressed."""
    members, structure, end, signed = list[Member](), list[Span](), 0, False
    try:
        for packet in packets(data):
            body = packet.body(data)
            if packet.tag in (SIGNATURE, ONE_PASS):
                _check_signature(packet.tag, body)
                signed = True
                structure.append(Span(packet.start, packet.end))
            elif packet.tag in (MARKER, PADDING):
                structure.append(Span(packet.start, packet.end))
            elif packet.tag == COMPRESSED and not members:
                members.append(_compressed(packet, body))
            elif packet.tag == LITERAL and not members:
                members.append(_literal(packet, body))
            else:
                break
            end = packet.end
    except Malformed as error:
        if not members:
            raise NotThisFormat(str(error)) from None
    if not members or not (signed or end == data.size):
        raise NotThisFormat(NO_MESSAGE)
    return Image(end, tuple(members), tuple(structure), {"signed": "yes"} if signed else {})


def _check_signature(tag: int, body: Reader) -> None:
    """Raise `NotThisFormat` for what is no signature, or announcement of one, of a known version."""
    known = (2, 3, 4, 5, 6) if tag == SIGNATURE else (3, 6)
    if body.size < 10 or body.view_at(0, 1)[0] not in known:
        raise NotThisFormat(NO_MESSAGE)


def _compressed(packet: Packet, body: Reader) -> Member:
    method = body.view_at(0, 1)[0]
    extents = packet.pieces
    if method == UNCOMPRESSED:
        return Member("packets", slicer(body, 1, body.size), extents, body.size - 1)
    codec = CODECS.get(method)
    if codec is None:
        raise NotThisFormat(NO_MESSAGE)
    try:
        first = next(codec(body, 1, PROBE))
    except (FormatError, StopIteration):
        raise NotThisFormat(NO_MESSAGE) from None
    if tag_of(first[0]) not in INSIDE:  # one byte says nothing: only what decodes to packets is a message
        raise NotThisFormat(NO_MESSAGE)
    return Member("packets", lambda limit: decode(codec, body, 1, limit), extents)


def _literal(packet: Packet, body: Reader) -> Member:
    kind, length = body.view_at(0, 2)
    if kind not in KINDS:
        raise NotThisFormat(NO_MESSAGE)
    start = 2 + length + 4
    if start > body.size:
        raise NotThisFormat(NO_MESSAGE)
    name = decode_name(body.read_at(2, length)) or "content"
    return Member(name, slicer(body, start, body.size), packet.pieces, body.size - start)


def parse_armor(data: Reader) -> Image:
    """Return the packets of a message in base64, unless they are encrypted."""
    found = ARMOR.match(data.read_upto(0, MOST_HEADERS))
    if found is None:
        raise NotThisFormat("no OpenPGP message in base64")
    end = data.find(ARMOR_END, found.end())
    if end < 0:
        raise Malformed("OpenPGP message in base64 without its last line")
    start, stop = found.end(), end + len(ARMOR_END)
    parse_message(BufferReader(_unarmored(data, start, end)))

    def open_packets(limit: int) -> Reader:
        if end - start > 2 * limit:
            raise LimitReached(f"{end - start} bytes of base64, {limit} allowed")
        return BufferReader(_unarmored(data, start, end))

    member = Member("packets", open_packets, (Span(start, end),))
    return Image(stop, (member,), (Span(0, start), Span(end, stop)))


def _unarmored(data: Reader, start: int, end: int) -> bytes:
    if end - start > MOST_ARMOR:
        raise LimitReached(f"{end - start} bytes of base64")
    text = CHECKSUM.sub(b"", data.read_at(start, end - start))
    try:
        return b64decode(b"".join(text.split()), validate=True)
    except Error as error:
        raise Malformed(f"OpenPGP message with damaged base64: {error}") from error
