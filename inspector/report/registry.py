"""All output formats. A reporter's module loads only when its format is asked for."""

import importlib
from typing import Any, Final, NamedTuple

from inspector.report.presentation import Presentation


class Reporter(NamedTuple):
    """Where a format is written, what its files end with, and what it is for."""

    module: str
    suffix: str
    title: str


REPORTERS: Final = {
    "terminal": Reporter("inspector.report.terminal", ".txt", "Report for a terminal"),
    "json": Reporter("inspector.report.json", ".json", "The profile document itself"),
    "jsonl": Reporter("inspector.report.jsonl", ".jsonl", "The profile on one line"),
    "html": Reporter("inspector.report.html", ".html", "One self-contained page"),
    "pdf": Reporter("inspector.report.pdf", ".pdf", "The page, printed by a browser of this machine"),
    "markdown": Reporter("inspector.report.markdown", ".md", "Report for tickets and reviews"),
    "csv": Reporter("inspector.report.findings_csv", ".csv", "Findings as a table"),
    "csv-endpoints": Reporter("inspector.report.endpoints_csv", ".endpoints.csv", "Endpoints as a table"),
    "sarif": Reporter("inspector.report.sarif", ".sarif", "SARIF 2.1.0 for code scanning"),
    "cyclonedx": Reporter("inspector.report.cyclonedx", ".cdx.json", "CycloneDX 1.6 bill of materials"),
    "stix": Reporter("inspector.report.stix", ".stix.json", "STIX 2.1 for threat-intelligence platforms"),
    "junit": Reporter("inspector.report.junit", ".junit.xml", "JUnit XML for build gates"),
    "questionnaire": Reporter("inspector.report.questionnaire", ".questions.md", "Questions for the vendor"),
    "questionnaire-html": Reporter("inspector.report.questionnaire_html", ".questions.html", "The same as a page"),
    "risk-register": Reporter("inspector.report.risk_register", ".risk.md", "Risk-register entries"),
    "risk-register-csv": Reporter("inspector.report.risk_register_csv", ".risk.csv", "The same as a table"),
    "rpz": Reporter("inspector.report.blocklists.rpz", ".rpz", "DNS response-policy zone (BIND, Knot, PowerDNS)"),
    "hosts": Reporter("inspector.report.blocklists.hosts", ".hosts", "Hosts file (Pi-hole, AdGuard)"),
    "dnsmasq": Reporter("inspector.report.blocklists.dnsmasq", ".dnsmasq.conf", "dnsmasq configuration"),
    "unbound": Reporter("inspector.report.blocklists.unbound", ".unbound.conf", "Unbound configuration"),
    "nftables": Reporter("inspector.report.blocklists.nftables", ".nft", "nftables sets of addresses"),
    "suricata": Reporter("inspector.report.blocklists.suricata", ".rules", "Suricata rules"),
    "blocklist": Reporter("inspector.report.blocklists.plain", ".txt", "Plain list of names and addresses"),
}
"""Format → reporter; its module has `render(document, how) -> str | bytes`."""


def render(name: str, document: dict[str, Any], how: Presentation | None = None) -> str | bytes:
    """Return the document in one format; bytes for the binary ones. Raises `KeyError` for an unknown format."""
    module = importlib.import_module(REPORTERS[name].module)
    written: str | bytes = module.render(document, how or Presentation())
    return written


def suffix(name: str) -> str:
    """Return what a file of this format ends with."""
    return REPORTERS[name].suffix
