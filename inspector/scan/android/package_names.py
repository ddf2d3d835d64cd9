"""The names that Java packages go by in sightings: those the knowledge asks for in full, the others in short."""

from collections.abc import Iterable
from typing import Final

from inspector.scan.base import ScanNotes

SEGMENTS: Final = 3
"""Unknown packages are named by so many segments: the organisation and the product."""
MOST_UNKNOWN: Final = 2_000
SHORT_TOP_LEVELS: Final = frozenset(
    "ai au br ca ch cn co cz de eu fm fr hk im in io it jp kr ly me mx nl no pl ru se tv tw uk us".split()  # noqa: SIM905
)
"""First segments of two letters that are a country or a real top-level domain, not the work of an obfuscator."""


class PackageNames:
    """Shortens packages to the names worth a sighting."""

    def __init__(self, known: frozenset[str]) -> None:
        self.known = known
        self._longest = max((name.count(".") + 1 for name in known), default=0)

    def known_prefix(self, package: str) -> str:
        """Return the longest prefix the knowledge asks for, on segment boundaries, or an empty string."""
        segments = package.split(".")
        for length in range(min(len(segments), self._longest), 0, -1):
            prefix = ".".join(segments[:length])
            if prefix in self.known:
                return prefix
        return ""

    def short(self, package: str) -> str:
        """Return the name a package goes by in a sighting: the known prefix, or its first segments."""
        return self.known_prefix(package) or ".".join(package.split(".")[:SEGMENTS])

    def named(self, packages: Iterable[tuple[str, int]], notes: ScanNotes) -> dict[str, tuple[str, int]]:
        """Return name → (first package that carries it, classes under it); renamed packages are counted in `notes`."""
        found: dict[str, tuple[str, int]] = {}
        unknown = 0
        for package, count in packages:
            name = self.known_prefix(package)
            if not name:
                if renamed(package) or unknown >= MOST_UNKNOWN:
                    notes.rejected["renamed package"] += 1
                    continue
                name = ".".join(package.split(".")[:SEGMENTS])
                unknown += name not in found
            first, before = found.get(name, (package, 0))
            found[name] = (first, before + count)
        return found


def renamed(package: str) -> bool:
    """Tell whether an obfuscator chose the name: no package, or all its segments one or two characters long."""
    segments = package.split(".")
    if segments[0] in SHORT_TOP_LEVELS and len(segments) > 1:
        segments = segments[1:]
    return all(len(segment) <= 2 for segment in segments)
