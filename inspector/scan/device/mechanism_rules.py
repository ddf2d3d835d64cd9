"""The rules of `mechanisms`: literal anchors, and the bounded pattern a line with one of them must match.

Every repetition in a pattern is bounded or runs over a class that excludes what follows it, so that a line costs time
linear in its length.
"""

import ipaddress
import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final, NamedTuple

from inspector.model.knowledge import Limb
from inspector.scan.device.fetched_code import ASSIGNED, PIPED, runs_assigned, runs_fetched
from inspector.scan.device.fetched_script import evaluates_fetched
from inspector.scan.device.update_pages import is_asked
from inspector.scan.endpoint.hosts import is_host
from inspector.scan.endpoint.rejection import is_library

ADMIN: Final = Limb.REMOTE_ADMINISTRATION.value
_DATA: Final = Limb.DATA_TRANSFER.value
BINARY_TEXT: Final = frozenset(("documentation", "html", "css"))
HOST: Final = rb"(?P<host>[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?=[A-Za-z0-9])){2,252}|\[[0-9A-Fa-f:.]{3,45}\])"
URL: Final = rb"(?P<target>(?:https?|ftps?|tftp|sftp)://[^\s\"'<>|;`\\)]{4,400})"
START: Final = rb"(?:^|[\s;&|`\"'(=/])"


class Rule(NamedTuple):
    """One mechanism. The pattern's groups: `target` for the value, `host` for the endpoint, `port`, `user`, `path`."""

    name: str
    limb: str
    detail: str
    anchors: tuple[bytes, ...]
    """Lower case; found without regard to case."""
    expression: bytes
    endpoint: bool = False
    """Whether the host must be an address or a public name."""
    needs: tuple[bytes, ...] = ()
    """One of these must stand in the line too, in lower case: spares the pattern where the anchor is common."""
    holds: Callable[[bytes, int, int], bool] | None = None
    """What must be true of the match: asked with the text around it, and where it begins and ends in there."""
    never_in: frozenset[str] = BINARY_TEXT
    """Leaf formats that only talk about such lines."""
    only_in: frozenset[str] = frozenset()
    """The leaf formats that such lines belong to, where it is not all others."""
    goes_on: bytes = b""
    """What follows where `expression` ends, on later lines too: then the value's groups stand here."""
    among: bytes = b""
    """A pattern that the lines above or below must meet, some thousand bytes on each side."""
    within: Callable[[bytes, bytes], bool] | None = None
    """What must be true of the text above the line and of the text behind it, both in lower case."""

    @property
    def pattern(self) -> Any:
        """Return the compiled pattern: most scans need few of them."""
        return compiled(self.expression)

    def target(self, match: Any) -> str:
        """Return the value's second half, or "" where the host is no endpoint."""
        groups = match.groupdict()
        host = _text(groups.get("host"))
        if self.endpoint and not _is_endpoint(host):
            return ""
        if "target" in groups:
            return _text(groups["target"])[:300].rstrip(".,")
        path = _text(groups.get("path"))
        return f"{host}:{path}" if path else host

    def attributes(self, match: Any) -> tuple[tuple[str, str], ...]:
        """Return the sorted attributes; a password's presence is stated, never the password."""
        groups = match.groupdict()
        facts = {"limb": self.limb, "detail": self.detail, "mechanism": self.name}
        host = _text(groups.get("host")) or _host_of(_text(groups.get("target")))
        if host:
            facts["host"] = host
        for name in ("port", "user", "path"):
            if value := _text(groups.get(name)):
                facts[name] = value
        return tuple(sorted(facts.items()))


def _text(raw: bytes | None) -> str:
    return raw.decode("utf-8", "replace").strip() if raw else ""


def _host_of(target: str) -> str:
    match = re.match(r"[a-z]+://(?:[^/@]*@)?(\[[^\]]*\]|[^/:?#]*)", target)
    return match.group(1).lower() if match else ""


def _is_endpoint(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return is_host(host.lower()) and not is_library(host.lower().split("."))
    return not (address.is_loopback or address.is_unspecified)


def rule(name: str, limb: str, detail: str, anchors: str, pattern: bytes, *, needs: str = "", **more: Any) -> Rule:
    """Return a rule; `anchors` and `needs` are alternatives between bars."""
    return Rule(name, limb, detail, _choices(anchors), pattern, needs=_choices(needs), **more)


@cache
def compiled(expression: bytes) -> Any:
    """Return the pattern of an expression, compiled once in a process and only where a scan needs it."""
    return re.compile(expression, re.IGNORECASE)


def _choices(text: str) -> tuple[bytes, ...]:
    return tuple(word.encode() for word in text.split("|") if word)


RULES: Final[tuple[Rule, ...]] = (
    rule(
        "nfs-mount", ADMIN, "mounts a directory of another machine", "mount |mount.nfs| nfs",
        rb"(?:" + START + rb"mount(?:\.nfs4?)?\s(?:[^\x00\n;&|]{0,160}[\s\"'])?|^)" + HOST
        + rb":(?P<path>/[\w./%$-]{0,120})(?=[\s\"']{1,4}(?:/|%s|\$|[\w./-]{1,80}\s{1,8}nfs))", endpoint=True,
    ),
    rule(
        "cifs-mount", ADMIN, "mounts a share of another machine", "mount |mount.cifs",
        rb"mount(?:\.cifs)?\s[^\x00\n;&|]{0,120}//" + HOST + rb"(?P<path>/[\w./$%-]{1,80})", endpoint=True,
    ),
    rule(
        "tftp-fetch", ADMIN, "fetches files by TFTP", "tftp",
        START + rb"tftp\s[^\x00\n;&|]{0,120}?(?<=\s)" + HOST + rb"(?:\s|$|[\"';&|])", endpoint=True,
    ),
    rule(
        "ftp-fetch", ADMIN, "fetches files by FTP", "ftpget",
        START + rb"ftpget\s[^\x00\n;&|]{0,120}?(?<=\s)" + HOST + rb"\s", endpoint=True,
    ),
    rule(
        "ftp-upload", _DATA, "sends files by FTP", "ftpput",
        START + rb"ftpput\s[^\x00\n;&|]{0,120}?(?<=\s)" + HOST + rb"\s", endpoint=True,
    ),
    rule(
        "http-upload", _DATA, "sends files by HTTP or FTP", "://",
        rb"curl\s[^\x00\n]{0,200}?(?:-T\s|--upload-file|-F\s|--form)[^\x00\n]{0,200}?" + URL, needs="curl",
    ),
    rule(
        "fetch-and-execute", ADMIN, "runs what it fetches", "://",
        rb"(?:curl|wget)"
        rb"\s[^\x00\n|]{0,200}?" + URL + rb"[^\x00\n|]{0,120}" + PIPED,
        needs="curl|wget",
    ),
    rule(
        "fetch-and-execute", ADMIN, "runs what it fetches", "://",
        rb"(?:sh\s-c|eval|source|\.)\s{1,4}[\"']?(?:\$\(|`|<\()\s{0,4}(?:curl|wget)\s[^\x00\n|]{0,160}?" + URL,
        needs="curl|wget",
    ),
    rule(
        "fetch-and-execute", ADMIN, "runs or installs what it fetches", "://",
        rb"(?:curl|wget)\s[^\x00\n|]{0,200}?" + URL, needs="curl|wget", holds=runs_fetched,
    ),
    rule(
        "fetch-and-execute", ADMIN, "runs or installs what it fetches", "wget |curl ",
        START + rb"(?:curl|wget)\s(?:[^\x00\n|]{0,120}?[\s\"'])?" + HOST
        + rb"(?::[0-9]{1,5})?(?P<path>/[\w./%?=&$-]{1,160})", endpoint=True, holds=runs_fetched,
    ),
    rule(
        "fetch-and-execute", ADMIN, "runs or installs what it fetches", "tftp |ftpget ",
        START + rb"(?:tftp|ftpget)\s[^\x00\n;&|]{0,120}?(?<=\s)" + HOST + rb"(?=\s|$|[\"';&|])[^\x00\n;&|]{0,120}",
        endpoint=True, holds=runs_fetched,
    ),
    rule(
        "fetch-and-execute", ADMIN, "runs what it fetches", "wget |curl ",
        START + rb"(?:curl|wget)\s(?:[^\x00\n|]{0,120}?[\s\"'])?" + HOST
        + rb"(?::[0-9]{1,5})?(?P<path>/[\w./%?=&$-]{1,160})?(?=[\s\"'|])[^\x00\n|]{0,120}" + PIPED,
        endpoint=True,
    ),
    rule(
        "fetch-and-execute", ADMIN, "runs or installs what it fetches", "://",
        rb"^" + ASSIGNED + rb"[A-Za-z_]\w{0,30}=[\"']?" + URL + rb"[\"']?(?=\s{0,8}$)",
        holds=runs_assigned, never_in=BINARY_TEXT | {"json", "xml"}, needs="=",
    ),
    rule(
        "fetch-and-execute", ADMIN, "runs what it fetches", "://",
        rb"(?<![A-Za-z0-9_.])(?:exec|eval)\s?\(\s?(?:compile\(\s?)?[\w.]{0,60}(?:urlopen|requests\.get)\(\s?[\"']"
        + URL,
        needs="urlopen|requests.get",
    ),
    rule(
        "fetch-and-execute", ADMIN, "evaluates what it fetches", "://",
        rb"[\"'`]" + URL + rb"[\"'`]", holds=evaluates_fetched, never_in=frozenset(),
        only_in=frozenset(("javascript", "html")),
    ),
    rule(
        "fetch-and-execute", ADMIN, "replaces its program from there", "codepushserverurl",
        rb"CodePushServerURL[\"']?",
        goes_on=rb"(?:</key>\s{0,40}<string>|[^<>\x00]{0,60}>\s{0,40}|\s{0,8}(?:value\s?)?[=:]\s?[\"'])" + URL,
    ),
    rule(
        "fetch-and-execute", ADMIN, "replaces its program from there", "<chcp>",
        rb"<chcp>",
        goes_on=rb"(?:(?!</?chcp>)[^\x00]){0,400}?<config-file\s[^<>\x00]{0,40}?url\s?=\s?[\"']" + URL,
    ),
    rule(
        "fetch-and-execute", ADMIN, "replaces its program from there", "exupdatesurl",
        rb"<key>EXUpdatesURL</key>", goes_on=rb"\s{0,40}<string>\s{0,40}" + URL,
    ),
    rule(
        "fetch-and-execute", ADMIN, "replaces its program from there", "\"updates\"",
        rb"\"updates\"\s{0,8}:\s{0,8}\{", goes_on=rb"[^{}\x00]{0,300}?\"url\"\s{0,8}:\s{0,8}\"" + URL,
        among=rb"\"(?:sdkVersion|runtimeVersion)\"",
    ),
    rule(
        "rsync-fetch", ADMIN, "fetches files by rsync", "rsync ",
        START + rb"rsync\s(?:-[^\s]{1,40}\s{1,4}){0,6}(?:rsync://)?(?:[\w.-]{1,32}@)?" + HOST
        + rb"(?::{1,2}|(?<=[A-Za-z0-9])/)(?P<path>[\w./-]{1,120})\s{1,4}[\"']?[/.$~]", endpoint=True,
    ),
    rule(
        "scp-fetch", ADMIN, "fetches files by SSH", "scp ",
        START + rb"scp\s(?:-[^\s]{1,40}\s{1,4}(?:[0-9]{1,5}\s{1,4})?){0,6}(?:[\w.-]{1,32}@)?" + HOST
        + rb":(?P<path>[\w./~-]{1,120})\s{1,4}[\"']?[/.$~]", endpoint=True,
    ),
    rule(
        "reverse-shell", ADMIN, "hands a shell to another machine", "socat ",
        START + rb"socat\s(?=[^\x00\n;|]{0,200}(?:exec|system):)[^\x00\n;|]{0,160}?"
        rb"(?:tcp|udp|ssl|openssl)[46]?(?:-connect)?:" + HOST + rb":(?P<port>[0-9]{1,5})", endpoint=True,
    ),
    rule(
        "reverse-shell", ADMIN, "hands a shell to another machine", "telnet ",
        START + rb"telnet\s{1,4}" + HOST + rb"\s{1,4}(?P<port>[0-9]{1,5})\s{0,4}\|\s{0,4}(?:/bin/)?(?:ba|a)?sh\b",
        endpoint=True,
    ),
    rule(
        "reverse-shell", ADMIN, "hands a shell to another machine", "nc |ncat |netcat |telnet ",
        rb"(?:^|[\s;&|(/])(?:ba|a)?sh\s(?:-i\s)?[^\x00\n;|]{0,20}\|\s{0,4}(?:nc|ncat|netcat|telnet)\s(?:-[^\s]{1,12}\s{1,4}){0,4}"
        + HOST + rb"\s{1,4}(?P<port>[0-9]{1,5})", endpoint=True,
    ),
    rule(
        "reverse-shell", ADMIN, "hands a shell to another machine", "/dev/tcp/",
        rb"/dev/tcp/" + HOST + rb"/(?P<port>[0-9]{1,5})", endpoint=True,
    ),
    rule(
        "reverse-shell", ADMIN, "hands a shell to another machine", "/bin/sh|/bin/bash|/bin/ash|-e sh",
        START + rb"(?:nc|netcat|ncat)\s(?=[^\x00\n;|]{0,120}-e\s{0,3}/?[\w/]{0,20}sh\b)(?:-[^\s]{1,12}\s{1,4}){0,4}"
        + HOST + rb"\s{1,4}(?P<port>[0-9]{1,5})", endpoint=True, needs="nc |netcat |ncat ",
    ),
    rule(
        "reverse-tunnel", ADMIN, "opens a way in by SSH", "ssh |autossh|dbclient",
        rb"(?:ssh|autossh|dbclient)\s[^\x00\n;&|]{0,120}-R\s{0,3}[\w:.\[\]*]{1,80}\s[^\x00\n;&|]{0,80}?"
        rb"(?:(?P<user>[\w.-]{1,32})@)" + HOST, endpoint=True, needs="-r",
    ),
    rule(
        "shell-daemon", ADMIN, "starts a telnet server", "telnetd",
        rb"(?:^|[\s;&|`\"'(:=])"
        rb"(?:/[\w./-]{1,60}/)?(?P<target>(?:busybox\s{1,4})?u?telnetd(?:\s{1,4}-[^\x00\n;&|\"'`)]{0,80})?)"
        rb"\s{0,4}(?=$|[&;\"'`)|])",
    ),
    rule(
        "shell-daemon", ADMIN, "starts an SSH server", "dropbear|sshd",
        rb"(?:^|[\s;&|`(:=])(?:/[\w./-]{1,60}/)?(?P<target>(?:dropbear|sshd)\s{1,4}-[^\x00\n;&|\"'`)]{0,80})"
        rb"(?=\s{0,4}(?:$|[&;\"'`)|]))",
    ),
    rule(
        "shell-daemon", ADMIN, "starts a debug bridge", "adbd",
        rb"(?:^|[\s;&|`(])(?:start\s|/[\w./-]{1,60}/)(?P<target>adbd(?:\s{1,4}-[^\x00\n;&|\"'`)]{0,80})?)"
        rb"\s{0,4}(?=$|[&;])",
    ),
    rule(
        "tr069-acs", ADMIN, "takes orders from an auto-configuration server", "://",
        rb"(?:acs[_.-]?(?:url|server|addr)|managementserver[.\w<>]{0,20}url|cwmp[\w.-]{0,20}url|"
        rb"tr-?069[\w.-]{0,24}(?:url|server))"
        rb"[\"'\]]?(?:\s{0,4}[=:]\s{0,4}|>|\s{1,8})[\"']?" + URL, needs="acs|managementserver|cwmp|tr069|tr-069",
    ),
    rule(
        "update-url", ADMIN, "fetches firmware or application updates", "://",
        rb"(?P<target>(?:https?|ftps?)://(?=[^\s\"'<>\x00]{0,300}?(?:[/._-](?:f?ota|fwup)[/._0-9-]|"
        rb"\bf?ota\d?[.-]|firmware|upgrade|upd(?:ate)?[./_?-]))"
        rb"[^\s\"'<>\x00\\`|;)]{6,300})",
        holds=is_asked, never_in=BINARY_TEXT | {"xml"}, needs="ota|firmware|upgrade|upd|fwup",
    ),
    rule(
        "mqtt-topic", ADMIN, "takes orders over MQTT",
        "/thing/|smart/device/|smart/mb/|smart/ppm/|$aws/|$oc/|$thing/|$shadow/|/user/get|/user/update",
        rb"(?:^|[\"'\s=])(?P<target>(?:/sys/(?:%s|\$\{|\+)[^\x00\s\"']{0,20}/thing/[\w/%$+{}#-]{1,120}|"
        rb"smart/(?:device|mb|ppm)/(?:in|out)/?[\w/%$+{}#-]{0,80}"
        rb"|\$(?:aws|oc|thing|sys|ota|gateway|shadow)/[\w/%$+{}#-]{3,120}|/(?:%s|\$\{|\+)"
        rb"[^\x00\s\"']{0,24}/user/(?:get|update)[\w/%$+{}#-]{0,60}))",
    ),
    rule(
        "p2p-stack", ADMIN, "CS2 Network PPPP/PPCS peer-to-peer stack", "ppcs_|pppp_",
        rb"(?<![A-Za-z])(?P<target>PP(?:CS|PP)_)(?=(?:Initialize|Connect(?:ByServer)?|Listen|Share_Bandwidth)\b)",
    ),
    rule(
        "p2p-stack", ADMIN, "ThroughTek Kalay peer-to-peer stack", "iotc_",
        rb"(?<![A-Za-z])(?P<target>IOTC_)(?=(?:Initialize2?|Connect_ByUID\w{0,12}|Device_Login|Listen\w{0,4})\b)",
    ),
    rule(
        "ntp-server", _DATA, "asks a time server",
        "ntpd |ntpdate|ntpclient|ntpserver|ntp_server|ntp-server|ntp.server|ntphost|ntp_host|ntpaddr|ntp server",
        rb"(?:" + START + rb"(?:ntpd\s[^\x00\n;&|]{0,60}-p\s{0,3}|ntpdate\s(?:-[\w]{1,3}\s){0,4}|"
        rb"ntpclient\s[^\x00\n;&|]{0,60}-h\s{0,3})"
        rb"|ntp[_.-]?(?:server|host|addr)\w{0,12}[\"'\]]?(?:\s{0,4}[=:]\s{0,4}|\s{1,8})"
        rb"[\"'\[]?)" + HOST, endpoint=True,
    ),
    rule(
        "dns-server", _DATA, "asks a name server",
        "nameserver|dns_server|dnsserver|dns1|dns2|option dns|_dns=|dns=|dns_1|dns_2",
        rb"(?:^\s{0,8}nameserver\s{1,8}|(?:^|\s)(?:option\s{1,4})?(?:primary|secondary|wan_|"
        rb"lan_)?dns[_.]?(?:server|[12])?\w{0,8}[\"'\]]?(?:\s{0,4}=\s{0,4}|\s{1,4})[\"'\[]?)"
        + HOST, endpoint=True,
    ),
    rule(
        "syslog-server", _DATA, "sends its log",
        "syslogd|syslog_|syslogserver|log_server|logserver|log_host|loghost|log_ip|log_remote|logger -|.* @|.*\t@",
        rb"(?:" + START + rb"syslogd\s[^\x00\n;&|]{0,80}-R\s{0,3}|logger\s[^\x00\n;&|]{0,60}-n\s{0,3}|"
        rb"(?:sys)?log_?(?:server|host|ip|remote)\w{0,10}[\"'\]]?"
        rb"\s{0,4}[=:]\s{0,4}[\"']?|^[\w*,;.!=]{1,60}\s{1,16}@@?)" + HOST, endpoint=True,
    ),
    rule(
        "hard-coded-credentials", ADMIN, "a password stands beside the endpoint", "://",
        rb"(?P<scheme>[a-z][a-z0-9+.-]{1,12})://(?P<user>[^\s:/@\"'<>\x00%{$]{1,64})"
        rb":[^\s/@\"'<>\x00%{$*]{1,64}@" + HOST, endpoint=True,
        never_in=BINARY_TEXT, needs="@",
    ),
    rule(
        "hard-coded-credentials", ADMIN, "a password stands beside the endpoint",
        "ftpget|ftpput|mosquitto_|sshpass|lftp",
        rb"(?=[^\x00\n]{0,200}(?:\s-P\s{0,2}|\s-p\s{0,2}|--password[= ]|--passwd[= ]|sshpass\s)[^\s$%-])"
        rb"(?:ftpget|ftpput|mosquitto_[ps]ub|sshpass|lftp)"
        rb"\s[^\x00\n;&|]{0,160}?(?<=[\s@])" + HOST + rb"(?=\s|:|$)", endpoint=True,
    ),
)  # fmt: skip
