"""Means of remote control that a file sets up over several lines: tunnels, servers of TR-069."""

import time

import pytest

from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.scan.base import ScanNotes
from inspector.scan.device.mechanisms import Mechanisms
from inspector.scan.device.tunnel_rules import TUNNEL_RULES

SCANNER = Mechanisms()
OPENVPN = b"client\ndev tun\nproto udp\n%s\nresolv-retry infinite\n<ca>\n-----BEGIN CERTIFICATE-----\n"


def mechanisms(content: bytes, leaf_format: str = "config"):
    return list(SCANNER.scan(Artifact("fw", leaf_format, "x", "fw", "/etc/x"), BufferReader(content), ScanNotes()))


@pytest.mark.parametrize(
    ("content", "value", "port"),
    [
        (OPENVPN % b"remote vpn.tuyacn.com 1194", "vpn-tunnel:vpn.tuyacn.com", "1194"),
        (OPENVPN % b"remote vpn.tuyacn.com", "vpn-tunnel:vpn.tuyacn.com", ""),
        (OPENVPN % b"remote 47.1.2.3 443 tcp-client", "vpn-tunnel:47.1.2.3", "443"),
        (b"openvpn --client --dev tun --remote vpn.tuyacn.com 1194 udp\n", "vpn-tunnel:vpn.tuyacn.com", "1194"),
        (
            b"config openvpn 'site'\n\toption client '1'\n\tlist remote 'vpn.tuyacn.com 1194'\n",
            "vpn-tunnel:vpn.tuyacn.com",
            "1194",
        ),
        (b"config openvpn x\n option remote vpn.tuyacn.com\n", "vpn-tunnel:vpn.tuyacn.com", ""),
        (
            b"[Interface]\nPrivateKey = a=\n\n[Peer]\nPublicKey = b=\nEndpoint = wg.tuyacn.com:51820\n",
            "vpn-tunnel:wg.tuyacn.com",
            "51820",
        ),
        (b"[WireGuardPeer]\r\nEndpoint=47.1.2.3:51820\r\n", "vpn-tunnel:47.1.2.3", "51820"),
        (b"[wireguard-peer.abc=]\nendpoint=wg.tuyacn.com:51820\n", "vpn-tunnel:wg.tuyacn.com", "51820"),
        (b"config wireguard_wg0\n\toption endpoint_host 'wg.tuyacn.com'\n", "vpn-tunnel:wg.tuyacn.com", ""),
        (b"wg set wg0 peer abc= endpoint wg.tuyacn.com:51820\n", "vpn-tunnel:wg.tuyacn.com", "51820"),
        (b"conn site\n\tleft=%defaultroute\n\tright=vpn.tuyacn.com\n", "vpn-tunnel:vpn.tuyacn.com", ""),
        (
            b"connections {\n site {\n  remote_addrs = vpn.tuyacn.com\n  }\n}\n",
            "vpn-tunnel:vpn.tuyacn.com",
            "",
        ),
        (b"config remote 'site'\n\toption gateway 'vpn.tuyacn.com'\n", "vpn-tunnel:vpn.tuyacn.com", ""),
        (b"[lac site]\nlns = l2tp.tuyacn.com\n", "vpn-tunnel:l2tp.tuyacn.com", ""),
        (b'pty "pptp vpn.tuyacn.com --nolaunchpppd"\n', "vpn-tunnel:vpn.tuyacn.com", ""),
        (b"/usr/sbin/pptp 47.1.2.3 user x\n", "vpn-tunnel:47.1.2.3", ""),
        (
            b"config interface 'vpn'\n\toption proto 'l2tp'\n\toption server 'l2tp.tuyacn.com'\n",
            "vpn-tunnel:l2tp.tuyacn.com",
            "",
        ),
        (b"tailscale up --authkey x --login-server=https://hs.tuyacn.com\n", "vpn-tunnel:https://hs.tuyacn.com", ""),
        (b"edge -c net -k key -a 10.0.0.2 -l n2n.tuyacn.com:7777\n", "vpn-tunnel:n2n.tuyacn.com", "7777"),
        (b"ssh -fNR 2222:localhost:22 s.tuyacn.com\n", "reverse-tunnel:s.tuyacn.com", ""),
        (b"autossh -M 0 -N -R 2222:localhost:22 -p 443 s.tuyacn.com &\n", "reverse-tunnel:s.tuyacn.com", ""),
        (b"[common]\nserver_addr = frp.tuyacn.com\nserver_port = 7000\n", "reverse-tunnel:frp.tuyacn.com", ""),
        (
            b'serverAddr = "frp.tuyacn.com"\nserverPort = 7000\n[[proxies]]\ntype = "tcp"\n',
            "reverse-tunnel:frp.tuyacn.com",
            "",
        ),
        (b"frpc tcp -s frp.tuyacn.com:7000 -l 22 -r 6000\n", "reverse-tunnel:frp.tuyacn.com", "7000"),
        (b"[common]\nserver_addr=nps.tuyacn.com:8024\nvkey=1\n", "reverse-tunnel:nps.tuyacn.com", "8024"),
        (b"npc -server=nps.tuyacn.com:8024 -vkey=x -type=tcp\n", "reverse-tunnel:nps.tuyacn.com", "8024"),
        (
            b'server_addr: "ngrok.tuyacn.com:4443"\ntrust_host_root_certs: false\ntunnels:\n',
            "reverse-tunnel:ngrok.tuyacn.com",
            "4443",
        ),
        (b"ngrokc -SER[Shost:n.tuyacn.com,Sport:4443] -AddTun[Type:tcp]\n", "reverse-tunnel:n.tuyacn.com", "4443"),
    ],
)  # fmt: skip
def test_names_the_tunnel_and_where_it_leads(content, value, port):
    found = {s.observable.value: dict(s.attributes) for s in mechanisms(content)}
    assert value in found
    assert found[value].get("port", "") == port
    assert found[value]["limb"] == "remote-administration"
    assert found[value]["host"] in value


@pytest.mark.parametrize(
    "content",
    [
        b"remote vpn.tuyacn.com 1194\n",
        b"[remote]\nremote git.tuyacn.com 22\nclient = x\n",
        OPENVPN % b"remote-cert-tls server",
        OPENVPN % b";remote",
        b"[default]\nEndpoint = s3.tuyacn.com:443\n",
        b"[Peer]\nPublicKey = b=\n[Storage]\nEndpoint = s3.tuyacn.com:443\n",
        b"conn site\n\tleft=%any\n\tright=%any\n",
        b"margin: left\nright=vpn.tuyacn.com\n",
        b"[lac site]\n[other]\nlns = l2tp.tuyacn.com\n",
        b"config interface 'wan'\n\toption proto 'static'\n\toption server 'x.tuyacn.com'\n",
        b"config interface 'v'\n\toption proto 'l2tp'\n\nconfig time\n\toption server 'x.tuyacn.com'\n",
        b"server_addr = mqtt.tuyacn.com\nserver_port = 1883\n",
        b"ssh -L 2222:localhost:22 s.tuyacn.com\n",
        b"ssh-keygen -R s.tuyacn.com\n",
        b"tailscale up --authkey x\n",
    ],
)
def test_other_settings_of_those_names_are_no_tunnel(content):
    assert mechanisms(content) == []


@pytest.mark.parametrize(
    ("content", "leaf_format"),
    [
        (b"<ManagementServer>\n  <EnableCWMP>1</EnableCWMP>\n  <URL>http://acs.x.cn/a</URL>\n", "xml"),
        (b"<ManagementServer>\n  <URL>\n    http://acs.x.cn/a\n  </URL>\n", "xml"),
        (b'<ManagementServer EnableCWMP="1"><Username>u</Username><URL>http://acs.x.cn/a</URL>', "xml"),
        (b"<ACSURL>\n   http://acs.x.cn/a\n</ACSURL>\n", "xml"),
        (b"<ACS>\r\n <Enable>1</Enable>\r\n <URL>http://acs.x.cn/a</URL>\r\n</ACS>\r\n", "xml"),
        (b'<param name="Device.ManagementServer.URL">\n  <value>http://acs.x.cn/a</value>\n', "xml"),
        (b'{"acs": {\n  "enable": true,\n  "url": "http://acs.x.cn/a"}}', "json"),
        (b'{"acs_url":\n   "http://acs.x.cn/a"}', "json"),
        (b"[cwmp]\nenable=1\nurl = http://acs.x.cn/a\n", "config"),
        (b"config acs 'acs'\n\toption userid 'u'\n\toption url 'http://acs.x.cn/a'\n", "config"),
        (b'<object name="TR069">\n<parm name="ServerURL" value="http://acs.x.cn/a"/>\n', "xml"),
    ],
)
def test_the_server_of_tr069_may_stand_lines_below_what_it_belongs_to(content, leaf_format):
    (found,) = mechanisms(content, leaf_format)
    assert found.observable.value == "tr069-acs:http://acs.x.cn/a"
    assert dict(found.attributes)["host"] == "acs.x.cn"


@pytest.mark.parametrize(
    "content",
    [
        b"<ManagementServer>\n</ManagementServer>\n<Shop>\n<URL>http://shop.x.cn/a</URL>\n",
        b"[cwmp]\nenable=1\n[shop]\nurl = http://shop.x.cn/a\n",
        b"config acs 'acs'\n\toption userid 'u'\n\nconfig shop\n\toption url 'http://shop.x.cn/a'\n",
        b'{"acs": {\n "enable": true}, "shop": {"url": "http://shop.x.cn/a"}}',
        b"<ACSURL>\n</ACSURL>\n<Shop>http://shop.x.cn/a</Shop>\n",
        b'{"tracsurl":\n   "http://shop.x.cn/a"}',
    ],
)
def test_an_address_beside_the_settings_of_tr069_is_no_server_of_it(content):
    assert [s.observable.value for s in mechanisms(content, "xml") if "tr069" in s.observable.value] == []


@pytest.mark.parametrize(
    "piece",
    [
        b"remote a.cn 1\n", b"Endpoint = a.cn:1\n", b"endpoint a.cn:1 ", b"right=a.cn\n", b"lns = a.cn\n",
        b"pptp a.cn ",
        b"<ManagementServer>\n", b"<acs>\n<a>1</a>\n", b"[acs]\n", b"config acs\n", b'"acs": {\n', b"acs_url\n",
        b"acsurl>",
        b"config interface\n\toption proto 'l2tp'\n", b"option server 'a.cn'\n", b"server_addr = a.cn\n", b"edge -l ",
        b"npc -server=", b"ngrokc -SER[", b"tailscale --login-server ", b"ssh -R 1:a:1 ", b"frpc -s ",
        b"conn \n", b"[Peer]\n",
    ],
)  # fmt: skip
def test_many_such_lines_cost_linear_time(piece):
    def seconds(size: int) -> float:
        began = time.process_time()
        mechanisms(piece * (size // len(piece)))
        return time.process_time() - began

    seconds(1000)
    assert seconds(120_000) < 16 * max(seconds(30_000), 0.02)


@pytest.mark.parametrize("piece", [b"ssh -R ", b"ssh -R a/ssh ", b"ssh -/ssh ", b"ssh -a abc "])
def test_a_command_is_not_read_through_the_others_on_its_line(piece):
    rules = [rule for rule in TUNNEL_RULES if rule.detail == "opens a way in by SSH" and b"autossh" in rule.expression]
    line = (piece * 200)[:1200]
    assert len(rules) == 2
    for rule in rules:
        assert not list(rule.pattern.finditer(line))  # compiles it, too
        began = time.process_time()
        for _ in range(100):
            list(rule.pattern.finditer(line))
        assert time.process_time() - began < 0.4  # 2 µs a byte would be 0.24 s; it took 0.9 s
