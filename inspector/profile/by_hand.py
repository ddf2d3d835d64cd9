"""Shell lines that lead a person to the bytes of an evidence without this product: `unzip -p … | …`, then a hex dump.

Limits: containers of vendors have no common tool; where such a one holds its member as it is, and the artifact was
read again, a plain cut leads on, elsewhere the lines end with a remark. A member whose name holds `!` is told from a
container by the names of known formats.
"""

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

Cut = tuple[int, int]
"""Where a member lies, as it is, in what its container stands in: first byte and length."""

SHOWN: Final = 96
"""Bytes of the dump."""
BEFORE: Final = 16
"""Bytes of the dump that stand before the evidence."""

_CONTAINER: Final = re.compile(r"(?P<name>[a-z0-9][a-z0-9-]*)(?:@0x(?P<offset>[0-9a-f]+))?")


@dataclass(frozen=True, slots=True)
class Step:
    """One container of a chain and the member taken from it; `offset` is where the container begins."""

    container: str
    offset: int
    member: str


def steps(path: str, formats: Iterable[str] = ()) -> list[Step]:
    """Return the steps of a chain of members; `formats` are further names that stand for containers."""
    known = {*formats, *LINES}
    taken: list[list[str]] = []
    for segment in path.split("!")[1:]:
        found = _CONTAINER.fullmatch(segment)
        if found and found["name"] in known and (not taken or len(taken[-1]) > 1):
            taken.append([segment])
        elif taken:
            taken[-1].append(segment)
    return [_step(label, rest) for label, *rest in taken]


def _step(label: str, rest: list[str]) -> Step:
    name, _, offset = label.partition("@0x")
    return Step(name, int(offset or "0", 16), "!".join(rest))


def lines(
    path: str, offset: int, formats: Iterable[str] = (), cuts: Sequence[Cut | None] = (), folder: str = ""
) -> list[str]:
    """Return the lines, in order; the artifact is expected in the working directory under its own name.

    `cuts` has an entry for each step, where the artifact was read again. `folder` is where its files lie, if it is
    several: the outermost container is then nothing that could be opened.
    """
    name = path.partition("!")[0]
    at = word(f"./{name}" if name.startswith("-") else name)
    told: list[str] = []
    for number, step in enumerate(steps(path, formats), 1):
        if number == 1 and folder and step.member:
            at = word(f"{folder}/{step.member}")
            continue
        make = LINES.get(step.container)
        cut = cuts[number - 1] if number <= len(cuts) else None
        if make is None and cut is not None:
            told.append(f"tail -c +{cut[0] + 1} {at} | head -c {cut[1]} > part{number}")
            at = f"part{number}"
            continue
        if make is None:
            return [*told, f"# {step.container}: no common tool; inspector explain with the artifact does this step"]
        if step.member:
            out = f"part{number}"
            told.append(f"{make(step, at)} > {out}")
            at = out
    start = max(offset - BEFORE, 0)
    return [*told, f"tail -c +{start + 1} {at} | head -c {SHOWN} | xxd -o {start}"]


def word(text: str) -> str:
    """Return text as one word of a shell; what is not printable is written in the `$'…'` way of bash."""
    if text.isprintable():
        return shlex.quote(text)
    return "$'" + "".join(_ansi_c(text)) + "'"


def _ansi_c(text: str) -> Iterator[str]:
    for character in text:
        if character in "'\\":
            yield "\\" + character
        elif character.isprintable():
            yield character
        else:
            yield "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))


def _from(step: Step, source: str) -> str:
    """Return a command that writes the container to a pipe."""
    return f"tail -c +{step.offset + 1} {source}" if step.offset else f"cat {source}"


def _unzip(step: Step, source: str) -> str:
    # Members are patterns to unzip; one letter in brackets stands for itself, also a dash that would be an option.
    member = re.sub(r"^-|[\[*?]", lambda found: f"[{found[0]}]", step.member)
    if step.offset:
        return f"{_from(step, source)} > cut.zip && unzip -p cut.zip {word(member)}"
    return f"unzip -p {source} {word(member)}"


def _squashfs(step: Step, source: str) -> str:
    return f"unsquashfs -o {step.offset} -cat {source} {word(step.member.removeprefix('/'))}"


def _ext(step: Step, source: str) -> str:
    request = 'cat "' + step.member + '"'
    if step.offset:
        return f"{_from(step, source)} > cut.img && debugfs -R {word(request)} cut.img"
    return f"debugfs -R {word(request)} {source}"


def _tar(step: Step, source: str) -> str:
    return f"{_from(step, source)} | tar -xOf - -- {word(step.member)}"


def _cpio(step: Step, source: str) -> str:
    return f"{_from(step, source)} | cpio -i --quiet --to-stdout {word(step.member.removeprefix('/'))}"


def _ar(step: Step, source: str) -> str:
    if step.offset:
        return f"{_from(step, source)} > cut.a && ar p cut.a {word(step.member)}"
    return f"ar p {source} {word(step.member)}"


def _seven(step: Step, source: str) -> str:
    member = word(step.member.removeprefix("/"))
    if step.offset:
        return f"{_from(step, source)} > cut.bin && 7z x -so cut.bin {member}"
    return f"7z x -so {source} {member}"


def _uimage(step: Step, source: str) -> str:
    return f"tail -c +{step.offset + 64 + 1} {source}"


def _pipe(command: str) -> Callable[[Step, str], str]:
    return lambda step, source: f"{_from(step, source)} | {command}"


LINES: Final[dict[str, Callable[[Step, str], str]]] = {
    **dict.fromkeys(("zip", "jar", "apk", "aar", "aab", "app-set", "apex", "ipa", "hap"), _unzip),
    **dict.fromkeys(
        ("7z", "cab", "rar", "arj", "lha", "iso9660", "fat", "ntfs", "cramfs", "hfs-plus", "xar", "wim", "chm"), _seven
    ),
    "squashfs": _squashfs,
    "ext": _ext,
    "tar": _tar,
    "cpio": _cpio,
    "ar": _ar,
    "uimage": _uimage,
    "gzip": _pipe("gzip -dc 2>/dev/null"),
    "compress": _pipe("gzip -dc 2>/dev/null"),
    "bzip2": _pipe("bzip2 -dc"),
    "xz": _pipe("xz -dc"),
    "lzma": _pipe("xz --format=lzma -dc"),
    "zstd": _pipe("zstd -dc"),
    "lz4": _pipe("lz4 -dc"),
    "lzip": _pipe("lzip -dc"),
    "lzop": _pipe("lzop -dc"),
}
"""Container → the command that writes one of its members to a pipe."""
