"""Type the leaves: files that are no container, by their first bytes, their name, and whether they are text."""

from codecs import utf_8_decode
from collections.abc import Callable
from typing import Final

from inspector.formats.data.keyring import is_keyring
from inspector.formats.mobile.unity_assets import HEAD as UNITY
from inspector.formats.reader import Reader

HEAD: Final = 4096

_MAGICS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x7fELF", "elf"),
    (b"dex\n", "dex"),
    (b"cdex", "cdex"),
    (b"\x03\x00\x08\x00", "axml"),
    (b"\x00\x00\x08\x00", "axml"),
    (b"\x02\x00\x0c\x00", "arsc"),
    (b"\xfe\xed\xfa\xce", "macho"),
    (b"\xfe\xed\xfa\xcf", "macho"),
    (b"\xce\xfa\xed\xfe", "macho"),
    (b"\xcf\xfa\xed\xfe", "macho"),
    (b"bplist0", "plist"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"\x1bLua", "luac"),
    (b"\x1bLJ", "luac"),
    (b"\xc6\x1f\xbc\x03\xc1\x03\x19\x1f", "hermes"),
    (b"\xaf\x1b\xb1\xfa", "il2cpp-metadata"),
    (b"XALZ", "xamarin-lz4"),
    (b"-----BEGIN ", "pem"),
    (b"PANDA\x00\x00\x00", "ark-bytecode"),
    (b"\xfe\xed\xfe\xed", "jks"),
    (b"qres", "qt-resources"),
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    # Host keys as dropbear keeps them: numbers, each behind its length.
    (b"\0\0\0\x07ssh-rsa\0\0\0", "ssh-key"),
    (b"\0\0\0\x07ssh-dss\0\0\0", "ssh-key"),
    (b"\0\0\0\x0bssh-ed25519\0\0\0", "ssh-key"),
    (b"\0\0\0\x13ecdsa-sha2-nistp", "ssh-key"),
)
_BY_FIRST_BYTE: Final = {magic[:1]: tuple(pair for pair in _MAGICS if pair[0][:1] == magic[:1]) for magic, _ in _MAGICS}

_SUFFIXES: Final = {
    ".js": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".jsx": "javascript",
    ".mts": "javascript",
    ".cts": "javascript",
    ".tsx": "javascript",
    ".vue": "javascript",
    ".svelte": "javascript",
    ".jsbundle": "javascript",
    ".bundle": "javascript",
    ".jsc": "javascript",
    ".json": "json",
    ".xml": "xml",
    ".plist": "xml",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".asp": "html",
    ".php": "script",
    ".lua": "script",
    ".luac": "script",
    ".py": "script",
    ".pl": "script",
    ".rb": "script",
    ".sh": "shell",
    ".ini": "config",
    ".conf": "config",
    ".cfg": "config",
    ".config": "config",
    ".properties": "config",
    ".toml": "config",
    ".yaml": "config",
    ".yml": "config",
    ".service": "config",
    ".css": "text",
    ".md": "documentation",
    ".rst": "documentation",
}

_CONTROLS: Final = bytes(code for code in range(32) if code not in (7, 8, 9, 10, 12, 13, 27))
_ASCII: Final = bytes(range(128))
_INSIDE_CHARACTER: Final = bytes(range(0x80, 0xC0))
"""The bytes of UTF-8 that begin no character: a sample may start with some."""
_DOCUMENT_NAMES: Final = ("readme", "license", "licence", "copying", "notice", "changelog", "authors", "copyright")


def leaf_format(data: Reader, name: str, hint: str = "") -> str:
    """Return the leaf format: `hint` where the container named one, a magic, or the kind of text; `data` otherwise."""
    head = bytes(data.read_upto(0, HEAD))
    for magic, label in _BY_FIRST_BYTE.get(head[:1], ()):
        if head.startswith(magic):
            return label
    for test in _TESTS:
        if label := test(head):
            return label
    if head and is_keyring(data):
        return "openpgp-keyring"
    if hint:
        return hint
    if not head:
        return "empty"
    if is_text(head):
        return _text_format(head, name.lower())
    return "data"


def is_text(head: bytes) -> bool:
    """Tell whether the bytes read as text: UTF-8, UTF-16 with a mark, or Latin-1/GBK without control bytes."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if b"\x00" in head:
        return False
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls > len(head) // 100:
        return False
    high = len(head.translate(None, _ASCII))
    if not high:
        return True
    try:
        utf_8_decode(head, "strict", False)  # noqa: FBT003 - not the end: a character may be cut there
    except UnicodeDecodeError:
        return high < len(head) // 3
    return True


def stays_text(data: Reader) -> bool:
    """Tell whether samples all over the data read as text, one of a kilobyte for each 64."""
    step = 1 << 16
    samples = (data.read_upto(at + min(step, data.size - at) // 2, 1024) for at in range(0, data.size, step))
    return all(is_text(sample.lstrip(_INSIDE_CHARACTER)) for sample in samples)


def _text_format(head: bytes, name: str) -> str:
    base = name.rpartition("/")[2]
    if head.startswith(b"#!"):
        first = head.split(b"\n", 1)[0]
        return "shell" if b"sh" in first else "script"
    if name.endswith("_codesignature/coderesources"):
        return "file-list"
    suffix = "." + base.rpartition(".")[2] if "." in base else ""
    if base.split(".")[0] in _DOCUMENT_NAMES:
        return "documentation"
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    stripped = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if stripped.startswith(b"<?xml"):
        return "xml"
    if suffix == ".ts" and not stripped.startswith(b"<"):
        return "javascript"  # translations of Qt have the same ending
    if stripped[:15].lower().startswith((b"<!doctype html", b"<html")):
        return "html"
    if stripped.startswith((b"{", b"[")) and b'"' in stripped[:200]:
        return "json"
    if "/etc/" in f"/{name}" or name.startswith("etc/"):
        return "config"
    return "text"


def _pe(head: bytes) -> str:
    if head[:2] != b"MZ" or len(head) < 0x40:
        return ""
    at = int.from_bytes(head[0x3C:0x40], "little")
    return "pe" if head[at : at + 4] == b"PE\0\0" else ""


def _class_file(head: bytes) -> str:
    # CAFEBABE also begins a fat Mach-O, whose next word is a small count of architectures.
    if head[:4] != b"\xca\xfe\xba\xbe" or len(head) < 10:
        return ""
    return "class" if int.from_bytes(head[6:8], "big") >= 45 else ""


def _python_bytecode(head: bytes) -> str:
    # A first line of two characters that ends like on Windows, such as `/*`, is no magic.
    return "pyc" if head[2:4] == b"\r\n" and len(head) > 16 and not is_text(head) else ""


def _tflite(head: bytes) -> str:
    # A flatbuffer: where its root table stands, then what it holds.
    return "tflite" if head[4:8] == b"TFL3" and 8 <= int.from_bytes(head[:4], "little") <= HEAD else ""


def _unity_assets(head: bytes) -> str:
    return "unity-assets" if UNITY.match(head) else ""


_TESTS: Final[tuple[Callable[[bytes], str], ...]] = (_pe, _class_file, _python_bytecode, _tflite, _unity_assets)
