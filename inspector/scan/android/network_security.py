"""The network security configuration of an Android app: where it talks in the clear, and whom it trusts.

Facts for the merge, with the app as subject: `app:network-security` with one sentence for each departure from the
strict default, and for pinned hosts.
"""

from collections.abc import Iterator
from typing import Final

from inspector.formats.mobile.axml import AxmlDocument, Element, parse_axml
from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Sighting
from inspector.scan.base import Scanner, ScannerInfo, ScanNotes

ROOT: Final = "network-security-config"
_MARKS: Final = (ROOT.encode(), ROOT.encode("utf-16-le"))
EVERY_HOST: Final = "all hosts"
MOST_HOSTS: Final = 200


class NetworkSecurity(Scanner):
    """Reads the file by its root element: packers of resources change its name."""

    INFO = ScannerInfo(
        name="network-security",
        emits=(),
        reads=("axml",),
        summary="Network security configuration of Android apps: hosts in the clear, trusted user certificates, pins.",
        references=("developer.android.com/privacy-and-security/security-config",),
        limitations=("Certificates that it adds are reported where their files lie.",),
    )

    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:
        """Yield nothing; the facts tell."""
        if all(data.find(mark) < 0 for mark in _MARKS):
            return
        document = parse_axml(data)
        if document.elements and document.elements[0].name == ROOT:
            told = dict.fromkeys(_told(document))
            notes.facts.extend(("app:network-security", artifact.app, text) for text in told)
        yield from ()


def _told(document: AxmlDocument) -> Iterator[str]:
    """Yield the sentences in document order."""
    scopes = _scopes(document)
    overrides = -1
    for element, hosts in zip(document.elements, scopes, strict=True):
        if element.depth <= overrides:
            overrides = -1
        if element.name == "debug-overrides":
            overrides = element.depth
        elif overrides >= 0:
            continue  # in force for debuggable builds alone
        elif element.get("cleartextTrafficPermitted") == "true":
            yield f"cleartext permitted for {hosts}"
        elif element.name == "certificates" and element.get("src") == "user":
            yield f"certificates of the user trusted for {hosts}"
        elif element.name == "certificates" and element.get("src") not in ("system", ""):
            yield f"own certificates trusted for {hosts}"
        elif element.name == "pin-set":
            until = element.get("expiration")
            yield f"pinned: {hosts}" + (f" until {until}" if until else "")


def _scopes(document: AxmlDocument) -> list[str]:
    """Return for each element the hosts of the `domain-config` around it."""
    texts = dict(document.texts)
    owners: list[int] = []
    hosts: dict[int, list[str]] = {}
    around: list[tuple[int, int]] = []
    for number, element in enumerate(document.elements):
        while around and element.depth <= around[-1][0]:
            around.pop()
        if element.name == "domain-config":
            around.append((element.depth, number))
        owner = around[-1][1] if around else -1
        owners.append(owner)
        if element.name == "domain" and owner >= 0 and texts.get(element.offset):
            hosts.setdefault(owner, []).append(_host(element, texts[element.offset]))
    return [", ".join(hosts.get(owner, [])[:MOST_HOSTS]) if owner >= 0 else EVERY_HOST for owner in owners]


def _host(element: Element, text: str) -> str:
    return f"*.{text.strip()}" if element.get("includeSubdomains") == "true" else text.strip()
