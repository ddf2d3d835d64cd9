from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from inspector.report import render

SAMPLE = Path(__file__).parents[3] / "samples/patient-monitor/patient-monitor.bin"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture
def key():
    return KEY


@pytest.fixture
def keys(tmp_path):
    """Paths of (private, public) key, as PEM."""
    private, public = tmp_path / "key.pem", tmp_path / "key.pub"
    private.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return private, public


@pytest.fixture
def document(inspect_path):
    return inspect_path(SAMPLE)


@pytest.fixture
def profile(document):
    return render("json", document).encode()
