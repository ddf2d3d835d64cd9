import subprocess
import time
from base64 import encodebytes
from datetime import UTC, datetime
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs7,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.scan.base import ScanNotes
from inspector.scan.certificates import FEW, Certificates, KeyStores, public_roots
from tests.formats.original import tool

SCANNER = Certificates()


@cache
def rsa_key():
    return rsa.generate_private_key(65537, 2048)


@cache
def certificate(subject: str = "cloud", size: int = 0):
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Tuya Global Inc." + "x" * size, _validate=not size),
            x509.NameAttribute(NameOID.COMMON_NAME, subject, _validate=False),
        ]
    )
    builder = x509.CertificateBuilder(
        name, name, rsa_key().public_key(), 5, datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
    )
    names = x509.SubjectAlternativeName([x509.DNSName("*.tuyacn.com"), x509.DNSName("m.tuyacn.com")])
    return builder.add_extension(names, critical=False).sign(rsa_key(), hashes.SHA256())


def scan(content: bytes, notes: ScanNotes | None = None, name: str = "x"):
    return list(SCANNER.scan(Artifact("fw", "data", name), BufferReader(content), notes or ScanNotes()))


def kinds(content: bytes, name: str = "x"):
    return [
        (s.observable.kind.value, s.location.offset, dict(s.attributes).get("key")) for s in scan(content, name=name)
    ]


def test_reads_der_at_any_offset():
    raw = certificate().public_bytes(Encoding.DER)
    found, *_ = scan(b"\x30\x82\x30" + raw + b"tail")
    facts = dict(found.attributes)
    assert found.location.offset == 3
    assert "O=Tuya Global Inc." in found.observable.value
    assert found.observable.value.startswith("sha256:" + certificate().fingerprint(hashes.SHA256()).hex())
    assert facts["names"] == "*.tuyacn.com m.tuyacn.com"
    assert (facts["key"], facts["self-signed"], facts["in-public-bundle"]) == ("RSA 2048", "yes", "no")
    assert (facts["not-before"], facts["not-after"]) == ("2020-01-01", "2040-01-01")


def test_reads_pem_and_its_names():
    found = scan(b"x\n" + certificate().public_bytes(Encoding.PEM))
    assert [(s.observable.kind.value, s.decoding) for s in found] == [
        ("certificate", "pem"),
        *[("hostname", "pem")] * 2,
    ]
    assert {s.observable.value for s in found[1:]} == {"tuyacn.com", "m.tuyacn.com"}


def test_the_common_name_of_a_chosen_certificate_is_one_of_its_names():
    found = scan(certificate("acs.chinamobile.com").public_bytes(Encoding.DER))
    assert {(s.observable.kind.value, s.observable.value, s.key) for s in found[1:]} == {
        ("hostname", "tuyacn.com", "subject-alternative-name"),
        ("hostname", "m.tuyacn.com", "subject-alternative-name"),
        ("hostname", "acs.chinamobile.com", "common-name"),
    }
    [address] = [s for s in scan(certificate("47.88.9.200").public_bytes(Encoding.PEM)) if s.key == "common-name"]
    assert (address.observable.kind.value, address.observable.value) == ("ip-address", "47.88.9.200")


def test_an_embedded_certificate_has_names_too_whatever_byte_stands_behind_them():
    raw = certificate("acs.tuyaeu.com").public_bytes(Encoding.DER)
    assert b"acs.tuyaeu.com0" in raw
    assert b"m.tuyacn.com0" in raw
    found = scan(b"\x7fELF" + raw + b"\0\0")
    assert {(s.observable.value, str(s.context), s.location.offset) for s in found[1:]} == {
        ("acs.tuyaeu.com", "certificate", 4),
        ("tuyacn.com", "certificate", 4),
        ("m.tuyacn.com", "certificate", 4),
    }


def contexts(found):
    return {str(s.observable.kind): (str(s.context), str(s.presence)) for s in found}


def test_a_certificate_that_the_maker_chose_is_configuration():
    chosen = {"certificate": ("config", "configured"), "hostname": ("config", "configured")}
    assert contexts(scan(certificate().public_bytes(Encoding.PEM))) == chosen
    assert contexts(scan(certificate().public_bytes(Encoding.DER))) == chosen


def test_a_certificate_in_a_signature_or_a_public_list_is_none():
    listed = {"certificate": ("certificate", "string"), "hostname": ("certificate", "string")}
    assert contexts(scan(pkcs7.serialize_certificates([certificate()], Encoding.DER))) == listed
    assert contexts(scan(b"\x7fELF" + certificate().public_bytes(Encoding.DER))) == listed
    pem = certificate().public_bytes(Encoding.PEM)
    for name in ("etc/ssl/certs/a.pem", "usr/share/ca-certificates/a.crt", "src/testdata/a.pem", "usr/share/doc/a.pem"):
        assert contexts(scan(pem, name=name)) == {"certificate": ("certificate", "string")}


def test_many_certificates_are_a_bundle():
    few = b"".join(certificate(f"host {n}").public_bytes(Encoding.PEM) for n in range(FEW))
    assert contexts(scan(few))["certificate"] == ("config", "configured")
    many = few + certificate("one more").public_bytes(Encoding.PEM)
    assert contexts(scan(many)) == {"certificate": ("certificate", "string")}


def test_reads_pem_in_a_string_literal():
    text = certificate().public_bytes(Encoding.PEM).replace(b"\n", b"\\n")
    assert scan(b'a = "' + text + b'"')[0].observable.kind == "certificate"


@pytest.mark.parametrize(
    ("encoding", "layout", "key"),
    [
        (Encoding.DER, PrivateFormat.TraditionalOpenSSL, "RSA 2048"),
        (Encoding.DER, PrivateFormat.PKCS8, "RSA 2048"),
        (Encoding.PEM, PrivateFormat.TraditionalOpenSSL, "RSA"),
        (Encoding.PEM, PrivateFormat.PKCS8, "PKCS#8"),
    ],
)
def test_reports_private_keys_without_their_bytes(encoding, layout, key):
    raw = rsa_key().private_bytes(encoding, layout, NoEncryption())
    found = [s for s in scan(b"\0\0\0" + raw) if s.observable.kind == "private-key"]
    assert (found[0].location.offset, dict(found[0].attributes)["key"]) == (3, key)
    assert str(rsa_key().private_numbers().d)[:20] not in repr(found)
    assert encodebytes(raw)[40:60].decode() not in repr(found)


def test_reads_elliptic_keys():
    raw = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    )
    assert kinds(b"\0" + raw) == [("private-key", 1, "EC secp256r1")]


def test_reads_pkcs7_and_names_pkcs12():
    bundle = pkcs7.serialize_certificates([certificate()], Encoding.DER)
    assert [kind for kind, *_ in kinds(bundle)] == ["certificate", "hostname", "hostname"]
    store = pkcs12.serialize_key_and_certificates(b"a", rsa_key(), certificate(), None, BestAvailableEncryption(b"p"))
    assert ("private-key", 0, "PKCS#12 container") in kinds(store)


def check_opened(store):
    found = scan(b"\0\0" + store)
    opened = {(s.observable.kind.value, s.observable.value, str(s.context)) for s in found if s.decoding == "pkcs12"}
    assert ("hostname", "acs.tuyaeu.com", "config") in opened
    [key] = [s for s in found if s.observable.kind == "private-key" and "PKCS#12" in s.observable.value]
    assert dict(key.attributes)["encrypted"] == "no"
    return found


def test_opens_pkcs12_without_a_password():
    chain = [certificate("acs.tuyaeu.com"), certificate("ca")]
    found = check_opened(pkcs12.serialize_key_and_certificates(b"a", rsa_key(), chain[0], chain[1:], NoEncryption()))
    assert len({s.observable for s in found if s.decoding == "pkcs12" and s.observable.kind == "certificate"}) == 2


def openssl_store(tmp_path, *options):
    source, store = tmp_path / "key.pem", tmp_path / "store.p12"
    key = rsa_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    source.write_bytes(key + certificate("acs.tuyaeu.com").public_bytes(Encoding.PEM))
    command = [tool("openssl"), "pkcs12", "-export", "-in", source, "-out", store, "-passout", "pass:", *options]
    subprocess.run(command, check=True, capture_output=True)
    return store.read_bytes()


@pytest.mark.parametrize("options", [(), ("-legacy",)])
def test_opens_pkcs12_with_an_empty_password(tmp_path, options):
    check_opened(openssl_store(tmp_path, *options))


def test_does_not_open_what_takes_forever(tmp_path):
    store = openssl_store(tmp_path, "-iter", "100000")
    claimed = store.replace(b"\x02\x03\x01\x86\xa0", b"\x02\x03\x7f\xff\xff")  # eight million rounds
    assert claimed != store
    start = time.monotonic()
    found = scan(claimed)
    assert [dict(s.attributes)["encrypted"] for s in found if s.observable.kind == "private-key"] == ["yes"]
    assert not [s for s in found if s.decoding == "pkcs12"]
    assert time.monotonic() - start < 1


def test_opens_no_more_stores_than_one_leaf_may_hold(monkeypatch):
    monkeypatch.setattr("inspector.scan.certificates.MOST_STORES", 1)
    store = pkcs12.serialize_key_and_certificates(b"a", rsa_key(), certificate(), None, NoEncryption())
    keys = [s for s in scan(store + store) if "PKCS#12" in s.observable.value]
    assert [dict(s.attributes)["encrypted"] for s in keys] == ["no", "yes"]


def test_names_key_stores():
    store = BufferReader(b"\xfe\xed\xfe\xed\0\0\0\x02\0\0\0\x01\0\0\0\x01")
    [found] = KeyStores().scan(Artifact("x", "jks", "x"), store, ScanNotes())
    assert found.observable.value.startswith("JKS key store")


def test_refuses_giants_and_damage():
    notes = ScanNotes()
    giant = certificate("a\0b<script>", 1 << 20).public_bytes(Encoding.DER)
    assert scan(giant, notes) == []
    assert scan(certificate().public_bytes(Encoding.DER)[:-1], notes) == []
    long = certificate("a\0b", 20_000).public_bytes(Encoding.DER)
    found, *_ = scan(long, notes)
    assert len(found.observable.value) < 1000
    assert notes.rejected["not-a-certificate"] >= 1


def test_a_public_root_is_known_by_its_fingerprint():
    # ISRG Root X1, as published by its owner.
    assert "96bcec06264976f37460779acf28c5a7cfe8a3c0aae11a8ffcee05c0bddf08c6" in public_roots()


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 900), st.binary(min_size=1, max_size=6))
def test_damaged_certificates_are_read_or_refused(at, patch):
    raw = bytearray(certificate().public_bytes(Encoding.DER))
    raw[at : at + len(patch)] = patch
    scan(bytes(raw))


def test_a_private_key_is_told_by_its_public_half_whatever_it_is_wrapped_in():
    expected = hashes.Hash(hashes.SHA256())
    expected.update(rsa_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    whole = expected.finalize().hex()
    for encoding, layout in [
        (Encoding.PEM, PrivateFormat.PKCS8),
        (Encoding.PEM, PrivateFormat.TraditionalOpenSSL),
        (Encoding.PEM, PrivateFormat.OpenSSH),
        (Encoding.DER, PrivateFormat.PKCS8),
    ]:
        [key] = scan(rsa_key().private_bytes(encoding, layout, NoEncryption()))
        assert dict(key.attributes)["public-sha256"] == whole
    locked = rsa_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"p"))
    assert [dict(s.attributes).get("public-sha256") for s in scan(locked)] == [None]


def test_an_authority_is_told_from_what_it_signs():
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "root")])
    builder = x509.CertificateBuilder(
        name, name, rsa_key().public_key(), 5, datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    [root] = scan(builder.sign(rsa_key(), hashes.SHA256()).public_bytes(Encoding.DER))
    assert dict(root.attributes)["authority"] == "yes"
    assert "authority" not in dict(scan(certificate().public_bytes(Encoding.DER))[0].attributes)
