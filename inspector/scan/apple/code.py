"""What a Mach-O file of an app or SDK says of itself: frameworks, classes, sensitive interfaces, signature.

Facts, each `(kind, app, value)`: `app:architecture`, `app:team`, `app:signing`, `app:signer`, `app:signing-identity`,
`app:entitlement`, `app:associated-domain`; `app:loads` (`loader -> library`, the loader empty for the app's program).
"""

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from inspector.errors import FormatError
from inspector.formats.data.x509 import certificate_facts, pkcs7_certificates
from inspector.formats.program.code_signature import CodeSignature, parse_code_signature
from inspector.formats.program.macho import EXECUTABLE, Macho
from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.knowledge import Anchors
from inspector.model.observation import IMPORTED, Context, Kind, Location, Observable, Presence, Sighting
from inspector.scan.apple.bundles import file_path, framework_of, is_main_bundle, library_of, owner
from inspector.scan.apple.meanings import SENSITIVE_CLASSES, entitlement_attributes
from inspector.scan.base import Scanner, ScannerInfo, ScanNotes

LOADED: Final = "runs when the library is loaded"
SYSTEM: Final = ("/System/", "/usr/lib/")
_DYLIB: Final = re.compile(r"(?:([^/]+)\.framework/(?:Versions/[^/]+/)?)?([^/]+)$")
_SWIFT_MODULE: Final = re.compile(r"_TtC+(\d+)")


class ClassNames:
    """The class names and prefixes that the knowledge asks for."""

    def __init__(self, patterns: frozenset[str]) -> None:
        self._exact = frozenset(name for name in patterns if not name.endswith("*"))
        self._prefixes = tuple(sorted((name[:-1] for name in patterns if name.endswith("*")), key=len, reverse=True))

    def asked_for(self, name: str) -> str:
        """Return the pattern a class meets, the longest one first, or an empty string."""
        if name in self._exact:
            return name
        if not name.startswith(self._prefixes):
            return ""
        return next(prefix for prefix in self._prefixes if name.startswith(prefix)) + "*"


class IosCode(Scanner):
    """Reads thin Mach-O files: programs, frameworks, members of static libraries."""

    INFO = ScannerInfo(
        name="ios-code",
        emits=(Kind.IOS_FRAMEWORK, Kind.OBJC_CLASS, Kind.MECHANISM, Kind.PERMISSION),
        reads=("macho",),
        summary="Frameworks, known classes, sensitive interfaces, entitlements and signing identity of Mach-O files.",
        references=("Apple mach-o/loader.h", "Apple cs_blobs.h"),
        limitations=(
            "Classes that no signature asks for are counted, not named.",
            "Code is not disassembled: which method uses a class or a constant is not known.",
            "Signatures are not verified.",
        ),
    )

    def __init__(self) -> None:
        self._names = ClassNames(frozenset())

    def prepare(self, anchors: Anchors) -> None:
        """Keep the class patterns the knowledge asks for."""
        self._names = ClassNames(anchors.classes)

    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:
        """Yield frameworks, then classes by name, then sensitive interfaces; encrypted code becomes a gap."""
        image = Macho(data)
        if image.encryption and image.encryption.system:
            detail = "FairPlay: code and constants encrypted by the App Store; an unencrypted build shows them"
            notes.gaps.append((image.encryption.offset, image.encryption.size, "encrypted", detail))
        _note_loads(artifact, image, notes)
        yield from _frameworks(artifact, image)
        yield from self._classes(artifact, image, notes)
        yield from _sensitive(artifact, image)
        yield from _signed(artifact, data, image, notes)

    def _classes(self, artifact: Artifact, image: Macho, notes: ScanNotes) -> Iterator[Sighting]:
        groups: dict[str, tuple[str, int, int, bool]] = {}
        unknown = 0
        for name, offset in image.classes.items():
            pattern = self._names.asked_for(name)
            if pattern:
                first, place, count, eager = groups.get(pattern, (name, offset, 0, False))
                groups[pattern] = (first, place, count + 1, eager or name in image.eager_classes)
            else:
                unknown += 1
        if unknown:
            notes.rejected["class of no known SDK"] += unknown
        for first, place, count, eager in groups.values():
            attributes = (("classes", str(count)), *((("load", LOADED),) if eager else ()))
            yield _class_sighting(artifact, first, place, Presence.CONFIGURED, attributes)
        for name in image.used_classes:
            if self._names.asked_for(name):
                yield _class_sighting(artifact, name, 0, Presence.REFERENCED, (IMPORTED,), image.only_classes)


def _class_sighting(
    artifact: Artifact,
    name: str,
    offset: int,
    presence: Presence,
    attributes: tuple[tuple[str, str], ...],
    users: tuple[str, ...] = (),
) -> Sighting:
    return Sighting(
        Observable(Kind.OBJC_CLASS, name),
        Location(artifact.path, offset),
        Context.CODE,
        presence,
        name[:120],
        referenced_by=users,
        attributes=attributes,
    )


def _note_loads(artifact: Artifact, image: Macho, notes: ScanNotes) -> None:
    """Note which of the app's own libraries an image loads by itself, so that `ios_start` can follow them."""
    loader, program = framework_of(artifact.path), _is_program(artifact, image)
    if not artifact.app or not (loader or program):
        return
    if program:
        notes.facts.append(("app:loads", artifact.app, " -> "))
    for path, how in image.libraries:
        if how != "lazy" and not path.startswith(SYSTEM):
            notes.facts.append(("app:loads", artifact.app, f"{loader} -> {_library(path)}"))


def _is_program(artifact: Artifact, image: Macho) -> bool:
    return image.kind == EXECUTABLE and is_main_bundle(file_path(artifact))


def _frameworks(artifact: Artifact, image: Macho) -> Iterator[Sighting]:
    """Yield the framework the file itself is, libraries it loads that are no system's, Swift modules linked into it."""
    own = framework_of(artifact.path) or _library(image.own_name) or library_of(artifact.path)
    if own.startswith("libswift"):
        return  # the Swift runtime, which apps for iOS before 12.2 bring along
    if own:
        yield _framework(artifact, own, Presence.CONFIGURED, "name")
    for path, how in image.libraries:
        name = _library(path)
        if name and name != own and not path.startswith(SYSTEM) and not name.startswith("libswift"):
            yield _framework(artifact, name, Presence.REFERENCED, how)
    modules = {module for name in image.classes if (module := swift_module(name))}
    for module in sorted(modules - {own}):
        yield _framework(artifact, module, Presence.CONFIGURED, "swift module")


def swift_module(name: str) -> str:
    """Return the module of a mangled Swift class name (`_TtC9Alamofire7Request`), or an empty string."""
    match = _SWIFT_MODULE.match(name)
    if match is None:
        return ""
    return name[match.end() : match.end() + int(match.group(1)[:4])]


def _library(path: str) -> str:
    match = _DYLIB.search(path)
    return (match.group(1) or match.group(2)) if match else ""


def _framework(artifact: Artifact, name: str, presence: Presence, key: str) -> Sighting:
    return Sighting(
        Observable(Kind.IOS_FRAMEWORK, name),
        Location(artifact.path),
        Context.CODE,
        presence,
        name[:120],
        key=key,
    )


def _sensitive(artifact: Artifact, image: Macho) -> Iterator[Sighting]:
    kinds: dict[str, list[str]] = {}
    for name in image.used_classes:
        if kind := SENSITIVE_CLASSES.get(name):
            kinds.setdefault(kind, []).append(name)
    for kind, names in sorted(kinds.items()):
        detail = ", ".join(names)
        yield Sighting(
            Observable(Kind.MECHANISM, f"sensitive-api:{kind}"),
            Location(artifact.path),
            Context.CODE,
            Presence.REFERENCED,
            detail[:120],
            referenced_by=image.only_classes,
            attributes=(("detail", detail),),
        )


def _signed(artifact: Artifact, data: Reader, image: Macho, notes: ScanNotes) -> Iterator[Sighting]:
    main = _is_program(artifact, image) or (image.kind == EXECUTABLE and not artifact.app)
    if main:
        notes.facts.append(("app:architecture", owner(artifact), image.architecture))
    if image.signature is None:
        return
    try:
        signature = parse_code_signature(data.slice(image.signature.start, image.signature.end))
    except FormatError:
        return
    if main:
        notes.facts += [(kind, owner(artifact), value) for kind, value in _identity(signature) if value]
    if isinstance(signature.entitlements, dict):
        at = image.signature.start + signature.entitlements_at
        for name in sorted(signature.entitlements):
            yield Sighting(
                Observable(Kind.PERMISSION, name),
                Location(artifact.path, at),
                Context.CONFIG,
                Presence.CONFIGURED,
                name[:120],
                key="entitlement",
                attributes=entitlement_attributes(name),
            )


def _identity(signature: CodeSignature) -> Iterator[tuple[str, str]]:
    yield "app:team", signature.team
    if signature.adhoc:
        yield "app:signing", "ad hoc, no certificate"
    if isinstance(signature.entitlements, dict):
        for name in sorted(signature.entitlements):
            yield "app:entitlement", name
        domains = signature.entitlements.get("com.apple.developer.associated-domains")
        for domain in domains if isinstance(domains, list) else ():
            yield "app:associated-domain", str(domain)[:300]
    yield from _signer(signature.cms)


def _signer(cms: bytes) -> Iterator[tuple[str, str]]:
    """Yield the fingerprint and subject of the one certificate in the chain that issued no other."""
    if not cms:
        return
    try:
        chain = pkcs7_certificates(cms)
    except FormatError:
        return
    facts = [(raw, certificate_facts(raw)) for raw in chain]
    issuers = {found.get("issuer", "") for raw, found in facts if found.get("issuer") != found.get("subject")}
    for raw, found in facts:
        if found.get("subject", "") not in issuers and found.get("subject") != found.get("issuer"):
            yield "app:signer", sha256(raw).hexdigest()
            yield "app:signing-identity", found.get("subject", "")
