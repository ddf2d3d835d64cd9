"""X.509 certificates and private keys: extent in bytes, and the facts a report states.

Format: RFC 5280 (certificates), RFC 8017 and RFC 5958 (keys), RFC 7292 (PKCS#12), RFC 7468 (PEM).
Limits: signatures are not verified; certificates above `LARGEST` and names above `LONGEST_NAME` are cut or refused.
"""

import re
import warnings
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Final, NamedTuple

from inspector.errors import Malformed
from inspector.formats.reader import Reader

LARGEST: Final = 1 << 16
LONGEST_NAME: Final = 400
MOST_NAMES: Final = 100
MOST_ROUNDS: Final = 1_000_000
"""Rounds of the key derivation that is tried to open a PKCS#12 file; writers take 2,048 to 600,000."""
_SALT: Final = re.compile(rb"\x04[\x01-\x40]")
_SHORT: Final = {
    "commonName": "CN",
    "organizationName": "O",
    "organizationalUnitName": "OU",
    "countryName": "C",
    "stateOrProvinceName": "ST",
    "localityName": "L",
    "emailAddress": "E",
}


class Certificate(NamedTuple):
    """What a certificate says of itself."""

    sha256: str
    subject: str
    """`CN=…, O=…, C=…` in the certificate's order, unescaped, at most `LONGEST_NAME` characters."""
    issuer: str
    names: tuple[str, ...]
    """DNS names, addresses and URIs of the subject alternative name, at most `MOST_NAMES`."""
    not_before: str
    not_after: str
    """ISO dates."""
    key: str
    """`RSA 2048`, `EC secp256r1`, `Ed25519` …, or empty for an algorithm unknown here."""
    authority: bool = False
    """Whether it may sign other certificates (basic constraints)."""

    @property
    def self_signed(self) -> bool:
        """Whether subject and issuer are the same name; the signature is not checked."""
        return self.subject == self.issuer

    @property
    def value(self) -> str:
        """The observable's value: `sha256:<hex>`, subject, and issuer where it is another."""
        issuer = "" if self.self_signed else f" issued by {self.issuer}"
        return f"sha256:{self.sha256} {self.subject}{issuer}".rstrip()


def der_length(data: Reader, offset: int, largest: int = LARGEST) -> int:
    """Return the size in bytes of the SEQUENCE at `offset`; raises `Malformed` where it does not fit."""
    head = data.read_upto(offset, 6)
    if len(head) < 2 or head[0] != 0x30:
        raise Malformed("no DER sequence")
    size, count = head[1], 0
    if size & 0x80:
        count = size & 0x7F
        if not 1 <= count <= 3 or len(head) < 2 + count:
            raise Malformed("DER length is not one of a certificate or key")
        size = int.from_bytes(head[2 : 2 + count], "big")
    total = 2 + count + size
    if total > largest or offset + total > data.size:
        raise Malformed(f"DER sequence of {total} bytes does not fit")
    return total


def read_certificate(raw: bytes) -> Certificate:
    """Return the facts of one DER certificate; raises `Malformed` for anything the library refuses."""
    from cryptography import x509

    if len(raw) > LARGEST:
        raise Malformed("certificate is too large")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = x509.load_der_x509_certificate(raw)
            return Certificate(
                sha256(raw).hexdigest(),
                _name(found.subject),
                _name(found.issuer),
                _alternative_names(found),
                found.not_valid_before_utc.date().isoformat(),
                found.not_valid_after_utc.date().isoformat(),
                _key(found),
                _is_authority(found),
            )
    except Exception as error:  # the library names no common class for what it refuses
        raise Malformed(f"certificate: {type(error).__name__}") from error


def pkcs7_certificates(raw: bytes) -> list[bytes]:
    """Return the certificates of a PKCS#7 signature as DER; `Malformed` for anything else."""
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return [one.public_bytes(Encoding.DER) for one in pkcs7.load_der_pkcs7_certificates(raw)]
    except Exception as error:  # the library names no common class for what it refuses
        raise Malformed(f"PKCS#7: {type(error).__name__}") from error


def certificate_facts(raw: bytes) -> dict[str, str]:
    """Return `subject`, `issuer`, `not-before`, `not-after`, `serial` of a DER certificate; empty where unreadable."""
    from cryptography import x509

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = x509.load_der_x509_certificate(raw)
            return {
                "subject": found.subject.rfc4514_string(),
                "issuer": found.issuer.rfc4514_string(),
                "not-before": found.not_valid_before_utc.date().isoformat(),
                "not-after": found.not_valid_after_utc.date().isoformat(),
                "serial": f"{found.serial_number:x}",
            }
    except Exception:  # no common class here either; the fingerprint alone still identifies it
        return {}


class Store(NamedTuple):
    """What a PKCS#12 file holds."""

    has_key: bool
    certificates: tuple[bytes, ...]
    """In DER, that of the key first; at most `MOST_NAMES`."""
    public: str = ""
    """`public_fingerprint` of the key."""


def open_store(raw: bytes) -> Store | None:
    """Return what a PKCS#12 file holds that has no password or an empty one; None for any other."""
    if any(int.from_bytes(count, "big") > MOST_ROUNDS for count in _rounds(raw)):
        return None
    return _opened(raw, None) or _opened(raw, b"")


def _opened(raw: bytes, password: bytes | None) -> Store | None:
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = pkcs12.load_pkcs12(raw, password)
            held = [one.certificate for one in (found.cert, *found.additional_certs) if one]
            certificates = tuple(one.public_bytes(Encoding.DER) for one in held[:MOST_NAMES])
            return Store(found.key is not None, certificates, public_fingerprint(found.key) if found.key else "")
    except Exception:  # no common class in the library: another password, a cipher unknown to it, damage
        return None


def _rounds(raw: bytes) -> Iterator[bytes]:
    """Yield what may be a count of rounds of a key derivation: an INTEGER behind a short OCTET STRING, the salt."""
    for salt in _SALT.finditer(raw):
        at = salt.end() + raw[salt.end() - 1]
        if raw[at : at + 1] == b"\x02" and b"\x02" < raw[at + 1 : at + 2] <= b"\x10":
            yield raw[at + 2 : at + 2 + raw[at + 1]]


def _name(name: Any) -> str:
    parts = (f"{_SHORT.get(one.oid._name, one.oid.dotted_string)}={one.value}" for one in name)
    return ", ".join(parts)[:LONGEST_NAME]


def _alternative_names(found: Any) -> tuple[str, ...]:
    from cryptography import x509

    try:
        extension = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return ()
    values = (str(one.value) for one in extension if isinstance(one, (x509.DNSName, x509.IPAddress)))
    return tuple(value[:253] for value, _ in zip(values, range(MOST_NAMES), strict=False))


def _is_authority(found: Any) -> bool:
    from cryptography import x509

    try:
        return bool(found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except (x509.ExtensionNotFound, ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return False


def public_fingerprint(key: Any) -> str:
    """Return the SHA-256 of the public half of a private key, in DER: it names the key and tells nothing of it."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        return sha256(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
    except Exception:  # no common class in the library
        return ""


def _key(found: Any) -> str:
    try:
        key = found.public_key()
    except Exception:  # an algorithm the library does not know is a fact worth an empty string, not a failure
        return ""
    kind = type(key).__name__.removesuffix("PublicKey").strip("_").removesuffix("PublicKey")
    curve = getattr(getattr(key, "curve", None), "name", "")
    size = getattr(key, "key_size", 0)
    if curve:
        return f"EC {curve}"
    return f"{kind} {size}" if size else kind


def pem_body(text: bytes, label: bytes) -> tuple[bytes, int]:
    """Return the decoded body of the PEM block that `text` begins with, and the block's length; raises `Malformed`."""
    end_mark = b"-----END " + label + b"-----"
    end = text.find(end_mark)
    begin = text.find(b"-----", len(label) + 10) + 5
    if end < 0 or begin < 5 or begin > end:
        raise Malformed("PEM block has no end")
    body = text[begin:end].replace(b"\\n", b"").replace(b"\\r", b"")
    lines = [line.strip() for line in body.split(b"\n")]
    packed = b"".join(line for line in lines if line and b":" not in line)
    try:
        return b64decode(packed, validate=True), end + len(end_mark)
    except (Base64Error, ValueError) as error:
        raise Malformed("PEM body is not base64") from error
