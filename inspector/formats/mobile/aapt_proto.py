"""XML as aapt2 compiles it into app bundles: the XmlNode message of protocol buffers.

Format: AOSP frameworks/base `tools/aapt2/Resources.proto`; protobuf.dev, "Encoding".
Limits: text nodes are not kept; of compiled values only the source text of an attribute is read.
"""

from collections.abc import Iterator
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.mobile.axml import ATTRIBUTE_NAMES, Attribute, Element
from inspector.formats.program.dex import contiguous
from inspector.formats.reader import Reader

LARGEST: Final = 1 << 24
DEEPEST: Final = 100
MOST_ELEMENTS: Final = 100_000
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
NODE_ELEMENT: Final = 1
ELEMENT_NAME, ELEMENT_ATTRIBUTE, ELEMENT_CHILD = 3, 4, 5
ATTRIBUTE_SPACE, ATTRIBUTE_NAME, ATTRIBUTE_VALUE, ATTRIBUTE_RESOURCE = 1, 2, 3, 5

Field = tuple[int, int | tuple[int, int]]


def parse_proto_xml(data: Reader) -> tuple[Element, ...]:
    """Return the elements in document order; offsets are those of each element's message in the file.

    Raises `NotThisFormat` where the outer message holds no element, `Malformed` for damage inside it.
    """
    if not data.size or data.size > LARGEST:
        raise NotThisFormat("no compiled XML message")
    raw = contiguous(data)
    if raw[0] != NODE_ELEMENT << 3 | BYTES:
        raise NotThisFormat("no compiled XML message")
    waiting = [(0, len(raw), 0)]
    elements: list[Element] = []
    while waiting:
        start, end, depth = waiting.pop()
        element, children = _node(raw, start, end, depth)
        if element is not None:
            elements.append(element)
        if len(elements) > MOST_ELEMENTS or depth > DEEPEST:
            raise Malformed("compiled XML too deep or too long")
        waiting += [(low, high, depth + 1) for low, high in reversed(children)]
    return tuple(elements)


def fields(raw: bytes, start: int, end: int) -> Iterator[Field]:
    """Yield (number, value) of a message: a number, or `(start, end)` of bytes; `Malformed` where it is cut short."""
    at = start
    while at < end:
        key, at = _varint(raw, at, end)
        kind = key & 7
        if kind == VARINT:
            value, at = _varint(raw, at, end)
            yield key >> 3, value
            continue
        length = {FIXED64: 8, FIXED32: 4}.get(kind, -1)
        if kind == BYTES:
            length, at = _varint(raw, at, end)
        if not 0 <= length <= end - at:
            raise Malformed(f"message field {key >> 3} of kind {kind}")
        yield key >> 3, (at, at + length)
        at += length


def _varint(raw: bytes, at: int, end: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= end:
            break
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise Malformed("message number cut short")


def _node(raw: bytes, start: int, end: int, depth: int) -> tuple[Element | None, list[tuple[int, int]]]:
    for number, value in fields(raw, start, end):
        if number == NODE_ELEMENT and isinstance(value, tuple):
            return _element(raw, *value, depth)
    return None, []


def _element(raw: bytes, start: int, end: int, depth: int) -> tuple[Element, list[tuple[int, int]]]:
    name, attributes, children = "", [], []
    for number, value in fields(raw, start, end):
        if not isinstance(value, tuple):
            continue
        if number == ELEMENT_NAME:
            name = _text(raw, value)
        elif number == ELEMENT_ATTRIBUTE:
            attributes.append(_attribute(raw, *value))
        elif number == ELEMENT_CHILD:
            children.append(value)
    return Element(name, depth, tuple(attributes), start), children


def _attribute(raw: bytes, start: int, end: int) -> Attribute:
    found = dict(fields(raw, start, end))
    resource = found.get(ATTRIBUTE_RESOURCE, 0)
    resource = resource if isinstance(resource, int) else 0
    name, space, value = (
        _text(raw, part) if isinstance(part := found.get(number), tuple) else ""
        for number in (ATTRIBUTE_NAME, ATTRIBUTE_SPACE, ATTRIBUTE_VALUE)
    )
    return Attribute(ATTRIBUTE_NAMES.get(resource, name), space, value, resource, is_string=True)


def _text(raw: bytes, span: tuple[int, int]) -> str:
    return raw[span[0] : span[1]].decode("utf-8", "replace")
