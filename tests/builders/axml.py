"""A small writer of binary XML, UTF-8 or UTF-16, with a resource map as aapt writes it."""

from dataclasses import dataclass, field
from struct import pack

from inspector.formats.mobile.axml import ANDROID, ATTRIBUTE_NAMES

IDS = {name: identifier for identifier, name in ATTRIBUTE_NAMES.items()}


@dataclass
class Tag:
    """An element; values are text, bool, int, or `("ref", identifier)`."""

    name: str
    attributes: dict[str, object] = field(default_factory=dict)
    children: tuple["Tag", ...] = ()
    text: str = ""


def tag(name: str, /, *children: Tag, **attributes: object) -> Tag:
    return Tag(name, attributes, children)


def build_axml(
    root: Tag, *, utf8: bool = True, blank_names: bool = False, plain: tuple[str, ...] = ("package", "split")
) -> bytes:
    """Return the compiled file; names in `plain` have no namespace, `blank_names` empties those with an identifier."""
    names: dict[str, None] = {}
    texts: dict[str, None] = {ANDROID: None}
    for one in _walk(root):
        texts[one.name] = None
        if one.text:
            texts[one.text] = None
        for name, value in one.attributes.items():
            (names if name in IDS and name not in plain else texts)[name] = None
            if isinstance(value, str):
                texts[value] = None
    strings = [*names, *texts]
    mapped = len(names)
    index = {text: number for number, text in reversed(list(enumerate(strings)))}
    shown = ["" if blank_names and number < mapped else text for number, text in enumerate(strings)]
    body = _pool(shown, utf8=utf8)
    body += pack("<HHI", 0x180, 8, 8 + 4 * mapped) + b"".join(pack("<I", IDS[name]) for name in names)
    body += _element(root, index, plain)
    return pack("<HHI", 3, 8, 8 + len(body)) + body


def _walk(one: Tag):
    yield one
    for child in one.children:
        yield from _walk(child)


def _pool(strings: list[str], *, utf8: bool) -> bytes:
    data, offsets = b"", []
    for text in strings:
        offsets.append(len(data))
        if utf8:
            raw = text.encode()
            data += _length(len(text)) + _length(len(raw)) + raw + b"\0"
        else:
            data += pack("<H", len(text.encode("utf-16-le")) // 2) + text.encode("utf-16-le") + b"\0\0"
    data += bytes(-len(data) % 4)
    start = 28 + 4 * len(strings)
    head = pack("<HHI5I", 1, 28, start + len(data), len(strings), 0, 0x100 if utf8 else 0, start, 0)
    return head + b"".join(pack("<I", offset) for offset in offsets) + data


def _length(value: int) -> bytes:
    return bytes([value]) if value < 0x80 else bytes([0x80 | value >> 8, value & 0xFF])


def _element(one: Tag, index: dict[str, int], plain: tuple[str, ...]) -> bytes:
    rows = b""
    for name, value in one.attributes.items():
        space = index[ANDROID] if name in IDS and name not in plain else -1
        text, kind, data = _value(value, index)
        rows += pack("<iiiHBBI", space, index[name], text, 8, 0, kind, data)
    size = 36 + len(rows)
    head = pack("<HHIII", 0x102, 16, size, 1, 0xFFFFFFFF)
    body = pack("<iiHHHHHH", -1, index[one.name], 20, 20, len(one.attributes), 0, 0, 0) + rows
    inside = b"".join(_element(child, index, plain) for child in one.children)
    if one.text:
        inside += pack("<HHIIIiHBBI", 0x104, 16, 28, 1, 0xFFFFFFFF, index[one.text], 8, 0, 0, 0)
    return head + body + inside + pack("<HHIIIii", 0x103, 16, 24, 1, 0xFFFFFFFF, -1, index[one.name])


def _value(value: object, index: dict[str, int]) -> tuple[int, int, int]:
    if isinstance(value, str):
        return index[value], 3, index[value]
    if isinstance(value, bool):
        return -1, 0x12, 0xFFFFFFFF if value else 0
    if isinstance(value, tuple):
        return -1, 1, value[1]
    return -1, 0x10, int(value) & 0xFFFFFFFF
