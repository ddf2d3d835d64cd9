"""Endpoints that do not stand as text: base64, hexadecimal, XOR, DNS messages, socket addresses, numbers in settings.

Each begins with something that chance does not write: the encoded form of `http` or `mqtt` and what follows it, a
name's last label with its length byte, a `sockaddr_in` with a service's port, or a setting whose key speaks of an
address. What is decoded must then pass the same judgement as plain text.

Limits: hexadecimal and XOR are looked for where a URL stands in them, base64 also where it holds nothing but names of
hosts. A `sockaddr_in` counts at a multiple of
four bytes, with a public address and a port of `PORTS`: with any port, 250 in 100 MB of ordinary programs are chance.
"""

import ipaddress
import re
from base64 import b64decode, b64encode
from binascii import Error as EncodingError
from binascii import unhexlify
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import ClassVar, Final

from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Kind, Location, Observable, Sighting
from inspector.scan.base import AnchoredScanner, Placer, ScannerInfo, ScanNotes
from inspector.scan.endpoint.candidates import Candidate, examine_text
from inspector.scan.endpoint.hosts import is_host
from inspector.scan.endpoint.rejection import scope_of
from inspector.scan.endpoint.vocabulary import KNOWN_RESOLVERS
from inspector.scan.places.many import Places
from inspector.scan.sweep import FIRST_FREE, Anchor, Window, ends, escape

RUN: Final = 1024
MOST: Final = 10_000
"""Sightings kept for one leaf."""
KEPT: Final = 32
"""Places kept for one endpoint in one leaf: thousands of icons name the same namespace. The rest is counted."""
TRIED: Final = 200_000
"""Places decoded in one leaf, whatever comes of it: about twenty seconds of work."""
_BASE64, _HEX, _DNS, _NUMBER, _SOCKET, _BASE64_HOST = range(FIRST_FREE, FIRST_FREE + 6)
_XOR: Final = FIRST_FREE + 256
"""Plus the key."""
_URL_HEADS: Final = (b"http://", b"https://", b"mqtt://", b"mqtts://", b"rtmp://", b"rtsp://", b"wss://")
_DNS_LAST: Final = (b"com", b"net", b"cn", b"org", b"io")
PORTS: Final = (
    *(21, 22, 23, 25, 53, 69, 80, 110, 123, 143, 443, 465, 514, 515, 554, 587, 853, 990, 993, 995),
    *(1883, 1935, 2049, 3478, 5060, 5061, 5222, 5223, 5349, 5683, 5684, 6667, 7547, 8000, 8080, 8081, 8086, 8443, 8554),
    *(8883, 8888, 9000, 9100, 10000, 10240, 32100, 32108, 34567, 37777),
)
"""Ports of services that a device calls: web, mail, names, time, printing, media, messages, control, P2P relays."""
_FAMILIES: Final = (b"\x02\x00", b"\x00\x02", b"\x10\x02")
"""AF_INET in either byte order, and behind the length that BSD and iOS put first."""
_SOCKET_SIZE: Final = 16
_BASE64_BYTES: Final = bytes(
    code if chr(code).isascii() and (chr(code).isalnum() or chr(code) in "+/_-") else 0x20 for code in range(256)
)
_URL_TEXT: Final = re.compile(
    rb"[\x20-\x7e]*(?:" + b"|".join(map(re.escape, _URL_HEADS)) + rb")[\x20-\x7e]*", re.IGNORECASE
)
_NO_TEXT: Final = bytes(code for code in range(256) if not 0x20 <= code < 0x7F and code not in b"\0\t\n\r")
_DENSE: Final = 0.3
"""The share of bytes that are no text from which on a decoded piece is compressed or a picture: of those it is 0.62."""
_PEM_REACH: Final = 8192
_BASE64_WHOLE: Final = re.compile(rb"(?<![A-Za-z0-9+/_.-])[A-Za-z0-9+/_-]{10,400}={0,2}(?![A-Za-z0-9+/=_.-])")
_HOSTS: Final = re.compile(rb"(?:[A-Za-z0-9.-]{8,253}(?::[0-9]{1,5})?(?:[,;| \r\n]{1,2}|\Z)){1,16}")
_HEX_RUN: Final = re.compile(rb"(?:[0-9A-Fa-f]{2})*")
_LABEL: Final = re.compile(rb"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?")
_NUMERIC: Final = re.compile(
    rb"(?<![A-Za-z0-9_.-])((?:[A-Za-z0-9]{1,20}[_.-]){0,3}(?:ip|addr|address|server|host|dns|gateway)"
    rb"(?:_?(?:ip|addr|address|[0-9]{1,2}))?)"
    rb"[\"' ]{0,3}[=:][\"' ]{0,3}"
    rb"(0x[0-9A-Fa-f]{8}|[1-4][0-9]{9}|[0-9]{9})(?![0-9A-Fa-fxX.])",
    re.IGNORECASE,
)
_LOCAL_NETWORKS: Final = tuple(map(ipaddress.IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_NETWORK_KEY: Final = re.compile(rb"ip|server|host|dns|gateway", re.IGNORECASE)
_SETTINGS: Final = frozenset(("config", "json", "xml", "shell", "text", "data"))

Found = tuple[Candidate, str]


def _base64_anchors() -> Iterator[bytes]:
    """Yield what each URL head becomes in base64 in each of the three alignments, without the mixed edge characters."""
    for head in _URL_HEADS:
        for shift in range(3):
            packed = b64encode(b"\0" * shift + head).rstrip(b"=")
            first = (0, 2, 3)[shift]
            last = len(packed) - (1 if (shift + len(head)) % 3 else 0)
            yield packed[first:last]


def _base64_suffixes() -> Iterator[tuple[bytes, bytes]]:
    """Yield what the last label of a name becomes in base64, likewise, and the characters that can stand behind it."""
    for last in _DNS_LAST:
        for shift in range(3):
            first, whole = -(-8 * shift // 6), 8 * (shift + 1 + len(last)) // 6
            packed = [b64encode(b"\0" * shift + b"." + last + bytes([behind]) * 2) for behind in range(256)]
            yield packed[0][first:whole], bytes(sorted({text[whole] for text in packed}))


def _anchors() -> tuple[Anchor, ...]:
    found = [Anchor(_BASE64, escape(text)) for text in sorted(set(_base64_anchors()))]
    found += [
        Anchor(_BASE64_HOST, escape(text) + (b"[" + escape(behind) + b"]" if len(behind) < 64 else b""))
        for text, behind in _base64_suffixes()
    ]
    found += [Anchor(_HEX, escape(head.hex().encode())) for head in _URL_HEADS]
    found += [Anchor(_DNS, rb"[a-z0-9]" + escape(bytes([len(last)]) + last) + rb"\x00") for last in _DNS_LAST]
    # Written out by sign and distance: as one expression with choices it takes a fifth of the time of the whole sweep.
    found += [
        Anchor(_NUMBER, sign + rb"[\"' ]" * distance + number)
        for sign in (b"=", b":")
        for distance in range(4)
        for number in (rb"0x[0-9a-f]{8}", rb"[0-9]{9}")
    ]
    found += [
        Anchor(_SOCKET, escape(family + port.to_bytes(2, "big")) + rb"[^\x00][\x00-\xff]{2}[^\x00\xff]\x00{8}")
        for family in _FAMILIES
        for port in PORTS
    ]
    for key in range(1, 256):
        found += [Anchor(_XOR + key, escape(bytes(code ^ key for code in head))) for head in (b"http://", b"https://")]
    return tuple(found)


class HiddenEndpoints(AnchoredScanner):
    """Finds endpoints in base64, hexadecimal, one-byte XOR, DNS wire format, socket addresses, and plain numbers."""

    INFO: ClassVar = ScannerInfo(
        name="hidden-endpoints",
        emits=(Kind.HOSTNAME, Kind.URL, Kind.IP_ADDRESS),
        reads=("*",),
        summary="Endpoints in base64, hexadecimal, one-byte XOR, DNS messages, socket addresses, numbers in settings.",
        references=("RFC 4648", "RFC 1035 section 3.1"),
        limitations=(
            "base64, hexadecimal and XOR are decoded where a URL stands in them; base64 of bare names as well",
            "DNS names, and bare names in base64, are found below com, net, cn, org and io",
            "socket address constants are read where the address is public and the port is that of a usual service",
        ),
    )

    def __init__(self, placers: tuple[Placer, ...] = ()) -> None:
        self._places = Places(placers)

    def anchors(self) -> tuple[Anchor, ...]:
        """Return the encoded forms of what URLs, names and settings begin or end with."""
        return _anchors()

    def judge(
        self, artifact: Artifact, data: Reader, notes: ScanNotes, windows: Iterable[Window]
    ) -> Iterator[Sighting]:
        """Yield sightings by offset; the excerpt is the decoded text."""
        hits: dict[tuple[int, int, Observable], Found] = {}
        counts: Counter[Observable] = Counter()
        latest: dict[Observable, int] = {}
        done, tried = -1, 0
        for kind, end in ends(windows):
            if kind == _NUMBER and artifact.format not in _SETTINGS:
                continue
            tried += 1
            for found, decoding in _decode(kind, data, end):
                if found.reason or (found.kind is Kind.EMAIL):
                    continue
                observable = Observable(found.kind, found.value)
                hit = (found.start, found.end, observable)
                # Each URL of a run decodes all of it: what was met from an earlier one is not met again.
                if hit not in hits and found.start > latest.get(observable, -1):
                    latest[observable] = found.start
                    counts[observable] += 1
                    if counts[observable] <= KEPT:
                        hits[hit] = (found, decoding)
            if len(hits) > MOST or tried >= TRIED:
                done = end
                break
        if done >= 0:
            detail = f"more than {MOST} encoded endpoints" if len(hits) > MOST else f"more than {TRIED} encoded places"
            notes.gaps.append((done, data.size - done, "limit", detail))
        ordered = sorted(hits)
        for hit, place in zip(ordered, self._places.of(artifact, data, ordered), strict=True):
            found, decoding = hits[hit]
            count = counts.pop(hit[2], 0)
            extra = (("count", str(count)),) if count > KEPT else ()
            yield Sighting(
                hit[2],
                Location(artifact.path, hit[0]),
                place.context,
                place.presence,
                excerpt=found.value[:120],
                decoding=decoding,
                key=place.key,
                referenced_by=place.referenced_by,
                attributes=tuple(sorted(found.attributes + extra)),
            )


def _decode(kind: int, data: Reader, end: int) -> Iterator[Found]:
    if kind >= _XOR:
        return _xor(data, end, kind - _XOR)
    decoders: dict[int, Callable[[Reader, int], Iterator[Found]]] = {
        _BASE64: _base64,
        _HEX: _hexadecimal,
        _DNS: _dns,
        _NUMBER: _number,
        _SOCKET: _socket_address,
        _BASE64_HOST: _base64_host,
    }
    return decoders[kind](data, end)


def _base64_run(data: Reader, end: int) -> tuple[int, bytes]:
    """Return the run of base64 that holds the byte before `end`, cut to `RUN` bytes on each side, and its start."""
    low = max(0, end - RUN)
    piece = data.read_upto(low, 2 * RUN)
    marked = piece.translate(_BASE64_BYTES)
    start, stop = marked.rfind(b" ", 0, end - low) + 1, marked.find(b" ", end - low)
    return low + start, piece[start : stop if stop >= 0 else len(piece)]


def _base64(data: Reader, end: int) -> Iterator[Found]:
    start, run = _base64_run(data, end)
    if 60 <= len(run) <= 76 and b"-----BEGIN " in data.read_upto(max(0, start - _PEM_REACH), min(start, _PEM_REACH)):
        return  # a line of a certificate or key, which has a scanner of its own
    packed = run.replace(b"-", b"+").replace(b"_", b"/")
    for shift in range(4):
        body = packed[shift:]
        body = body[: len(body) // 4 * 4 + (len(body) % 4 if len(body) % 4 != 1 else 0)]
        try:
            text = b64decode(body + b"=" * (-len(body) % 4))
        except EncodingError:
            continue
        if any(head in text.lower() for head in _URL_HEADS):
            for found in _examine_decoded(text):
                first, last = found.start * 4 // 3, -(-found.end * 4 // 3)
                yield found.moved_to(start + shift + first, min(start + shift + last, data.size)), "base64"
            return


def _examine_decoded(text: bytes) -> Iterator[Candidate]:
    """Yield the candidates of a decoded piece; of packed data, those in a text with a URL: others are chance."""
    if len(text.translate(None, _NO_TEXT)) > len(text) * (1 - _DENSE):
        yield from examine_text(text)
        return
    for piece in _URL_TEXT.finditer(text):
        for found in examine_text(piece.group()):
            yield found.moved(piece.start())


def _base64_host(data: Reader, end: int) -> Iterator[Found]:
    """Decode a whole text of base64 that holds nothing but names of hosts."""
    low = max(0, end - 404)
    piece = data.read_upto(low, 808)
    run = next((m for m in _BASE64_WHOLE.finditer(piece) if m.start() < end - low <= m.end()), None)
    if run is None:
        return
    packed = run.group().rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
    try:
        text = b64decode(packed + b"=" * (-len(packed) % 4))
    except EncodingError:
        return
    if _HOSTS.fullmatch(text):
        for found in examine_text(text):
            first, last = found.start * 4 // 3, min(-(-found.end * 4 // 3), len(packed))
            yield found._replace(start=low + run.start() + first, end=low + run.start() + last), "base64"


def _hexadecimal(data: Reader, end: int) -> Iterator[Found]:
    low = max(0, end - RUN)
    piece = data.read_upto(low, 2 * RUN)
    anchor = max(piece.lower().rfind(head.hex().encode(), 0, end - low) for head in _URL_HEADS)
    if anchor < 0 or (run := _HEX_RUN.match(piece, anchor)) is None:
        return
    for found in examine_text(unhexlify(run.group())):
        yield found._replace(start=low + anchor + 2 * found.start, end=low + anchor + 2 * found.end), "hex"


def _xor(data: Reader, end: int, key: int) -> Iterator[Found]:
    low = max(0, end - 8)
    table = bytes(code ^ key for code in range(256))
    text = data.read_upto(low, 512).translate(table)
    start = text.find(b"http")
    if start < 0 or b"://" not in text[start : start + 9]:
        return
    stop = next((at for at in range(start, len(text)) if not 0x20 < text[at] < 0x7F), len(text))
    if (again := text.find(b"http", start + 4, stop)) > 0:
        stop = again  # that one has an anchor of its own; to read both from each would take the square of the time
    for found in examine_text(text[start:stop]):
        if found.kind in (Kind.URL, Kind.HOSTNAME, Kind.IP_ADDRESS):
            yield found._replace(start=low + start + found.start, end=low + start + found.end), f"xor {key:#04x}"


def _dns(data: Reader, end: int) -> Iterator[Found]:
    """Follow length bytes back from the root label: at least three labels, each stating its own length."""
    low = max(0, end - 256)
    piece = data.read_upto(low, end - low)
    at = len(piece) - 1  # the root label
    labels: list[bytes] = []
    while len(labels) < 12:
        size = next((n for n in range(1, 64) if at - n - 1 >= 0 and piece[at - n - 1] == n), 0)
        if not size or _LABEL.fullmatch(piece, at - size, at) is None:
            break
        labels.insert(0, piece[at - size : at])
        at -= size + 1
    host = b".".join(labels).decode("latin-1").lower()
    if len(labels) >= 3 and is_host(host) and len(labels[-2]) > 2:
        yield Candidate(Kind.HOSTNAME, host, low + at, end), "dns-wire"


def _number(data: Reader, end: int) -> Iterator[Found]:
    low = max(0, end - 80)
    piece = data.read_upto(low, 80 + 16)
    for match in _NUMERIC.finditer(piece):
        key, raw = match.groups()
        address = ipaddress.IPv4Address(value) if (value := int(raw, 0)) < 1 << 32 else None
        if address is not None and _is_told(address, key):
            start, stop = low + match.start(2), low + match.end(2)
            decoding = "hex-address" if raw[:2].lower() == b"0x" else "decimal-address"
            facts = (("scope", scope),) if (scope := scope_of(str(address))) else ()
            yield Candidate(Kind.IP_ADDRESS, str(address), start, stop, "", facts), decoding


def _is_told(address: ipaddress.IPv4Address, key: bytes) -> bool:
    """Tell whether a number in a setting is an address of the network: addresses of memory are rounded ones."""
    if address.packed[3] in (0, 255) or address.is_multicast:
        return False
    if address.is_global:
        return True
    return any(address in network for network in _LOCAL_NETWORKS) and _NETWORK_KEY.search(key) is not None


def _socket_address(data: Reader, end: int) -> Iterator[Found]:
    start = end - _SOCKET_SIZE
    raw = data.read_upto(start, 8)
    address = ipaddress.IPv4Address(raw[4:8])
    small = max(raw[4:8]) < 32 and str(address) not in KNOWN_RESOLVERS  # rows of small numbers are no addresses
    if start % 4 == 0 and not small and address.is_global and not address.is_multicast and not scope_of(str(address)):
        facts = (("port", str(int.from_bytes(raw[2:4], "big"))),)
        yield Candidate(Kind.IP_ADDRESS, str(address), start, end, "", facts), "sockaddr-in"
