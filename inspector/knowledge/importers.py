"""Make a local pack out of another project's list: marked as imported, weaker, with its source and licence.

Imported host lists become low-confidence indicators: a name in a routing list is resolved in China, which says
nothing about who owns it. Imported SDK rules become medium: they count together with a second kind of sign.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from inspector.errors import UsageError
from inspector.knowledge.format import dump

HOST: Final = re.compile(r"(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}")
PACKAGE: Final = re.compile(r"[A-Za-z][\w$]*(?:\.[\w$]+)+")
LARGEST: Final = 64 << 20
PATTERNS_EACH: Final = 2_000
INDICATORS_EACH: Final = 5
"""Long lists go into several files: the loader takes none larger than 1 MiB."""
SLUG: Final = re.compile(r"[^a-z0-9]+")

Rows = dict[str, dict[str, list[str]]]
"""Brand → indicator kind → patterns."""


def import_pack(source: str, path: Path, output: Path) -> int:
    """Write the pack and return how many patterns it holds.

    Raises `UsageError` for a file that is not of the project's format, or an output folder that is not empty.
    """
    if output.exists() and any(output.iterdir()):
        raise UsageError(f"{output} is not empty")
    rows = READERS[source](path)
    count = 0
    for brand in sorted(rows):
        count += _write(source, brand, rows[brand], output)
    if not count:
        raise UsageError(f"{path} holds nothing that looks like a list of {source}")
    return count


def _text(path: Path) -> str:
    if path.stat().st_size > LARGEST:
        raise UsageError(f"{path} is larger than {LARGEST} bytes")
    return path.read_text(encoding="utf-8", errors="replace")


def _v2fly(path: Path) -> Rows:
    """Read `data/` of v2fly/domain-list-community: one file a brand, `domain:`/`full:` rules, `@` attributes."""
    rows: Rows = defaultdict(lambda: defaultdict(list))
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    for file in files:
        for line in _text(file).splitlines():
            rule = line.partition("#")[0].split("@")[0].strip()
            kind, _, value = rule.rpartition(":")
            if kind in ("", "domain", "full") and HOST.fullmatch(value.lower()):
                rows[file.name]["hostname"].append(value.lower())
    return rows


def _dnsmasq(path: Path) -> Rows:
    """Read felixonmars/dnsmasq-china-list: `server=/name/address` lines, or one name a line."""
    names = []
    for line in _text(path).splitlines():
        value = line.split("/")[1] if line.startswith("server=/") and line.count("/") >= 2 else line.strip()
        if HOST.fullmatch(value.lower()):
            names.append(value.lower())
    return {"resolved-in-china": {"hostname": names}}


_LIBCHECKER_KINDS: Final = {
    "native-libs": "native-library",
    "activities-libs": "android-component",
    "services-libs": "android-component",
    "receivers-libs": "android-component",
    "providers-libs": "android-component",
}


def _libchecker(path: Path) -> Rows:
    """Read LibChecker-Rules: a folder of `<group>/<pattern>.json`, or JSON lines with group, pattern, team."""
    rows: Rows = defaultdict(lambda: defaultdict(list))
    for group, pattern, team in _libchecker_rules(path):
        kind = _LIBCHECKER_KINDS.get(group)
        if kind and not pattern.startswith("regex"):
            rows[team or "unknown team"][kind].append(pattern)
    return rows


def _libchecker_rules(path: Path) -> Iterator[tuple[str, str, str]]:
    if path.is_dir():
        for file in sorted(path.glob("*/*.json")):
            rule = _json(_text(file))
            if isinstance(rule, dict):
                data = rule.get("data", rule)
                yield file.parent.name, file.stem, _team(data)
        return
    for line in _text(path).splitlines():
        rule = _json(line)
        if isinstance(rule, dict):
            yield str(rule.get("group", "")), str(rule.get("pattern", "")), str(rule.get("team") or "")


def _team(data: Any) -> str:
    if isinstance(data, list) and data:
        data = data[0].get("data", data[0])
    return str(data.get("team") or data.get("dev_team") or "") if isinstance(data, dict) else ""


def _exodus(path: Path) -> Rows:
    """Read the tracker list of Exodus Privacy: JSON with `trackers`, each with code and network signatures."""
    data = _json(_text(path))
    trackers = data.get("trackers") if isinstance(data, dict) else data
    items = trackers.values() if isinstance(trackers, dict) else trackers if isinstance(trackers, list) else []
    rows: Rows = defaultdict(lambda: defaultdict(list))
    for item in items:
        if not isinstance(item, dict):
            continue
        name = str(item.get("name") or "unnamed")
        for part in str(item.get("code_signature") or "").split("|"):
            value = part.replace("\\.", ".").strip(". ")
            if PACKAGE.fullmatch(value):
                rows[name]["java-package"].append(value)
        for part in str(item.get("network_signature") or "").split("|"):
            value = part.replace("\\.", ".").strip(". ").lower()
            if HOST.fullmatch(value):
                rows[name]["hostname"].append(value)
    return rows


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


READERS: Final[dict[str, Callable[[Path], Rows]]] = {
    "v2fly": _v2fly,
    "dnsmasq": _dnsmasq,
    "libchecker": _libchecker,
    "exodus": _exodus,
}
SOURCES: Final = {
    "v2fly": ("v2fly/domain-list-community (MIT)", "low"),
    "dnsmasq": ("felixonmars/dnsmasq-china-list (WTFPL)", "low"),
    "libchecker": ("LibChecker/LibChecker-Rules (Apache-2.0)", "medium"),
    "exodus": ("Exodus Privacy trackers (terms of the data: see the project)", "medium"),
}


def _write(source: str, brand: str, kinds: dict[str, list[str]], output: Path) -> int:
    title, confidence = SOURCES[source]
    vendor = f"imported-{source}-{SLUG.sub('-', brand.lower()).strip('-') or 'other'}"
    indicators = []
    for kind, values in sorted(kinds.items()):
        patterns = sorted(set(values))
        for start in range(0, len(patterns), PATTERNS_EACH):
            name = f"{kind}-{start // PATTERNS_EACH + 1}" if start else kind
            indicators.append(_indicator(name, kind, patterns[start : start + PATTERNS_EACH], confidence))
    if not indicators:
        return 0
    reference = {"id": "import", "kind": "dataset", "name": title, "path": brand}
    folder = output / vendor
    folder.mkdir(parents=True, exist_ok=True)
    owner = {"schema": "1", "id": vendor, "name": f"{brand} (imported)", "domicile": "ZZ"}
    owner["summary"] = f"Imported from {title}; who stands behind it was not checked."
    (folder / "_vendor.yaml").write_text(dump(owner | {"references": [reference]}), encoding="utf-8")
    for start in range(0, len(indicators), INDICATORS_EACH):
        name = f"list-{start // INDICATORS_EACH + 1}" if start else "list"
        subject = {
            "schema": "1",
            "id": f"{vendor}/{name}",
            "name": f"{brand} (imported)",
            "kind": "service",
            "category": "cloud",
            "limbs": [],
            "summary": f"Patterns imported from {title}, not reviewed.",
            "caveats": ["Imported, not reviewed: a lead, not a finding about a company."],
            "references": [reference],
            "indicators": indicators[start : start + INDICATORS_EACH],
        }
        (folder / f"{name}.yaml").write_text(dump(subject), encoding="utf-8")
    return sum(len(indicator["any"]) for indicator in indicators)


def _indicator(name: str, kind: str, patterns: list[str], confidence: str) -> dict[str, Any]:
    return {
        "id": name,
        "kind": kind,
        "any": patterns,
        "confidence": confidence,
        "references": ["import"],
        "examples": {"match": [patterns[0]], "no_match": [f"not{patterns[0]}"]},
    }
