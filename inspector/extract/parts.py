"""Files in parts that lie side by side in a container become one member; a part that is alone becomes a named gap."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

from inspector.errors import FormatError, LimitReached
from inspector.formats.archive.zip import disks_before
from inspector.formats.layout import Member, MemberKind
from inspector.formats.parts import HEAD, PartSet, are_parts, lone_part, sets_of
from inspector.formats.reader import MappedReader, Piece, Reader

REASON: Final = "missing"
REMEDY: Final = "join the parts: put all of them into one folder and inspect that"


class Lack(NamedTuple):
    """What is missing beside a part."""

    words: str
    alone: bool
    """Whether the first part is missing, so that nothing of this one can be read."""


def joined(members: list[Member], allowance: Callable[[], int]) -> list[Member]:
    """Return the members with every complete run of parts made one; where the first part stood, without a copy.

    Two parts of each set are opened to look at their first bytes, within `allowance`.
    """
    files = {member.path: member for member in members if member.kind is MemberKind.FILE and member.open}
    sets = [found for found in sets_of(files, lambda name: files[name].size) if _one_file(found, files, allowance)]
    if not sets:
        return members
    whole = {found.names[0]: _whole(found, [files[name] for name in found.names]) for found in sets}
    later = {name for found in sets for name in found.names[1:]}
    return [whole.get(m.path, m) if m is files.get(m.path) else m for m in members if m.path not in later]


def _one_file(found: PartSet, files: dict[str, Member], allowance: Callable[[], int]) -> bool:
    try:
        heads = [_head(files[name], allowance()) for name in found.names[:2]]
    except FormatError:
        return False  # walked one by one, each says what is wrong with it
    return are_parts(heads)


def _head(member: Member, limit: int) -> bytes:
    return member.open(limit).read_upto(0, HEAD) if member.open else b""


def _whole(found: PartSet, parts: Sequence[Member]) -> Member:
    size = sum(part.size for part in parts) if all(part.size >= 0 for part in parts) else -1
    extents = tuple(span for part in parts for span in part.extents)
    notes = tuple(dict.fromkeys(note for part in parts for note in part.notes))
    return Member(found.shown, partial(_open, parts), extents, size, mode=parts[0].mode, notes=notes)


def _open(parts: Sequence[Member], limit: int) -> Reader:
    """Return the parts end to end; what is wrong with the first damaged one ends them."""
    pieces: list[Piece] = []
    left, damage = limit, None
    notes: list[str] = []
    for part in parts:
        if part.open is None or left <= 0:
            raise LimitReached(f"parts of more than {limit} bytes")
        data = part.open(left)
        left -= data.stored if isinstance(data, MappedReader) else data.size
        pieces.append(Piece(data.size, data))
        notes += data.notes
        if (damage := data.damage) is not None:
            break
    whole = MappedReader(pieces)
    whole.damage, whole.notes = damage, tuple(notes)
    return whole


def lack_of(name: str, data: Reader) -> Lack | None:
    """Return what a file of this name would need beside it; None where neither name nor end tells of parts."""
    found = lone_part(name)
    if found is not None:
        whole, first, last = found
        if first > 1:
            return Lack(f"part {first} of {whole}, without the parts before it", alone=True)
        if name.endswith(("zip}", "zipx}")):
            before = disks_before(data)
            return Lack(f"{last} of {before + 1} parts of {whole}", alone=False) if before + 1 != last else None
        here = f"parts 1 to {last}" if last > 1 else "part 1"
        return Lack(f"{here} of {whole}; it may go on in a part that is not there", alone=False)
    if name[-4:].lower() == ".zip" and (before := disks_before(data)):
        return Lack(f"the last of {before + 1} parts of {name}, without those before it", alone=True)
    return None
