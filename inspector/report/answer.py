"""What the profile comes to, for every report that is written for people: the sentence, and what to do next."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from inspector.report.blocklists.selection import Entry, entries
from inspector.report.exposing import exposing
from inspector.report.language import Words
from inspector.report.page.environment import visible
from inspector.report.presentation import Presentation

MOST_NAMED: Final = 4
MOST_SHARED: Final = 3
_SHOWN: Final = 6
MOST_LISTED: Final = 500
"""Values of a step that are listed for copying; block lists hold all of them."""
_NEXT_SENTENCE: Final = re.compile(
    r"(?<=\.) (?=It can also |Names or code of others |Web sites of others |Ties to the PRC are disputed)"
)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do: a sentence, values it is about, what to know about it, and the command that helps."""

    key: str
    text: str
    values: tuple[str, ...] = ()
    command: str = ""
    points: tuple[str, ...] = ()
    total: int = 0
    """Values there are, where not all of them are listed."""

    @property
    def shown(self) -> tuple[str, ...]:
        """Return the first values, the most serious ones."""
        return self.values[:_SHOWN]

    @property
    def formats(self) -> list[str]:
        """Return the formats that the command writes."""
        return re.findall(r"-f ([\w-]+)", self.command)

    @property
    def more(self) -> int:
        """Return how many values the first ones leave out."""
        return max(self.total, len(self.values)) - len(self.shown)


def headline(document: dict[str, Any], words: Words) -> tuple[str, str]:
    """Return the one sentence and the language it is in."""
    return words.sentence(document["verdict"]["headline"])


def sentences(document: dict[str, Any], words: Words) -> list[tuple[str, str]]:
    """Return the headline sentence by sentence, the answer itself first, each with the language it is in."""
    return [words.sentence(part) for part in _NEXT_SENTENCE.split(document["verdict"]["headline"])]


def why(document: dict[str, Any], found: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the findings that the verdict's reasons speak of, and the reasons that speak of something else."""
    reasons = document["verdict"]["reasons"]
    told = [f for f in found if any(reason.startswith(f"{f['subject']['name']} (") for reason in reasons)]
    heads = tuple(f"{f['subject']['name']} (" for f in told)
    return told, [reason for reason in reasons if not (heads and reason.startswith(heads))]


def named_vendors(findings: Iterable[dict[str, Any]], words: Words) -> str:
    """Return the first vendors by name, and how many more there are."""
    names = list(dict.fromkeys(words.sentence(finding["vendor"]["name"])[0] for finding in findings))
    more = len(names) - MOST_NAMED
    shown = ", ".join(names[:MOST_NAMED])
    return f"{shown} {words('and_more', n=more)}" if more > 0 else shown


def to_do(entry: Mapping[str, Any], words: Words) -> str:
    """Return in one sentence what to do about one artifact of a roll-up; its own report has the steps."""
    names = entry["vendor_names"]
    shown = ", ".join(names[:MOST_NAMED])
    if len(names) > MOST_NAMED:
        shown = f"{shown} {words('and_more', n=len(names) - MOST_NAMED)}"
    return words(f"rollup.do.{entry['status']}", vendors=shown)


def _blocking(blockable: Iterable[Entry]) -> str:
    """Return the command that writes what to block: names for a name server, addresses for a packet filter.

    A response-policy zone alone would not do: what connects to a hard-coded address asks no name server.
    """
    kinds = {entry.address for entry in blockable}
    if kinds == {False, True}:
        return "inspector report PROFILE.json -f rpz=block.rpz -f nftables=block.nft"
    return f"inspector report PROFILE.json -f {'nftables' if True in kinds else 'rpz'}"


def actions(document: dict[str, Any], words: Words) -> list[Action]:
    """Return what to do, in order: block, ask, weigh, look closer; or keep, when there is nothing."""
    status = document["verdict"]["status"]
    if status == "failed":
        return [Action("retry", words("do.retry"))]
    listed = []
    if status == "none-found":
        listed.append(Action("keep", words("do.keep")))
    if status == "inconclusive":
        listed.append(Action("unclear", words("do.unclear")))
    found = exposing(document)
    listed += _block(document, found, words)
    if found:
        vendors = named_vendors(found, words)
        listed.append(
            Action("ask", words("do.ask", vendors=vendors), (), "inspector report PROFILE.json -f questionnaire")
        )
        listed.append(Action("weigh", words("do.weigh"), (), "inspector report PROFILE.json -f risk-register"))
    gaps = document["coverage"]["gaps"]
    if gaps:
        points = tuple(_remedies(gaps, words))
        listed.append(Action("look", words.count("do.look", len(gaps)), points=points))
    return listed


def _block(document: dict[str, Any], found: list[dict[str, Any]], words: Words) -> Iterator[Action]:
    rank = {finding["id"]: at for at, finding in enumerate(found)}

    def serious(entry: Entry) -> int:
        return min(map(rank.__getitem__, entry.findings))

    ranked = sorted(entries(document, Presentation(shared_too=True)), key=serious)
    blockable = [entry for entry in ranked if not entry.shared]
    shared = [entry for entry in ranked if entry.shared]
    others = _left_out(shared, words) if shared else ""
    if not blockable:
        if others:
            yield Action("shared", others)
        return
    stopped = sorted({word for entry in blockable for word in entry.breaks})
    breaks = ", ".join(words(f"breaks.{word}") for word in stopped)
    yield Action(
        "block",
        words.count("do.block", len(blockable)),
        tuple(entry.value for entry in blockable[:MOST_LISTED]),
        _blocking(blockable),
        tuple(filter(None, (words("risk.breaks", what=breaks) if breaks else "", others))),
        len(blockable),
    )


def _left_out(shared: Sequence[Entry], words: Words) -> str:
    """Return which endpoints a block list leaves out by default, the most serious first: they serve others as well."""
    names = ", ".join(visible(entry.value) for entry in shared[:MOST_SHARED])
    if len(shared) > MOST_SHARED:
        names = f"{names} {words('and_more', n=len(shared) - MOST_SHARED)}"
    return words.count("do.shared", len(shared), names=names)


def _remedies(gaps: Iterable[dict[str, Any]], words: Words) -> Iterator[str]:
    """Yield what would make the unseen visible, a sentence for each reason, the one with most bytes first."""
    lengths = defaultdict(list)
    for gap in gaps:
        lengths[gap["reason"]].append(gap["length"])
    for reason, sizes in sorted(lengths.items(), key=lambda item: (-sum(item[1]), item[0])):
        parts = words.count("do.parts", len(sizes))
        size = f", {words.number(sum(sizes))} B" if sum(sizes) else ""
        yield f"{words.term('gap', reason)} ({parts}{size}): {remedy(reason, words) or '–'}"


def remedy(reason: str, words: Words) -> str:
    """Return what helps against a gap of this reason, or nothing for a reason from elsewhere."""
    return words(f"fix.{reason}") if words.has(f"fix.{reason}") else ""
