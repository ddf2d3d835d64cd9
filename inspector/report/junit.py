"""JUnit XML for build gates: each finding is a test that fails when it exposes; coverage is a test of its own."""

import re
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from inspector.report.page.environment import visible
from inspector.report.presentation import Presentation

_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(document: dict[str, Any], how: Presentation) -> str:  # noqa: ARG001 - the reporters' signature
    """Return one test suite; an inconclusive profile fails the coverage case, a failed one is an error."""
    cases = [_finding(finding, document["artifact"]["name"]) for finding in document["findings"]]
    cases.append(_coverage(document))
    failures = sum("<failure" in case for case in cases)
    errors = sum("<error" in case for case in cases)
    head = (
        f"<testsuite name={_attribute('exposure of ' + document['artifact']['name'])} "
        f'tests="{len(cases)}" failures="{failures}" errors="{errors}" skipped="0">'
    )
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + "\n".join([head, *cases, "</testsuite>"]) + "\n"


def _clean(text: object) -> str:
    return _NO_XML.sub("\ufffd", visible(text))


def _attribute(text: object) -> str:
    return quoteattr(_clean(text))


def _finding(finding: dict[str, Any], artifact: str) -> str:
    subject, vendor = finding["subject"]["name"], finding["vendor"]["name"]
    name = f"{subject} ({vendor}) {finding['id']}"
    opened = f"<testcase classname={_attribute(artifact)} name={_attribute(name)}"
    if finding["severity"] == "none":
        return opened + "/>"
    places = [f"{e['location']['path']}+{e['location']['offset']:#x}: {e['excerpt']}" for e in finding["evidence"][:5]]
    message = f"{finding['severity']}: {' + '.join(finding['limbs'])}, {finding['presence']}"
    text = "\n".join(escape(_clean(line)) for line in [*finding["reasons"], *places])
    return (
        f"{opened}><failure type={_attribute(finding['severity'])} message={_attribute(message)}>{text}"
        "</failure></testcase>"
    )


def _coverage(document: dict[str, Any]) -> str:
    verdict = document["verdict"]
    opened = f'<testcase classname={_attribute(document["artifact"]["name"])} name="coverage"'
    tag = {"failed": "error", "inconclusive": "failure"}.get(verdict["status"])
    if tag is None:
        return opened + "/>"
    text = "\n".join(escape(_clean(reason)) for reason in verdict["reasons"])
    told = f"type={_attribute(verdict['status'])} message={_attribute(verdict['headline'])}"
    return f"{opened}><{tag} {told}>{text}</{tag}></testcase>"
