"""Rules for ways in that a file sets up over several lines: tunnels to a site, and the server that TR-069 obeys.

Format: openvpn(8), wg(8), ipsec.conf(5), swanctl.conf(5), xl2tpd.conf(5), pptp(8), ssh(1), ssh_config(5), OpenWrt's
    UCI for these; the clients of frp, nps, ngrok 1 and n2n; TR-069, `ManagementServer.URL`.
Limits: a section is looked for in some thousand bytes above a line. What a program puts together is not seen.
"""

from collections.abc import Callable
from typing import Final

from inspector.scan.device.mechanism_rules import ADMIN, BINARY_TEXT, HOST, START, URL, Rule, rule

VPN: Final = "vpn-tunnel"
REVERSE: Final = "reverse-tunnel"
_PORT: Final = rb"(?P<port>[0-9]{1,5})"
_NO_CODE: Final = BINARY_TEXT | {"javascript"}
_OPENVPN: Final = (
    rb"(?m)^[ \t]{0,8}(?:client|tls-client|dev[ \t]{1,8}(?:tun|tap)\w{0,8}|<ca>|nobind|resolv-retry[ \t]{1,8}\w{1,12}"
    rb"|remote-cert-tls[ \t]{1,8}server)[ \t]{0,8}\r?$"
)
_HEADS: Final = (b"\n[", b"\nconfig ", b"\nconn ", b"\nhost ")
_FORWARD: Final = rb"(?:[\w.*\[\]]{0,60}:)?[0-9]{1,5}:[\w.\[\]-]{1,60}:[0-9]{1,5}"
_NO_OTHER: Final = rb"(?!(?:(?:auto)?ssh|dbclient)\s)"
"""Not the next command of the kind: else each of many on a line is read through all that follow."""
_WORD: Final = rb"(?:[\w.:~-]|[/=]" + _NO_OTHER + rb")"
_OPTIONS: Final = (
    rb"(?:-(?:[^\s;&|`\"'(=/]|[`\"'(=/]" + _NO_OTHER + rb"){1,40}\s{1,4}"
    rb"(?:(?!-)" + _NO_OTHER + _WORD + rb"{1,81}\s{1,4})?){0,6}?"
)
_REMOTE: Final = rb"-[a-z0-9]{0,6}R\s{0,3}" + _FORWARD
_SSH: Final = START + rb"(?:ssh|autossh|dbclient)\s{1,4}"


def _head(above: bytes) -> tuple[bytes, bytes]:
    """Return the line that opens the section at the end of `above`, and what stands in the section so far."""
    text = b"\n" + above
    start = max(map(text.rfind, _HEADS))
    head, _, body = text[start + 1 :].partition(b"\n") if start >= 0 else (b"", b"", b"")
    return head.strip(), body


def _rest(behind: bytes) -> bytes:
    """Return what `behind` still holds of its section."""
    ends = [at for mark in _HEADS if (at := behind.find(mark)) >= 0]
    return behind[: min(ends, default=len(behind))]


def _under(*openings: bytes) -> Callable[[bytes, bytes], bool]:
    return lambda above, _: _head(above)[0].startswith(openings)


def _dials(above: bytes, behind: bytes) -> bool:
    head, body = _head(above)
    section = (body + _rest(behind)).replace(b'"', b"").replace(b"'", b"")
    return head.startswith(b"config interface") and any(
        b"proto " + name in section for name in (b"l2tp", b"pptp", b"sstp", b"openconnect", b"vpnc")
    )


def _forwards(above: bytes, behind: bytes) -> bool:
    head, body = _head(above)
    return head.startswith(b"host ") and b"remoteforward" in body + _rest(behind)


def _is_nps(above: bytes, behind: bytes) -> bool:
    return b"vkey" in above or b"vkey" in behind


def _is_ngrok(above: bytes, behind: bytes) -> bool:
    around = above + behind
    return b"vkey" not in around and (b"trust_host_root_certs" in around or b"\ntunnels:" in b"\n" + around)


def _is_frp(above: bytes, behind: bytes) -> bool:
    around = above + behind
    if _is_nps(above, behind) or _is_ngrok(above, behind):
        return False
    named = any(map(around.__contains__, (b"[[proxies]]", b"local_port", b"localport", b"remote_port", b"remoteport")))
    return named or (b"[common]" in around and b"server_port" in around) or b"frpc" in around


_ACS: Final = rb"(?:acs|cwmp\w{0,8}|tr-?069\w{0,12}|managementserver)"
_ACS_ANCHORS: Final = (
    'managementserver|cwmp|tr069|tr-069|<acs|[acs|config acs|config \'acs|"acs"|acsurl|acs_url|acs.url|acs-url'
    "|acsserver|acs_server"
)

TUNNEL_RULES: Final[tuple[Rule, ...]] = (
    rule(
        VPN, ADMIN, "joins a network by OpenVPN", "remote |remote\t",
        rb"^\s{0,8}remote\s{1,8}" + HOST + rb"(?:\s{1,8}" + _PORT + rb"(?:\s{1,8}(?:udp|tcp)[\w-]{0,10})?)?"
        rb"\s{0,8}(?:[#;].{0,80})?$",
        endpoint=True, among=_OPENVPN, never_in=_NO_CODE,
    ),
    rule(
        VPN, ADMIN, "joins a network by OpenVPN", "--remote ",
        rb"openvpn\s[^\x00\n;&|]{0,200}--remote\s{1,4}[\"']?" + HOST + rb"(?:\s{1,4}" + _PORT + rb")?",
        endpoint=True, needs="openvpn",
    ),
    rule(
        VPN, ADMIN, "joins a network by OpenVPN", "option remote|list remote",
        rb"^\s{0,16}(?:option|list)\s{1,8}remote\s{1,8}[\"']?" + HOST + rb"(?:\s{1,4}" + _PORT + rb")?",
        endpoint=True, within=_under(b"config openvpn"),
    ),
    rule(
        VPN, ADMIN, "joins a network by WireGuard", "endpoint",
        rb"^\s{0,8}Endpoint\s{0,8}=\s{0,8}" + HOST + rb":" + _PORT + rb"\s{0,8}(?:#.{0,80})?$",
        endpoint=True, within=_under(b"[peer]", b"[wireguardpeer]", b"[wireguard-peer."), never_in=_NO_CODE,
    ),
    rule(
        VPN, ADMIN, "joins a network by WireGuard", "endpoint_host",
        rb"^\s{0,16}option\s{1,8}endpoint_host\s{1,8}[\"']?" + HOST, endpoint=True,
    ),
    rule(
        VPN, ADMIN, "joins a network by WireGuard", "endpoint ",
        rb"(?:wg|awg)\sset\s[^\x00\n;&|]{0,200}\sendpoint\s{1,4}[\"']?" + HOST + rb":" + _PORT,
        endpoint=True, needs="wg set",
    ),
    rule(
        VPN, ADMIN, "joins a network by IPsec", "right=|right =",
        rb"^\s{1,16}right\s?=\s?[\"']?" + HOST + rb"[\"']?\s{0,8}(?:#.{0,80})?$",
        endpoint=True, within=_under(b"conn "), never_in=_NO_CODE,
    ),
    rule(
        VPN, ADMIN, "joins a network by IPsec", "remote_addrs",
        rb"^\s{0,16}remote_addrs\s{0,4}=\s{0,4}[\"']?" + HOST, endpoint=True,
    ),
    rule(
        VPN, ADMIN, "joins a network by IPsec", "option gateway",
        rb"^\s{0,16}option\s{1,8}gateway\s{1,8}[\"']?" + HOST, endpoint=True, within=_under(b"config remote"),
    ),
    rule(
        VPN, ADMIN, "joins a network by L2TP", "lns =|lns=",
        rb"^\s{0,8}lns\s{0,8}=\s{0,8}" + HOST, endpoint=True, within=_under(b"[lac"),
    ),
    rule(
        VPN, ADMIN, "joins a network by PPTP", "pptp ",
        rb"(?:^|[;&|`\"'(=/])\s{0,8}pptp\s{1,4}" + HOST + rb"(?=[\s\"']|$)", endpoint=True,
    ),
    rule(
        VPN, ADMIN, "joins a network by a dial-in", "option server",
        rb"^\s{0,16}option\s{1,8}server\s{1,8}[\"']?" + HOST, endpoint=True, within=_dials,
    ),
    rule(
        VPN, ADMIN, "joins a network that a server of its own controls", "--login-server",
        rb"--login-server[\s=]{1,4}[\"']?" + URL, needs="tailscale|headscale",
    ),
    rule(
        VPN, ADMIN, "joins a network by n2n", "edge ",
        START + rb"edge\s(?=[^\x00\n;&|]{0,200}-c\s)[^\x00\n;&|]{0,200}?-l\s{0,3}" + HOST + rb":" + _PORT,
        endpoint=True, needs=" -l",
    ),
    rule(
        REVERSE, ADMIN, "opens a way in by SSH", "ssh |dbclient ",
        _SSH + _OPTIONS + _REMOTE + rb"\s{1,4}" + _OPTIONS + _NO_OTHER + HOST
        + rb"(?=\s{0,8}(?:$|[\s;&|\"'`)]))", endpoint=True, needs="-r|nr |fr ",
    ),
    rule(
        REVERSE, ADMIN, "opens a way in by SSH", "ssh |dbclient ",
        _SSH + _OPTIONS + _NO_OTHER + rb"(?:(?P<user>[\w.-]{1,32})@)?" + HOST + rb"\s{1,4}" + _OPTIONS + _REMOTE,
        endpoint=True, needs="-r|nr |fr ",
    ),
    rule(
        REVERSE, ADMIN, "opens a way in by SSH", "hostname ",
        rb"^\s{0,16}HostName\s{1,8}" + HOST + rb"\s{0,8}$", endpoint=True, within=_forwards,
    ),
    rule(
        REVERSE, ADMIN, "opens a way in by frp", "server_addr|serveraddr",
        rb"(?<!\w)server_?addr[\"']?\s{0,4}[=:]\s{0,4}[\"']?" + HOST, endpoint=True, within=_is_frp,
    ),
    rule(
        REVERSE, ADMIN, "opens a way in by frp", "frpc ",
        rb"(?<![\w.-])frpc\s[^\x00\n;&|]{0,120}?(?:-s|--server[-_]addr)[\s=]{1,4}" + HOST + rb"(?::" + _PORT + rb")?",
        endpoint=True,
    ),
    rule(
        REVERSE, ADMIN, "opens a way in by nps", "server_addr",
        rb"(?<!\w)server_addr\s{0,4}=\s{0,4}" + HOST + rb"(?::" + _PORT + rb")?", endpoint=True, within=_is_nps,
    ),
    rule(
        REVERSE, ADMIN, "opens a way in by nps", "-server=",
        rb"npc\s[^\x00\n;&|]{0,120}?-server=[\"']?" + HOST + rb"(?::" + _PORT + rb")?", endpoint=True, needs="-vkey",
    ),
    rule(
        REVERSE, ADMIN, "opens a way in by ngrok", "server_addr",
        rb"^\s{0,8}server_addr\s{0,4}:\s{0,4}[\"']?" + HOST + rb"(?::" + _PORT + rb")?", endpoint=True,
        within=_is_ngrok,
    ),
    rule(
        REVERSE, ADMIN, "opens a way in by ngrok", "-ser[",
        rb"ngrokc\s[^\x00\n;&|]{0,80}-SER\[[^\]\n\x00]{0,120}?Shost:" + HOST
        + rb"(?:[^\]\n\x00]{0,80}?Sport:" + _PORT + rb")?", endpoint=True,
    ),
    rule(
        "tr069-acs", ADMIN, "takes orders from an auto-configuration server", _ACS_ANCHORS,
        rb"<(?:\w{1,12}:)?(?:x_\w{1,12}_)?" + _ACS + rb"(?=[\s>])[^<>\x00]{0,80}>(?![.\w<>]{0,20}url>http)",
        goes_on=rb"(?:(?!</?" + _ACS + rb"[\s>])[^\x00]){0,600}?"
        rb"<(?:\w{1,12}:)?(?:server_?)?url(?:\s[^<>\x00]{0,40})?>\s{0,60}" + URL,
    ),
    rule(
        "tr069-acs", ADMIN, "takes orders from an auto-configuration server", _ACS_ANCHORS,
        rb"[\"']?(?<![a-z0-9])(?:acs[_.-]?(?:url|server|addr)|managementserver[.\w]{0,20}url|cwmp[\w.-]{0,20}url"
        rb"|tr-?069[\w.-]{0,24}(?:url|server))[\"']?[ \t]{0,4}[=:]?",
        goes_on=rb"(?:[ \t\r]{0,8}/?>)?[ \t\r]{0,8}\n[\s\"']{0,60}(?:<value[^<>\x00]{0,40}>\s{0,40})?" + URL,
    ),
    rule(
        "tr069-acs", ADMIN, "takes orders from an auto-configuration server", _ACS_ANCHORS,
        rb"[\"']" + _ACS + rb"[\"']\s{0,4}:\s{0,4}\{",
        goes_on=rb"[^{}\x00]{0,600}?[\"'](?:(?:server|host)[_-]?)?(?:url|addr|address|server)[\"']"
        rb"\s{0,8}:\s{0,8}[\"']" + URL,
    ),
    rule(
        "tr069-acs", ADMIN, "takes orders from an auto-configuration server", _ACS_ANCHORS,
        rb"^\s{0,8}\[" + _ACS + rb"\]",
        goes_on=rb"[^\[\x00]{0,600}?\n[ \t]{0,16}(?:server[_-]?)?(?:url|server)[ \t]{0,8}=[ \t]{0,8}[\"']?" + URL,
    ),
    rule(
        "tr069-acs", ADMIN, "takes orders from an auto-configuration server", _ACS_ANCHORS,
        rb"^\s{0,8}config\s{1,8}[\"']?" + _ACS + rb"(?!\w)",
        goes_on=rb"(?:(?!\nconfig\s)[^\x00]){0,600}?\n[ \t]{1,16}option[ \t]{1,8}(?:server[_-]?)?url[ \t]{1,8}"
        rb"[\"']?" + URL,
    ),
    rule(
        "tr069-acs", ADMIN, "takes orders from an auto-configuration server", _ACS_ANCHORS,
        rb"<\w{1,20}\s[^<>\x00\"]{0,40}name\s?=\s?\"(?:[\w.]{0,40}\.)?" + _ACS + rb"\.?\"[^<>\x00]{0,80}>",
        goes_on=rb"(?:(?!</)[^\x00]){0,400}?name\s?=\s?\"(?:server_?)?url\"\s{1,8}value\s?=\s?\"" + URL,
    ),
)  # fmt: skip
