"""Parts of Android packages: signing blocks, compiled XML messages of bundles, resource tables, pictures."""

import io
import zipfile
import zlib
from struct import pack

from tests.builders.axml import IDS, Tag, _pool
from tests.builders.dex import uleb


def build_zip(entries: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return out.getvalue()


def part(raw: bytes) -> bytes:
    return pack("<I", len(raw)) + raw


def build_signing_block(pairs: dict[int, bytes]) -> bytes:
    body = b"".join(pack("<QI", 4 + len(value), kind) + value for kind, value in pairs.items())
    size = len(body) + 24
    return pack("<Q", size) + body + pack("<Q", size) + b"APK Sig Block 42"


def signer(*certificates: bytes, sdks: tuple[int, int] | None = None, lineage: tuple[bytes, ...] = ()) -> bytes:
    """Return a v2 signer, or with `sdks` a v3 signer; digests and signatures are empty."""
    signed = part(b"") + part(b"".join(part(one) for one in certificates))
    if sdks is not None:
        levels = b"".join(part(part(part(one) + pack("<I", 0)) + pack("<II", 0, 0) + part(b"")) for one in lineage)
        attribute = part(pack("<II", 0x3BA06F8C, 1) + levels) if lineage else b""
        signed += pack("<II", *sdks) + part(attribute)
    else:
        signed += part(b"")
    tail = pack("<II", *sdks) if sdks is not None else b""
    return part(signed) + tail + part(b"") + part(b"")


def signers(*raw: bytes) -> bytes:
    return part(b"".join(part(one) for one in raw))


def with_signing_block(apk: bytes, block: bytes) -> bytes:
    """Put a block in front of the central directory of an archive."""
    end = apk.rindex(b"PK\x05\x06")
    start = int.from_bytes(apk[end + 16 : end + 20], "little")
    moved = apk[:start] + block + apk[start:end] + apk[end : end + 16] + pack("<I", start + len(block))
    return moved + apk[end + 20 :]


def build_proto(tag: Tag) -> bytes:
    """Return a tag as the XmlNode message of an app bundle."""
    body = _field(3, tag.name.encode())
    for name, value in tag.attributes.items():
        attribute = _field(2, name.encode()) + _field(3, str(value).encode())
        if name in IDS:
            attribute += uleb(5 << 3) + uleb(IDS[name])
        body += _field(4, attribute)
    body += b"".join(_field(5, build_proto(child)) for child in tag.children)
    return _field(1, body)


def _field(number: int, raw: bytes) -> bytes:
    return uleb(number << 3 | 2) + uleb(len(raw)) + raw


def build_arsc(
    values: list[tuple[int, str, int, str]], package: int = 0x7F, names: tuple[str, ...] = (), *, utf8: bool = True
) -> bytes:
    """Return a table of (entry, language, density, text) in type 1; an entry with text `@0x…` refers to another.

    Entries go by their place in `names`, where there are any.
    """
    texts = list(dict.fromkeys(text for *_, text in values))
    chunks = b""
    for language, density in dict.fromkeys((one[1], one[2]) for one in values):
        rows = {entry: text for entry, lang, dpi, text in values if (lang, dpi) == (language, density)}
        chunks += _type(rows, texts, language, density, named=bool(names))
    keys = _pool(list(names) or ["k"], utf8=True)
    types = _pool(["string"], utf8=True)
    head = pack("<HHII256s5I", 0x200, 288, 288 + len(types) + len(keys) + len(chunks), package,
                "com.example".encode("utf-16-le"), 288, 1, 288 + len(types), 1, 0)  # fmt: skip
    body = _pool(texts, utf8=utf8) + head + types + keys + chunks
    return pack("<HHII", 2, 12, 12 + len(body), 1) + body


def _type(rows: dict[int, str], texts: list[str], language: str, density: int, *, named: bool) -> bytes:
    count = max(rows) + 1
    offsets, entries = b"", b""
    for entry in range(count):
        if entry not in rows:
            offsets += b"\xff\xff\xff\xff"
            continue
        offsets += pack("<I", len(entries))
        text = rows[entry]
        value = (1, int(text[1:], 16)) if text.startswith("@") else (3, texts.index(text))
        entries += pack("<HHIHBBI", 8, 0, entry if named else 0, 8, 0, *value)
    configuration = pack("<I4x4sxxH12x", 28, language.encode().ljust(4, b"\0"), density)
    head = 20 + len(configuration)
    size = head + len(offsets) + len(entries)
    return pack("<HHIBBHII", 0x201, head, size, 1, 0, 0, count, head + len(offsets)) + configuration + offsets + entries


def build_png(width: int = 2, height: int = 2, *, extra: bytes = b"") -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return pack(">I", len(body)) + kind + body + pack(">I", zlib.crc32(kind + body))

    rows = (b"\0" + b"\x10\x20\x30\xff" * width) * height
    head = chunk(b"IHDR", pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
