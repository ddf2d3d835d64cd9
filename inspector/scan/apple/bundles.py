"""Where a leaf stands in an Apple bundle, by its chain of members."""

import re
from typing import Final

from inspector.model.artifact import Artifact

_DECODED: Final = re.compile(r"(?:!bplist!plist\.xml|!fat-macho!(?:[^!/]+))$")
_FRAMEWORK: Final = re.compile(r"([^/!]+)\.framework/(?:Versions/[^/!]+/)?\1(?:!|$)")
_LIBRARY: Final = re.compile(r"(?:^|[/!])(?:lib([\w+-]+)\.a|([\w+-]+))(?:!fat-macho![^!/]+)?!ar!")
_NESTED: Final = (".appex/", ".framework/", ".bundle/", ".xctest/")


def file_path(artifact: Artifact) -> str:
    """Return the path in its package of the file a leaf was decoded from: `Payload/A.app/Info.plist`."""
    return _DECODED.sub("", artifact.path).rpartition("!")[2]


def owner(artifact: Artifact) -> str:
    """Return the chain that facts about the app are filed under."""
    return artifact.app or artifact.root


def is_main_bundle(path: str) -> bool:
    """Tell whether a file lies directly in the app's own bundle, not in one nested in it."""
    folder = path.replace("\\", "/").rpartition("/")[0]
    nested = sum(part.endswith(".app") for part in folder.split("/")) > 1
    return folder.endswith(".app") and not nested and not any(mark in folder for mark in _NESTED)


def framework_of(path: str) -> str:
    """Return the framework whose binary a chain of members leads into, or an empty string."""
    names = _FRAMEWORK.findall(path)
    return names[-1] if names else ""


def library_of(path: str) -> str:
    """Return the static library that a chain of members leads into, as its file is called, or an empty string.

    `libWeiboSDK.a` is `WeiboSDK`; a framework's binary that lies by itself has no suffix.
    """
    names = _LIBRARY.findall(path)
    return "".join(names[-1]) if names else ""
