"""Does JavaScript evaluate what it has just fetched, or install it as its new program? Looks around a URL for both.

The URL has to be what a call fetches, or be given to a name that is. What is evaluated has to be the answer: an
attribute of one (`responseText`, `data`), or a name that gets its value between the call and the evaluation.
Limits: `BEFORE` bytes before and `REACH` bytes behind a URL are read. A `<script>` put into a page is not counted, nor
is `eval("(" + answer + ")")`, by which old programs read JSON.
"""

import re
from itertools import islice
from typing import Final

BEFORE: Final = 300
REACH: Final = 900
_NAME: Final = rb"[A-Za-z_$][\w$]{0,60}"
_CALL: Final = (
    rb"(?:(?<![\w$.])(?:fetch|axios|request|\$http|got|fetchText)"
    rb"|\.(?:get|post|request|ajax|open|fetch|downloadFile|getText|createDownload))\s?\(\s{0,40}"
)
_OPTIONS: Final = rb"(?:[\"'][A-Za-z]{3,8}[\"'],\s{0,20})?(?:\{[^{}]{0,160}?\b(?:url|uri|baseURL)[\"']?\s?:\s{0,20})?"
_FETCHES: Final = re.compile(_CALL + _OPTIONS + rb"\Z")
_GIVEN: Final = re.compile(rb"(?<![\w$.])(" + _NAME + rb")[\"']?\s{0,4}[=:]\s{0,20}\Z")
_EVAL: Final = (
    rb"(?:(?<![\w$.])(?:\(0,\s?eval\)|(?:(?:window|global|globalThis|self)\.)?(?:eval|Function))"
    rb"|\brunIn(?:This|New)?Context|\bvm\.Script)\s?\(\s?(?:[\"'][\w$, ]{0,60}[\"'],\s?){0,4}"
)
_ENCLOSED: Final = re.compile(_EVAL + rb"[\s(]{0,8}(?:await[\s(]{1,8}){0,3}[\w$.]{0,60}\Z")
_ASSIGNED: Final = re.compile(rb"(?<![\w$.])(" + _NAME + rb")\s?=\s?[\s(]{0,8}(?:await[\s(]{1,8}){0,3}[\w$.]{0,60}\Z")
_RUN: Final = re.compile(_EVAL + rb"[\s(]{0,4}(?:await[\s(]{1,4})?(" + _NAME + rb")((?:\??\.[\w$]{1,40}|\(\)){0,6})")
_PASSED: Final = re.compile(
    rb"\.then\(\s?(?:(?:window|global|globalThis|self)\.)?(?:eval|Function)\s?\)|\bplus\.runtime\.install\("
)
_ANSWER: Final = re.compile(rb"\.(?:responseText|response|data|body|result|text\(\)|toString\(\))")
_SIGNS: Final = (b"eval", b"Function", b"Context", b"vm.Script", b"runtime.install")


def evaluates_fetched(text: bytes, start: int, end: int) -> bool:
    """Tell whether what the quoted URL at `text[start:end]` leads to is fetched, and the answer run as code."""
    before, behind = text[max(0, start - BEFORE) : start], text[end : end + REACH].partition(b"\0")[0]
    if not any(sign in before or sign in behind for sign in _SIGNS):
        return False
    if call := _FETCHES.search(before):
        return _is_run(before[: call.start()], behind)
    given = _GIVEN.search(before)
    if given is None or given[1] not in behind:
        return False
    used = re.compile(_CALL + _OPTIONS + rb"(?:" + _NAME + rb"\.){0,3}" + re.escape(given[1]) + rb"(?![\w$])")
    return any(
        _is_run(behind[max(0, call.start() - BEFORE) : call.start()], behind[call.end() :])
        for call in islice(used.finditer(behind), 2)
    )


def _is_run(before: bytes, behind: bytes) -> bool:
    """Tell whether code runs the answer to a call that stands between the two."""
    if _ENCLOSED.search(before) or _PASSED.search(behind):
        return True
    taken = _ASSIGNED.search(before)
    for run in islice(_RUN.finditer(behind), 4):
        if _ANSWER.search(run[2]) or (taken and run[1] == taken[1]) or _is_bound(run[1], behind[: run.start()]):
            return True
    return False


def _is_bound(name: bytes, before: bytes) -> bool:
    """Tell whether a name gets its value in `before`: as a parameter, or by an assignment."""
    word = rb"(?<![\w$.])" + re.escape(name)
    return re.search(word + rb"\s?(?:=>|=(?![=>])|[,})][^;]{0,60}?(?:=>|\{))", before) is not None
