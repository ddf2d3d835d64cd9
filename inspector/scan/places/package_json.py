"""What a `package.json` says of the package's making, apart from what its program may read.

Format: npm, "package.json"; Bower and OpenHarmony's ohpm keep the same members.
Limits: a description over `LARGEST` bytes is read as any other JSON; members inside members are not told apart.
"""

import re
from bisect import bisect_right
from typing import Final

from inspector.formats.reader import Reader

LARGEST: Final = 1 << 20
_NAMES: Final = frozenset({"package.json", "bower.json", "oh-package.json5"})
_OF_THE_MAKING: Final = frozenset(
    b"author authors contributors maintainers homepage repository bugs funding license licenses description keywords"
    b" readme publishConfig dependencies devDependencies optionalDependencies peerDependencies bundleDependencies"
    b" resolutions overrides _from _resolved _requested dist".split()
)
"""Members for readers, registries and builders: who wrote it, where it lies, what it was built from."""
_TOKEN: Final = re.compile(rb'"((?:[^"\\]|\\.)*+)(?:"(\s{0,32}:)?)?|[{}\[\]]', re.DOTALL)
"""A text that does not end takes the rest, so that no byte is read twice."""


class Members:
    """The outermost members of a package's description, by where each begins."""

    def __init__(self, name: str, data: Reader) -> None:
        self.starts: list[int] = []
        self.names: list[bytes] = []
        if name.rpartition("/")[2] in _NAMES and data.size <= LARGEST:
            self._read(data)

    def of_the_making(self, offset: int) -> bool:
        """Tell whether the byte at `offset` belongs to a member that no program of the package acts on."""
        at = bisect_right(self.starts, offset) - 1
        return at >= 0 and self.names[at] in _OF_THE_MAKING

    def _read(self, data: Reader) -> None:
        depth = 0
        for token in _TOKEN.finditer(bytes(data.all())):
            first = token[0][:1]
            if first in b"{[":
                depth += 1
            elif first in b"}]":
                depth -= 1
            elif depth == 1 and token[2]:
                self.starts.append(token.start())
                self.names.append(token[1])
