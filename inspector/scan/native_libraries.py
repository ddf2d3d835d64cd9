"""Shared libraries by the names inside ELF files: what a library calls itself and what a program asks the loader for.

The functions of interest that a program imports become facts, which say what it can do with an address it holds.
"""

import re
from collections.abc import Iterator
from typing import ClassVar, Final

from inspector.formats.program.elf import open_elf
from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context, Kind, Location, Observable, Presence, Sighting
from inspector.scan.base import Scanner, ScannerInfo, ScanNotes
from inspector.scan.endpoint.vocabulary import words

_LIBRARY: Final = re.compile(r"([A-Za-z0-9_+.-]{1,120}?\.so)((?:\.\d+)*)")
NETWORK_CALLS: Final = words("""
    connect getaddrinfo gethostbyname gethostbyname_r sendto curl_easy_perform curl_easy_setopt SSL_connect SSL_write
    mosquitto_connect MQTTClient_connect MQTTAsync_connect lws_client_connect_via_info system popen execv execve execl
    execlp mount ptrace dlopen res_query bind listen accept uclient_connect ustream_fd_init EVP_DecryptInit_ex
""")


class NativeLibraries(Scanner):
    """Names libraries by `DT_SONAME` and `DT_NEEDED`; notes the network and shell functions imported."""

    INFO: ClassVar = ScannerInfo(
        name="native-libraries",
        emits=(Kind.NATIVE_LIBRARY,),
        reads=("elf",),
        summary="Shared libraries that programs need, and own names that differ from the file.",
        limitations=("libraries opened by name at run time (dlopen) are not listed",),
    )

    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:
        """Yield the leaf's own name, then what it needs; raises `Malformed` for a damaged header."""
        elf = open_elf(data)
        notes.facts += [("imports", artifact.path, name) for name in elf.imported(NETWORK_CALLS)]
        own = elf.soname()
        if own != artifact.name and _LIBRARY.fullmatch(own):
            yield _sighting(artifact, own, Presence.CONFIGURED, "DT_SONAME")
        for name in dict.fromkeys(elf.needed()):
            if _LIBRARY.fullmatch(name) and name not in (own, artifact.name):
                yield _sighting(artifact, name, Presence.REFERENCED, "DT_NEEDED")


def _sighting(artifact: Artifact, name: str, presence: Presence, key: str) -> Sighting:
    match = _LIBRARY.fullmatch(name)
    assert match is not None
    version = match.group(2).strip(".")
    return Sighting(
        Observable(Kind.NATIVE_LIBRARY, match.group(1)),
        Location(artifact.path),
        Context.CODE,
        presence,
        excerpt=name,
        key=key,
        attributes=(("version", version),) if version else (),
    )
