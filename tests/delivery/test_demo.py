"""`make demo` in a folder where nothing is yet: the README's first command."""

from tools import demo
from tools.fetch import FetchError


def test_the_demo_makes_its_folder_and_both_reports(tmp_path, monkeypatch):
    def unreachable(source):
        raise FetchError("no network")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(demo, "fetch", unreachable)
    assert demo.main() == 0
    made = {path.name: path.stat().st_size for path in (tmp_path / "demo-output").iterdir()}
    assert set(made) == {"patient-monitor.html", "patient-monitor.json"}
    assert all(made.values())
