import ipaddress
import shutil
import subprocess

import pytest

from inspector.report import Presentation, render
from inspector.report.answer import actions
from inspector.report.blocklists.selection import address, entries, host
from inspector.report.language import words

LISTS = ["rpz", "hosts", "dnsmasq", "unbound", "nftables", "suricata", "blocklist"]


def program(*names):
    found = next((shutil.which(name, path="/usr/bin:/usr/sbin:/bin:/sbin") for name in names), None)
    return found or pytest.skip(f"needs {names[0]}")


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def with_category(document, category, **subject):
    findings = [f | {"subject": f["subject"] | {"category": category, **subject}} for f in document["findings"]]
    return document | {"findings": findings}


@pytest.mark.parametrize("which", ["full", "hostile", "forgery"])
def test_bind_takes_the_zone(which, request, tmp_path):
    path = tmp_path / "zone"
    path.write_text(render("rpz", request.getfixturevalue(which)))
    run(program("named-checkzone"), "rpz.example.org", str(path))


@pytest.mark.parametrize("which", ["full", "hostile", "forgery"])
def test_unbound_takes_the_file(which, request, tmp_path):
    path = tmp_path / "unbound.conf"
    path.write_text(render("unbound", request.getfixturevalue(which)))
    run(program("unbound-checkconf"), str(path))


@pytest.mark.parametrize("which", ["full", "hostile", "forgery"])
def test_dnsmasq_takes_the_file(which, request, tmp_path):
    path = tmp_path / "dnsmasq.conf"
    path.write_text(render("dnsmasq", request.getfixturevalue(which)))
    run(program("dnsmasq"), "--test", f"--conf-file={path}")


@pytest.mark.parametrize("which", ["full", "hostile", "forgery"])
def test_nft_takes_the_script(which, request, tmp_path):
    path = tmp_path / "list.nft"
    path.write_text(render("nftables", request.getfixturevalue(which)))
    done = subprocess.run([program("nft"), "-c", "-f", str(path)], capture_output=True, text=True, check=False)
    if "Operation not permitted" in done.stderr or "cache initialization failed" in done.stderr:
        pytest.skip("nft may not talk to the kernel here")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("which", ["full", "hostile", "forgery"])
def test_an_independent_parser_reads_every_suricata_rule(which, request):
    parser = pytest.importorskip("suricataparser", reason="needs suricataparser")
    text = render("suricata", request.getfixturevalue(which))
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    rules = [parser.parse_rule(line) for line in lines]
    assert all(rule is not None and rule.enabled and rule.action == "alert" for rule in rules)
    assert len({rule.sid for rule in rules}) == len(rules) > 0
    assert all(1_000_000 <= rule.sid < 2_000_000 for rule in rules)


def test_suricata_matches_the_exact_name_in_three_protocols(full):
    text = render("suricata", full)
    wanted = 'content:"update.iot.example.com"; startswith; endswith;'
    assert [line.split()[1] for line in text.splitlines() if wanted in line] == ["dns", "tls", "http"]
    assert "-> [2408:4000::1] any" in text


@pytest.mark.parametrize("name", LISTS)
def test_a_hostile_profile_adds_no_line_of_its_own(name, full, hostile):
    assert len(render(name, hostile).splitlines()) <= len(render(name, full).splitlines())
    forged = [
        line for line in render(name, hostile).splitlines() if line.lstrip().startswith(("alert tcp", "0.0.0.0 forged"))
    ]
    assert forged == []


@pytest.mark.parametrize("name", LISTS)
def test_every_entry_names_its_finding_and_what_may_break(name, full):
    text = render(name, full)
    assert "F-5ce18aacdf85" in text
    assert "may" in text
    assert "updates" in text


@pytest.mark.parametrize(
    "bad",
    [
        "a;drop",
        "a b.com",
        "x\n.com",
        "-a.com",
        "a-.com",
        "a..com",
        ".com",
        "localhost",
        "a" * 64 + ".com",
        "1.2",
        "ä.com",
    ],
)
def test_what_is_no_host_name_is_refused(bad):
    assert host(bad) == ""


@pytest.mark.parametrize("bad", ["10.0.0.1", "127.0.0.1", "fe80::1", "fe80::1%eth0", "1.2.3", "0.0.0.0", "224.0.0.1x"])
def test_what_is_no_public_address_is_refused(bad):
    assert address(bad) == ""


def test_names_are_listed_in_lower_case_without_the_last_dot():
    assert host("API.Example.COM.") == "api.example.com"
    assert host("_dns.example.com") == "_dns.example.com"


@pytest.mark.parametrize("category", ["cdn", "dns", "ntp", "network-operator", "certificate-authority"])
def test_what_many_share_is_left_out_unless_asked_for(full, category):
    shared = with_category(full, category)
    assert entries(shared, Presentation()) == []
    assert all(entry.shared for entry in entries(shared, Presentation(shared_too=True)))


def test_a_cloud_is_blocked_by_name_but_not_by_address(full):
    listed = entries(with_category(full, "cloud"), Presentation())
    assert [entry.value for entry in listed] == ["update.iot.example.com"]


def test_generic_rules_do_not_block(full):
    assert entries(with_category(full, "medical", id="generic/address-cn"), Presentation()) == []


def test_findings_without_exposure_do_not_block(full):
    document = full | {"findings": [f | {"severity": "none"} for f in full["findings"]]}
    assert entries(document, Presentation()) == []


def test_addresses_are_written_backwards_in_the_zone(full):
    lines = render("rpz", full).splitlines()
    assert "32.119.4.114.202.rpz-ip CNAME ." in lines
    assert "128.1.zz.4000.2408.rpz-ip CNAME ." in lines
    assert ipaddress.ip_address("2408:4000::1").is_global


@pytest.mark.parametrize(
    ("kinds", "formats"),
    [
        (["hostname"], "-f rpz"),
        (["ip-address"], "-f nftables"),
        (["hostname", "ip-address"], "-f rpz=block.rpz -f nftables=block.nft"),
    ],
)
def test_the_command_told_blocks_addresses_where_there_are_some(full, kinds, formats):
    findings = [f | {"endpoints": [e for e in f["endpoints"] if e["kind"] in kinds]} for f in full["findings"]]
    block = actions(full | {"findings": findings}, words("en"))[0]
    assert (block.key, block.command) == ("block", f"inspector report PROFILE.json {formats}")


@pytest.mark.parametrize("language", ["en", "cs"])
def test_what_a_list_leaves_out_is_named_in_the_answer(full, language):
    """A dynamic DNS service serves many: it is in no list, but whoever reads the answer must hear of it."""
    first, *others = full["findings"]
    mixed = full | {"findings": [first | {"subject": first["subject"] | {"category": "dns"}}, *others]}
    block = next(action for action in actions(mixed, words(language)) if action.key == "block")
    (left,) = [point for point in block.points if "--include-shared" in point]
    gone = [endpoint["value"] for endpoint in first["endpoints"]]
    assert gone
    assert all(value in left and value not in block.values for value in gone)
    only = [action.key for action in actions(with_category(full, "dns"), words(language))]
    assert only[0] == "shared"
    assert "block" not in only
    assert not any("--include-shared" in point for action in actions(full, words(language)) for point in action.points)
