"""The profile as one self-contained page: the answer first, then who and where, the evidence, and what was not seen."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from inspector.report.answer import MOST_LISTED, actions, remedy, sentences, why
from inspector.report.endpoint_groups import grouped, named_alone
from inspector.report.exposing import exposing
from inspector.report.language import Words, words
from inspector.report.page.environment import page
from inspector.report.page.excerpts import dump
from inspector.report.page.flow import flow
from inspector.report.page.ledger import bars, shares
from inspector.report.page.tables import tables
from inspector.report.page.worldmap import places, world_map
from inspector.report.presentation import Presentation

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_LARGEST_ICON: Final = 96 << 10
_HIDDEN_IDENTITY: Final = frozenset({"icon", "exported", "query", "deep_link", "signing_key"})


@dataclass(frozen=True, slots=True)
class Card:
    """A vendor with its findings, most severe first."""

    vendor: dict[str, Any]
    rating: str
    findings: tuple[dict[str, Any], ...]


def render(document: dict[str, Any], how: Presentation) -> str:
    """Return the page in the reader's language."""
    text = words(how.language)
    found = exposing(document)
    told, otherwise = why(document, found)
    clean = document["verdict"]["status"] == "none-found"
    met = places(found)
    return page(
        "profile.html.j2",
        text,
        d=document,
        sentences=sentences(document, text),
        told=told,
        reasons=_compared(document, text) if clean else [text.sentence(reason) for reason in otherwise],
        listed=MOST_LISTED,
        grouped=grouped,
        named_alone=named_alone,
        remedy=remedy,
        actions=actions(document, text),
        cards=cards(found),
        apps=document.get("apps", ()),
        hints=document.get("hints", ()),
        others=[finding for finding in document["findings"] if finding["severity"] == "none"],
        flow=flow(document, found, text("flow.more"), lambda name: text.sentence(name)[0]) if found else None,
        world=world_map(met, how.language) if met else None,
        bars=bars(document["coverage"], document["artifact"]["size"]),
        shares=shares(document["coverage"]),
        gaps=sorted(document["coverage"]["gaps"], key=lambda gap: -gap["length"]),
        tables=tables(document, text),
        icon=icon(document["artifact"]["identity"].get("icon")),
        identity=identity(document["artifact"]["identity"]),
        dump=dump,
        gathered=gathered,
        rated=text.sentence,
    )


def _compared(document: dict[str, Any], words: Words) -> list[tuple[str, str]]:
    """Return what stands behind "none found" beside the share that was seen, which the page draws."""
    knowledge, observed = document["knowledge"], document["observables"]
    numbers = {key: words.number(knowledge[key]) for key in ("signatures", "vendors")}
    count = sum(len(observed[kind]) for kind in ("hostnames", "ip_addresses", "urls"))
    read = words.count("clean.endpoints", count) if count else words("clean.nothing")
    return [(read, words.language), (words("clean.compared", date=knowledge["date"], **numbers), words.language)]


def cards(findings: Sequence[dict[str, Any]]) -> list[Card]:
    """Return one card for each vendor, in the order of its most severe finding."""
    by_vendor: dict[str, list[dict[str, Any]]] = {}
    for finding in findings:
        by_vendor.setdefault(finding["vendor"]["id"], []).append(finding)
    return [Card(listed[0]["vendor"], listed[0]["severity"], tuple(listed)) for listed in by_vendor.values()]


def gathered(evidence: Sequence[dict[str, Any]]) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Return each thing seen once, with its strongest place, and the evidence for it elsewhere."""
    by_value: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for item in evidence:
        by_value.setdefault((item["observable"]["kind"], item["observable"]["value"]), []).append(item)
    return [(items[0], items[1:]) for items in by_value.values()]


def icon(text: object) -> Markup:
    """Return the app's picture as base64 of a PNG file, or nothing; the scan has drawn it anew, a profile may lie."""
    if not isinstance(text, str) or len(text) > _LARGEST_ICON:
        return Markup()
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return Markup()
    return Markup(base64.b64encode(raw).decode()) if raw.startswith(_PNG) else Markup()  # noqa: S704 - base64


def identity(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the short facts that the artifact tells of itself, as (name, value)."""
    short = [(key, value) for key, value in facts.items() if key not in _HIDDEN_IDENTITY]
    return [(key.replace("_", " "), ", ".join(map(str, v)) if isinstance(v, list) else str(v)) for key, v in short]
