"""Java class files: their package, what sensitive interfaces they use, and which method loads a constant."""

from collections.abc import Iterable, Iterator
from typing import Final

from inspector.errors import FormatError
from inspector.formats.program.classfile import ClassFile, parse_class
from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.knowledge import Anchors
from inspector.model.observation import Context, Kind, Location, Observable, Presence, Sighting
from inspector.scan.android.behaviour import FIELDS, METHODS, Names
from inspector.scan.android.package_names import PackageNames, renamed
from inspector.scan.android.sdk_versions import version_facts
from inspector.scan.base import Place, Placer, Scanner, ScannerInfo, ScanNotes

MOST_REFERENCES: Final = 8


def _wanted() -> dict[str, list[tuple[str, frozenset[str]]]]:
    """Return class → (kind of data, names), an empty set standing for all of them."""
    found: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for table in (METHODS, FIELDS):
        for kind, names in table.items():
            _add(found, kind, names)
    return found


def _add(found: dict[str, list[tuple[str, frozenset[str]]]], kind: str, names: Names) -> None:
    for owner, members in names.items():
        found.setdefault(owner, []).append((kind, members))


SENSITIVE: Final = _wanted()


class JavaClasses(Scanner):
    """Names the package of a class and the sensitive interfaces that its methods use."""

    INFO = ScannerInfo(
        name="java-classes",
        emits=(Kind.JAVA_PACKAGE, Kind.MECHANISM),
        reads=("class",),
        summary="Packages and sensitive interfaces of Java libraries (JAR, AAR).",
        references=("The Java Virtual Machine Specification, chapter 4",),
        limitations=("Packages renamed by an obfuscator are counted as rejected, not named.",),
    )

    def __init__(self) -> None:
        self._names = PackageNames(frozenset())

    def prepare(self, anchors: Anchors) -> None:
        """Keep the prefixes the knowledge asks for."""
        self._names = PackageNames(anchors.packages)

    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:
        """Yield the package, then one sighting for each kind of sensitive data."""
        parsed = parse_class(data)
        package = parsed.name.rpartition(".")[0]
        if not package or (renamed(package) and not self._names.known_prefix(package)):
            notes.rejected["renamed package"] += 1
        else:
            name = Observable(Kind.JAVA_PACKAGE, self._names.short(package))
            yield Sighting(name, Location(artifact.path), Context.CODE, Presence.CONFIGURED, parsed.name[:120])
        yield from self._sensitive(artifact, parsed, self._names.short(package))
        if b"ersion" in parsed.raw or b"VER" in parsed.raw:
            notes.facts.extend(version_facts(parsed.initial_texts(), artifact.app))

    def _sensitive(self, artifact: Artifact, parsed: ClassFile, package: str) -> Iterator[Sighting]:
        kinds: dict[str, dict[int, str]] = {}
        for index, owner, name in parsed.references(SENSITIVE):
            for kind, members in SENSITIVE[owner]:
                if not members or name in members:
                    kinds.setdefault(kind, {})[index] = f"{owner.rpartition('.')[2]}.{name}"
        for kind, found in sorted(kinds.items()):
            users = {name for names in parsed.uses(found).values() for name in names}
            detail = ", ".join(sorted(set(found.values())))
            yield Sighting(
                Observable(Kind.MECHANISM, f"sensitive-api:{kind}"),
                Location(artifact.path, parsed.starts[min(found)]),
                Context.CODE,
                Presence.REFERENCED if users else Presence.STRING,
                detail[:120],
                referenced_by=tuple(sorted(f"{parsed.name}.{user}" for user in users)[:MOST_REFERENCES]),
                attributes=(("detail", detail), ("package", package)),
            )


class JavaReferences(Placer):
    """Finds the methods of a class that load a string, and the constants that hold it."""

    FORMATS = ("class",)

    def places(
        self,
        artifact: Artifact,  # noqa: ARG002
        data: Reader,
        hits: Iterable[tuple[int, int]],
    ) -> list[Place]:
        """Return `referenced` with the methods for a constant that code uses, `string` for any other text."""
        wanted = list(hits)
        try:
            parsed = parse_class(data)
        except FormatError:
            return [Place()] * len(wanted)
        return [_place(parsed, start) for start, _ in wanted]


def _place(parsed: ClassFile, offset: int) -> Place:
    text = parsed.text_at(offset)
    if not text:
        return Place()
    users = {name for names in parsed.uses(parsed.users_of_text(text)).values() for name in names}
    names = sorted(f"{parsed.name}.{user}" for user in users)
    presence = Presence.REFERENCED if users else Presence.STRING
    prefix = max(0, parsed.starts[text] + 2 - offset)
    return Place(Context.CODE, presence, "", tuple(names[:MOST_REFERENCES]), prefix=prefix)
