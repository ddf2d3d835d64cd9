"""Inspect one file in its own child: start it, rerun it once without the culprit, or record the failure."""

import logging
from pathlib import Path
from typing import Any

import orjson

from inspector.harvest import Options, Toolbox
from inspector.isolate import Outcome, run
from inspector.isolate.child import Bounds, Marks
from inspector.model.ledger import Coverage, Gap, SpanKind
from inspector.pipeline import Subject, document_head, inspect_subject, open_subject
from inspector.profile.document import coverage_document, verdict_document
from inspector.profile.verdict import failed

logger = logging.getLogger(__name__)

PROBLEM_WORDS = {
    "crash": "a reader or scanner crashed",
    "timeout": "the time limit was passed",
    "memory": "the memory limit was passed",
    "sandbox": "the sandbox that was asked for is not to be had on this machine",
}


def inspect_file(
    path: Path, toolbox: Toolbox, options: Options, require_sandbox: bool = False
) -> tuple[dict[str, Any], Outcome]:
    """Return (profile document, outcome of the child). Raises `OSError` for a file that cannot be read."""
    subject = open_subject(path)
    toolbox.warm()
    limits = options.limits
    bounds = Bounds(limits.memory, limits.seconds, require_sandbox=require_sandbox)
    outcome = _attempt(subject, toolbox, options, bounds, frozenset())
    if outcome.problem in ("crash", "timeout", "memory") and outcome.culprits:
        logger.warning("%s while reading %s; once more without it", outcome.problem, list(outcome.culprits))
        again = _attempt(subject, toolbox, options, bounds, frozenset(outcome.culprits) - {subject.name})
        if not again.problem:
            return _blamed(orjson.loads(again.answer), outcome), again
    if outcome.problem:
        return failed_document(subject, toolbox, options, outcome), outcome
    return orjson.loads(outcome.answer), outcome


def _attempt(
    subject: Subject, toolbox: Toolbox, options: Options, bounds: Bounds, quarantine: frozenset[str]
) -> Outcome:
    def job(marks: Marks) -> bytes:
        return orjson.dumps(inspect_subject(subject, toolbox, options, marks, quarantine))

    return run(job, bounds)


def _blamed(document: dict[str, Any], first: Outcome) -> dict[str, Any]:
    """Say in the quarantine gaps what the left-out members had done."""
    words = PROBLEM_WORDS[first.problem]
    for gap in document["coverage"]["gaps"]:
        if gap["location"]["path"] in first.culprits:
            gap["detail"] = f"left out: {words} here ({first.detail})"
    if first.problem in ("timeout", "memory"):
        document["deterministic"] = False
    return document


def failed_document(subject: Subject, toolbox: Toolbox, options: Options, outcome: Outcome) -> dict[str, Any]:
    """Return the profile of a file whose child died: status `failed`, everything opaque."""
    words = f"{PROBLEM_WORDS[outcome.problem]} ({outcome.detail})"
    gap = Gap(subject.name, 0, subject.data.size, "failed", words, "report this file as a bug")
    partition = dict.fromkeys(SpanKind, 0) | {SpanKind.OPAQUE: subject.data.size}
    coverage = Coverage(0.0, partition, gaps=(gap,), limits=options.limits.as_pairs())
    sentence = f"{words[0].upper()}{words[1:]}" + (f" at {outcome.culprits[0]}." if outcome.culprits else ".")
    return {
        **document_head(subject, toolbox, options, "unknown", "unknown", deterministic=False),
        "verdict": verdict_document(failed(sentence)),
        "findings": [],
        "observables": {},
        "rejected": {},
        "coverage": coverage_document(coverage),
        "tree": [],
    }
