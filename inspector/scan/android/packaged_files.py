"""Names of packaged files that identify a library or a protector: native libraries, files in assets."""

import re
from collections.abc import Iterator
from typing import Final

from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context, Kind, Location, Observable, Presence, Sighting
from inspector.scan.base import Scanner, ScannerInfo, ScanNotes

PLAIN = ("/res/", "/r/", "/META-INF/")
"""Folders of an app whose names the build tools chose."""
_LIBRARY: Final = re.compile(r"(.*?\.so)((?:\.[0-9]+)*)")
_PROCESSOR: Final = re.compile(r"[._-](?:x86(?:[._-]64)?|x64|arm(?:64)?(?:[._-]?v[78][al]?)?|armeabi)(?=\.so$)")
"""The processor in a name: what is kept outside `lib/` has no folder that tells (`libsecexe.x86.so`)."""


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
        """Yield the base name, at the start of the file.

        A library that an app keeps among its assets counts as a file too, and again without the processor in its name.
        """
        named = artifact.app and artifact.format != "class" and not artifact.inner.startswith(PLAIN)
        if match := _LIBRARY.fullmatch(artifact.name):
            library, version = match.groups()
            yield _sighting(artifact, Kind.NATIVE_LIBRARY, library, version.strip("."))
            if named and "/lib/" not in artifact.inner:
                yield _sighting(artifact, Kind.FILE_NAME, artifact.name)
                if (plain := _PROCESSOR.sub("", library)) != library:
                    yield _sighting(artifact, Kind.NATIVE_LIBRARY, plain)
        elif named:
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
