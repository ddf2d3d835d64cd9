"""Which module of a JavaScript bundle a text stands in, by the calls and tables that define modules.

Format: Metro `__d(factory, id, dependencies, name)`; mini programs `define("pages/a.js", function…)`; webpack, with
which Cordova, Ionic, uni-app and Weex projects are built, `"./src/a.js": function…` or `123: (e, t, n) => {`.
Limits: a Metro module is found by the next definition's end, so text between modules counts to the one before it.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Final

from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.scan.base import Place, Placer

LARGEST: Final = 1 << 27
# Each begins with a literal, which `re` looks for at the speed of memory; what stands before it is asked afterwards.
_METRO: Final = re.compile(rb"__d\((?<![^;\n]__d\()")
_METRO_END: Final = re.compile(rb"\},[ ]?([0-9]{1,7}),[ ]?\[[0-9, \n]{0,20000}\](?:,[ ]?\"([^\"\n]{1,300})\")?\)")
_DEFINE: Final = re.compile(rb"define\((?<![^;\s]define\()\s?[\"']([^\"'\n]{1,300})[\"'],\s?function")
_WEBPACK: Final = re.compile(
    rb":[ \n]{0,4}(?:/\*[^*]{0,40}\*/\s{0,4}){0,3}\(?(?:function\s?\(|\([\w, ]{0,60}\)\s?=>\s?\{)"
)
_WEBPACK_KEY: Final = re.compile(rb"[{,\n/][ \t\n]{0,8}(?:\"(\.{1,2}/[^\"\n]{1,300})\"|([0-9]{1,7}))\Z")
_LONGEST_KEY: Final = 320


class Modular(Placer):
    """Another placer's places, with the module that holds the hit."""

    def __init__(self, inner: Placer) -> None:
        self._inner = inner
        self.FORMATS = inner.FORMATS  # type: ignore[misc]  # differs by instance here

    def places(self, artifact: Artifact, data: Reader, hits: Iterable[tuple[int, int]]) -> list[Place]:
        """Return one place for each hit; bundles above `LARGEST` bytes get no modules."""
        spans = list(hits)
        found = self._inner.places(artifact, data, spans)
        if artifact.format != "javascript" or data.size > LARGEST:
            return found
        starts = _modules(bytes(data.all()))
        places = [start for start, _ in starts]
        named = []
        for place, (start, _) in zip(found, spans, strict=True):
            index = bisect_right(places, start) - 1
            module = starts[index][1] if index >= 0 else ""
            named.append(place._replace(referenced_by=(module,)) if module else place)
        return named


def _modules(text: bytes) -> list[tuple[int, str]]:
    """Return (start, name) of every module, in order."""
    found = [(match.start(), match.group(1).decode("utf-8", "replace")) for match in _DEFINE.finditer(text)]
    begins = [match.start() for match in _METRO.finditer(text)]
    for begin, end in zip(begins, [*begins, len(text)][1:], strict=True):
        # The number stands at the end of the call: only its tail has to be searched.
        tails = list(_METRO_END.finditer(text, max(begin, end - 24_000), end))
        if tails:
            number, name = tails[-1].groups()
            found.append((begin, name.decode("utf-8", "replace") if name else f"module {number.decode('ascii')}"))
    return sorted(found or _webpack(text))


def _webpack(text: bytes) -> Iterator[tuple[int, str]]:
    """Yield (start, name) of the modules in webpack's tables."""
    for match in _WEBPACK.finditer(text):
        at = match.start()
        # A key in front of a function is common in any script: only a path or a number is a module's.
        if text[at - 1 : at] != b'"' and not text[at - 1 : at].isdigit():
            continue
        if key := _WEBPACK_KEY.search(text, max(0, at - _LONGEST_KEY), at):
            path, number = key.groups()
            yield at, path.decode("utf-8", "replace") if path else f"module {number.decode('ascii')}"
