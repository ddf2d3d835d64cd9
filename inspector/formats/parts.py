"""Files cut into parts, as packers and `split` name them: which names belong together, and in which order.

Format: 7z and HJSplit `x.7z.001`; RAR `x.part1.rar`, or `x.rar` and `x.r00`; zip `x.z01` to `x.zip` (PKWARE APPNOTE
6.3.10, 8.3); makecab `x1.cab`; InstallShield `data1.cab` and `data1.hdr`; DISM `x.swm`, `x2.swm`; coreutils `split`:
`xaa`, `fw.bin.aa`, `fw.bin.part01`.
Limits: names that mean little (`fw.bin.001`, `xaa`) count only where the sizes are those of a cut file: all alike but
the last, in whole kilobytes.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from struct import Struct
from typing import Final, NamedTuple

MOST_PARTS: Final = 4096
HEAD: Final = 44
"""First bytes that are looked at."""
_ALIKE: Final = 6
"""First bytes that two complete archives of one kind share, and the parts of one file do not."""
_RAR, _CABINET, _WIM, _SHIELD = b"Rar!", b"MSCF", b"MSWIM", b"ISc("
"""Begin every volume."""
_PLACE: Final = Struct("<30xHHH8x")
"""Of a cabinet: flags, the number of its set and its own there."""
_WIM_PLACE: Final = Struct("<24x16sHH")
"""Of a Windows image: the identifier of its set, its number there and how many there are."""
_HAS_NEXT: Final = 2
_ARCHIVE: Final = "7z|zipx?|rar|tar|tgz|tbz2?|txz|gz|bz2|xz|lzma|lz4|lzo|lz|zst|cab|cpio|swu|apk|ipa|xapk"
_IMAGE: Final = "bin|img|image|iso|fw|raw|rom|trx|chk|ubi|squashfs|sqsh|ext4|dd|nand|dump|pkg|upd|update"
_ENDS: Final = ("000", "001", "1.rar", "1.cab", "1.CAB", "2.swm", "2.SWM", ".r00", ".z01", "aa", "00", "01", "0", "1")
"""How a first part may end: spares nearly every name an expression."""
_FIRST: Final = tuple(
    (re.compile(expression, re.IGNORECASE | re.DOTALL), by_name)
    for expression, by_name in (
        (rf"(?P<stem>.+\.(?:{_ARCHIVE})\.)(?P<number>0*[01](?<=\d\d\d))(?P<behind>)", True),
        (r"(?P<stem>.+\.part)(?P<number>0*1)(?P<behind>\.rar)", True),
        (r"(?P<stem>(?:.*\D)?)(?P<number>0*1)(?P<behind>\.cab)", True),
        (r"(?P<stem>.*\D)(?P<number>2)(?P<behind>\.swm)", True),
        (r"(?P<stem>.+\.)(?P<number>r00)(?P<behind>)", True),
        (r"(?P<stem>.+\.)(?P<number>z01)(?P<behind>)", True),
        (rf"(?P<stem>.+\.(?:{_IMAGE}|{_ARCHIVE})[._-](?:part)?[._-]?)(?P<number>0*[01])(?P<behind>)", False),
        (r"(?P<stem>.+[._-]part[._-]?)(?P<number>0*[01])(?P<behind>)", False),
        (r"(?P<stem>(?:.*/)?x|.+[._-](?:part)?[._-]?)(?P<number>aaa?)(?P<behind>)", False),
    )
)
_HEADERS: Final = (".hdr", ".HDR", ".Hdr")
_ANY: Final = re.compile(
    rf"""
    (?P<whole>.+\.(?:{_ARCHIVE})) \. (?P<number>\d{{3,4}})
    | (?P<set>.+) \.part (?P<volume>\d{{1,4}}) (?P<ending>\.rar)
    | (?P<old>.+) \.(?P<letter>[r-y]) (?P<later>\d\d)
    | (?P<zipped>.+) \.z (?P<disk>\d{{2,3}})
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)


class PartSet(NamedTuple):
    """The names of one file in parts, in order; the first may be followed by fewer than there once were."""

    names: tuple[str, ...]
    shown: str
    """One name for all of them, as a shell would expand it: `fw.7z.{001..003}`."""


def sets_of(names: Iterable[str], size_of: Callable[[str], int]) -> Iterator[PartSet]:
    """Yield the sets of at least two parts among `names`, which may be paths; `size_of` is asked for few of them."""
    firsts = [(name, first) for name in names if name.endswith(_ENDS) and (first := _first(name)) is not None]
    if not firsts:
        return
    there = frozenset(names)
    taken: set[str] = set()
    for _, (found, by_name) in firsts:
        members = _successors(found, there)
        if len(members) < 2 or not taken.isdisjoint(members):
            continue
        if by_name or _cut(list(map(size_of, members))):
            taken.update(members)
            yield PartSet(tuple(members), _shown(members, found))


def _first(name: str) -> tuple[re.Match[str], bool] | None:
    for expression, by_name in _FIRST:
        if found := expression.fullmatch(name):
            return found, by_name
    return None


def _successors(found: re.Match[str], there: frozenset[str]) -> list[str]:
    """Return the first part and what follows it without a hole; of RAR and zip with the one that has no number."""
    stem, number, behind = found["stem"], found["number"], found["behind"]
    members = []
    for following in islice(_counted(number), MOST_PARTS):
        if (path := f"{stem}{following}{behind}") not in there:
            break
        members.append(path)
    if behind.lower() == ".swm":
        return [stem + behind, *members] if stem + behind in there else []
    if behind.lower() == ".cab":  # the header of what InstallShield packs
        header = next((stem + number + ending for ending in _HEADERS if stem + number + ending in there), None)
        return [*members, header] if header else members
    if number[0] in "rR":
        main = next((stem + ending for ending in ("rar", "RAR", "Rar") if stem + ending in there), None)
        return [main, *members] if main else []
    if number[0] in "zZ":
        main = next((stem + ending for ending in ("zip", "ZIP", "zipx", "Zip") if stem + ending in there), None)
        return [*members, main] if main else members
    return members


def _counted(number: str) -> Iterator[str]:
    """Yield a number of a part and those after it, as the packers count."""
    letter = number[0]
    if letter in "rR":
        yield from (f"{chr(ord(letter) + count // 100)}{count % 100:02}" for count in range(800))
    elif letter in "zZ":
        yield from (f"{letter}{count:02}" for count in range(1, 1000))
    elif letter in "aA":
        base, low = 26 ** len(number), ord(letter)
        places = range(len(number) - 1, -1, -1)
        yield from ("".join(chr(low + count // 26**place % 26) for place in places) for count in range(base))
    else:
        yield from (f"{count:0{len(number)}}" for count in range(int(number), 10**6))


def _cut(sizes: list[int]) -> bool:
    """Tell whether the sizes are those of a file cut at every so many bytes."""
    first = sizes[0]
    whole = first > 0 and (first % 1000 == 0 or first % 1024 == 0)
    return whole and all(size == first for size in sizes[:-1]) and 0 < sizes[-1] <= first


def _shown(members: list[str], found: re.Match[str]) -> str:
    stem, behind = found["stem"], found["behind"]
    if members[-1].endswith(_HEADERS):
        return f"{stem}{found['number']}.{{{behind[1:]},{members[-1][-3:]}}}"
    numbers = [name[len(stem) : len(name) - len(behind)] for name in members]
    counted = [number for number in numbers if number.lower() not in ("", "rar", "zip", "zipx")]
    run = counted[0] if len(counted) == 1 else f"{counted[0]}..{counted[-1]}"
    if len(counted) == len(numbers):
        return f"{stem}{{{run}}}{behind}"
    named = f"{numbers[0]},{run}" if numbers[0] != counted[0] else f"{run},{numbers[-1]}"
    return f"{stem}{{{named}}}{behind}"


def lone_part(name: str) -> tuple[str, int, int] | None:
    """Return (name of the whole, number of its first part here, of the last), 1 being the first; None for other names.

    Takes the name of one part, or `PartSet.shown` of several; names that mean little on their own are none.
    """
    if name[-1:] == "}" or name.endswith("}.rar"):
        return _shown_parts(name)
    if not name[-1:].isdigit() and name[-4:].lower() != ".rar":
        return None
    found = _ANY.fullmatch(name)
    if found is None:
        return None
    if found["number"] is not None:
        # Whoever counts from 000 is rare, and then the number is one too low.
        return found["whole"], max(int(found["number"]), 1), max(int(found["number"]), 1)
    if found["volume"] is not None:
        number = int(found["volume"])
        return found["set"] + found["ending"], number, number
    if found["disk"] is not None:
        return f"{found['zipped']}.zip", int(found["disk"]), int(found["disk"])
    number = (ord(found["letter"].lower()) - ord("r")) * 100 + int(found["later"]) + 2
    return f"{found['old']}.rar", number, number


_SHOWN: Final = re.compile(
    r"(?P<stem>.+?)(?P<point>[._-](?:part)?[._-]?)?\{(?P<main>rar,)?(?P<first>[rz]?\d+|aaa?)"
    r"(?:\.\.(?P<last>[r-z]?\d+|[a-z]{2,3}))?(?P<zip>,zipx?)?\}(?P<behind>\.rar)?",
    re.IGNORECASE | re.DOTALL,
)


def _shown_parts(name: str) -> tuple[str, int, int] | None:
    found = _SHOWN.fullmatch(name)
    if found is None:
        return None
    first, last = found["first"].lower(), (found["last"] or found["first"]).lower()
    whole = found["stem"] + (found["behind"] or "")
    if found["main"]:
        return f"{whole}.rar", 1, (ord(last[0]) - ord("r")) * 100 + int(last[1:] or 0) + 2
    if first[0] == "z":
        return f"{whole}.zip", 1, int(last[1:] or 0) + bool(found["zip"])
    if first.isdigit() and last.isdigit():
        return whole, 1, max(int(last) - int(first) + 1, 1)
    number = 0
    for letter in last:
        number = number * 26 + ord(letter) - ord("a")
    return whole, 1, max(number + 1, 1)


def are_parts(heads: Sequence[bytes]) -> bool:
    """Tell the parts of one file from complete archives that only their names put in a row, by two of their heads."""
    first, second = heads[:2]
    whole = min(len(first), len(second)) == HEAD
    if whole and first.startswith(_WIM) and second.startswith(_WIM):
        (series, number, count), (same, following, others) = _WIM_PLACE.unpack(first), _WIM_PLACE.unpack(second)
        return bool((same, following, others) == (series, number + 1, count))
    if whole and first.startswith(_CABINET) and second.startswith(_CABINET):
        (flags, series, number), (_, same, following) = _PLACE.unpack(first), _PLACE.unpack(second)
        return bool(flags & _HAS_NEXT) and (same, following) == (series, number + 1)
    if first.startswith(_SHIELD) or second.startswith(_SHIELD):
        return first[: len(_SHIELD)] == second[: len(_SHIELD)]
    return first[:_ALIKE] != second[:_ALIKE] or first.startswith(_RAR)
