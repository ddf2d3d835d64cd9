"""What a user would run instead, restated from documented behaviour: which candidates each rule set reports in a leaf.

`strings | rg` is what an analyst types first. MobSF's rule asks for a scheme out of a short list, or for `www.`; a host
is reported where it stands in such a URL. FACT reads files of seven MIME types only and finds URIs and addresses there.
The expressions are our own; where the documents leave a choice, it is made in the rule's favour: MobSF's rule is
applied to every leaf, not only to decompiled Java and the strings of libraries.
"""

import re
from typing import Final

from accuracy.endpoint_pool import EMAIL, HOST, IPV4, IPV6, LARGEST, URL, Leaf, address6, place_of
from inspector.scan.endpoint.hosts import suffix_list

Found = set[tuple[str, str]]

FACT_FORMATS: Final = frozenset({"text", "elf", "data", "pe"})
"""Our formats for text/plain, the ELF types, octet-stream and PE."""
_STRING: Final = re.compile(rb"[\x20-\x7e\t]{6,}")
_RUN: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z0-9.-]*")
_MOBSF_URL: Final = re.compile(
    rb"((?:https?://|s?ftps?://|file://|javascript:|data:|www[0-9]{0,3}\.)[\w().=/;,#:@?&~*+!$%{}-]+)", re.IGNORECASE
)
_MOBSF_EMAIL: Final = re.compile(rb"[\w+.-]{1,20}@[\w-]{1,20}\.[A-Za-z]{2,10}")
_URI: Final = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]*)://([^\s\"'<>\\\x00-\x20\x7f-\xff]+)")
_QUAD: Final = re.compile(rb"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b")
_HEXTETS: Final = re.compile(rb"(?<![:.\w])(?:[A-Fa-f0-9]{0,4}:){2,7}[A-Fa-f0-9]{0,4}(?![:.\w])")


def strings_and_rg(leaf: Leaf) -> Found:
    """Return what `strings -n 6 | rg HOSTNAME` prints, where HOSTNAME is a run of labels, a dot and a public suffix."""
    return {
        (HOST, name)
        for string in _STRING.finditer(leaf.data.read_upto(0, LARGEST))
        for run in _RUN.finditer(string.group())
        if (name := _longest(run.group().decode().lower()))
    }


def _longest(run: str) -> str:
    """Return the longest beginning of a run that ends with a suffix at a word's end: what a greedy pattern takes."""
    while "." in run[1:]:
        head, _, last = run.rpartition(".")
        words = last.split("-")
        for size in range(len(words), 0, -1):
            if "-".join(words[:size]) in suffix_list().tlds:
                return head + "." + "-".join(words[:size])
        run = head
    return ""


def mobsf(leaf: Leaf) -> Found:
    """Return URLs of MobSF's schemes, their hosts, and e-mail addresses."""
    found: Found = set()
    text = leaf.data.read_upto(0, LARGEST)
    for match in _MOBSF_URL.finditer(text):
        scheme, colon, rest = match.group().partition(b"://")
        if colon:
            found |= _with_host(scheme, rest)
        elif match.group().lower().startswith(b"www"):
            found |= {(HOST, value) for kind, value in _with_host(b"http", match.group()) if kind == HOST}
    found |= {(EMAIL, match.group().decode("latin-1").lower()) for match in _MOBSF_EMAIL.finditer(text)}
    return found


def fact(leaf: Leaf) -> Found:
    """Return URIs, their hosts, and literal addresses, in leaves of FACT's MIME types."""
    if leaf.artifact.format not in FACT_FORMATS:
        return set()
    text = leaf.data.read_upto(0, LARGEST)
    found = {(IPV4, match.group().decode()) for match in _QUAD.finditer(text)}
    for match in _URI.finditer(text):
        found |= _with_host(match.group(1), match.group(2))
    found |= {(IPV6, value) for match in _HEXTETS.finditer(text) if (value := address6(match.group().decode()))}
    return found


def _with_host(scheme: bytes, rest: bytes) -> Found:
    place = place_of(scheme, rest)
    if not place:
        return set()
    host = place.partition("://")[2]
    return {(URL, place), (HOST, host if host.startswith("[") else host.partition(":")[0])}
