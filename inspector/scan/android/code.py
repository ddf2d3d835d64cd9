"""Which Java packages a DEX file defines: the presence of an SDK, under the name it goes by.

Facts for the merge, with the app as subject: `app:uses` with `package method` where code outside a known package
calls into it, for the package may be defined in another DEX of the same app; `app:classes` with the checksums of all
classes that a DEX defines.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import zip_longest

from inspector.formats.program.dex import Dex, dotted, parse_dexes
from inspector.formats.program.dex_code import DexCode, open_code
from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.knowledge import Anchors
from inspector.model.observation import Context, Kind, Location, Observable, Presence, Sighting
from inspector.scan.android.merge import app_of_code
from inspector.scan.android.package_names import PackageNames
from inspector.scan.android.sdk_versions import FIELDS, version_facts
from inspector.scan.android.whole import class_checksums
from inspector.scan.base import Scanner, ScannerInfo, ScanNotes

Users = Mapping[str, tuple[str, ...]]
"""Package → the methods that call into it from outside, sorted, at most eight."""


class AndroidCode(Scanner):
    """Names the packages of a DEX file: those the knowledge asks for in full, the others in short."""

    INFO = ScannerInfo(
        name="android-code",
        emits=(Kind.JAVA_PACKAGE,),
        reads=("dex", "cdex"),
        summary="Java packages that DEX files define.",
        references=("source.android.com, Dalvik executable format",),
        limitations=("Packages renamed by an obfuscator are counted as rejected, not named.",),
    )

    def __init__(self) -> None:
        self._names = PackageNames(frozenset())

    def prepare(self, anchors: Anchors) -> None:
        """Keep the prefixes the knowledge asks for."""
        self._names = PackageNames(anchors.packages)

    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:
        """Yield one sighting for each package name, in the order of their first class."""
        app = artifact.app or app_of_code(artifact.path)
        codes = open_code(data) if self._names.known else ()
        for dex, code in zip_longest(parse_dexes(data), codes):
            if app:
                notes.facts.append(("app:classes", app, class_checksums(dex.class_descriptors)))
            users = self._users(code) if code else {}
            if code:
                notes.facts.extend(version_facts(code.initial_texts(FIELDS), app))
            notes.facts.extend(("app:uses", app, f"{name} {user}") for name, found in users.items() for user in found)
            yield from self._packages(artifact, dex, users, notes)

    def _users(self, code: DexCode) -> dict[str, tuple[str, ...]]:
        """Return known package → methods outside it that call into it, whether or not this file defines it."""
        names, groups = {"": 0}, []
        numbers: dict[bytes, int] = {}
        for descriptor in code.dex.descriptors:
            package = descriptor.rpartition(b"/")[0]
            number = numbers.get(package)
            if number is None:
                name = self._names.known_prefix(dotted(package + b";")) if package[:1] == b"L" else ""
                number = numbers[package] = names.setdefault(name, len(names))
            groups.append(number)
        named = list(names)
        called = code.calls_between(groups)
        return {named[n]: tuple(sorted({str(code.dex.method(u.method)) for u in uses})) for n, uses in called.items()}

    def _packages(self, artifact: Artifact, dex: Dex, users: Users, notes: ScanNotes) -> Iterator[Sighting]:
        first: dict[bytes, int] = {}
        classes: Counter[bytes] = Counter()
        for index, descriptor in enumerate(dex.class_descriptors):
            package = descriptor.rpartition(b"/")[0]
            classes[package] += 1
            first.setdefault(package, index)
        named = self._names.named(((dotted(package + b";"), count) for package, count in classes.items()), notes)
        places = {dotted(package + b";"): dex.class_offset(index) for package, index in first.items()}
        yield from package_sightings(artifact, named, places, users)


def package_sightings(
    artifact: Artifact, named: dict[str, tuple[str, int]], places: dict[str, int], users: Users
) -> Iterator[Sighting]:
    """Yield a sighting for each name, at the first package that carries it, in the order of their offsets.

    A package that code outside it calls is `referenced`, by those methods; any other is only packaged.
    """
    for name, (package, count) in sorted(named.items(), key=lambda item: (places[item[1][0]], item[0])):
        yield Sighting(
            Observable(Kind.JAVA_PACKAGE, name),
            Location(artifact.path, places[package]),
            Context.CODE,
            Presence.REFERENCED if name in users else Presence.CONFIGURED,
            package,
            referenced_by=users.get(name, ()),
            attributes=(("classes", str(count)),),
        )
