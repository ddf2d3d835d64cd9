"""Write what is known of public certificate authorities: `python -m tools.build_public_roots [OLD_BUNDLE.pem …]`.

`public_roots.txt` holds the SHA-256 fingerprints of today's roots, `public_authorities.txt` the organisations that have
or had one: old bundles add those whose roots have gone. Source: the package certifi (MPL-2.0), a copy of Mozilla's
list. Fingerprints and names are facts; no certificate is copied.
"""

import re
import sys
import warnings
from base64 import b64decode
from collections.abc import Iterator
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.x509.oid import NameOID

PACKAGE = Path(__file__).parent.parent / "inspector"
ROOTS = PACKAGE / "scan" / "data" / "public_roots.txt"
AUTHORITIES = PACKAGE / "profile" / "data" / "public_authorities.txt"


def main(older: list[str]) -> None:
    """Write one fingerprint and one organisation per line, sorted, under a line that names the source."""
    today = list(_certificates(certifi.where()))
    prints = sorted({sha256(raw).hexdigest() for raw in today})
    head = f"# SHA-256 of the {len(prints)} root certificates in certifi {version('certifi')}"
    ROOTS.write_text("\n".join([head, *prints, ""]), encoding="ascii")
    print(head)
    names = sorted({name for raw in today for name in _organisations(raw)} | set(_kept(older)), key=str.casefold)
    head = f"# Organisations of {len(names)} public authorities: roots in certifi {version('certifi')} and earlier ones"
    AUTHORITIES.write_text("\n".join([head, *names, ""]), encoding="utf-8")
    print(head)


def _certificates(bundle: str) -> Iterator[bytes]:
    text = Path(bundle).read_text(encoding="utf-8", errors="ignore")
    for block in re.findall(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", text, re.DOTALL):
        yield b64decode(block)


def _organisations(raw: bytes) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old roots have serial numbers that are none today
        found = x509.load_der_x509_certificate(raw)
    return [str(one.value) for one in found.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]


def _kept(older: list[str]) -> Iterator[str]:
    """Yield the names from old bundles, and those that the list already has: an authority that is gone stays known."""
    for bundle in older:
        for raw in _certificates(bundle):
            yield from _organisations(raw)
    if AUTHORITIES.exists():
        yield from (line for line in AUTHORITIES.read_text(encoding="utf-8").splitlines() if line[:1] not in ("#", ""))


if __name__ == "__main__":
    main(sys.argv[1:])
