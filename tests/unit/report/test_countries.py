"""Where an endpoint is said to be."""

import pytest

from inspector.model.finding import Endpoint
from inspector.profile.severity import placed
from inspector.report.countries import hosted


@pytest.mark.parametrize(
    ("kind", "country", "words"),
    [
        ("hostname", "DE", "hosted in DE"),
        ("ip-address", "CN", "registered in CN"),
        ("ip-address", "", "hosting unknown"),
    ],
)
def test_an_address_is_registered_and_a_name_is_hosted(kind: str, country: str, words: str) -> None:
    assert hosted(kind, country) == words


def test_a_finding_with_both_says_both() -> None:
    name = Endpoint("a.example.org", "hostname", hosting="CN")
    address = Endpoint("198.51.100.1", "ip-address", hosting="CN")
    assert placed([name]) == "hosted in"
    assert placed([address]) == "registered in"
    assert placed([name, address]) == "hosted or registered in"
