"""Address data: registration and operator are two facts, reserved space is nobody's."""

import pytest

from inspector.classify import Index
from inspector.knowledge import load_knowledge
from inspector.knowledge.addresses import TABLES, AddressTables, TableWriter
from inspector.lookup import lookup

KNOWLEDGE = load_knowledge()
TABLE = AddressTables(KNOWLEDGE)


@pytest.mark.parametrize(
    ("address", "registered", "operator", "seat"),
    [
        ("202.114.4.119", "CN", "CERNET", "CN"),
        ("47.88.0.1", "US", "Alibaba Group", "CN"),
        ("2408:8000::1", "CN", "China Unicom", "CN"),
        ("8.8.8.8", "US", "", ""),
        ("10.0.0.1", "", "", ""),
        ("127.0.0.1", "", "", ""),
        ("192.0.2.1", "", "", ""),
        ("::1", "", "", ""),
        ("not an address", "", "", ""),
    ],
)
def test_facts(address, registered, operator, seat):
    facts = TABLE.facts(address)
    assert (facts.registered, facts.operator, facts.operator_country) == (registered, operator, seat)


@pytest.mark.parametrize(
    ("address", "vendor", "hosting"),
    [("114.114.114.114", "114DNS", "CN"), ("52.80.0.1", "Amazon", "CN"), ("202.114.4.120", "Contec Medical", "CN")],
)
def test_special_addresses_have_their_curated_owner(address, vendor, hosting):
    (answer,) = lookup([address], Index(KNOWLEDGE), TABLE)
    assert [(f["vendor"]["name"], f["hosting"]) for f in answer["findings"]] == [(vendor, hosting)]


def test_the_data_is_dated_and_small():
    assert TABLE.date == "2026-06-17"
    assert "@ip-location-db" in TABLE.source
    assert TABLES.stat().st_size <= 6_000_000


def test_what_is_written_is_what_is_read(tmp_path):
    writer = TableWriter("test")
    writer.date = "2026-01-01"
    writer.add_countries("ipv4", [(0x01010100, 0x010101FF, "AU"), (0x01010200, 0x010102FF, "CN")])
    writer.add_operators("ipv4", [(0x01010200, 0x010102FF, "4134 Chinanet")])
    writer.add_countries("ipv6", [])
    writer.add_operators("ipv6", [])
    path = tmp_path / "tables.bin"
    path.write_bytes(writer.finish())
    table = AddressTables(KNOWLEDGE, path)
    assert [table.facts(a).registered for a in ("1.1.1.1", "1.1.2.255", "1.1.3.0", "1.1.0.255")] == ["AU", "CN", "", ""]
    assert table.facts("1.1.2.7").asn == 4134
