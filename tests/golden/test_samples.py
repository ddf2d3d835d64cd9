"""The samples: rebuilt they are the same bytes, inspected they give the expected profile."""

import json
import shutil
from pathlib import Path

import pytest

from samples.build import build

SAMPLES = Path(__file__).parents[2] / "samples"
NAMES = sorted(path.parent.name for path in SAMPLES.glob("*/recipe.py"))
VOLATILE = ("knowledge", "tool")
"""Parts of the document that change with every new signature or version, not with the sample."""


def settled(document):
    return {key: value for key, value in document.items() if key not in VOLATILE}


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_gives_the_expected_profile(name, inspect_path, update_golden):
    document = settled(inspect_path(SAMPLES / name / f"{name}.bin"))
    expected = SAMPLES / name / "expected.json"
    if update_golden:
        expected.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert document == json.loads(expected.read_text(encoding="utf-8"))


@pytest.mark.packers
@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_rebuilt_byte_for_byte(name):
    if not shutil.which("mksquashfs"):
        pytest.skip("mksquashfs is not installed (Debian: squashfs-tools)")
    assert build(name) == (SAMPLES / name / f"{name}.bin").read_bytes()


def test_the_patient_monitor_shows_both_limbs_at_boot(inspect_path):
    document = inspect_path(SAMPLES / "patient-monitor/patient-monitor.bin")
    assert document["verdict"]["status"] == "exposed"
    found = {finding["subject"]["id"]: finding for finding in document["findings"]}
    update, data = found["contec/update-share"], found["contec/central-station-data"]
    assert update["limbs"] == ["remote-administration"]
    assert data["limbs"] == ["data-transfer"]
    for finding, address in ((update, "202.114.4.119"), (data, "202.114.4.120")):
        assert finding["presence"] == "started"
        endpoint = next(e for e in finding["endpoints"] if e["value"] == address)
        assert (endpoint["hosting"], endpoint["operator"]) == ("CN", "CERNET")
        assert any("central station" in caveat for caveat in finding["caveats"])


def test_the_clean_router_was_read_and_holds_nothing(inspect_path):
    document = inspect_path(SAMPLES / "clean-router/clean-router.bin")
    assert document["verdict"]["status"] == "none-found"
    assert document["coverage"]["score"] >= 0.95
    assert [f["subject"]["id"] for f in document["findings"] if f["severity"] != "none"] == []
