"""From the end of an anchor to a candidate: walk back, walk on, and judge once per distinct text.

Works on a snippet of bytes, so that text decoded from UTF-16, escapes or base64 takes the same path as raw bytes.
"""

import ipaddress
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple
from unicodedata import normalize
from urllib.parse import unquote

from inspector.formats.reader import Reader
from inspector.model.observation import Kind
from inspector.scan.endpoint.hosts import MAX_HOST, a_label, is_host, suffix_list
from inspector.scan.endpoint.rejection import is_by_chance, is_doubted, is_known, refuse_host, refuse_quad, scope_of
from inspector.scan.endpoint.vocabulary import (
    LOCAL_SCHEMES,
    NETWORK_SCHEMES,
    NOTATION_NAMES,
)
from inspector.scan.sweep import HOST, IPV4, IPV6, MIXED, SCHEME, WHOLE_IPV6

BEFORE: Final = 320
"""Bytes of a snippet that `examine` wants before an anchor's end."""
AFTER: Final = 640
"""Bytes of a snippet that it wants behind it: the longest URL kept."""


class Candidate(NamedTuple):
    """What one anchor led to: an observable at `[start, end)` of the snippet, or a refusal with its reason."""

    kind: Kind
    value: str
    start: int
    end: int
    reason: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    cut: bool = False
    """The host of this URL has no anchor of its own: the text ran on into something else, or it is a number."""
    decoding: str = ""
    """How it is written, where that is unusual; a name in its own script is not."""

    def moved(self, by: int) -> "Candidate":
        """Return the same with its range moved: every candidate is once, and `_replace` takes four times as long."""
        return self.moved_to(self.start + by, self.end + by)

    def moved_to(self, start: int, end: int) -> "Candidate":
        """Return the same at `[start, end)`."""
        return Candidate(self.kind, self.value, start, end, self.reason, self.attributes, self.cut, self.decoding)


Key = bytes | tuple[bytes, bytes]
"""A text that was met, with the bytes beside it: equal keys of one leaf get one verdict."""
_NEAR: Final = 72
QUAD_BEFORE: Final = 56
"""Before the end of an anchor: an address up to the first digit of its last number, and 40 bytes that tell of it."""
QUAD_BEHIND: Final = 42
"""Two more digits, and as many bytes behind them."""
_LATIN_WORD: Final = re.compile("[a-z0-9.-]*[a-z0-9][\u00df-\u024f]+$", re.IGNORECASE)
_INTERNATIONAL: Final = 66
"""Bytes of a name in UTF-8 that are read: a label of 63 ASCII characters has at most 20 ideographs."""
HOST_BYTES: Final = bytes(
    code if chr(code).isascii() and (chr(code).isalnum() or chr(code) in "._-") else 0x20 for code in range(256)
)
_FILLED_IN: Final = re.compile(
    rb"(?:[A-Za-z0-9-]*(?:[$#]?\{[A-Za-z0-9_.:$-]{0,40}\}|%(?:\([A-Za-z0-9_.]{1,32}\))?[sdu])[A-Za-z0-9-]*\.)+\Z"
)
"""Labels that a template fills in: `{region}.`, `${env}-eu.`, `%s.`, `%(host)s.`."""
_FILLED_IN_REACH: Final = 64
_FILLED_IN_ENDS: Final = frozenset(b"})%")
_NAMED_FORMAT: Final = re.compile(rb"%\([A-Za-z0-9_.]{1,32}\)\Z")
_SHARE: Final = re.compile(rb"(?:\A|[\0\s\"'=(,;>])\\\\[vbf]\Z")
"""Two backslashes and the first letter of a server, `\\\\vendor.com\\share`: texts seldom hold these escapes."""
_ESCAPE_HEAD: Final = re.compile(rb"(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[nrtbfv0])")
_FORMAT_HEAD: Final = re.compile(rb"[0-9.*-]{0,4}(?:hh|ll|[hlzjt])?[sdiuxXc]")
_DEFANGED: Final = {"hxxp": "http", "hxxps": "https", "fxp": "ftp", "fxps": "ftps"}
"""Schemes that lists of rules write so that nobody follows them."""
_ESCAPED_HOST: Final = re.compile("(?:%[2-7][0-9a-f]|[a-z0-9._-])+")
_ESCAPED_DOT: Final = re.compile("[a-z0-9]%2e[a-z]")
_ESCAPED_AUTHORITY: Final = re.compile(rb"://(?:[A-Za-z0-9._-]|%(?!2[fF])[0-9A-Fa-f]{2})*%(?!2[fF])[0-9A-Fa-f]{2}\Z")
_DEFANGED_BEFORE: Final = re.compile(rb"[A-Za-z0-9][\[({](?:\.|dot)[\])}]\Z", re.IGNORECASE)
_DEFANGED_ENDS: Final = (b".]", b".)", b".}", b"t]", b"t)", b"t}", b"T]", b"T)", b"T}")
_PERCENT_HEAD: Final = re.compile(rb"(?:[0-9a-fA-F]{2})+?")
_PORT: Final = re.compile(rb":([0-9]{1,5})(?![0-9])")
_SCHEME_TAIL: Final = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]{0,31}\Z")
_SCHEME_BYTES: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+.-")
_LOCAL_PART: Final = re.compile(rb"[A-Za-z0-9_%+-][A-Za-z0-9._%+-]{0,63}\Z")
_URL_RUN: Final = re.compile(rb"[A-Za-z0-9._~:/?#\[\]@!$&()*+,;=%-]+")
_NUMBER: Final = re.compile("0x[0-9a-f]{1,8}|0[0-7]{0,11}|[1-9][0-9]{0,9}")
_URL_CUTS: Final = re.compile(
    rb"(?<![=/?&#:%+|])(?:https?|wss?|mqtts?|ftp|rtsp|rtmp)://|,(?:https?|wss?|ftp)://|&(?:quot|lt|gt|apos|#\d+);|%22|%3[ce]|\$\{|#\{",
    re.IGNORECASE,
)
_BRACKETS: Final = re.compile(rb"[()]")
_QUAD: Final = re.compile(
    rb"(?<![0-9])(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}(?![0-9])"
)
_HEXADECIMAL: Final = re.compile(rb"0[xX][0-9A-Fa-f]")
_HEXTET_HEAD: Final = re.compile(
    rb"(?:(?<![0-9A-Za-z:.])(?:[23][0-9a-f]{3}|f[cdef][0-9a-f]{2}|64:ff9b)"
    # Prefixes that nobody was given count where they stand like a value; C++ writes scopes with the same signs.
    rb"|(?<=[\"'`\[=, ])(?:[014-9a-e][0-9a-f]{2,3}|f[0-9ab][0-9a-f]{2}|[23f][0-9a-f]{2})):[0-9a-f]{0,4}:\Z",
    re.IGNORECASE,
)
"""Where an address begins, up to its second colon."""
_HEXTETS: Final = re.compile(rb"[0-9A-Fa-f:]{4,39}(?:\.[0-9]{1,3}){0,3}")
_ASSIGNED: Final = re.compile("[23][0-9a-f]{3}:|f[cdef][0-9a-f]{2}:|64:ff9b:", re.IGNORECASE)
_VALUE_BEHIND: Final = re.compile(rb"/[0-9]|[\"'`\],]")
_NO_ENDS: Final = tuple(bytes([code]) for code in b"#$*+@^~!?" + bytes(range(1, 9)) + bytes(range(0x80, 0x100)))
"""What stands behind no prefix of its own, `2001::`, but in bytes of pictures."""
_PREFIX: Final = re.compile(rb"/([0-9]{1,3})(?![0-9.])")
_URI_TAG: Final = b"\x86"
"""Before a URL in a certificate, and the byte with its length: `uniformResourceIdentifier` of RFC 5280, 4.2.1.6."""


def examine(
    text: bytes, kind: int, end: int, *, valued: bool = False, known: AbstractSet[str] = frozenset()
) -> Candidate | None:
    """Return what the anchor of `kind` that ends at `end` of `text` stands for; None for part of something longer.

    `known` are host names whose owner is known: a whole text that is one of them, or below one, is not doubted.
    """
    if kind == HOST:
        found = _host(text, end - 1, valued=valued)
        return _doubted(found, text, known) if found is not None and is_doubted(found.reason) else found
    if kind == SCHEME:
        return _url(text, text.rfind(b"://", 0, end))
    if kind == IPV4:
        return _quad(text, end)
    if kind == MIXED:
        return _mixed(text, end)
    if kind == WHOLE_IPV6:
        return _whole_hextets(text, end - 1)
    return _hextets(text, end) if kind == IPV6 else None


_TEXT_HOST: Final = re.compile(rb"(?<=[a-z0-9\x80-\xff])\.([a-z0-9\x80-\xff-]{2,63})(?![a-z0-9_-])", re.IGNORECASE)
_TEXT_OTHERS: Final = (
    (SCHEME, re.compile(rb"[A-Za-z0-9]://[^\x00-\x20]")),
    (IPV4, re.compile(rb"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]")),
    (
        IPV6,
        re.compile(rb"(?<![0-9A-Za-z:.])(?:[23][0-9A-Fa-f]{3}|[fF][c-fC-F][0-9A-Fa-f]{2}|64:ff9b):[0-9A-Fa-f]{0,4}:"),
    ),
    (
        MIXED,
        re.compile(
            rb"(?<![\w.-])(?=[0-9.xXa-fA-F]{0,15}0[0-7xX])[0-9][0-9xXa-fA-F]{0,3}(?:\.[0-9][0-9xXa-fA-F]{0,3}){3}"
        ),
    ),
)


def _doubted(found: Candidate, text: bytes, known: AbstractSet[str]) -> Candidate:
    """Return the host itself where it is a known one after all, else its refusal."""
    if found.kind is not Kind.HOSTNAME:
        return found
    raw = text[found.start : found.end].decode("latin-1")
    if not is_known(raw, text[max(0, found.start - 3) : found.start], text[found.end : found.end + 2], known):
        return found
    return found._replace(reason="", attributes=_beside(text, found.start, found.end))


def examine_text(text: bytes, *, valued: bool = False, known: AbstractSet[str] = frozenset()) -> Iterator[Candidate]:
    """Yield the candidates of a short text (a few KB), as the sweep would find them; for decoded strings."""
    suffixes = suffix_list().tlds
    for match in _TEXT_HOST.finditer(text):
        if match.group(1).decode("latin-1").lower() in suffixes and (
            found := examine(text, HOST, match.end() + 1, valued=valued, known=known)
        ):
            yield found
    for kind, pattern in _TEXT_OTHERS:
        for match in pattern.finditer(text):
            if found := examine(text, kind, match.end()):
                yield found


def host_key(view: memoryview, end: int) -> bytes:
    """Return the name whose anchor ends at `end`, with the bytes beside it that a verdict depends on."""
    piece = bytes(view[max(0, end - _NEAR) : end + 1])
    inside = piece[: end - 1 - max(0, end - _NEAR)]
    start = inside.translate(HOST_BYTES).rfind(b" ") - 2
    if start >= 0 and (piece[start + 2] >= 0x80 or piece[start + 2] in _FILLED_IN_ENDS):
        return piece  # a label that is not ASCII, or that a template fills in, reaches further back
    return piece[start:] if start > 0 else bytes(view[max(0, end - BEFORE) : end + 1])


def url_key(view: memoryview, end: int) -> tuple[bytes, bytes]:
    """Return what precedes the `://` that ends at `end - 1`, and the run behind it, as a verdict depends on them."""
    run = _URL_RUN.match(view, end - 1, end + AFTER)
    return bytes(view[max(0, end - 24) : end - 4]), run.group() if run else b""


def quad_key(data: Reader, end: int) -> bytes:
    """Return the bytes around an address whose anchor ends at `end` of a leaf that a verdict depends on.

    In front the number of bytes before `end`: at the start of a leaf there are fewer, and the same bytes elsewhere
    would be another address.
    """
    low = max(0, end - QUAD_BEFORE)
    return bytes([end - low]) + data.read_upto(low, end - low + QUAD_BEHIND)


def is_whole(key: Key) -> bool:
    """Tell whether a key of `host_key` or `url_key` holds every byte that a verdict on it depends on.

    The local part before a name, the scheme before `://` and a label that is not ASCII reach further back; at the
    end of a leaf a byte of the key is missing.
    """
    if isinstance(key, tuple):
        scheme = _SCHEME_TAIL.search(key[0])
        return scheme is not None and scheme.start() > 0 and key[0][scheme.start() - 1] not in _SCHEME_BYTES
    boundary = key[-2]
    if boundary >= 0x80 or chr(boundary).isalnum():
        return False
    before = key[:-2].translate(HOST_BYTES).rfind(b" ")
    if key[max(0, before - 1) : before + 1] in _DEFANGED_ENDS:
        return False
    return before < 0 or (key[before] < 0x80 and key[before] != 0x40 and key[before - 2 : before + 1] != b"://")


def _host(text: bytes, boundary: int, *, valued: bool) -> Candidate | None:
    after = text[boundary : boundary + 2]
    if after[:1] == b"." and (after[1:2].isalnum() or after[1:2] in (b"_", b"-") or after[1:2] >= b"\x80"):
        return None
    low = max(0, boundary - MAX_HOST - 3)
    start = low + text[low:boundary].translate(HOST_BYTES).rfind(b" ") + 1
    start = _after_filled_in(text, start, boundary)
    start = _after_escape(text, start, boundary)
    if _is_inside(text, start):
        return None
    if (gap := text.rfind(b"..", start, boundary)) >= 0:
        start = gap + 2
    while start < boundary and text[start] in b".-":
        start += 1
    raw = text[start:boundary].decode("latin-1")
    if "." not in raw:
        return _international(text, start, boundary)
    lead = start - (text[start - 1 : start] == b".")
    if text[lead - 1 : lead] >= b"\x80" and (whole := _international(text, start, boundary)) is not None:
        # Where a URL's host begins, a letter of another script is its first one; in running text it may be a word,
        # unless the word is one of Latin letters: `bücher.vendor.com` is no `cher.vendor.com`.
        begins_url = text[max(0, whole.start - 3) : whole.start] == b"://"
        if begins_url or (lead == start and _LATIN_WORD.match(text[whole.start : start].decode("utf-8", "replace"))):
            return whole
    before = text[max(0, start - 3) : start]
    if before.endswith(b"@") and (mail := _email(text, start, boundary, raw)):
        return mail
    filled = _FILLED_IN.search(text, max(0, start - _FILLED_IN_REACH), start) if before.endswith(b".") else None
    if filled:
        before = text[max(0, filled.start() - 3) : filled.start()]
    reason = refuse_host(raw, before, after, valued=valued)
    return Candidate(
        Kind.HOSTNAME, raw.lower(), start, boundary, reason, () if reason else _beside(text, start, boundary)
    )


def _after_filled_in(text: bytes, start: int, boundary: int) -> int:
    """Step over the rest of a label that is filled in: `{service}-eu.example.com`, `%(service)s.example.com`."""
    if text[start - 1 : start] == b")" and _NAMED_FORMAT.search(text, max(0, start - 36), start):
        dot = text.find(b".", start, boundary)
        return dot + 1 if dot >= 0 else start
    if text[start - 1 : start] != b"}" or text[start] not in b"-_":
        return start
    dot = text.find(b".", start, boundary)
    return dot + 1 if dot >= 0 else start


def _is_inside(text: bytes, start: int) -> bool:
    """Tell whether a name goes on before `start` in signs that are decoded with the whole of it."""
    if text[start - 1 : start] in (b"]", b")", b"}"):
        return _DEFANGED_BEFORE.search(text, max(0, start - 6), start) is not None
    return (
        b"%" in text[max(0, start - 3) : start]
        and _ESCAPED_AUTHORITY.search(text, max(0, start - _NEAR), start) is not None
    )


def _after_escape(text: bytes, start: int, boundary: int) -> int:
    r"""Step over the letters of `\n`, `\u003c`, `%2F` and `%s` that read as the head of a name."""
    mark = text[start - 1 : start]
    pattern = _ESCAPE_HEAD if mark == b"\\" else _PERCENT_HEAD if mark == b"%" else None
    if pattern is None or (mark == b"\\" and _SHARE.search(text, max(0, start - 3), start + 1)):
        return start
    head = pattern.match(text, start, boundary) or (_FORMAT_HEAD.match(text, start, boundary) if mark == b"%" else None)
    if head is None:
        return start
    if head.re is _FORMAT_HEAD and text[head.end() : head.end() + 1] in (b"-", b"_"):
        # `%s-eu.example.com`: the rest of a label that is filled in is no label.
        dot = text.find(b".", head.end(), boundary)
        return dot + 1 if dot >= 0 else start
    return head.end()


_IN_NAMES: Final = frozenset(".-\u00ad\u200b\u200c\u200d\u2060\u3002\uff0e\uff61")
"""Signs of names, those that are left out (UTS #46), and other full stops."""


def _is_letter(char: str) -> bool:
    """Tell whether a browser reads a character as letters or digits of a name: the fullwidth and circled ones too."""
    return char.isalnum() or normalize("NFKC", char).isalnum()


def _international(text: bytes, start: int, boundary: int) -> Candidate | None:
    """Judge a name in UTF-8 whose label before `start` is not ASCII."""
    low = start - 1
    while low > max(0, boundary - _INTERNATIONAL) and (
        text[low - 1] >= 0x80 or text[low - 1 : low].isalnum() or text[low - 1] in b".-"
    ):
        low -= 1
    try:
        name = text[low:boundary].decode("utf-8").lstrip(".-")
    except UnicodeDecodeError:
        return None
    # Sentence signs are no letters: only what stands behind the last of them can be a name.
    cut = max((index for index, char in enumerate(name) if char not in _IN_NAMES and not _is_letter(char)), default=-1)
    name = name[cut + 1 :].strip(".-")
    value = a_label(name)
    if name.isascii() or not value.isascii() or not is_host(value):
        return None
    begin = boundary - len(name.encode())
    # Random bytes make a letter of two bytes and a short suffix now and then, but rarely two letters.
    if len(name.rpartition(".")[0]) < 2:
        return None
    decoding = "" if "xn--" in value else "unicode-forms"
    return Candidate(Kind.HOSTNAME, value, begin, boundary, "", (("written-as", name),), decoding=decoding)


def _email(text: bytes, start: int, boundary: int, host: str) -> Candidate | None:
    local = _LOCAL_PART.search(text, max(0, start - 66), start - 1)
    if local is None:
        return None
    begin = local.start()
    if b"://" in text[max(0, begin - 40) : begin] and not re.search(
        rb"[\s\"'<>\x00]", text[max(0, begin - 40) : begin].rpartition(b"://")[2]
    ):
        return None
    if text[begin - 1 : begin] in (b"/", b":") and text[boundary : boundary + 1] in (b"/", b":"):
        return None
    name = host.lower()
    reason = refuse_host(host, b"a@", text[boundary : boundary + 2], valued=False)
    if begin == start - 2 and is_by_chance(host, text[begin - 1 : begin], text[boundary : boundary + 1]):
        reason = "letters-by-chance"
    value = f"{local.group().decode('latin-1').lower()}@{name}"
    return Candidate(Kind.EMAIL, value, begin, boundary, reason or ("algorithm-name" * (value in NOTATION_NAMES)))


def _beside(text: bytes, start: int, end: int) -> tuple[tuple[str, str], ...]:
    facts = []
    if (port := _PORT.match(text, end)) and 0 < int(port.group(1)) < 65536:
        facts.append(("port", port.group(1).decode().lstrip("0")))
    if text[max(0, start - 3) : start] == b"://" and (scheme := _scheme(text, start - 3)):
        facts.append(("scheme", _DEFANGED.get(scheme[0], scheme[0])))
    return tuple(facts)


def _scheme(text: bytes, colon: int) -> tuple[str, int] | None:
    """Return the scheme before `://` at `colon` and its start; the longest known one where others run into it."""
    match = _SCHEME_TAIL.search(text, max(0, colon - 32), colon)
    if match is None:
        return None
    scheme = match.group().decode("ascii").lower()
    if scheme in NETWORK_SCHEMES or scheme in LOCAL_SCHEMES:
        return scheme, match.start()
    for cut in range(1, len(scheme)):
        if scheme[cut:] in NETWORK_SCHEMES and scheme[cut - 1] not in "+-":
            return scheme[cut:], match.start() + cut
    return scheme.lstrip("+.-"), match.start()


def _url(text: bytes, colon: int) -> Candidate | None:
    if (
        colon < 0
        or (found := _scheme(text, colon)) is None
        or (run := _URL_RUN.match(text, colon + 3, colon + AFTER)) is None
    ):
        return None
    scheme, start = found
    written = scheme if scheme in _DEFANGED else ""
    scheme = _DEFANGED.get(scheme, scheme)
    whole = run.group()
    if text[start - 2 : start - 1] == _URI_TAG and 0 <= (told := text[start - 1] - (colon + 3 - start)) < len(whole):
        whole = whole[:told]  # the next element of a certificate often begins with a sign that is one of URLs too
    rest = _trimmed(whole)
    runs_on = len(rest) < len(run.group()) and b"/" not in rest
    end = colon + 3 + len(rest)
    authority = re.split(rb"[/?#]", rest, maxsplit=1)[0]
    userinfo, _, place = authority.rpartition(b"@")
    host, port = _split_port(place)
    if escaped := host is not None and "%" in host and _is_escaped(host):
        written, host = host, unquote(host).lower().strip(".")
    numbered = _numbered(host) if host and (host[0].isdigit() or ":" in host) else ""
    host = numbered or host or None
    if host is not None and not _public(host) and (cut := _blob_cut(place)):
        rest, place, end = place[:cut], place[:cut], colon + 3 + cut
        host, port, userinfo, runs_on = place.decode("ascii").lower(), "", b"", True
    reason = _refuse_url(scheme, host)
    mask = (
        f"{userinfo.partition(b':')[0].decode('latin-1')}:***@"
        if b":" in userinfo
        else f"{userinfo.decode('latin-1')}@"
        if userinfo
        else ""
    )
    if host is None or reason:
        refused = mask + rest[len(userinfo) + 1 if userinfo else 0 :].decode("latin-1")
        return Candidate(Kind.URL, f"{scheme}://{refused}", start, end, reason or "no-public-host")
    shown = f"[{host}]" if ":" in host else host
    tail = rest[len(authority) :].decode("latin-1") if len(rest) > len(authority) else ""
    attributes = [("host", host), ("scheme", scheme)]
    attributes += [("port", port)] if port else []
    attributes += [("credentials", "yes")] if b":" in userinfo else []
    attributes += [("written-as", written)] if written else []
    value = f"{scheme}://{mask}{shown}{':' + port if port else ''}{tail}"
    return Candidate(
        Kind.URL,
        value,
        start,
        end,
        "",
        tuple(sorted(attributes)),
        bool(numbered) or escaped or (runs_on and is_host(host)),
        "url-escapes" if escaped else "defanged" if written else "",
    )


def _is_escaped(host: str) -> bool:
    """Tell whether a host is written in escapes; those with an escaped full stop are decoded around that."""
    return _ESCAPED_HOST.fullmatch(host) is not None and _ESCAPED_DOT.search(host) is None


def _trimmed(run: bytes) -> bytes:
    """Cut what is not the URL's: a second URL, an entity, an unpaired bracket, the sentence's full stop."""
    if cut := _URL_CUTS.search(run):
        run = run[: cut.start()]
    if b")" in run:
        depth = 0
        for bracket in _BRACKETS.finditer(run):
            depth += 1 if bracket.group() == b"(" else -1
            if depth < 0:
                run = run[: bracket.start()]
                break
    return run.rstrip(b".,;:!?([$*&=@")


def _split_port(place: bytes) -> tuple[str | None, str]:
    if place.startswith(b"["):
        inner, _, rest = place[1:].partition(b"]")
        text = inner.decode("latin-1").partition("%")[0].lower()
        return (text or None), _port_text(rest[1:]) if rest.startswith(b":") else ""
    host, _, port = place.partition(b":")
    text = host.decode("latin-1").lower().removeprefix("*.").strip(".")
    return (text or None), _port_text(port)


def _port_text(port: bytes) -> str:
    return port.decode().lstrip("0") if port.isdigit() and len(port) < 6 and 0 < int(port) < 65536 else ""


def _public(host: str) -> bool:
    return is_host(host) or _address(host) is not None


def _address(host: str) -> str | None:
    try:
        return str(ipaddress.ip_address(host)) if ":" in host or host.count(".") == 3 else None
    except ValueError:
        return None


def _numbered(host: str) -> str:
    """Return the dotted form of an address that a URL writes as a number or in octal or hexadecimal parts, or "".

    `http://3396469879/`, `http://0xca.0x72.4.119/` and `http://[::ffff:ca72:477]/` lead where `202.114.4.119` does.
    """
    if ":" in host:
        try:
            mapped = ipaddress.IPv6Address(host).ipv4_mapped
        except ValueError:
            return ""
        return str(mapped) if mapped else ""
    parts = host.split(".")
    if len(parts) > 4 or not all(map(_NUMBER.fullmatch, parts)):
        return ""
    *octets, rest = (int(part, 16 if part[:2] == "0x" else 8 if part[0] == "0" else 10) for part in parts)
    if any(octet > 255 for octet in octets) or rest >> 8 * (5 - len(parts)):
        return ""
    if len(parts) > 1 and rest < 256 and not any(part[0] == "0" and part != "0" for part in parts):
        return ""  # an ordinary address, or a version
    number = int.from_bytes(bytes(octets).ljust(4, b"\0")) + rest
    return str(ipaddress.IPv4Address(number)) if number >> 24 else ""


def _blob_cut(place: bytes) -> int:
    """Return where a known suffix ends in a name that runs into the next string of a blob, or 0.

    Go and Rust lay strings end to end: `api.example.comError` is cut where the case changes behind a TLD.
    """
    head, dot, last = place.partition(b":")[0].rpartition(b".")
    if not dot or b"." not in place:
        return 0
    for size in range(min(len(last) - 1, 24), 1, -1):
        name = (head + b"." + last[:size]).decode("latin-1")
        if last[size : size + 1].isupper() and last[:size].islower() and is_host(name.lower()):
            return len(head) + 1 + size
    return 0


def _refuse_url(scheme: str, host: str | None) -> str:
    if scheme in LOCAL_SCHEMES:
        return "local-scheme"
    if host is None or any(char in host for char in "%${}*()<"):
        return "template-host"
    if address := _address(host):
        parsed = ipaddress.ip_address(address)
        if parsed.is_loopback:
            return "loopback-address"
        return "netmask" if parsed.is_unspecified or address == "255.255.255.255" else ""
    if not is_host(host):
        return "loopback-address" if host == "localhost" else "no-public-host"
    return refuse_host(host, b"://", b"", valued=False)


def _quad(text: bytes, end: int) -> Candidate | None:
    low = max(0, end - 15)
    match = next((m for m in _QUAD.finditer(text, low, min(len(text), end + 3)) if m.start() < end <= m.end()), None)
    if match is None or match.end() < end or _HEXADECIMAL.match(text, match.end() - 1):
        return None
    value = match.group().decode("ascii")
    start, stop = match.span()
    reason = refuse_quad(value, text[max(0, start - 40) : start], text[stop : stop + 40])
    if reason:
        return Candidate(Kind.IP_ADDRESS, value, start, stop, reason)
    facts = (*_beside(text, start, stop), *_network(text, value, stop, 32))
    return Candidate(Kind.IP_ADDRESS, value, start, stop, "", tuple(sorted(facts)))


def _network(text: bytes, value: str, end: int, longest: int) -> Iterator[tuple[str, str]]:
    """Yield the scope of an address that ends at `end`, and the length of the prefix behind it, as attributes."""
    if scope := scope_of(value):
        yield "scope", scope
    if (prefix := _PREFIX.match(text, end)) and int(prefix.group(1)) <= longest:
        yield "prefix", prefix.group(1).decode()


_MIXED: Final = re.compile(
    rb"(?<![\w.-])(?:0x[0-9a-f]{1,2}|[0-9]{1,4})(?:\.(?:0x[0-9a-f]{1,2}|[0-9]{1,4})){3}", re.IGNORECASE
)
_MIXED_REACH: Final = 20


def _mixed(text: bytes, end: int) -> Candidate | None:
    """Return the address that a text writes with octal or hexadecimal parts: `202.114.4.0x77`; URLs tell their own."""
    low = max(0, end - _MIXED_REACH)
    match = next((m for m in _MIXED.finditer(text, low, end + 3) if m.start() < end <= m.end()), None)
    if match is None or text[match.end() : match.end() + 1] in _GOES_ON or _GOES_ON_BEHIND.match(text, match.end()):
        return None
    start, stop = match.span()
    value = _numbered(match.group().decode("ascii").lower())
    if not value or text[max(0, start - 3) : start] == b"://":
        return None
    facts = list(_beside(text, start, stop))
    facts += [("scope", scope)] if (scope := scope_of(value)) else []
    reason = refuse_quad(value, text[max(0, start - 40) : start], text[stop : stop + 40])
    facts = [] if reason else sorted(facts)
    return Candidate(Kind.IP_ADDRESS, value, start, stop, reason, tuple(facts), decoding="numeric-address")


_GOES_ON: Final = frozenset(
    bytes([code]) for code in b"_-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)
_GOES_ON_BEHIND: Final = re.compile(rb"\.[\w-]")
_WHOLE_HEXTETS: Final = re.compile(rb"(?<![\w:.-])(?:::)?(?:[0-9a-f]{1,4}:){2,7}[0-9a-f]{1,4}\Z", re.IGNORECASE)
_PAIRS: Final = re.compile("[0-9a-f]{2}(?::[0-9a-f]{2})*", re.IGNORECASE)
_MAPPED: Final = re.compile(rb"::ffff:", re.IGNORECASE)
"""The prefix of IPv4 addresses, which stand behind it in their own form."""
_SHORT_HEAD: Final = re.compile(rb"::|[0-9a-f]{1,2}:", re.IGNORECASE)


def _whole_hextets(text: bytes, end: int) -> Candidate | None:
    """Return the address of eight parts, or behind `::`, that ends at `end`: its head is too short to be an anchor."""
    match = _WHOLE_HEXTETS.search(text, max(0, end - 39), end)
    if (
        match is None
        or not _SHORT_HEAD.match(match.group())
        or _MAPPED.match(match.group())
        or _GOES_ON_BEHIND.match(text, end)
    ):
        return None
    raw = match.group().decode("ascii")
    # Worldwide names of disks, and identifiers made of hardware addresses, are pairs.
    value = None if _PAIRS.fullmatch(raw) or text[end : end + 1].isalnum() else _address(raw)
    if value is None or not re.search("[0-9]", raw) or (raw[0] == ":" and max(map(len, raw.split(":"))) < 3):
        return None
    return Candidate(Kind.IP_ADDRESS, value, match.start(), end, "", tuple(_network(text, value, end, 128)))


def _hextets(text: bytes, end: int) -> Candidate | None:
    head = _HEXTET_HEAD.search(text, max(0, end - 14), end)
    if head is None:
        return None
    low = head.start()
    match = _HEXTETS.match(text, low)
    if match is None or text[match.end() : match.end() + 1].isalnum():
        return None
    raw = match.group().rstrip(b".").decode("ascii")
    raw = raw[:-1] if raw.endswith(":") and not raw.endswith("::") else raw
    value = _address(raw)
    if value is None:
        return Candidate(Kind.IP_ADDRESS, raw, low, match.end(), "time-or-hardware-address")
    if not _ASSIGNED.match(raw) and not (_VALUE_BEHIND.match(text, low + len(raw)) and re.search("[0-9]", raw)):
        return Candidate(Kind.IP_ADDRESS, raw, low, match.end(), "scope-operator")
    stop = low + len(raw)
    counted = low > 0 and text[low - 1] == len(raw)  # a constant of a program, whose next one follows
    bare = raw.endswith("::") and raw.count(":") == 2 and not counted and text[stop : stop + 1] != b"/"
    if bare and (text[low - 1 : low] >= b"\x80" or text[stop : stop + 1] in _NO_ENDS):
        return Candidate(Kind.IP_ADDRESS, raw, low, stop, "letters-by-chance")
    return Candidate(Kind.IP_ADDRESS, value, low, stop, "", tuple(_network(text, value, stop, 128)))
