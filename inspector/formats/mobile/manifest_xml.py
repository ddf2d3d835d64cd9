"""A manifest in plain XML, as libraries (AAR) carry it.

Format: developer.android.com, "App manifest overview".
Limits: document types are refused, so no entity is ever expanded.
"""

from typing import Final
from xml.parsers import expat

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.mobile.axml import Attribute, Element
from inspector.formats.reader import Reader

LARGEST: Final = 1 << 22
DEEPEST: Final = 100
SEPARATOR: Final = "|"


def parse_manifest_xml(data: Reader) -> tuple[Element, ...]:
    """Return the elements in document order, offsets in bytes; `NotThisFormat` for anything but a manifest."""
    head = bytes(data.read_upto(0, 4096)).lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head.startswith(b"<") or data.size > LARGEST:
        raise NotThisFormat("no plain XML")
    elements: list[Element] = []
    depth = 0
    parser = expat.ParserCreate(namespace_separator=SEPARATOR)
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        if depth > DEEPEST:
            raise Malformed("manifest too deep")
        found = tuple(_attribute(key, value) for key, value in attributes.items())
        elements.append(Element(name.rpartition(SEPARATOR)[2], depth, found, parser.CurrentByteIndex))
        depth += 1

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*_arguments: object) -> None:
        raise Malformed("manifest with a document type")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data.read_at(0, data.size), True)  # noqa: FBT003 - the parser takes it by place only
    except expat.ExpatError as error:
        if not elements:
            raise NotThisFormat(f"no plain XML: {error}") from error
    if not elements or elements[0].name != "manifest":
        raise NotThisFormat("no manifest")
    return tuple(elements)


def _attribute(key: str, value: str) -> Attribute:
    space, _, name = key.rpartition(SEPARATOR)
    return Attribute(name, space, value, is_string=True)
