"""Verilog memory files: hexadecimal words as text, with addresses that count words (`$readmemh`, objcopy, VMem).

Format: IEEE 1364-2005, 17.2.9 "Loading memory data from a file"; srecord manual, "srec_vmem".
Limits: the text does not state how wide a word is, its digits tell; nor which byte of a word comes first, the
contents tell. Files without any address are not told from other digits.
"""

import re
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.firmware.hexrecords import Chunks, LineDecoder, decode_lines, memory_image
from inspector.formats.image import Image
from inspector.formats.reader import Reader

STARTS: Final = (b"@", b"//", b"/*")
PREAMBLE: Final = re.compile(rb"(?>\s+|//[^\n]*\n|/\*.*?\*/)*+@[0-9A-Fa-f_]{1,17}(?:\s|$)", re.DOTALL)
LONGEST_PREAMBLE: Final = 4096
COMMENT: Final = re.compile(rb"/\*.*?\*/|//.*")
WIDEST: Final = 16
"""Bytes of the widest word that is taken for one."""
COMMON: Final = re.compile(rb"the|ing|ion|ent|err|ect|://|com|htt|len|str|ame|ata|Com|%s|res", re.DOTALL)
"""Letters that follow one another in texts and names; in a wrong order of bytes they are torn apart."""


def parse_verilog_hex(data: Reader) -> Image:
    """Return one member per region of memory, named by its address in bytes; the text runs to the end of `data`."""
    if not any(data.startswith(start) for start in STARTS) or not PREAMBLE.match(data.read_upto(0, LONGEST_PREAMBLE)):
        raise NotThisFormat("no address of a Verilog memory file")
    decoder = _Verilog()
    chunks, end, _ = decode_lines(data, decoder)
    properties = {"word": f"{decoder.width} bytes"}
    if decoder.width > 1:
        last_first = [(address, _swapped(content, decoder.width)) for address, content in chunks]
        turned = _common(last_first) > _common(chunks)
        properties["order"] = "last byte first" if turned else "first byte first"
        chunks = last_first if turned else chunks
    return memory_image(chunks, end, properties=properties)


class _Verilog(LineDecoder):
    """Decoder of one file: comments may span lines, and the first word tells how wide all are."""

    def __init__(self) -> None:
        self._in_comment = False
        self._at = 0
        """Address of the next word, in words as long as `width` is unknown, else in bytes."""
        self.width = 0

    def feed(self, line: bytes) -> tuple[int, bytes]:
        """Return address and bytes of the words of one line; an address stands before the words it is for."""
        words = self._without_comments(line).replace(b"_", b"").split()
        if words and words[0][:1] == b"@":
            self._at = self._address(words.pop(0)[1:]) * (self.width or 1)
        if not words:
            return 0, b""
        width = self.width or self._width_of(words[0])
        digits = 2 * width
        if any(len(word) != digits for word in words[:-1]) or len(words[-1]) > digits:
            raise self._error("words of different width")
        try:
            content = bytes.fromhex(b"".join(words).decode("ascii"))
        except ValueError:
            raise self._error("a word is no even number of hexadecimal digits") from None
        if not self.width:
            self.width = width
            self._at *= width
        start, self._at = self._at, self._at + len(content)
        return start, content

    def _without_comments(self, line: bytes) -> bytes:
        if self._in_comment:
            _, closing, line = line.partition(b"*/")
            self._in_comment = not closing
        if b"/" not in line:
            return line
        line, opening, _ = COMMENT.sub(b" ", line).partition(b"/*")
        self._in_comment = self._in_comment or bool(opening)
        return line

    def _address(self, digits: bytes) -> int:
        try:
            return int(digits, 16)
        except ValueError:
            raise self._error("damaged address") from None

    def _width_of(self, word: bytes) -> int:
        if len(word) % 2 or not 1 <= len(word) // 2 <= WIDEST:
            raise self._error("no word of whole bytes")
        return len(word) // 2

    def _error(self, what: str) -> Malformed | NotThisFormat:
        return Malformed(f"Verilog memory file: {what}") if self.width else NotThisFormat(what)


def _swapped(content: bytes | bytearray, width: int) -> bytearray:
    out = bytearray(content)
    whole = len(content) - len(content) % width
    for place in range(width):
        out[place:whole:width] = content[width - 1 - place : whole : width]
    out[whole:] = content[whole:][::-1]
    return out


def _common(chunks: Chunks) -> int:
    return sum(len(COMMON.findall(content)) for _, content in chunks)
