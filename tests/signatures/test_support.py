"""What supports each host: none of high confidence rests on a search result and another's name."""

import pytest

from inspector.knowledge import load_knowledge
from tools import check_hosts


def test_every_host_of_high_confidence_is_supported(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["check_hosts"])
    assert check_hosts.main() == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("host", "subject", "own"),
    [
        ("api.hoymiles.com", "hoymiles/s-miles", True),
        ("fangchengbao.com", "byd/web-site", True),
        ("smart-cloud.com", "hoymiles/s-miles", False),
        ("home.example.com", "xiaomi/mi-home", False),
    ],
)
def test_whose_name_a_host_bears(host, subject, own):
    knowledge = load_knowledge()
    signature = knowledge.signatures[subject]
    assert check_hosts.bears_name(host, signature, knowledge.vendors[signature.vendor]) is own
