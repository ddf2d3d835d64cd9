"""Write the SHA-256 fingerprints of the public root certificates: `python -m tools.build_public_roots`.

Source: the package certifi (MPL-2.0), a copy of Mozilla's list. Fingerprints are facts; no certificate is copied.
"""

import re
from base64 import b64decode
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import certifi

TARGET = Path(__file__).parent.parent / "inspector" / "scan" / "data" / "public_roots.txt"


def main() -> None:
    """Write one fingerprint per line, sorted, under a line that names the source."""
    text = Path(certifi.where()).read_text(encoding="ascii", errors="ignore")
    blocks = re.findall(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", text, re.DOTALL)
    prints = sorted({sha256(b64decode(block)).hexdigest() for block in blocks})
    head = f"# SHA-256 of the {len(prints)} root certificates in certifi {version('certifi')}"
    TARGET.write_text("\n".join([head, *prints, ""]), encoding="ascii")
    print(head)


if __name__ == "__main__":
    main()
