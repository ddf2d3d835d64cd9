"""Binary XML as aapt compiles it (AndroidManifest.xml, layouts, network security configuration).

Format: AOSP frameworks/base `ResourceTypes.h`, `ResXMLTree_*`; attribute identifiers: `public.xml` of the platform.
Limits: character data is not kept. As Android does, the type of the outer chunk is not checked and unknown chunks
are skipped; what a strict reader would refuse is noted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct, unpack, unpack_from
from typing import Final

from inspector.errors import NotThisFormat
from inspector.formats.mobile.string_pool import CHUNK, POOL_TYPE, StringPool
from inspector.formats.program.dex import contiguous
from inspector.formats.reader import BufferReader, Reader

XML_TYPE: Final = 0x0003
RESOURCE_MAP: Final = 0x0180
START_ELEMENT: Final = 0x0102
END_ELEMENT: Final = 0x0103
TEXT: Final = 0x0104
_VOCABULARY: Final = "http://schemas.android.com/"
_NAMESPACES: Final = re.compile(
    re.escape(_VOCABULARY.encode())
    + rb"[\w/.-]{1,64}|"
    + re.escape(_VOCABULARY.encode("utf-16-le"))
    + rb"(?:[\w/.-]\0){1,64}"
)
FIRST_NODE, LAST_NODE = 0x0100, 0x017F
ELEMENT: Final = Struct("<iiHHH")
ATTRIBUTE: Final = Struct("<iiiHBBI")
LARGEST: Final = 1 << 26
MOST_ELEMENTS: Final = 200_000
MOST_ATTRIBUTES: Final = 1_000
ANDROID: Final = "http://schemas.android.com/apk/res/android"

REFERENCE, THEME_ATTRIBUTE, STRING, FLOAT = 1, 2, 3, 4
DECIMAL, HEXADECIMAL, BOOLEAN = 0x10, 0x11, 0x12

ATTRIBUTE_NAMES: Final = {
    0x01010000: "theme",
    0x01010001: "label",
    0x01010002: "icon",
    0x01010003: "name",
    0x01010006: "permission",
    0x01010007: "readPermission",
    0x01010008: "writePermission",
    0x01010009: "protectionLevel",
    0x0101000B: "sharedUserId",
    0x0101000C: "hasCode",
    0x0101000D: "persistent",
    0x0101000E: "enabled",
    0x0101000F: "debuggable",
    0x01010010: "exported",
    0x01010011: "process",
    0x01010018: "authorities",
    0x0101001A: "initOrder",
    0x0101001B: "grantUriPermissions",
    0x0101001C: "priority",
    0x01010021: "targetPackage",
    0x01010024: "value",
    0x01010025: "resource",
    0x01010026: "mimeType",
    0x01010027: "scheme",
    0x01010028: "host",
    0x01010029: "port",
    0x0101002A: "path",
    0x0101002B: "pathPrefix",
    0x0101002C: "pathPattern",
    0x01010202: "targetActivity",
    0x01010199: "drawable",
    0x0101020C: "minSdkVersion",
    0x0101021B: "versionCode",
    0x0101021C: "versionName",
    0x01010270: "targetSdkVersion",
    0x01010271: "maxSdkVersion",
    0x01010272: "testOnly",
    0x0101027F: "backupAgent",
    0x01010280: "allowBackup",
    0x0101028E: "required",
    0x010104EA: "extractNativeLibs",
    0x010104EB: "fullBackupContent",
    0x010104EC: "usesCleartextTraffic",
    0x010104EE: "autoVerify",
    0x01010505: "directBootAware",
    0x01010527: "networkSecurityConfig",
    0x0101052C: "roundIcon",
    0x01010572: "compileSdkVersion",
    0x01010591: "isSplitRequired",
    0x01010599: "foregroundServiceType",
    0x0101057A: "appComponentFactory",
    0x01010603: "requestLegacyExternalStorage",
    0x0101063E: "dataExtractionRules",
}
"""Names by resource identifier: Android goes by the identifier, obfuscators blank or change the name."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute; `value` is always text: numbers decimal, booleans `true`/`false`, references `@0x7f010000`."""

    name: str
    namespace: str
    value: str
    resource: int = 0
    """Identifier of the name, 0 for plain attributes (`package`, `split`)."""
    reference: int = 0
    """Resource identifier the value points to, or 0."""
    is_string: bool = False


@dataclass(frozen=True, slots=True)
class Element:
    """A start tag. Elements come in document order; `depth` is 0 for the root."""

    name: str
    depth: int
    attributes: tuple[Attribute, ...]
    offset: int = 0
    """Where its chunk starts in the file."""

    def get(self, name: str, default: str = "") -> str:
        """Return the value of an attribute by its local name."""
        return next((item.value for item in self.attributes if item.name == name), default)

    def attribute(self, name: str) -> Attribute | None:
        """Return an attribute by its local name; with duplicates the first, as Android takes it."""
        return next((item for item in self.attributes if item.name == name), None)


@dataclass(frozen=True, slots=True)
class AxmlDocument:
    """A binary XML file. `elements` may be empty while `strings` still hold text: then only the pool was readable."""

    elements: tuple[Element, ...]
    strings: StringPool
    notes: tuple[str, ...]
    """What a strict reader would refuse: tampering, damage."""
    texts: tuple[tuple[int, str], ...] = ()
    """(offset of the element, text in it), in document order."""


def parse_axml(data: Reader) -> AxmlDocument:
    """Return the elements of a binary XML file.

    Raises `NotThisFormat` where no string pool follows the outer header, `Malformed` where the pool is cut short.
    """
    if data.size < 16 or data.size > LARGEST:
        raise NotThisFormat("no binary XML")
    raw = contiguous(data)
    kind, header_size, size = CHUNK.unpack_from(raw, 0)
    notes = []
    if kind != XML_TYPE:
        notes.append(f"binary XML of type {kind:#x}")
    if header_size != CHUNK.size:
        notes.append(f"binary XML header of {header_size} bytes")
        header_size = CHUNK.size
    pool_at = _find_pool(raw, header_size, strict=kind != XML_TYPE)
    if size != len(raw):
        notes.append(f"binary XML claims {size} of {len(raw)} bytes")
    tree = _Tree(raw, StringPool(raw, pool_at))
    elements = tuple(tree.elements(pool_at))
    return AxmlDocument(elements, tree.strings, (*notes, *tree.strings.notes, *tree.notes), tuple(tree.texts))


def without_namespaces(data: Reader) -> Reader:
    """Return the file with the names of Android's own XML vocabularies blanked, each offset as it was.

    Every file declares them; they look like addresses and nobody connects to them.
    """
    raw = contiguous(data)
    blanked = _NAMESPACES.sub(lambda match: bytes(len(match.group())), raw)
    return data if blanked == raw else BufferReader(blanked)


def _find_pool(raw: bytes, start: int, *, strict: bool) -> int:
    """Return where the string pool starts: the first chunk, or behind unknown chunks that tampering put before it."""
    at = start
    for _ in range(1 if strict else 16):
        if at + CHUNK.size > len(raw):
            break
        kind, header_size, size = CHUNK.unpack_from(raw, at)
        if kind == POOL_TYPE and header_size >= CHUNK.size:
            return at
        if size < CHUNK.size:
            break
        at += size
    raise NotThisFormat("no string pool in binary XML")


class _Tree:
    """Walks the chunks behind the pool; state is the resource map and the depth."""

    def __init__(self, raw: bytes, strings: StringPool) -> None:
        self.raw = raw
        self.strings = strings
        self.notes: list[str] = []
        self.names: tuple[int, ...] = ()
        self.texts: list[tuple[int, str]] = []

    def elements(self, pool_at: int) -> Iterator[Element]:
        depth = seen = opened = 0
        for kind, at, header_size, size in self._chunks(pool_at):
            if kind == RESOURCE_MAP and not self.names:
                self.names = unpack_from(f"<{max(0, size - header_size) // 4}I", self.raw, at + header_size)
            elif kind == START_ELEMENT:
                seen += 1
                if seen > MOST_ELEMENTS:
                    self.notes.append(f"more than {MOST_ELEMENTS} elements")
                    return
                element = self._element(at, header_size, size, depth)
                if element:
                    yield element
                depth, opened = depth + 1, at
            elif kind == END_ELEMENT:
                depth = max(0, depth - 1)
            elif kind == TEXT and size >= header_size + 4:
                self.texts.append((opened, self.strings[unpack_from("<I", self.raw, at + header_size)[0]]))

    def _chunks(self, at: int) -> Iterator[tuple[int, int, int, int]]:
        end = len(self.raw)
        while at + CHUNK.size <= end:
            kind, header_size, size = CHUNK.unpack_from(self.raw, at)
            if size < CHUNK.size or header_size < CHUNK.size or at + size > end:
                self.notes.append(f"binary XML chunk {kind:#x} of {size} bytes at {at:#x}")
                size = min(max(size, CHUNK.size), end - at)
            # Unknown types are skipped without a word by Android as well; they hide data from strict readers.
            if kind not in (POOL_TYPE, RESOURCE_MAP) and not FIRST_NODE <= kind <= LAST_NODE:
                self.notes.append(f"unknown binary XML chunk {kind:#x}")
            yield kind, at, min(header_size, size), size
            at += size

    def _element(self, chunk: int, header_size: int, size: int, depth: int) -> Element | None:
        at, end = chunk + header_size, chunk + size
        if at + ELEMENT.size > end:
            self.notes.append(f"element cut short at {chunk:#x}")
            return None
        _, name, start, width, count = ELEMENT.unpack_from(self.raw, at)
        attributes = tuple(self._attributes(at + start, end, max(width, ATTRIBUTE.size), count))
        return Element(self.strings[name], depth, attributes, chunk)

    def _attributes(self, at: int, end: int, width: int, count: int) -> Iterator[Attribute]:
        room = max(0, end - at) // width
        if count > min(room, MOST_ATTRIBUTES):
            self.notes.append(f"element claims {count} attributes, room for {room}")
        for _ in range(min(count, room, MOST_ATTRIBUTES)):
            space, name, text, _, _, kind, data = ATTRIBUTE.unpack_from(self.raw, at)
            resource = self.names[name] if 0 <= name < len(self.names) else 0
            local = ATTRIBUTE_NAMES.get(resource) or self.strings[name]
            reference = data if kind == REFERENCE else 0
            value = self.strings[text] if kind == STRING and text >= 0 else self._value(kind, data)
            yield Attribute(local, self.strings[space], value, resource, reference, kind == STRING)
            at += width

    def _value(self, kind: int, data: int) -> str:
        if kind == STRING:
            return self.strings[data]
        return render_value(kind, data)


def render_value(kind: int, data: int) -> str:
    """Return a typed value that is no string as text: `@0x…`, `?0x…`, `true`, decimal, or hexadecimal."""
    match kind:
        case 0x00:
            return ""
        case 0x01:
            return f"@{data:#010x}"
        case 0x02:
            return f"?{data:#010x}"
        case 0x04:
            return str(unpack("<f", data.to_bytes(4, "little"))[0])
        case 0x10:
            return str(data - (1 << 32) if data >> 31 else data)
        case 0x12:
            return "true" if data else "false"
        case _:
            return f"{data:#x}"
