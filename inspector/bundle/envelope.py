"""A signed statement: DSSE around in-toto, with one ed25519 signature.

Format: DSSE 1.0.2 (pre-authentication encoding), in-toto Statement v1.
Limits: one signature, ed25519 only; keys as PEM or in the form of OpenSSH.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from inspector.errors import BundleError, UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
LARGEST_ENVELOPE: Final = 1 << 20
LARGEST_KEY: Final = 64 << 10


def sign(statement: dict[str, Any], key: "Ed25519PrivateKey") -> bytes:
    """Return the envelope, UTF-8 JSON. The same statement and key give the same bytes."""
    payload = orjson.dumps(statement, option=orjson.OPT_SORT_KEYS)
    signature = {"keyid": key_id(key.public_key()), "sig": base64.b64encode(key.sign(_encoded(payload))).decode()}
    envelope = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [signature],
    }
    return orjson.dumps(envelope, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def opened(raw: bytes, key: "Ed25519PublicKey") -> bytes:
    """Return the payload that `key` has signed. Raises `BundleError` for anything else."""
    from cryptography.exceptions import InvalidSignature

    payload, signature = _parts(raw)
    try:
        key.verify(signature, _encoded(payload))
    except InvalidSignature as error:
        raise BundleError(f"the signature is not that of the key {key_id(key)[:16]}") from error
    return payload


def key_id(key: "Ed25519PublicKey") -> str:
    """Return the SHA-256 of the key as DER (SubjectPublicKeyInfo), 64 hexadecimal digits."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def read_private_key(path: Path, passphrase: Callable[[], str]) -> "Ed25519PrivateKey":
    """Return the key in a file; `passphrase` is called for an encrypted one. Raises `UsageError`."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

    raw = _read(path)
    load = load_ssh_private_key if b"BEGIN OPENSSH" in raw else load_pem_private_key
    try:
        try:
            key = load(raw, None)
        except TypeError:  # raised for an encrypted key without its passphrase
            key = load(raw, passphrase().encode())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UsageError(f"{str(path)!r} holds no private key that can be read, or the passphrase is wrong") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{str(path)!r} is no ed25519 key")
    return key


def read_public_key(path: Path) -> "Ed25519PublicKey":
    """Return the key in a file. Raises `UsageError`."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key, load_ssh_public_key

    raw = _read(path)
    load = load_ssh_public_key if raw.startswith(b"ssh-") else load_pem_public_key
    try:
        key = load(raw)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UsageError(f"{str(path)!r} holds no public key that can be read") from error
    if not isinstance(key, Ed25519PublicKey):
        raise UsageError(f"{str(path)!r} is no ed25519 key")
    return key


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            raw = stream.read(LARGEST_KEY + 1)
    except OSError as error:
        raise UsageError(f"cannot read {str(path)!r}: {error.strerror}") from error
    if len(raw) > LARGEST_KEY:
        raise UsageError(f"{str(path)!r} is no key: it is larger than {LARGEST_KEY} bytes")
    return raw


def _encoded(payload: bytes) -> bytes:
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)


def _parts(raw: bytes) -> tuple[bytes, bytes]:
    """Return (payload, signature) of an envelope as it should be."""
    try:
        envelope = orjson.loads(raw)
        (signature,) = envelope["signatures"]
        if envelope["payloadType"] != PAYLOAD_TYPE:
            raise BundleError("the envelope holds no in-toto statement")
        payload = base64.b64decode(envelope["payload"], validate=True)
        return payload, base64.b64decode(signature["sig"], validate=True)
    except (orjson.JSONDecodeError, binascii.Error, KeyError, TypeError, ValueError) as error:
        raise BundleError("the envelope is no DSSE envelope with one signature") from error
