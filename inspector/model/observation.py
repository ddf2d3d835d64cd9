"""What a scanner saw, and where: location, observable, sighting."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple


class Presence(StrEnum):
    """How far an observable is in use, weakest first; compare with `rank`."""

    STRING = "string"
    """It stands in the bytes; nothing more is known."""
    CONFIGURED = "configured"
    """It is the value of a configuration key, or packaged as a component."""
    REFERENCED = "referenced"
    """Code uses the constant, or the component is declared."""
    STARTED = "started"
    """Initialised at boot or at the start of the app."""

    @property
    def rank(self) -> int:
        """Return 0 (string) to 3 (started)."""
        return _PRESENCE_ORDER.index(self)


_PRESENCE_ORDER = list(Presence)


class Context(StrEnum):
    """What kind of text a sighting stands in; documentation, certificates and test data are no exposure."""

    CODE = "code"
    CONFIG = "config"
    DOCUMENTATION = "documentation"
    CERTIFICATE = "certificate"
    TEST_DATA = "test-data"

    @property
    def exposing(self) -> bool:
        """Tell whether a sighting in this context can carry a finding."""
        return self in (Context.CODE, Context.CONFIG)


class Kind(StrEnum):
    """The kinds of observable."""

    HOSTNAME = "hostname"
    URL = "url"
    IP_ADDRESS = "ip-address"
    EMAIL = "email"
    CERTIFICATE = "certificate"
    PRIVATE_KEY = "private-key"
    JAVA_PACKAGE = "java-package"
    APP_ID = "app-id"
    """What an app calls itself: Android's application id, the bundle identifier of an iOS app."""
    ANDROID_COMPONENT = "android-component"
    ANDROID_METADATA = "android-metadata"
    NATIVE_LIBRARY = "native-library"
    FILE_NAME = "file-name"
    IOS_FRAMEWORK = "ios-framework"
    OBJC_CLASS = "objc-class"
    STRING = "string"
    MECHANISM = "mechanism"
    PERMISSION = "permission"
    COMPONENT = "component"
    YARA = "yara"


class Observable(NamedTuple):
    """A normalised thing: lower-case host name, URL, dotted or colon address, fingerprint, dotted package."""

    kind: Kind
    value: str


class Location(NamedTuple):
    """Where: the chain of members (`fw.bin!squashfs@0x40000!/usr/bin/cloudd`) and a byte offset in the last one."""

    path: str
    offset: int = 0


GBK: Final = "gb18030"
"""The `decoding` of Chinese text that is no UTF-8: GB 18030, which GBK and GB 2312 are parts of."""
AS_WRITTEN: Final = ("", GBK)
"""Decodings under which a value stands in the file as it reads."""
IMPORTED: Final = ("symbol", "undefined")
"""The attribute of a name that a binary takes from elsewhere."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One observable at one place, with everything that judges how much it means."""

    observable: Observable
    location: Location
    context: Context = Context.CODE
    presence: Presence = Presence.STRING
    excerpt: str = ""
    """Up to about 120 characters around the hit, as found; escaped only when rendered."""
    decoding: str = ""
    """How the bytes became text where not plain UTF-8: `utf-16le`, `base64`, `xor 0x5a` …"""
    key: str = ""
    """The configuration key, ELF section or manifest attribute that holds the value."""
    referenced_by: tuple[str, ...] = ()
    """Methods or classes that load the constant (`com.example.Api.connect`), sorted, at most eight."""
    attributes: tuple[tuple[str, str], ...] = ()
    """Further facts by kind: `port`, `scheme`; a certificate's `subject`, `issuer`; a mechanism's `detail`."""

    def __reduce__(self) -> tuple[type["Sighting"], tuple[Any, ...]]:
        # Workers hand back thousands: what `dataclass` generates for slots asks for the fields of each one.
        return Sighting, (
            self.observable,
            self.location,
            self.context,
            self.presence,
            self.excerpt,
            self.decoding,
            self.key,
            self.referenced_by,
            self.attributes,
        )

    @property
    def imported(self) -> bool:
        """Tell whether a binary only asks for this name by an undefined symbol, and does not define it."""
        return IMPORTED in self.attributes

    def sort_key(self) -> tuple[str, str, int, str]:
        """Order of sightings: observable, then place."""
        return (self.observable.kind, self.observable.value, self.location.offset, self.location.path)
