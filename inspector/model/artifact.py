"""Artifacts: bytes with a place in the tree, as scanners receive them."""

from typing import NamedTuple


class Artifact(NamedTuple):
    """A leaf handed to the scanners (its bytes come beside it as a `Reader`)."""

    path: str
    """Chain of members, the `path` of every location in it."""
    format: str
    """Leaf format: `elf`, `dex`, `axml`, `json`, `text`, `data` …"""
    name: str
    """Base name of the member, for scanners that go by file name."""
    root: str = ""
    """Chain of the file system or package it lives in; what is started at boot is decided within one root."""
    inner: str = ""
    """Path inside `root` (`/etc/init.d/rcS`), or the name where there is no directory."""
    app: str = ""
    """Chain of the innermost app (APK, IPA) that holds it, or empty."""
    resources: tuple[tuple[int, str], ...] = ()
    """(identifier, name) of the app's resources whose text may be an address or a key, for code that loads them."""
