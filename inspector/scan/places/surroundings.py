"""Contexts that do not depend on the leaf's format: documentation, namespaces, certificates, test data."""

import re
from collections.abc import Iterable
from typing import Final

from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context, Sighting
from inspector.scan.base import Place, Placer

_DOCUMENTATION: Final = ("docs?", "documentation", "man", "info", "licen[cs]es?", "javadoc", "examples", "samples")
_TESTS: Final = ("tests?", "testdata", "test-data", "fixtures", "__tests__", "spec", "mocks?")
FOLDERS: Final = (*_DOCUMENTATION, "locale", "gtk-doc", "help", *_TESTS)
"""Folders of documentation and tests, as expressions; those in the middle only below some others."""
_DOCUMENTATION_PATH: Final = re.compile(
    rf"(?:^|/)(?:{'|'.join(_DOCUMENTATION)})/"
    r"|/share/(?:doc|man|info|licenses|locale|gtk-doc|help)/"
    r"|(?:^|/)(?:readme|licen[cs]e|copying|notices?|change(?:log|s)|news|authors|credits|copyright|third.?party)[^/]*$"
    # A service may be about licences or news: what is run or set there is none.
    r"(?<!\.js)(?<!\.mjs)(?<!\.cjs)(?<!\.py)(?<!\.php)(?<!\.lua)(?<!\.sh)(?<!\.conf)(?<!\.cfg)(?<!\.ini)(?<!\.service)(?<!\.bin)"
    r"|(?:^|/)help/(?:[^/]+/)*[^/]+\.html?$"
    # The long description of a Python package is its README, in the file of its core metadata.
    r"|(?:\.dist-info/metadata|(?:^|/)pkg-info)$"
    # Where a builder fetched packages from: nothing reads it on the device.
    r"|(?:^|/)(?:(?:(?:\.?package|oh-package|pnpm)-lock|npm-shrinkwrap)\.(?:json5?|ya?ml)"
    r"|(?:yarn|composer|gemfile|cargo|podfile|poetry|pipfile)\.lock"
    r"|[\w-]*\.gradle(?:\.kts)?|gradle(?:-wrapper)?\.properties|pom\.xml|podfile|[\w.+-]+\.podspec(?:\.json)?)$"
    r"|\.(?:md|rst|[1-8]|texi|xsd|dtd|rng|pod|adoc)(?:\.txt)?(?:\.gz)?$|\.txt\.gz$",
    re.IGNORECASE,
)
_PROGRAMS: Final = frozenset(
    ("ark-bytecode", "cdex", "class", "dex", "elf", "hermes", "luac", "macho", "pe", "pyc", "wasm")
)
"""A compiled program is code wherever it lies: `/usr/bin/licensed`, `/lib/news.so`, `com/vendor/info/Api.class`."""
BY_PATH: Final = "path"
"""Key of a hit in code that only the path calls documentation or test data: that it is started or named refutes it."""
SET_BY_PATH: Final = "path of settings"
"""The same of a hit in settings."""
_TEST_PATH: Final = re.compile(rf"(?:^|/)(?:{'|'.join(_TESTS)})/", re.IGNORECASE)
_PUBLIC_PREFIXES: Final = re.compile(
    rb"(?:https?://)?(?:"
    rb"www\.w3\.org/|schemas\.(?:android|microsoft|xmlsoap|openxmlformats)\.(?:com|org)\b|xml\.org/sax|xml\.apache\.org/"
    rb"|java\.sun\.com/|xmlns\.jcp\.org/|www\.springframework\.org/schema|maven\.apache\.org/(?:POM|xsd)"
    rb"|www\.apple\.com/DTDs|json-schema\.org/|purl\.org/|ns\.adobe\.com/|www\.inkscape\.org/namespaces|sodipodi\.sourceforge"
    rb"|relaxng\.org/|docbook\.org/|www\.oasis-open\.org/|www\.onvif\.org/ver|docs\.oasis-open\.org/|www\.upnp\.org/schemas"
    rb"|www\.gnu\.org/(?:licenses|copyleft)|www\.apache\.org/licenses|opensource\.org/licenses|creativecommons\.org/"
    rb"|www\.openssl\.org/|www\.mozilla\.org/MPL|scripts\.sil\.org/OFL|tools\.ietf\.org/html|datatracker\.ietf\.org/|www\.rfc-editor\.org/"
    rb"|fb\.me/|reactjs\.org/docs/error|bit\.ly/CRA"
    rb")",
    re.IGNORECASE,
)
_NAMESPACE_MARK: Final = re.compile(
    rb"(?:xmlns(?::\w+)?|schemaLocation|targetNamespace|\bPUBLIC \"[^\"]*\") ?=? ?[\"'][^\"']*$"
)
_TAG_DATE: Final = re.compile(rb",[12][0-9]{3}")
"""What follows the authority of a `tag:` URI, RFC 4151, which names things and leads nowhere: `tag:yaml.org,2002:`."""
_EXAMPLE: Final = re.compile(
    rb"\b(?:for example|for instance|e\.g\.|such as)[:,]?\s{0,3}(?:[a-z]{2,8}://)?\Z", re.IGNORECASE
)
"""What a sentence says right before a value that only shows how one looks: messages on wrong input do."""
_POINTER: Final = re.compile(
    rb"\b(?:see|see also|refer to|view (?:the )?documents? (?:in|at))[:,]?\s{1,3}(?:at\s)?(?:https?://)?\Z"
)
"""What a message tells a person to read: `Failed to load. See https://vendor.example/faq`."""
_CONTACT: Final = re.compile(rb"[;(,] ?\+(?:https?://)?\Z")
"""Where the name of a crawler says who sends it: `Baiduspider/2.0; +http://www.baidu.com/search/spider.html`."""
_AGENT: Final = re.compile(rb"[\w})]/(?:v?[0-9]|[$%{])[^\s;(,]{0,30}(?:; | \()\+(?:https?://)?\Z")
"""The same behind a product and its version, which alone make a text of a program such a name: `bot/1.0 (+https://`."""
_MESSAGE: Final = re.compile(
    rb"\b(?:echo|e?printf?|print(?:ln|_\w+)?|puts|say|log\w*|warn\w*|err\w*|throw|raise|die|fail\w*|abort|assert|usage"
    rb"|help|message|msg|description|hint|deprecat\w*|alert|notice|console|\w*(?:Error|Exception|Warning))\b"
    rb"|(?:^|\s)(?:#|//|\*|--)\s|[\"'`](?:[^\"'`]*[\s(]){3}[^\"'`]*\Z|^(?:\s*[\w,;.()-]+\s+){3}",
    re.IGNORECASE,
)
_SHELL_PROMPT: Final = re.compile(rb"(?:\bfs\d{1,2}:\\?|\bShell)> [^\r\n]{0,80}\Z", re.IGNORECASE)
"""A command behind the prompt of the UEFI shell: its help shows commands so, its scripts hold none."""
_LONGEST_CERTIFICATE: Final = 8192
_CERTIFICATE_HEAD: Final = re.compile(rb"\x30\x82(..)\x30\x82..(?:\xa0\x03\x02\x01\x02\x02|\x02)", re.DOTALL)
_ATTRIBUTE: Final = re.compile(
    rb"\x06(?:\x03\x55\x04[\x00-\x7f]|\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01)[\x0c\x13\x14\x16]([\x01-\x7f])"
)
"""An attribute of a distinguished name (X.520, or the mail address of PKCS#9), up to the length of its text."""


def whole_leaf_context(artifact: Artifact) -> Context | None:
    """Return the context that the path gives every hit of the leaf, or None: none for a compiled program."""
    if artifact.format in _PROGRAMS:
        return None
    path = artifact.inner or artifact.name
    if artifact.format == "documentation" or _DOCUMENTATION_PATH.search(path):
        return Context.DOCUMENTATION
    return Context.TEST_DATA if _TEST_PATH.search(path) else None


def is_only_by_path(sighting: Sighting) -> bool:
    """Tell whether nothing but the path of its leaf makes a sighting documentation or test data."""
    return sighting.key in (BY_PATH, SET_BY_PATH) and sighting.context in (Context.DOCUMENTATION, Context.TEST_DATA)


def hit_context(data: Reader, start: int, end: int, *, runs: bool = False) -> Context | None:
    """Return the context that the bytes around `[start, end)` give whatever the leaf is, or None.

    In a program's source, which `runs`, words right before a value are no pointer for readers unless they belong to a
    message: `see` may be a command, `X="see https://…"` a value that is cut, `"-a.cn,+https://…"` a list.

    Namespaces, schemas, licence texts, examples in a sentence and what it points a reader to are documentation; what
    lies inside a DER certificate, or in the name of its holder or issuer elsewhere, is part of it.
    """
    low = max(0, start - 160)
    before = data.read_upto(low, start - low)
    scheme = before.rfind(b"://")
    head = before[before.rfind(b"http", 0, scheme) :] if scheme == len(before) - 3 and scheme > 0 else b""
    near = before[-48:].lower()
    if (
        _PUBLIC_PREFIXES.match(head + data.read_upto(start, min(end - start + 40, 160)))
        or _names_space(before)
        or (before[-4:] == b"tag:" and _TAG_DATE.match(data.read_upto(end, 5)))
        or (_begins_example(near) and (not runs or _is_message(before)))
        or (_tells_contact(near) and (not runs or _AGENT.search(near) or _is_message(before)))
        or ((b"> " in before or b">\0 " in before) and _SHELL_PROMPT.search(before.replace(b"\0", b"")))
    ):
        return Context.DOCUMENTATION
    if _in_name(before) or _inside_certificate(data, start):
        return Context.CERTIFICATE
    return Context.DOCUMENTATION if _points_to(near) and (not runs or _is_message(before)) else None


# These are asked of every hit: an expression runs only where a word that it cannot do without is there.


def _names_space(before: bytes) -> bool:
    if b"xmlns" in before or b"schemaLocation" in before or b"targetNamespace" in before or b"PUBLIC" in before:
        return _NAMESPACE_MARK.search(before) is not None
    return False


def _begins_example(lower: bytes) -> bool:
    if b"example" in lower or b"instance" in lower or b"e.g." in lower or b"such as" in lower:
        return _EXAMPLE.search(lower) is not None
    return False


def _tells_contact(lower: bytes) -> bool:
    return b"+" in lower and _CONTACT.search(lower) is not None


def _points_to(lower: bytes) -> bool:
    if b"see" in lower or b"refer to" in lower or b"view" in lower:
        return _POINTER.search(lower) is not None
    return False


def _is_message(before: bytes) -> bool:
    """Tell whether the last line of a program's source puts out or raises a text, or is the text of a comment."""
    return _MESSAGE.search(before.rpartition(b"\n")[2]) is not None


def _in_name(before: bytes) -> bool:
    """Tell whether the text that goes on behind `before` is part of a distinguished name, as signatures hold them."""
    return b"\x06" in before and any(
        found.end() + found.group(1)[0] > len(before) for found in _ATTRIBUTE.finditer(before)
    )


def _inside_certificate(data: Reader, offset: int) -> bool:
    low = max(0, offset - _LONGEST_CERTIFICATE)
    piece = data.read_upto(low, offset - low)
    if b"\x82" not in piece:
        return False  # one byte is sought far faster than two from the end, and text has none of it
    at = piece.rfind(b"\x30\x82")
    for _ in range(16):
        if at < 0:
            return False
        head = _CERTIFICATE_HEAD.match(piece, at)
        if head and low + at + 4 + int.from_bytes(head.group(1), "big") > offset:
            return True
        at = piece.rfind(b"\x30\x82", 0, at)
    return False


class Surrounded(Placer):
    """Another placer's places, with the context of the surroundings where they say more than `code`."""

    def __init__(self, inner: Placer) -> None:
        self.inner = inner
        self.FORMATS = inner.FORMATS  # type: ignore[misc]  # differs by instance here

    def places(self, artifact: Artifact, data: Reader, hits: Iterable[tuple[int, int]]) -> list[Place]:
        """Return one place for each hit."""
        spans = list(hits)
        whole = whole_leaf_context(artifact)
        contexts = (whole or hit_context(data, start, end) for start, end in spans)
        found = self.inner.places(artifact, data, spans)
        return [
            place._replace(context=context) if context else place
            for place, context in zip(found, contexts, strict=True)
        ]
