"""Native libraries of apps: which Java classes they serve, and what they ask of the network and the system."""

from collections.abc import Iterator
from typing import Final

from inspector.formats.program.elf import Elf, open_elf
from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.knowledge import Anchors
from inspector.model.observation import Context, Kind, Location, Observable, Presence, Sighting
from inspector.scan.android.package_names import PackageNames
from inspector.scan.base import Scanner, ScannerInfo, ScanNotes

MOST_NAMES: Final = 20_000


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


IMPORTS: Final = {
    "native-network": _names(
        "connect sendto sendmsg recvfrom accept listen getaddrinfo gethostbyname gethostbyname_r res_query "
        "android_getaddrinfofornet SSL_connect SSL_write curl_easy_perform mbedtls_ssl_handshake"
    ),
    "native-commands": _names("system popen execv execve execvp execl execlp posix_spawn fork"),
    "native-loading": _names("dlopen android_dlopen_ext"),
}
"""Functions by what they stand for; the names are those of bionic, BoringSSL, libcurl and Mbed TLS."""


class NativeCode(Scanner):
    """Reads the dynamic names of native libraries that apps bring along."""

    INFO = ScannerInfo(
        name="native-code",
        emits=(Kind.JAVA_PACKAGE, Kind.MECHANISM),
        reads=("elf",),
        summary="Java packages with native methods; network, command and loading functions that a library imports.",
        references=("docs.oracle.com, Java Native Interface Specification, chapter 2", "System V ABI, dynamic linking"),
        limitations=("Native methods registered at run time carry no name.",),
    )

    def __init__(self) -> None:
        self._names = PackageNames(frozenset())

    def prepare(self, anchors: Anchors) -> None:
        """Keep the prefixes that name packages."""
        self._names = PackageNames(anchors.packages)

    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:  # noqa: ARG002
        """Yield packages in the order of their names in the file, then one sighting for each kind of import."""
        if not artifact.app:
            return
        elf = open_elf(data)
        yield from self._served(artifact, elf)
        for kind, functions in IMPORTS.items():
            if used := elf.imported(functions):
                detail = ", ".join(used)
                yield _sighting(artifact, Kind.MECHANISM, kind, 0, detail, (("detail", detail),))

    def _served(self, artifact: Artifact, elf: Elf) -> Iterator[Sighting]:
        seen: set[str] = set()
        for offset, symbol in elf.names(b"Java_")[:MOST_NAMES]:
            method = native_method(symbol)
            package = ".".join(method.split(".")[:-2])
            name = self._names.short(package)
            if package and name not in seen:
                seen.add(name)
                yield _sighting(artifact, Kind.JAVA_PACKAGE, name, offset, method)


def native_method(symbol: str) -> str:
    """Return `com.example.Api.run` for `Java_com_example_Api_run`; a signature behind two underscores is dropped."""
    body = symbol.removeprefix("Java_").split("__", 1)[0]
    # _1 stands for an underscore of the name itself, _0xxxx for a character that C does not take.
    text, at = "", 0
    while at < len(body):
        if body[at] != "_":
            text, at = text + body[at], at + 1
        elif body[at + 1 : at + 2] == "1":
            text, at = text + "_", at + 2
        elif body[at + 1 : at + 2] == "0" and len(body) >= at + 6:
            text, at = text + "?", at + 6
        else:
            text, at = text + ".", at + 1
    return text


def _sighting(
    artifact: Artifact, kind: Kind, value: str, offset: int, excerpt: str, attributes: tuple[tuple[str, str], ...] = ()
) -> Sighting:
    place = Location(artifact.path, offset)
    return Sighting(
        Observable(kind, value), place, Context.CODE, Presence.CONFIGURED, excerpt[:120], attributes=attributes
    )
