"""Walking a directory tree that an adversary may have written: loops, depth, counts and names are all bounded.

Shared by the file system parsers whose directories point at other directories. Each directory is listed once, however
many entries name it, so the work is linear in what the image holds.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Final, Generic, NamedTuple, TypeVar

from inspector.errors import Encrypted, FormatError, LimitReached, Malformed
from inspector.formats.layout import Member, MemberKind
from inspector.formats.names import decode_name
from inspector.formats.reader import Span

K = TypeVar("K", bound=Hashable)

MAX_ENTRIES: Final = 1 << 20
"""Directory entries read from one file system; ten times what the largest firmware image holds."""
MAX_DEPTH: Final = 128
MAX_PATHS: Final = 1 << 27
"""Characters of all paths together: deep trees of long names grow quadratically."""


class Budget:
    """Units of work that one image may cost: tables that overlap on purpose could be read for ever."""

    def __init__(self, size: int, floor: int = 1 << 20) -> None:
        """Allow four times `size`, what an honest image could need, but at least `floor`."""
        self._left = max(4 * size, floor)

    def spend(self, count: int) -> None:
        """Take `count` units; raises `LimitReached` when none are left."""
        self._left -= count
        if self._left < 0:
            raise LimitReached("the same tables are read over and over", "max-members")


class Entry(NamedTuple, Generic[K]):
    """One line of a directory: `key` is whatever finds the file again (inode number, reference, offset)."""

    name: bytes
    key: K
    directory: bool


class Found(NamedTuple, Generic[K]):
    """One entry with its whole path (no leading slash); the root has the path `""`."""

    path: str
    key: K
    directory: bool
    notes: tuple[str, ...] = ()
    problem: FormatError | None = None
    """Why a directory could not be listed to its end; entries before the damage are still yielded."""


def walk(root: K, children: Callable[[K], Iterable[Entry[K]]]) -> Iterator[Found[K]]:
    """Yield every entry below `root`, and `root` itself first, each directory before its contents.

    `children` lists one directory and may raise a `FormatError` midway: that costs the rest of this directory only.
    Past a bound the walk ends with one `Found` whose `problem` is `LimitReached`.
    """
    seen: set[K] = {root}
    stack: list[tuple[Found[K], int]] = [(Found("", root, directory=True), 0)]
    room, paths = MAX_ENTRIES, MAX_PATHS
    while stack:
        found, depth = stack.pop()
        entries, problem = _list(found.key, children, room)
        room -= len(entries)
        yield found._replace(problem=problem)
        below = []
        for child in _named(found.path, entries):
            paths -= len(child.path)
            if paths < 0 or room <= 0:
                yield found._replace(notes=(), problem=LimitReached("too many entries", "max-members"))
                return
            if not child.directory:
                yield child
            elif child.key in seen or depth >= MAX_DEPTH:
                why = "directory is listed twice" if child.key in seen else "directories nest too deep"
                yield child._replace(problem=Malformed(why))
            else:
                seen.add(child.key)
                below.append((child, depth + 1))
        stack.extend(reversed(below))


def members_of(
    root: K,
    children: Callable[[K], Iterable[Entry[K]]],
    describe: Callable[[Found[K]], Member],
    sealed: Callable[[K], bool] | None = None,
) -> Iterator[Member]:
    """Yield what lies below `root`: directories, links and devices first, then files in the order of their data.

    `describe` makes the member of one entry that is no directory; a `FormatError` it raises becomes the member's
    problem. A second name of the same key becomes a hard link to the first. A directory that is `sealed` holds names
    and contents under a key: with all that is below it, it is one member, which says so; one that `sealed` cannot read
    (`FormatError`) is taken for open.
    """
    files: list[tuple[int, str, Member]] = []
    first: dict[K, str] = {}
    for found in walk(root, children) if sealed is None else _unsealed(root, children, describe, sealed):
        if isinstance(found, Member):
            yield found
        elif found.directory:
            if found.path or found.problem:
                yield Member(found.path, kind=MemberKind.DIRECTORY, problem=found.problem, notes=found.notes)
        elif found.key in first:
            yield Member(found.path, kind=MemberKind.HARDLINK, target=first[found.key], notes=found.notes)
        else:
            first[found.key] = found.path
            member = _described(found, describe)
            if member.kind is MemberKind.FILE:
                files.append((member.extents[0].start if member.extents else 0, member.path, member))
            else:
                yield member
    files.sort(key=lambda file: file[:2])
    for _, _, member in files:
        yield member


def _unsealed(
    root: K,
    children: Callable[[K], Iterable[Entry[K]]],
    describe: Callable[[Found[K]], Member],
    sealed: Callable[[K], bool],
) -> Iterator[Found[K] | Member]:
    """Yield what a walk finds, one member in the place of each sealed directory and all that is below it."""
    closed: _Sealed | None = None
    counted: set[K] = set()
    for found in walk(root, children):
        if closed is not None and closed.holds(found.path):
            if not found.directory and found.key not in counted:
                counted.add(found.key)
                closed.add(_described(found, describe))
            continue
        if closed is not None:
            yield closed.member()
            closed = None
        if found.directory and holds(sealed, found.key):
            closed = _Sealed(found.path, found.notes)
        else:
            yield found
    if closed is not None:
        yield closed.member()


def holds(test: Callable[[K], bool], key: K) -> bool:
    """Tell whether `test` is true of a file; one that cannot be read is told of when it is opened, not here."""
    try:
        return test(key)
    except FormatError:
        return False


class _Sealed:
    """What adds up below one encrypted directory; everything below it follows it in a walk without a break."""

    def __init__(self, path: str, notes: tuple[str, ...]) -> None:
        self._path, self._notes = path, notes
        self._entries = self._size = 0
        self._extents: list[Span] = []

    def holds(self, path: str) -> bool:
        return not self._path or path.startswith(self._path + "/")

    def add(self, member: Member) -> None:
        self._entries += 1
        self._size += max(member.size, 0)
        self._extents += member.extents

    def member(self) -> Member:
        why = Encrypted(f"directory encrypted with fscrypt: {self._entries} entries of {self._size} bytes")
        return Member(
            self._path, None, tuple(self._extents), self._size, MemberKind.DIRECTORY, problem=why, notes=self._notes
        )


def _described(found: Found[K], describe: Callable[[Found[K]], Member]) -> Member:
    try:
        return describe(found)
    except FormatError as exc:
        return Member(found.path, problem=exc.bare(), notes=found.notes)


def _list(key: K, children: Callable[[K], Iterable[Entry[K]]], room: int) -> tuple[list[Entry[K]], FormatError | None]:
    entries: list[Entry[K]] = []
    try:
        for entry in children(key):
            entries.append(entry)
            if len(entries) >= room:
                break
    except FormatError as exc:
        return entries, exc.bare()
    return entries, None


def _named(parent: str, entries: Iterable[Entry[K]]) -> Iterator[Found[K]]:
    taken: set[bytes] = set()
    for entry in entries:
        notes = name_notes(entry.name)
        if entry.name in taken:
            notes += ("name occurs twice in its directory",)
        taken.add(entry.name)
        name = decode_name(entry.name)
        yield Found(f"{parent}/{name}" if parent else name, entry.key, entry.directory, notes)


def name_notes(name: bytes) -> tuple[str, ...]:
    """Return what is odd about one path component: no honest packer writes `..`, a slash, a NUL or nothing."""
    if b"/" in name or b"\0" in name or name in (b"", b".", b".."):
        return ("path escapes the container",)
    return ()
