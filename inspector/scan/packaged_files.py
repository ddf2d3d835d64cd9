"""Names of packaged files that identify a library or a protector: native libraries, files in assets."""

from collections.abc import Iterator

from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context, Kind, Location, Observable, Presence, Sighting
from inspector.scan.base import Scanner, ScannerInfo, ScanNotes

PLAIN = ("/res/", "/r/", "/META-INF/")
"""Folders of an app whose names the build tools chose."""


class PackagedFiles(Scanner):
    """Names native libraries anywhere, and the other files of an app or a Java library."""

    INFO = ScannerInfo(
        name="packaged-files",
        emits=(Kind.NATIVE_LIBRARY, Kind.FILE_NAME),
        reads=("*",),
        summary="File names of native libraries and of what apps bring along in their assets.",
        limitations=("Files in res/ and META-INF/ carry names of the build tools and are left out.",),
    )

    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:  # noqa: ARG002
        """Yield at most one sighting: the base name, at the start of the file."""
        library, mark, version = artifact.name.partition(".so")
        if mark and (not version or version.startswith(".")):
            yield _sighting(artifact, Kind.NATIVE_LIBRARY, library + mark, version.strip("."))
        elif artifact.app and artifact.format != "class" and not artifact.inner.startswith(PLAIN):
            yield _sighting(artifact, Kind.FILE_NAME, artifact.name)


def _sighting(artifact: Artifact, kind: Kind, name: str, version: str = "") -> Sighting:
    return Sighting(
        Observable(kind, name),
        Location(artifact.path),
        Context.CODE,
        Presence.CONFIGURED,
        artifact.inner[:120],
        attributes=(("version", version),) if version else (),
    )
