"""The vendor questionnaire as Markdown: for each finding what a buyer must ask, with version and evidence."""

from collections.abc import Iterator
from typing import Any

from inspector.report.exposing import exposing
from inspector.report.language import Words, words
from inspector.report.markup import code, plain
from inspector.report.presentation import Presentation
from inspector.report.questions import judged, topics

SHOWN_EVIDENCE = 3


def render(document: dict[str, Any], how: Presentation) -> str:
    """Return the letter; answers given before stand under their finding, held against the evidence."""
    return "\n".join(_lines(document, words(how.language), how.answers)) + "\n"


def version(document: dict[str, Any]) -> str:
    """Return the version that the artifact tells of itself, or an empty string."""
    identity = document["artifact"]["identity"]
    return str(identity.get("version_name") or identity.get("version") or "")


def _lines(document: dict[str, Any], t: Words, answers: dict[str, Any]) -> Iterator[str]:
    artifact = document["artifact"]
    yield from [f"# {plain(t('ask.title'))}: {plain(artifact['name'])}", ""]
    stated = version(document)
    if stated:
        yield f"{plain(t('ask.version'))}: {code(stated)}  "
    yield from [f"sha256: {code(artifact['sha256'])}", "", plain(t("ask.lead")), "", f"_{plain(t('yardstick'))}_"]
    found = exposing(document)
    if not found:
        yield from ["", plain(t("ask.nothing"))]
    for number, finding in enumerate(found, 1):
        yield from _finding(number, finding, t, answers)


def _finding(number: int, f: dict[str, Any], t: Words, answers: dict[str, Any]) -> Iterator[str]:
    yield from ["", f"## {number}. {plain(f['subject']['name'])} ({plain(f['vendor']['name'])}) – {code(f['id'])}", ""]
    yield from [plain(f["subject"]["summary"]), "", f"{plain(t('ask.seen'))}:", ""]
    for item in f["evidence"][:SHOWN_EVIDENCE]:
        place = item["location"]
        where = f"{code(place['path'])}, {plain(t('evidence.offset'))} {place['offset']:#x}"
        yield f"- {code(item['observable']['value'])} – {where}"
    yield ""
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
