"""Profiles for the reporters: the patient monitor as inspected, and one in which every text is hostile."""

from pathlib import Path
from typing import Any

import pytest

from inspector.harvest import Options, Toolbox
from inspector.model.profile import ExposureProfile
from inspector.session import inspect_file
from tests.unit.report.hostile import forged, poisoned

SAMPLES = Path(__file__).parents[3] / "samples"


@pytest.fixture(scope="session")
def monitor(toolbox: Toolbox) -> dict[str, Any]:
    path = SAMPLES / "patient-monitor/patient-monitor.bin"
    document = inspect_file(path, toolbox, Options())[0]
    return ExposureProfile.model_validate(document).model_dump(mode="json", by_alias=True)


@pytest.fixture(scope="session")
def full(monitor: dict[str, Any]) -> dict[str, Any]:
    """The monitor with every section filled: a gap, an SDK, a host name, a certificate, an icon, a disputed vendor."""
    observed = monitor["observables"]["ip_addresses"][0]
    finding, name = monitor["findings"][0], "update.iot.example.com"
    sdk = finding | {
        "id": "F-000000000001",
        "subject": finding["subject"]
        | {"id": "example/push", "name": "Example push", "kind": "sdk", "category": "push"},
        "vendor": finding["vendor"] | {"id": "example", "name": "Example", "disputed": "Ownership is contested."},
        "endpoints": [
            {"value": name, "kind": "hostname", "port": 443, "hosting": "DE", "operator": ""},
            {"value": "2408:4000::1", "kind": "ip-address", "port": None, "hosting": "CN", "operator": "Aliyun"},
        ],
    }
    gap = {"location": {"path": "a!b", "offset": 16}, "length": 4096, "reason": "encrypted", "detail": "no key"}
    sections = monitor["observables"] | {
        key: [
            observed | {"value": f"{key}.example.com", "attributes": {"detail": "x", "subject": "CN=x", "port": "80"}}
        ]
        for key in monitor["observables"]
        if key != "packers"
    }
    document = monitor | {
        "findings": [*monitor["findings"], sdk],
        "observables": sections,
        "coverage": monitor["coverage"] | {"score": 0.5, "gaps": [gap], "limits_hit": ["depth"]},
        "hints": [
            {key: sdk[key] for key in ("subject", "vendor", "presence", "evidence")} | {"reason": "one weak sign"}
        ],
        "apps": [
            {"path": "a!/x.apk", "format": "apk", "sha256": "0" * 64, "size": 9, "score": 1.0}
            | {"verdict": monitor["verdict"], "findings": [{"id": sdk["id"], "severity": "high"}]}
        ],
        "rejected": {"file-name": 3},
        "rejections": {
            "reasons": [{"reason": "file-name", "meaning": "a file", "different": 30}],
            "listed": [
                {"value": f"lib{n}.so", "reason": "file-name", "location": {"path": "a!b", "offset": n}}
                for n in range(20)
            ],
        },
        "artifact": monitor["artifact"]
        | {"tampering": ["odd"], "identity": {"version_name": "1.2", "exported": ["a"]}},
    }
    return ExposureProfile.model_validate(document).model_dump(mode="json", by_alias=True)


@pytest.fixture(scope="session")
def hostile(full: dict[str, Any]) -> dict[str, Any]:
    """Every free text hostile, beside endpoints that block lists take; a valid profile, as a forged one would be."""
    return beside_blockable(poisoned(full), full)


@pytest.fixture(scope="session")
def forgery(full: dict[str, Any]) -> dict[str, Any]:
    """As hostile as the public model lets a profile be: kinds, hashes and the keys of tables too."""
    return beside_blockable(forged(full), full)


def beside_blockable(document: dict[str, Any], full: dict[str, Any]) -> dict[str, Any]:
    """Return a valid profile of `document` that keeps the endpoints of `full`, which block lists take."""
    for one, finding in zip(document["findings"], full["findings"], strict=True):
        one["endpoints"] += finding["endpoints"]
    return ExposureProfile.model_validate(document).model_dump(mode="json", by_alias=True)
