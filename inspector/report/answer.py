"""What the profile comes to, for every report that is written for people: the sentence, and what to do next."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from inspector.report.blocklists.selection import Entry, entries
from inspector.report.exposing import exposing
from inspector.report.language import Words
from inspector.report.presentation import Presentation

MOST_NAMED: Final = 4
_SHOWN: Final = 6


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do: a sentence, values it is about, and the command that helps."""

    key: str
    text: str
    values: tuple[str, ...] = ()
    command: str = ""


def headline(document: dict[str, Any], words: Words) -> tuple[str, str]:
    """Return the one sentence and the language it is in."""
    return words.sentence(document["verdict"]["headline"])


def named_vendors(findings: Iterable[dict[str, Any]], words: Words) -> str:
    """Return the first vendors by name, and how many more there are."""
    names = list(dict.fromkeys(finding["vendor"]["name"] for finding in findings))
    more = len(names) - MOST_NAMED
    shown = ", ".join(names[:MOST_NAMED])
    return f"{shown} {words('and_more', n=more)}" if more > 0 else shown


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
    if status == "none-found":
        return [Action("keep", words("do.keep"))]
    if status == "failed":
        return [Action("retry", words("do.retry"))]
    found = exposing(document)
    listed = []
    rank = {finding["id"]: at for at, finding in enumerate(found)}
    blockable = sorted(entries(document, Presentation()), key=lambda entry: min(map(rank.__getitem__, entry.findings)))
    endpoints = [entry.value for entry in blockable]
    if endpoints:
        text = words.count("do.block", len(endpoints))
        listed.append(Action("block", text, tuple(endpoints[:_SHOWN]), _blocking(blockable)))
    if found:
        vendors = named_vendors(found, words)
        listed.append(
            Action("ask", words("do.ask", vendors=vendors), (), "inspector report PROFILE.json -f questionnaire")
        )
        listed.append(Action("weigh", words("do.weigh"), (), "inspector report PROFILE.json -f risk-register"))
    remedies = list(dict.fromkeys(gap["remedy"] for gap in document["coverage"]["gaps"] if gap["remedy"]))
    if status == "inconclusive":
        listed.insert(0, Action("unclear", words("do.unclear")))
    if document["coverage"]["gaps"]:
        listed.append(Action("look", words.count("do.look", len(document["coverage"]["gaps"])), tuple(remedies[:3])))
    return listed
