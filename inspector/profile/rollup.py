"""Many profiles as one picture: who appears where, what they share, the worst first, and how much was not seen.

A cluster is a set of artifacts of different brands that hold the same signing certificate, the same private key or
nearly the same set of endpoints: signs of one maker behind several names. Certificates of public authorities, roots or
not, and keys that are known to everybody (test keys) make no cluster. A private key is known by its public half; one
that could not be read makes none.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any, Final

from inspector.model.finding import Rating

Entry = Mapping[str, Any]

SHARED_FROM: Final = 2
"""Artifacts that must hold a subject before it is listed as shared."""
HOSTS_FROM: Final = 3
"""Endpoints that two artifacts must both have before their sets are compared."""
ALIKE: Final = 0.8
"""Share of all endpoints of two artifacts that both must have."""
COMPARED: Final = 2_000
"""Artifacts whose endpoint sets are compared pairwise; with more of them, only equal sets make a cluster."""
_STATUS_ORDER: Final = ("exposed", "failed", "inconclusive", "none-found")


def rollup(documents: Sequence[Entry], places: Sequence[str] = ()) -> dict[str, Any]:
    """Return the `inspector/rollup/1` document. Artifacts are numbered in their order there, worst first.

    `places` says for each document where its profile lies; it tells artifacts of the same name apart.
    """
    known = places or [""] * len(documents)
    placed = sorted(zip(documents, known, strict=True), key=lambda pair: (*_worst_first(pair[0]), pair[1]))
    ranked = [document for document, _ in placed]
    labels = _labels(
        [(document["artifact"]["name"], place, document["artifact"]["sha256"]) for document, place in placed]
    )
    size = sum(document["artifact"]["size"] for document in ranked)
    unseen = sum(document["artifact"]["size"] * (1 - document["coverage"]["score"]) for document in ranked)
    return {
        "schema": "inspector/rollup/1",
        "artifacts": [_artifact(document, label) for document, label in zip(ranked, labels, strict=True)],
        "counts": {
            "artifacts": len(ranked),
            "status": _counts((document["verdict"]["status"] for document in ranked), _STATUS_ORDER),
            "rating": _counts((document["verdict"]["rating"] for document in ranked), [*reversed(Rating)]),
            "bytes": size,
            "bytes_unseen": round(unseen),
            "unseen": round(unseen / size, 6) if size else 0.0,
        },
        "vendors": _vendors(ranked),
        "shared": _shared(ranked),
        "clusters": list(_clusters(ranked)),
        "notes": _notes(ranked),
    }


def _worst_first(document: Entry) -> tuple[Any, ...]:
    verdict = document["verdict"]
    return (
        -Rating(verdict["rating"]).rank,
        _STATUS_ORDER.index(verdict["status"]),
        document["artifact"]["name"],
        document["artifact"]["sha256"],
    )


def _labels(artifacts: Sequence[tuple[str, str, str]]) -> list[str]:
    """Return what to call each of (name, place, SHA-256): the name, and with namesakes what tells it from them."""
    named = Counter(name for name, _, _ in artifacts)
    placed = Counter((name, place) for name, place, _ in artifacts)
    labels = []
    for name, place, digest in artifacts:
        apart = place if place and placed[name, place] == 1 else " ".join(filter(None, (place, digest[:12])))
        labels.append(name if named[name] == 1 else f"{name} ({apart})")
    return labels


def _counts(values: Iterable[str], order: Sequence[str]) -> dict[str, int]:
    met: dict[str, int] = defaultdict(int)
    for value in values:
        met[value] += 1
    return {str(key): met[key] for key in order if met[key]}


def _artifact(document: Entry, label: str) -> dict[str, Any]:
    artifact, verdict = document["artifact"], document["verdict"]
    exposing = [finding for finding in document["findings"] if finding["severity"] != Rating.NONE]
    return {
        "name": artifact["name"],
        "label": label,
        "sha256": artifact["sha256"],
        "kind": artifact["kind"],
        "brand": brand(document),
        "status": verdict["status"],
        "rating": verdict["rating"],
        "limbs": list(verdict["limbs"]),
        "findings": len(exposing),
        "vendors": len({finding["vendor"]["id"] for finding in exposing}),
        "vendor_names": list(dict.fromkeys(finding["vendor"]["name"] for finding in exposing)),
        "score": document["coverage"]["score"],
        "headline": verdict["headline"],
    }


def brand(document: Entry) -> str:
    """Return the name under which an artifact is sold, as far as it says so: package owner, label, or file name."""
    told = document["artifact"].get("identity", {})
    package = told.get("package", "")
    if isinstance(package, str) and package.count(".") > 0:
        return ".".join(str(package).lower().split(".")[:2])
    words = re.findall(r"[a-z]{2,}", document["artifact"]["name"].lower())
    return str(words[0] if words else document["artifact"]["name"].lower())


def _vendors(documents: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return the matrix: each vendor with the artifacts it appears in, and how serious it is there."""
    rows: dict[str, dict[str, Any]] = {}
    for number, document in enumerate(documents):
        for finding in document["findings"]:
            if finding["severity"] == Rating.NONE:
                continue
            vendor = finding["vendor"]
            blank = {key: vendor[key] for key in ("id", "name", "domicile", "disputed")} | {"in": {}}
            cell = rows.setdefault(vendor["id"], blank)["in"].setdefault(number, {"rating": "none", "findings": []})
            cell["rating"] = max(cell["rating"], finding["severity"], key=lambda rating: Rating(rating).rank)
            cell["findings"].append(finding["id"])
    entries = []
    for row in rows.values():
        cells = [{"artifact": number, **cell} for number, cell in sorted(row.pop("in").items())]
        worst = max((cell["rating"] for cell in cells), key=lambda rating: Rating(rating).rank)
        entries.append({**row, "rating": worst, "artifacts": cells})
    return sorted(entries, key=lambda row: (-Rating(row["rating"]).rank, -len(row["artifacts"]), row["id"]))


def _shared(documents: Sequence[Entry]) -> list[dict[str, Any]]:
    met: dict[str, tuple[Entry, list[int]]] = {}
    for number, document in enumerate(documents):
        for finding in document["findings"]:
            met.setdefault(finding["id"], (finding, []))[1].append(number)
    entries = [
        {
            "finding": finding["id"],
            "subject": finding["subject"]["name"],
            "vendor": finding["vendor"]["name"],
            "domicile": finding["vendor"]["domicile"],
            "severity": finding["severity"],
            "artifacts": numbers,
        }
        for finding, numbers in met.values()
        if len(numbers) >= SHARED_FROM
    ]
    return sorted(entries, key=lambda e: (-Rating(e["severity"]).rank, -len(e["artifacts"]), e["subject"]))


def _clusters(documents: Sequence[Entry]) -> Iterator[dict[str, Any]]:
    for section, why in (("certificates", "certificate"), ("private_keys", "private key")):
        holders: dict[str, list[int]] = defaultdict(list)
        told: dict[str, str] = {}
        for number, document in enumerate(documents):
            for item in document.get("observables", {}).get(section, ()):
                if value := _telling(section, item):
                    holders[value].append(number)
                    told[value] = item.get("attributes", {}).get("subject", "")
        for value in sorted(holders):
            yield from _cluster(documents, holders[value], why, [value], told[value])
    for numbers, hosts in _host_sets([_hosts(document) for document in documents]):
        yield from _cluster(documents, numbers, "endpoints", sorted(hosts), "")


def _telling(section: str, item: Entry) -> str:
    """Return what tells that two artifacts hold the same, or nothing where that would say little of their makers."""
    facts = item.get("attributes", {})
    if section == "private_keys":
        return f"sha256:{public}" if (public := facts.get("public-sha256", "")) else ""
    common = facts.get("in-public-bundle") == "yes" or facts.get("known-key") or facts.get("use") == "chain"
    return "" if common or _is_of_public_authority(facts) else str(item["value"])


def _is_of_public_authority(facts: Mapping[str, str]) -> bool:
    """Tell whether a certificate is a public authority's own: a root, an intermediate, whatever is in many products."""
    if facts.get("use") == "signing":
        return False
    by_name = public_authorities()
    named = by_name.search(facts.get("subject", "").replace("\\", ""))
    passed_on = facts.get("authority") == "yes" and by_name.search(facts.get("issuer", "").replace("\\", ""))
    return bool(named or passed_on)


@lru_cache(maxsize=1)
def public_authorities() -> re.Pattern[str]:
    """Return a pattern for the subjects of which the organisation is or was a public authority."""
    text = (Path(__file__).parent / "data" / "public_authorities.txt").read_text(encoding="utf-8")
    names = [re.escape(line) for line in text.splitlines() if line and not line.startswith("#")]
    return re.compile(rf"(?:^|[,+] ?)O=(?:{'|'.join(names)})(?=$|[,+])", re.IGNORECASE)


def _cluster(
    documents: Sequence[Entry], numbers: Sequence[int], why: str, values: list[str], detail: str
) -> Iterator[dict[str, Any]]:
    """Yield the cluster when its artifacts bear at least two brands."""
    brands = sorted({brand(documents[number]) for number in numbers})
    if len(brands) > 1:
        yield {"why": why, "values": values, "detail": detail, "brands": brands, "artifacts": sorted(set(numbers))}


def _hosts(document: Entry) -> frozenset[str]:
    return frozenset(
        endpoint["value"]
        for finding in document["findings"]
        if finding["severity"] != Rating.NONE
        for endpoint in finding["endpoints"]
    )


def _host_sets(sets: Sequence[frozenset[str]]) -> Iterator[tuple[list[int], frozenset[str]]]:
    """Yield groups of artifacts with nearly the same endpoints, and the endpoints that all of the group have."""
    groups: dict[frozenset[str], list[int]] = defaultdict(list)
    for number, hosts in enumerate(sets):
        if len(hosts) >= HOSTS_FROM:
            groups[hosts].append(number)
    leaders = {hosts: hosts for hosts in groups}
    if len(groups) <= COMPARED:
        for one, other in combinations(groups, 2):
            if len(one & other) >= ALIKE * len(one | other) and len(one & other) >= HOSTS_FROM:
                _join(leaders, one, other)
    joined: dict[frozenset[str], list[frozenset[str]]] = defaultdict(list)
    for hosts in groups:
        joined[_leader(leaders, hosts)].append(hosts)
    for members in joined.values():
        numbers = sorted(number for hosts in members for number in groups[hosts])
        if len(numbers) > 1:
            yield numbers, frozenset.intersection(*members)


def _leader(leaders: dict[frozenset[str], frozenset[str]], hosts: frozenset[str]) -> frozenset[str]:
    while leaders[hosts] is not hosts:
        hosts = leaders[hosts]
    return hosts


def _join(leaders: dict[frozenset[str], frozenset[str]], one: frozenset[str], other: frozenset[str]) -> None:
    leaders[_leader(leaders, other)] = _leader(leaders, one)


def _notes(documents: Sequence[Entry]) -> list[str]:
    notes = []
    if len({document["knowledge"]["sha256"] for document in documents}) > 1:
        notes.append("The profiles were made with different knowledge: a vendor may be missing where it was unknown.")
    hashes = [document["artifact"]["sha256"] for document in documents]
    if len(set(hashes)) < len(hashes):
        notes.append(f"Profiles of bytes that another profile describes too: {len(hashes) - len(set(hashes))}.")
    loose = [d for d in documents if d["verdict"]["status"] == "exposed" and d["artifact"]["kind"] == "unknown"]
    if loose:
        formats = ", ".join(sorted({document["artifact"]["format"] for document in loose}))
        notes.append(
            f"Exposed files that are neither firmware nor app ({formats}): {len(loose)}. What such a file names is not "
            "shown to be part of a device."
        )
    return notes
