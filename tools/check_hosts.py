"""Name what supports each host of the knowledge base, and the hosts that nothing but a search result supports.

    python -m tools.check_hosts                        what the signatures cite: counts, and the unsupported hosts
    python -m tools.check_hosts --lists DIR            also look every host up in two public domain lists
    python -m tools.check_hosts --sizes                how much there is, by the measures of docs/reference/accuracy.md

DIR holds `v2fly-domain-list-community.tsv` and `dnsmasq-china-list.txt.gz`. A list proves that a name exists; who
stands behind it is proved by the reference of the indicator. A host is supported by an artifact, a list, or a page or
source file that has an address of its own; the address of a search result is none, for it shows something else next
year. Where a search result is all there is, a name that bears the name of its vendor or of the product may be of high
confidence, since it says itself whose it is; any other must not: the exit code is 1 when one is.
"""

import argparse
import gzip
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from inspector.knowledge import load_knowledge
from inspector.model.knowledge import PRC, Confidence, Indicator, Knowledge, Reference, Signature, Vendor

SDK_KINDS: Final = (
    "java-package",
    "android-component",
    "android-metadata",
    "native-library",
    "ios-framework",
    "objc-class",
    "file-name",
)
NO_NAMES: Final = frozenset(
    (
        "auto",
        "beijing",
        "china",
        "cloud",
        "company",
        "device",
        "devices",
        "electronics",
        "energy",
        "group",
        "guangzhou",
        "hangzhou",
        "health",
        "home",
        "hosts",
        "intelligent",
        "life",
        "limited",
        "media",
        "medical",
        "mobile",
        "network",
        "online",
        "power",
        "servers",
        "service",
        "services",
        "shanghai",
        "shenzhen",
        "site",
        "sites",
        "smart",
        "software",
        "solar",
        "store",
        "tech",
        "technologies",
        "technology",
        "update",
        "updates",
        "video",
        "wireless",
        "world",
    )
)
"""Words in names of companies and products that say nothing about whose a domain is."""
V2FLY: Final = "v2fly-domain-list-community.tsv"
DNSMASQ: Final = "dnsmasq-china-list.txt.gz"


def of_prc(knowledge: Knowledge) -> Iterator[tuple[Signature, Indicator]]:
    """Yield the indicators of vendors of the PRC, Hong Kong and Macao, contested ones included."""
    for signature in knowledge.signatures.values():
        vendor = knowledge.vendors[signature.vendor]
        if vendor.domicile in PRC or vendor.disputed:
            yield from ((signature, indicator) for indicator in signature.indicators)


def grade(reference: Reference) -> str:
    """Return `artifact`, `list`, `document`, or `search` for the address of a search result."""
    if reference.kind != "document":
        return "list" if reference.kind == "dataset" else reference.kind
    return "search" if "/search?" in reference.locator else "document"


def listed(folder: Path) -> dict[str, str]:
    """Return name → the list that holds it; the brand lists come first, since they also name a company."""
    found: dict[str, str] = {}
    with gzip.open(folder / DNSMASQ, "rt", encoding="utf-8") as stream:
        found.update((line.strip(), "dnsmasq") for line in stream if not line.startswith("#"))
    for line in (folder / V2FLY).read_text(encoding="utf-8").splitlines():
        columns = line.split("\t")
        if not line.startswith("#") and len(columns) > 2 and columns[1] in ("domain", "full"):
            found[columns[2]] = f"v2fly {columns[0]}"
    return found


def bears_name(host: str, signature: Signature, vendor: Vendor) -> bool:
    """Tell whether a label of the host holds the name of its vendor or product: four letters, or the whole name."""
    named = (vendor.id, vendor.name, *vendor.names, vendor.group, vendor.legal_entity, signature.name)
    texts = [text.lower() for text in named if text]
    whole = {re.sub(r"[^a-z0-9]", "", text) for text in texts}
    words = {word for text in texts for word in re.findall(r"[a-z0-9]{4,}", text)} - NO_NAMES
    names = {name for name in whole | words if len(name) > 2}
    labels = [label.replace("-", "") for label in host.split(".")[:-1]]
    return any(name in label for name in names for label in labels)


def in_lists(host: str, lists: dict[str, str]) -> str:
    """Return the list that holds the host or a domain above it, or nothing."""
    labels = host.split(".")
    above = (".".join(labels[start:]) for start in range(len(labels) - 1))
    return next((lists[name] for name in above if name in lists), "")


def main() -> int:
    """Print the counts and the unsupported hosts; return 1 when one of another's name is of high confidence."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lists", type=Path, help="Folder of the two domain lists.")
    parser.add_argument("--sizes", action="store_true", help="Print the size of the knowledge base and stop.")
    options = parser.parse_args()
    knowledge = load_knowledge()
    if options.sizes:
        print("\n".join(f"{count:6,}  {what}" for what, count in sizes(knowledge).items()))
        return 0
    lists = listed(options.lists) if options.lists else {}
    counts: Counter[str] = Counter()
    unsupported: dict[str, list[str]] = defaultdict(list)
    high: list[str] = []
    for signature, indicator in of_prc(knowledge):
        if indicator.kind != "hostname":
            continue
        by_id = {reference.id: grade(reference) for reference in signature.references}
        cited = {by_id[name] for name in indicator.references if name in by_id}
        for host in indicator.patterns:
            held = in_lists(host, lists)
            best = next((kind for kind in ("artifact", "document", "list") if kind in cited), "")
            counts[best or ("only a list not cited" if held else "nothing")] += 1
            if not best:
                own = bears_name(host, signature, knowledge.vendors[signature.vendor])
                if indicator.confidence is Confidence.HIGH and not own:
                    high.append(f"{signature.id}: {host}")
                unsupported[f"{signature.id}:{indicator.id} ({indicator.confidence})"].append(
                    f"{host} [{held}]" if held else host
                )
    for name, hosts in sorted(unsupported.items()):
        print(f"{name}: {', '.join(hosts)}")
    print("; ".join(f"{kind}: {count}" for kind, count in counts.most_common()))
    print(f"unsupported, of high confidence, and not of the vendor's own name: {len(high)}")
    print("\n".join(high))
    return 1 if high else 0


def sizes(knowledge: Knowledge) -> dict[str, int]:
    """Return what → count: vendors, differing hosts, SDK identifiers and AS numbers, all and of the PRC alone."""
    from inspector.scan.endpoint.hosts import suffix_length

    hosts: set[tuple[object, ...]] = set()
    numbers: dict[str, set[str]] = {"all": set(), "prc": set()}
    sdk: dict[str, set[tuple[str, str]]] = {"all": set(), "prc": set()}
    chinese = {(signature.id, indicator.id) for signature, indicator in of_prc(knowledge)}
    of_prc_hosts = 0
    for signature in knowledge.signatures.values():
        for indicator in signature.indicators:
            scopes = ("all", "prc") if (signature.id, indicator.id) in chinese else ("all",)
            for pattern in indicator.patterns:
                if indicator.kind == "hostname":
                    labels = pattern.split(".")
                    domain = ".".join(labels[-suffix_length(labels) - 1 :])
                    key = (domain, indicator.hosting, signature.limbs, signature.category)
                    of_prc_hosts += key not in hosts and len(scopes) > 1
                    hosts.add(key)
                for scope in scopes:
                    if indicator.kind == "asn":
                        numbers[scope].add(pattern)
                    elif indicator.kind in SDK_KINDS:
                        sdk[scope].add((indicator.kind, pattern))
    return {
        "vendors": len(knowledge.vendors),
        "vendors of the PRC, Hong Kong and Macao": sum(v.domicile in PRC for v in knowledge.vendors.values()),
        "hosts that differ in registrable domain, hosting, limb or category": len(hosts),
        "of these, of the PRC, Hong Kong and Macao": of_prc_hosts,
        "SDK identifiers": len(sdk["all"]),
        "SDK identifiers of the PRC, Hong Kong and Macao": len(sdk["prc"]),
        "AS numbers": len(numbers["all"]),
        "AS numbers of the PRC, Hong Kong and Macao": len(numbers["prc"]),
    }


if __name__ == "__main__":
    sys.exit(main())
