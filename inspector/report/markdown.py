"""The report as Markdown, for tickets and reviews; in English or Czech."""

from collections.abc import Iterator
from typing import Any

from inspector.report.answer import actions, headline, remedy
from inspector.report.countries import country_name
from inspector.report.endpoint_groups import grouped
from inspector.report.exposing import exposing
from inspector.report.language import Words, words
from inspector.report.markup import code, plain, table
from inspector.report.presentation import Presentation

SHOWN_EVIDENCE = 10
SHOWN_GAPS = 50


def render(document: dict[str, Any], how: Presentation) -> str:
    """Return the report: answer, what to do, findings with evidence, coverage."""
    return "\n".join(_lines(document, words(how.language))) + "\n"


def _lines(document: dict[str, Any], t: Words) -> Iterator[str]:
    verdict, artifact = document["verdict"], document["artifact"]
    limbs = " · ".join(t(f"limb.{limb}") for limb in verdict["limbs"])
    stamps = [t(f"status.{verdict['status']}"), f"{t('rating_label')} {t.term('rating', verdict['rating'])}", limbs]
    yield f"# {plain(artifact['name'])}"
    yield ""
    yield f"**{plain(headline(document, t)[0])}**"
    yield ""
    yield plain(" · ".join(stamp for stamp in stamps if stamp))
    yield ""
    yield f"{plain(artifact['format'])} · {t.number(artifact['size'])} B · sha256 {code(artifact['sha256'])}"
    yield from ["", f"## {plain(t('why'))}", ""]
    yield from (f"- {plain(t.sentence(reason)[0])}" for reason in verdict["reasons"])
    yield from ["", f"## {plain(t('todo'))}", ""]
    for number, action in enumerate(actions(document, t), 1):
        values = " " + ", ".join(code(value) for value in action.shown) if action.shown else ""
        more = f" {t('and_more', n=t.number(action.more))}." if action.more else "." if action.values else ""
        points = "".join(f" {plain(point)}" for point in action.points)
        yield f"{number}. {plain(action.text)}{values}{plain(more)}{points}"
    for finding in exposing(document):
        yield from _finding(finding, t)
    yield from _coverage(document, t)
    yield from ["", f"## {plain(t('nav.made'))}", ""]
    knowledge = document["knowledge"]
    tool = document["tool"]
    yield plain(f"{tool['name']} {tool['version']} · {knowledge['date']} · {knowledge['sha256'][:16]}")
    yield from ["", f"_{plain(t('yardstick'))}_"]


def _finding(f: dict[str, Any], t: Words) -> Iterator[str]:
    vendor = f["vendor"]
    seat = country_name(vendor["domicile"], t.language) if vendor["domicile"] else t("seat_unknown")
    yield from [
        "",
        f"## {plain(t.sentence(f['subject']['name'])[0])} – {plain(t.sentence(vendor['name'])[0])}, {plain(seat)}",
        "",
    ]
    yield plain(t.sentence(f["subject"]["summary"])[0])
    yield ""
    limbs = " + ".join(t(f"limb.{limb}") for limb in f["limbs"])
    yield f"- {plain(t('rating_label'))}: **{plain(t.term('rating', f['severity']))}** · {plain(limbs)}"
    sure = f"{t('confidence')} {t.term('confidence_level', f['confidence'])} · {t.term('presence', f['presence'])}"
    yield f"- {plain(t('finding.sure'))}: {plain(sure)}"
    for group in grouped(f["endpoints"]):
        words = "registered_in" if group.kind == "ip-address" else "hosted_in"
        place = t(words, place=country_name(group.hosting, t.language)) if group.hosting else t("hosting_unknown")
        operator = f" · {t('operator')} {group.operator}" if group.operator else ""
        values = ", ".join(code(value) for value in group.values)
        yield f"- {plain(t('finding.where'))}: {values} ({plain(place + operator)})"
    yield from (f"- {plain(t('finding.why'))}: {plain(t.sentence(reason)[0])}" for reason in f["reasons"])
    yield from (f"- {plain(t('finding.caveats'))}: {plain(t.sentence(caveat)[0])}" for caveat in f["caveats"])
    if vendor["disputed"]:
        yield f"- {plain(t('disputed'))} {plain(vendor['disputed'])}"
    yield f"- {plain(t('finding.id'))}: {code(f['id'])}"
    yield ""
    head = (t("column.value"), t("evidence.file"), t("evidence.offset"), t("column.excerpt"))
    rows = (
        [
            code(e["observable"]["value"]),
            code(e["location"]["path"]),
            f"{e['location']['offset']:#x}",
            code(e["excerpt"]) if e["excerpt"] else "",
        ]
        for e in f["evidence"][:SHOWN_EVIDENCE]
    )
    yield from table(head, rows)
    left = f["evidence_total"] - min(len(f["evidence"]), SHOWN_EVIDENCE)
    if left > 0:
        yield from ["", plain(t.count("finding.more_evidence", left))]


def _coverage(document: dict[str, Any], t: Words) -> Iterator[str]:
    coverage = document["coverage"]
    files = coverage["files"]
    yield from ["", f"## {plain(t('nav.coverage'))}", ""]
    numbers = {"scanned": t.number(files["scanned"]), "failed": t.number(files["failed"])}
    yield plain(t("coverage.words", percent=t.percent(coverage["score"]), **numbers))
    yield from (plain(t("coverage.limit", name=name)) for name in coverage["limits_hit"])
    gaps = sorted(coverage["gaps"], key=lambda gap: -gap["length"])
    if not gaps:
        return
    yield ""
    head = (t("column.path"), t("column.size"), t("column.reason"), t("column.remedy"))
    rows = (
        [
            code(f"{gap['location']['path']}+{gap['location']['offset']:#x}"),
            t.number(gap["length"]),
            plain(f"{t.term('gap', gap['reason'])}: {gap['detail']}"),
            plain(gap["remedy"] or remedy(gap["reason"], t)),
        ]
        for gap in gaps[:SHOWN_GAPS]
    )
    yield from table(head, rows)
