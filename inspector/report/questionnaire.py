"""The vendor questionnaire as Markdown: for each finding what a buyer must ask, with version and evidence."""

from collections.abc import Iterator
from typing import Any

from inspector.report.countries import country_name
from inspector.report.exposing import exposing
from inspector.report.language import Words, words
from inspector.report.markup import code, plain
from inspector.report.presentation import Presentation
from inspector.report.questions import judged, topics, unread, version

SHOWN_EVIDENCE = 3
SHOWN_ENDPOINTS = 8


def render(document: dict[str, Any], how: Presentation) -> str:
    """Return the letter; answers given before stand under their finding, held against the evidence."""
    return "\n".join(_lines(document, words(how.language), how.answers)) + "\n"


def place(endpoint: dict[str, Any], t: Words) -> str:
    """Return where an endpoint is and who operates it, in brackets, or nothing where neither is known."""
    known = "registered_in" if endpoint["kind"] == "ip-address" else "hosted_in"
    hosting = endpoint["hosting"]
    told = [t(known, place=country_name(hosting, t.language))] if hosting else []
    told += [f"{t('operator')} {endpoint['operator']}"] if endpoint["operator"] else []
    return f" ({', '.join(told)})" if told else ""


def _lines(document: dict[str, Any], t: Words, answers: dict[str, Any]) -> Iterator[str]:
    artifact = document["artifact"]
    yield from [f"# {plain(t('ask.title'))}: {plain(artifact['name'])}", ""]
    stated = version(document)
    if stated:
        yield f"{plain(t('ask.version'))}: {code(stated)}  "
    yield from [f"sha256: {code(artifact['sha256'])}", "", plain(t("ask.lead")), "", f"_{plain(t('yardstick'))}_"]
    found, gaps = exposing(document), unread(document)
    if not found and not gaps:
        yield from ["", plain(t("ask.nothing"))]
    for number, finding in enumerate(found, 1):
        yield from _finding(number, finding, t, answers)
    if gaps:
        yield from ["", f"## {len(found) + 1}. {plain(t('ask.unseen'))}", ""]
        for gap in gaps:
            where = code(f"{gap['location']['path']}+{gap['location']['offset']:#x}")
            yield f"- {where}, {t.number(gap['length'])} B: {plain(t.term('gap', gap['reason']))}"
        yield from ["", f"a) {plain(t('question.unseen'))}  ", f"   {plain(t('ask.answer'))}: ______", ""]


def _finding(number: int, f: dict[str, Any], t: Words, answers: dict[str, Any]) -> Iterator[str]:
    yield from ["", f"## {number}. {plain(f['subject']['name'])} ({plain(f['vendor']['name'])}) – {code(f['id'])}", ""]
    yield from [plain(t.sentence(f["subject"]["summary"])[0]), "", f"{plain(t('ask.seen'))}:", ""]
    for item in f["evidence"][:SHOWN_EVIDENCE]:
        where = code(f"{item['location']['path']}+{item['location']['offset']:#x}")
        yield f"- {code(item['observable']['value'])} – {where}"
    yield ""
    if f["endpoints"]:
        named = (f"{code(e['value'])}{plain(place(e, t))}" for e in f["endpoints"][:SHOWN_ENDPOINTS])
        yield from [f"{plain(t('ask.leads'))}: {', '.join(named)}", ""]
    for letter, topic in zip("abcdefgh", topics(f), strict=False):
        yield f"{letter}) {plain(t(f'question.{topic}'))}  "
        yield from [f"   {plain(t('ask.answer'))}: ______", ""]
    answer = judged(f, answers)
    if answer is None:
        return
    yield f"**{plain(t('answer_status.' + answer.status))}**"
    yield ""
    yield from (f"- {plain(t.term('answer_field', field))}: {plain(text)}" for field, text in answer.said)
    yield from (f"- **{plain(t(key, value=value))}**" for key, value in answer.against)
