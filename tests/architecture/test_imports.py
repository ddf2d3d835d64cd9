"""The direction of imports, as `docs/architecture.md` draws it."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "inspector"
ALLOWED = {
    "model": {"model", "errors"},
    "formats": {"formats", "errors"},
    "extract": {"extract", "formats", "model", "errors"},
    "scan": {"scan", "formats", "model", "errors", "cache"},
    "knowledge": {"knowledge", "model", "errors", "cache"},
    "classify": {"classify", "model", "errors"},
    "profile": {"profile", "classify", "model", "errors"},
    "report": {"report", "model", "errors"},
    "isolate": {"isolate", "errors"},
    "bundle": {"bundle", "report", "model", "errors"},
}


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        found |= {name.split(".")[1] for name in names if name.startswith("inspector.")}
    return found


@pytest.mark.parametrize("stage", ALLOWED)
def test_a_stage_imports_only_what_lies_below_it(stage):
    wrong = {
        str(path.relative_to(ROOT)): sorted(extra)
        for path in sorted((ROOT / stage).rglob("*.py"))
        if (extra := imported(path) - ALLOWED[stage])
    }
    assert wrong == {}


def test_only_the_command_line_prints():
    printing = [
        str(path.relative_to(ROOT))
        for path in sorted(ROOT.rglob("*.py"))
        if "cli" not in path.relative_to(ROOT).parts
        and any(
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        )
    ]
    assert printing == []
