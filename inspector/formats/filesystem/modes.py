"""POSIX file modes: the type bits, as member kinds."""

from typing import Final

from inspector.formats.layout import MemberKind

TYPE_MASK: Final = 0o170000
KINDS: Final = {
    0o040000: MemberKind.DIRECTORY,
    0o100000: MemberKind.FILE,
    0o120000: MemberKind.SYMLINK,
    0o020000: MemberKind.DEVICE,
    0o060000: MemberKind.DEVICE,
    0o010000: MemberKind.FIFO,
    0o140000: MemberKind.SOCKET,
}


def kind_of(mode: int) -> MemberKind | None:
    """Return what the type bits of `mode` say, or None for a combination that does not exist."""
    return KINDS.get(mode & TYPE_MASK)
