"""The vendor questionnaire as one self-contained page to print or send."""

from typing import Any

from inspector.report.exposing import exposing
from inspector.report.language import words
from inspector.report.page.environment import page
from inspector.report.presentation import Presentation
from inspector.report.questionnaire import SHOWN_ENDPOINTS, SHOWN_EVIDENCE, place
from inspector.report.questions import judged, topics, unread, version


def render(document: dict[str, Any], how: Presentation) -> str:
    """Return the page; answers given before stand under their finding, held against the evidence."""
    asked = [(finding, topics(finding), judged(finding, how.answers)) for finding in exposing(document)]
    values: dict[str, Any] = {"version": version(document), "asked": asked, "shown": SHOWN_EVIDENCE}
    values |= {"gaps": unread(document), "most": SHOWN_ENDPOINTS, "place": place}
    return page("questionnaire.html.j2", words(how.language), d=document, **values)
