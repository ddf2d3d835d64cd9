"""Certificates and private keys: PEM, DER at any offset (so also PKCS#7 and Java key stores), PKCS#12.

A certificate in a file of its own, in PEM or in PKCS#12, that no public root list holds is one the maker chose: pinned,
of a private authority, or the device's own. It is configuration, and so are the names in it. One among many (a bundle),
and one inside a signature or program, say whom the system trusts or who signed; they and their names are listed, and
expose nothing by themselves. A private key in an image is shared by every device that runs it. Keys themselves never
enter a sighting.
"""

import ipaddress
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Final

from inspector.errors import FormatError
from inspector.formats.data.x509 import (
    LARGEST,
    Certificate,
    Store,
    der_length,
    open_store,
    pem_body,
    public_fingerprint,
    read_certificate,
)
from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context, Kind, Location, Observable, Presence, Sighting
from inspector.scan.base import AnchoredScanner, Scanner, ScannerInfo, ScanNotes
from inspector.scan.endpoint.hosts import is_host
from inspector.scan.endpoint.rejection import scope_of
from inspector.scan.places.surroundings import whole_leaf_context
from inspector.scan.sweep import FIRST_FREE, Anchor, Window, ends

KEPT: Final = 4
"""Places kept for one certificate or key in one leaf."""
MOST: Final = 5_000
"""Certificates and keys read in one leaf."""
MOST_STORES: Final = 16
"""PKCS#12 files opened in one leaf: each can take a good part of a second."""
FEW: Final = 8
"""Different certificates in one leaf up to which each of them was chosen; more are a bundle."""
_COMMON_NAME: Final = re.compile(r"(?:^|, )CN=([^,\s]+)(?:,|$)")
_BUNDLES: Final = re.compile(r"/ssl/certs/|ca[-_]?(?:certificates|bundle)|/cacerts", re.IGNORECASE)
_PEM, _DER, _PKCS1, _PKCS8, _SEC1, _PKCS12 = range(FIRST_FREE, FIRST_FREE + 6)
_ANCHORS: Final = (
    Anchor(_PEM, rb"-----BEGIN [A-Z0-9]"),
    Anchor(_DER, rb"\x30\x82[\x00-\xff]{2}\x30\x82[\x00-\xff]{2}(?:\xa0\x03\x02\x01[\x00-\x02]\x02|\x02[\x01-\x14])"),
    Anchor(_PKCS1, rb"\x30\x82[\x00-\xff]{2}\x02\x01\x00\x02\x82"),
    Anchor(_PKCS8, rb"\x30\x82[\x00-\xff]{2}\x02\x01\x00\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"),
    Anchor(_SEC1, rb"\x30(?:\x77|\x81[\x00-\xff])\x02\x01\x01\x04[\x20\x30]"),
    Anchor(
        _PKCS12, rb"\x30\x82[\x00-\xff]{2}\x02\x01\x03\x30(?:\x82..|\x80|\x81.)\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
    ),
)
_BACK: Final = {_PKCS1: 9, _PKCS8: 20}
_WRAPPED: Final = b"\x02\x01\x00\x30\x0d\x06\x09"
_STORE_VERSIONS: Final = (b"\0\0\0\x01", b"\0\0\0\x02")
_LABEL: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]{3,40})-----")
_KEY_LABEL: Final = re.compile(r"(?:(RSA|EC|DSA|OPENSSH|ENCRYPTED) )?PRIVATE KEY")
_DER_HEAD: Final = re.compile(rb"\x30\x82..\x30\x82..(?:\xa0\x03\x02\x01.\x02|\x02[\x01-\x14])", re.DOTALL)
_PKCS12_HEAD: Final = re.compile(rb"\x30\x82..\x02\x01\x03\x30", re.DOTALL)
_SEC1_HEAD: Final = re.compile(rb"\x30(?:\x77|\x81.)\x02\x01\x01\x04[\x20\x30]", re.DOTALL)


PUBLIC_ROOTS: Final = Path(__file__).parent / "data" / "public_roots.txt"


@lru_cache(maxsize=1)
def public_roots() -> frozenset[str]:
    """Return the SHA-256 fingerprints of the roots that browsers and systems trust."""
    text = PUBLIC_ROOTS.read_text(encoding="ascii")
    return frozenset(line for line in text.split() if len(line) == 64)


class Certificates(AnchoredScanner):
    """Finds X.509 certificates and private keys."""

    INFO: ClassVar = ScannerInfo(
        name="certificates",
        emits=(Kind.CERTIFICATE, Kind.PRIVATE_KEY, Kind.HOSTNAME, Kind.IP_ADDRESS),
        reads=("*",),
        summary="Certificates and private keys in PEM and DER at any offset, key stores.",
        references=("RFC 5280", "RFC 5958", "RFC 7292", "RFC 7468"),
        limitations=(
            "signatures and chains are not verified",
            "what a PKCS#12 file with a password or a Java key store encrypts is not seen: the container is named",
            "certificates above 64 KiB are refused",
        ),
    )

    def anchors(self) -> tuple[Anchor, ...]:
        """Return the heads of PEM blocks and of the structures in DER."""
        return _ANCHORS

    def judge(
        self, artifact: Artifact, data: Reader, notes: ScanNotes, windows: Iterable[Window]
    ) -> Iterator[Sighting]:
        """Yield sightings by offset; what only looks like a certificate is counted as rejected."""
        found = list(_found(artifact, data, notes, windows))
        if _is_bundle(artifact, found):
            yield from found
            return
        for sighting in found:
            if _is_chosen(sighting, data):
                sighting = replace(sighting, context=Context.CONFIG, presence=Presence.CONFIGURED)
            yield sighting
            if sighting.observable.kind is Kind.CERTIFICATE:
                yield from _names(sighting)


def _found(artifact: Artifact, data: Reader, notes: ScanNotes, windows: Iterable[Window]) -> Iterator[Sighting]:
    counts: dict[Observable, int] = {}
    read = stores = 0
    for kind, end in ends(windows):
        read += 1
        if read > MOST:
            notes.gaps.append((end, data.size - end, "limit", f"more than {MOST} certificates or keys"))
            return
        try:
            stores += kind == _PKCS12
            if kind == _PKCS12 and stores == MOST_STORES + 1:
                notes.gaps.append((end, data.size - end, "limit", f"more than {MOST_STORES} PKCS#12 files to open"))
            found = list(_at(kind, artifact, data, end, opening=stores <= MOST_STORES))
        except FormatError:
            notes.refuse("DER" if kind != _PEM else "PEM", "not-a-certificate", max(0, end - 12))
            continue
        for sighting in found:
            counts[sighting.observable] = counts.get(sighting.observable, 0) + 1
            if counts[sighting.observable] <= KEPT:
                yield sighting


def _at(kind: int, artifact: Artifact, data: Reader, end: int, *, opening: bool) -> Iterator[Sighting]:
    if kind == _PEM:
        yield from _pem(artifact, data, end - 12)
    elif kind == _DER:
        offset = _start(data, end, _DER_HEAD)
        raw = data.read_at(offset, der_length(data, offset))
        yield _certificate(artifact, offset, read_certificate(raw))
    elif kind == _PKCS12:
        offset = _start(data, end, _PKCS12_HEAD)
        raw = data.read_at(offset, der_length(data, offset, 1 << 20))
        yield from _store(artifact, offset, open_store(raw) if opening else None)
    else:
        offset = _start(data, end, _SEC1_HEAD) if kind == _SEC1 else end - _BACK[kind]
        if kind == _PKCS1 and data.startswith(_WRAPPED, offset - 22):
            return  # the same key inside its PKCS#8 wrapper
        raw = data.read_at(offset, der_length(data, offset, 1 << 14))
        key = _loaded_key(raw)
        yield _key(artifact, offset, _algorithm(key), encrypted=False, public=public_fingerprint(key))


def _is_bundle(artifact: Artifact, found: Sequence[Sighting]) -> bool:
    """Tell whether certificates of this leaf are a list to choose from, or belong to texts and tests."""
    path = artifact.inner or artifact.name
    different = {sighting.observable for sighting in found if sighting.observable.kind is Kind.CERTIFICATE}
    return len(different) > FEW or bool(_BUNDLES.search(path)) or whole_leaf_context(artifact) is not None


def _is_chosen(sighting: Sighting, data: Reader) -> bool:
    """Tell whether a sighting is a certificate in PEM or PKCS#12, or fills its file, and no public list holds it."""
    if sighting.observable.kind is not Kind.CERTIFICATE or ("in-public-bundle", "yes") in sighting.attributes:
        return False
    offset = sighting.location.offset
    return sighting.decoding in ("pem", "pkcs12") or (offset == 0 and der_length(data, 0) == data.size)


def _names(certificate: Sighting) -> Iterator[Sighting]:
    """Yield the names of a certificate: the hosts and addresses it vouches for, used as the certificate is.

    The common name counts as well: before RFC 6125 it was the only one, and devices still use it. A search for text
    does not find them all, since the byte behind a name in DER is often `0`, the tag of what follows.
    """
    facts = dict(certificate.attributes)
    common = _COMMON_NAME.search(facts.get("subject", ""))
    named = [(name, "subject-alternative-name") for name in facts.get("names", "").split()]
    seen = set()
    for name, key in [*named, *([(common.group(1), "common-name")] if common else [])]:
        value = name.lower().removeprefix("*.")
        kind = Kind.HOSTNAME if is_host(value) else Kind.IP_ADDRESS
        if value in seen or (kind is Kind.IP_ADDRESS and not _is_address(value)):
            continue
        seen.add(value)
        yield Sighting(
            Observable(kind, value),
            certificate.location,
            certificate.context,
            certificate.presence,
            excerpt=f"{key.replace('-', ' ')} {name}"[:120],
            decoding=certificate.decoding,
            key=key,
            attributes=(("scope", scope),) if kind is Kind.IP_ADDRESS and (scope := scope_of(value)) else (),
        )


def _is_address(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


def _start(data: Reader, end: int, head: re.Pattern[bytes]) -> int:
    """Return where the anchor that ends at `end` begins: the last match of `head` that ends no later."""
    low = max(0, end - 40)
    piece = data.read_upto(low, end - low)
    starts = [low + at for at in range(len(piece)) if head.match(piece, at)]
    if not starts:
        raise FormatError("anchor without a head")
    return starts[-1]


def _store(artifact: Artifact, offset: int, opened: Store | None) -> Iterator[Sighting]:
    if opened is None or opened.has_key:
        public = opened.public if opened else ""
        yield _key(artifact, offset, "PKCS#12 container", encrypted=opened is None, public=public)
    for raw in opened.certificates if opened else ():
        yield _certificate(artifact, offset, read_certificate(raw), "pkcs12")


def _loaded_key(raw: bytes) -> Any:
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    try:
        return load_der_private_key(raw, None, unsafe_skip_rsa_key_validation=True)
    except Exception as error:  # no common class in the library
        raise FormatError("no private key") from error


def _algorithm(key: Any) -> str:
    kind = type(key).__name__.strip("_").removesuffix("PrivateKey")
    curve = getattr(getattr(key, "curve", None), "name", "")
    return f"EC {curve}" if curve else f"{kind} {getattr(key, 'key_size', '')}".strip()


def _pem(artifact: Artifact, data: Reader, offset: int) -> Iterator[Sighting]:
    text = data.read_upto(offset, 2 * LARGEST)
    match = _LABEL.match(text)
    if match is None:
        raise FormatError("no PEM label")
    label = match.group(1).decode("ascii")
    if label in ("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"):
        body, _ = pem_body(text, match.group(1))
        yield _certificate(artifact, offset, read_certificate(body), "pem")
    elif key := _KEY_LABEL.fullmatch(label):
        body, _ = pem_body(text, match.group(1))
        encrypted = key.group(1) == "ENCRYPTED" or b"Proc-Type: 4,ENCRYPTED" in text[:200]
        if len(body) < 32:
            raise FormatError("PEM block is a sample")
        public = "" if encrypted else _public_of(label, body)
        yield _key(artifact, offset, key.group(1) or "PKCS#8", encrypted=encrypted, public=public)


def _public_of(label: str, body: bytes) -> str:
    """Return the fingerprint of the public half of a key in PEM, or nothing for what the library cannot read."""
    try:
        return public_fingerprint(_opened_ssh(body) if label.startswith("OPENSSH") else _loaded_key(body))
    except FormatError:
        return ""


def _opened_ssh(body: bytes) -> Any:
    from cryptography.hazmat.primitives.serialization import load_ssh_private_key

    head, tail = b"-----BEGIN OPENSSH PRIVATE KEY-----\n", b"\n-----END OPENSSH PRIVATE KEY-----\n"
    try:
        return load_ssh_private_key(head + b64encode(body) + tail, None)
    except Exception as error:  # no common class in the library; a key with a passphrase as well
        raise FormatError("no private key") from error


def _certificate(artifact: Artifact, offset: int, found: Certificate, decoding: str = "") -> Sighting:
    facts = {
        "subject": found.subject,
        "issuer": found.issuer,
        "not-before": found.not_before,
        "not-after": found.not_after,
        "sha256": found.sha256,
        "self-signed": "yes" if found.self_signed else "no",
        "in-public-bundle": "yes" if found.sha256 in public_roots() else "no",
        "key": found.key,
        "names": " ".join(found.names)[:1000],
        "authority": "yes" if found.authority else "",
    }
    return Sighting(
        Observable(Kind.CERTIFICATE, found.value),
        Location(artifact.path, offset),
        Context.CERTIFICATE,
        Presence.STRING,
        excerpt=found.subject[:120],
        decoding=decoding,
        attributes=tuple(sorted((name, value) for name, value in facts.items() if value)),
    )


def _key(artifact: Artifact, offset: int, algorithm: str, *, encrypted: bool, public: str = "") -> Sighting:
    state = "encrypted" if encrypted else "readable"
    facts = {"encrypted": "yes" if encrypted else "no", "key": algorithm, "public-sha256": public}
    return Sighting(
        # The place names the key: its bytes, and any hash of them, stay out of the report. The hash of the public half
        # tells whether two places hold the same one.
        Observable(Kind.PRIVATE_KEY, f"{algorithm} in {artifact.inner or artifact.name}+{offset:#x}"),
        Location(artifact.path, offset),
        Context.CODE,
        Presence.CONFIGURED,
        excerpt=f"private key ({algorithm}, {state})",
        attributes=tuple((name, value) for name, value in facts.items() if value),
    )


class KeyStores(Scanner):
    """Names Java key stores by their heads; the certificates in them are found by `Certificates`."""

    INFO: ClassVar = ScannerInfo(
        name="key-stores",
        emits=(Kind.PRIVATE_KEY,),
        reads=("jks", "data"),
        summary="Java key stores (JKS, BKS) that hold private keys.",
        references=("OpenJDK, sun.security.provider.JavaKeyStore",),
        limitations=("of a JKS file only the first entry is looked at",),
    )

    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:  # noqa: ARG002
        """Yield at most one sighting: magic, version, and for JKS a first entry that is a private key."""
        head = data.read_upto(0, 16)
        if head[:4] == b"\xfe\xed\xfe\xed" and head[4:8] in _STORE_VERSIONS and head[12:16] == b"\0\0\0\x01":
            yield _key(artifact, 0, "JKS key store", encrypted=True)
        elif (
            head[:4] in _STORE_VERSIONS and head[4:8] == b"\0\0\0\x14" and artifact.name.endswith((".bks", ".keystore"))
        ):
            yield _key(artifact, 0, "BKS key store", encrypted=True)
