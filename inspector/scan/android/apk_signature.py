"""Who signed an Android app, and with which schemes.

Facts for the merge, with the app as subject: `app:signing` with a scheme (`v1`, `v2`, `v3`, `v3.1`, `v4`),
`app:signer` with the SHA-256 of a signing certificate, `app:signing-key` with what a well-known key is,
`app:rotated-from` with the SHA-256 of an earlier certificate, `app:signing-block` with the name of another entry.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from inspector.errors import Malformed
from inspector.formats.data.x509 import certificate_facts, pkcs7_certificates, read_certificate
from inspector.formats.mobile.apk_signature import parse_signing_block
from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context, Kind, Location, Observable, Presence, Sighting
from inspector.scan.base import Scanner, ScannerInfo, ScanNotes

PUBLIC_KEYS: Final = {
    "a40da80a59d170caa950cf15c18c454d47a39b26989d8b640ecd745ba71bf5dc": "AOSP test key",
    "c8a2e9bccf597c2fb6dc66bee293fc13f2fc47ec77bc6b2b0d52c11f51192ab8": "AOSP platform key",
    "465983f7791f2abeb43ea2cbdc7f21a8260b72bc08a55c839fc1a43bc741a81e": "AOSP media key",
    "28bbfe4a7b97e74681dc55c2fbb6ccb8d6c74963733f6af6ae74d8c3a6e879fd": "AOSP shared key",
    "e1dbadce60dc080d15b58a014b0dcf9400e24de23fa00b287a5a982bfebda2ee": "AOSP network stack key",
}
"""SHA-256 of certificates whose private keys are published with the platform (build/target/product/security)."""
LARGEST: Final = 1 << 22
DETACHED: Final = ".idsig"
DEBUG_SUBJECT: Final = "CN=Android Debug"


class ApkSignature(Scanner):
    """Reads the signing block of an APK and the PKCS#7 files of the first scheme."""

    INFO = ScannerInfo(
        name="apk-signature",
        emits=(Kind.CERTIFICATE,),
        reads=("apk-signing-block", "pkcs7", "apk-idsig"),
        summary="Signing certificates, schemes v1 to v4, key rotation, debug keys and the public keys of AOSP.",
        references=("source.android.com/docs/security/features/apksigning",),
        limitations=("Signatures are not verified.",),
    )

    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:
        """Yield one sighting for each certificate, signing ones first."""
        if artifact.format == "apk-signing-block":
            yield from self._block(artifact, data, notes)
        elif artifact.format == "pkcs7":
            yield from self._first(artifact, data, notes)
        else:
            # A file beside the package that it signs.
            notes.facts.append(("app:signing", f"{artifact.path.removesuffix(DETACHED)}!apk", "v4"))

    def _block(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:
        block = parse_signing_block(data)
        notes.facts += [("app:signing", artifact.app, scheme) for scheme in block.schemes]
        notes.facts += [("app:signing-block", artifact.app, name) for name in block.others if name != "padding"]
        notes.facts += [("app:tampering", artifact.app, note) for note in block.notes]
        seen: set[bytes] = set()
        for signer in block.signers:
            for raw in signer.lineage[:-1]:
                notes.facts.append(("app:rotated-from", artifact.app, sha256(raw).hexdigest()))
            fresh = [raw for raw in dict.fromkeys((*signer.certificates, *signer.lineage)) if raw not in seen]
            seen.update(fresh)
            for raw in fresh:
                at = max(data.find(raw), 0)
                yield _sighting(artifact, raw, at, signer.scheme, notes, signs=raw == signer.certificates[0])

    def _first(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:
        certificates = pkcs7_certificates(data.read_upto(0, LARGEST))
        notes.facts.append(("app:signing", artifact.app, "v1"))
        for number, raw in enumerate(certificates):
            at = max(data.find(raw), 0)
            yield _sighting(artifact, raw, at, "v1", notes, signs=number == 0)


def _value(raw: bytes, fingerprint: str) -> str:
    """Return the form in which every certificate is reported, so that an indicator matches a signer too."""
    try:
        return read_certificate(raw).value
    except Malformed:
        return f"sha256:{fingerprint}"


def _sighting(artifact: Artifact, raw: bytes, offset: int, scheme: str, notes: ScanNotes, *, signs: bool) -> Sighting:
    fingerprint = sha256(raw).hexdigest()
    facts = certificate_facts(raw)
    if signs:
        notes.facts.append(("app:signer", artifact.app, fingerprint))
        known = PUBLIC_KEYS.get(fingerprint, "debug key" if DEBUG_SUBJECT in facts.get("subject", "") else "")
        if known:
            notes.facts.append(("app:signing-key", artifact.app, known))
            facts["known-key"] = known
    facts["scheme"] = scheme
    facts["use"] = "signing" if signs else "chain"
    return Sighting(
        Observable(Kind.CERTIFICATE, _value(raw, fingerprint)),
        Location(artifact.path, offset),
        Context.CONFIG if signs else Context.CERTIFICATE,  # the signer answers for the app, the chain for the signer
        Presence.CONFIGURED,
        facts.get("subject", "")[:120],
        attributes=tuple(sorted(facts.items())),
    )
