import importlib.util
import marshal
import plistlib
import subprocess
from time import process_time

import pytest

from inspector.extract.leaf import leaf_format as format_of
from inspector.extract.mobile.apple import BinaryPlist
from inspector.formats.program import marshalled
from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context, Kind, Presence
from inspector.scan import SCANNERS, scan_leaf
from inspector.scan.base import ScanNotes
from inspector.scan.places.binary import BytecodePlacer
from inspector.scan.places.text import JsonPlacer
from tests.builders.elf import Elf
from tests.formats.original import tool


def place(content, leaf_format, inner="/etc/x"):
    leaf = Artifact("fw", leaf_format, inner.rpartition("/")[2], "fw", inner)
    endpoints = [s for s in SCANNERS if s.INFO.name == "endpoints"]
    return scan_leaf(leaf, BufferReader(content), endpoints, ScanNotes())[0]


@pytest.mark.parametrize(
    ("leaf_format", "content", "key"),
    [
        ("config", b"[cloud]\nserver_host = m.tuyacn.com\n", "server_host"),
        ("config", b"config timeserver 'ntp'\n\tlist server 'ntp.tuyacn.com'\n", "server"),
        ("config", b"nameserver 114.114.114.114\n", "nameserver"),
        ("config", b"\tproxy_pass http://up.tuyacn.com;\n", "proxy_pass"),
        ("config", b"mqtt:\n  broker: m.tuyacn.com\n", "broker"),
        (
            "config",
            b"InternetGatewayDevice.ManagementServer.URL=http://acs.chinamobile.com:9090/\n",
            "InternetGatewayDevice.ManagementServer.URL",
        ),
        ("json", b'{"a": {"api_host": "m.tuyacn.com"}}', "api_host"),
        ("json", b'{"hosts": ["m.tuyacn.com"]}', "hosts"),
        ("xml", b'<r><string name="api_host">m.tuyacn.com</string></r>', "string/api_host"),
        ("xml", b"<dict><key>Endpoint</key><string>m.tuyacn.com</string></dict>", "Endpoint"),
        ("xml", b'<server url="http://m.tuyacn.com/"/>', "url"),
        ("xml", b'<allow-navigation href="https://*.m.tuyacn.com/*"/>', "href"),
        ("json", b'{"icons": ["file:///*", "http://localhost/*"], "matches": ["https://m.tuyacn.com/*"]}', "matches"),
        ("data", b"\x00bootcmd=x\x00serverip=47.1.2.3\x00", "serverip"),
    ],
)
def test_names_the_key(leaf_format, content, key):
    sighting = place(content, leaf_format)
    assert (sighting.key, sighting.context, sighting.presence) == (key, Context.CONFIG, Presence.CONFIGURED)


def test_a_variable_ends_with_its_line():
    found = place(b"\x00bootcmd=x\n47.1.2.3\x00", "data")
    assert (found.key, found.context) == ("", Context.CODE)


@pytest.mark.parametrize("leaf_format", ["javascript", "config"])
def test_an_open_comment_is_documentation(leaf_format):
    found = place(b'a = "https://*.x.org/*"\n/* old\nhost = "https://m.tuyacn.com/"\n', leaf_format)
    assert (found.context, found.key) == (Context.DOCUMENTATION, "comment")


def keys(content, leaf_format="config", inner="/etc/x"):
    leaf = Artifact("fw", leaf_format, inner.rpartition("/")[2], "fw", inner)
    endpoints = [s for s in SCANNERS if s.INFO.name == "endpoints"]
    found = scan_leaf(leaf, BufferReader(content), endpoints, ScanNotes())
    assert all((s.context, s.presence) == (Context.CONFIG, Presence.CONFIGURED) for s in found)
    return {s.observable.value: s.key for s in found}


MANAGEMENT = "InternetGatewayDevice.ManagementServer.URL"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            b"server {\n  server_name a.tuyacn.com b.tuyacn.com;\n}\n"
            b"upstream up {\n  server c.tuyacn.com:81 weight=5;\n}\n",
            {"a.tuyacn.com": "server_name", "b.tuyacn.com": "server_name", "c.tuyacn.com": "server"},
            id="nginx",
        ),
        pytest.param(
            b"server=/a.tuyacn.com/223.5.5.5\nserver=114.114.114.114#53\naddress=/b.tuyacn.com/47.1.2.3\n",
            {
                "a.tuyacn.com": "server",
                "223.5.5.5": "server",
                "114.114.114.114": "server",
                "b.tuyacn.com": "address",
                "47.1.2.3": "address",
            },
            id="dnsmasq",
        ),
        pytest.param(
            b"47.1.2.3\ta.tuyacn.com b.tuyacn.com\n2408:4000::1 c.tuyacn.com\n",
            {
                "47.1.2.3": "",
                "2408:4000::1": "",
                "a.tuyacn.com": "47.1.2.3",
                "b.tuyacn.com": "47.1.2.3",
                "c.tuyacn.com": "2408:4000::1",
            },
            id="hosts",
        ),
        pytest.param(
            b"search tuyacn.com\nnameserver 114.114.114.114\noptions timeout:1\n",
            {"tuyacn.com": "search", "114.114.114.114": "nameserver"},
            id="resolv.conf",
        ),
        pytest.param(
            b"driftfile /var/ntp\nserver a.tuyacn.com iburst\npool b.tuyacn.com iburst maxsources 4\npeer 47.1.2.3\n",
            {"a.tuyacn.com": "server", "b.tuyacn.com": "pool", "47.1.2.3": "peer"},
            id="ntp and chrony",
        ),
        pytest.param(
            b"connection bridge1\naddress a.tuyacn.com:8883 b.tuyacn.com:1883\ntopic # both\n",
            {"a.tuyacn.com": "address", "b.tuyacn.com": "address"},
            id="mosquitto",
        ),
        pytest.param(
            b"mqtt:\n  port: 1883\n  brokers:\n    - a.tuyacn.com\n    - 'b.tuyacn.com'\n  spare: [c.tuyacn.com]\n",
            {"a.tuyacn.com": "brokers", "b.tuyacn.com": "brokers", "c.tuyacn.com": "spare"},
            id="yaml lists",
        ),
        pytest.param(b"[mqtt]\nbroker=a.tuyacn.com:1883\n", {"a.tuyacn.com": "broker"}, id="ini"),
        pytest.param(
            b'set ManagementServer.URL "http://acs.tuyacn.com"\n',
            {"acs.tuyacn.com": "ManagementServer.URL", "http://acs.tuyacn.com": "ManagementServer.URL"},
            id="a setting by command",
        ),
    ],
)
def test_names_the_key_of_each_value_in_a_configuration(content, expected):
    assert keys(content) == expected


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("<ManagementServer><URL>http://acs.tuyacn.com/</URL></ManagementServer>", "URL"),
        (f'<Param name="{MANAGEMENT}" value="http://acs.tuyacn.com/"/>', MANAGEMENT),
        (f"<P><Name>{MANAGEMENT}</Name>\n <Value>http://acs.tuyacn.com/</Value></P>", MANAGEMENT),
    ],
)
def test_names_the_parameter_of_a_data_model(content, key):
    assert set(keys(content.encode(), "xml").values()) == {key}


def test_types_in_the_description_of_a_swift_module_are_no_hosts():
    content = b'{"ABIRoot": {"printedName": "Foundation.Data", "value": "https://m.tuyacn.com/x"}}'
    leaf = Artifact("sdk", "json", "Sdk.swiftmodule/arm64-apple-ios.abi.json")
    found = scan_leaf(leaf, BufferReader(content), SCANNERS, ScanNotes())
    assert {s.observable.value for s in found} == {"m.tuyacn.com", "https://m.tuyacn.com/x"}


def test_names_the_broker_of_a_list_in_json():
    found = keys(b'{"mqtt": {"port": 8883, "topics": ["a:b"], "brokers": ["a.tuyacn.com", "b.tuyacn.com"]}}', "json")
    assert found == {"a.tuyacn.com": "brokers", "b.tuyacn.com": "brokers"}


def test_names_the_key_in_a_binary_property_list():
    settings = plistlib.dumps({"Url": "a.tuyacn.com", "Hosts": ["b.tuyacn.com"]}, fmt=plistlib.FMT_BINARY)
    (member,) = BinaryPlist().unpack(BufferReader(settings)).members
    rendered = bytes(member.open(1 << 20).all())
    assert keys(rendered, member.format) == {"a.tuyacn.com": "Url", "b.tuyacn.com": "Hosts"}


def test_names_the_dictionary_that_a_host_is_a_key_of():
    relaxed = {"NSExceptionAllowsInsecureHTTPLoads": True}
    domains = {"a.tuyacn.com": relaxed, "b.tuyacn.com": {}}
    settings = plistlib.dumps({"Before": {"x": "y"}, "NSAppTransportSecurity": {"NSExceptionDomains": domains}})
    settings = settings.partition(b'.dtd">')[2]
    assert keys(settings, "xml") == dict.fromkeys(domains, "NSExceptionDomains")


@pytest.mark.parametrize(
    ("leaf_format", "content", "key"),
    [
        ("shell", b"URL='http://m.tuyacn.com/fw'\n", "URL"),
        ("shell", b"wget http://m.tuyacn.com/fw\n", "wget"),
        ("javascript", b'var a={baseURL:"https://m.tuyacn.com"}', "baseURL"),
        ("javascript", b'fetch("https://m.tuyacn.com")', "fetch"),
    ],
)
def test_code_uses_its_constants(leaf_format, content, key):
    sighting = place(content, leaf_format)
    assert (sighting.key, sighting.context, sighting.presence) == (key, Context.CODE, Presence.REFERENCED)


@pytest.mark.parametrize(
    ("leaf_format", "content", "inner"),
    [
        ("config", b"# see http://m.tuyacn.com/\n", "/etc/x"),
        ("javascript", b"/* by http://m.tuyacn.com/ */", "/www/x.js"),
        ("xml", b'<a xmlns:t="http://m.tuyacn.com/ns">', "/x.xml"),
        ("text", b"http://m.tuyacn.com/", "/usr/share/doc/x/README"),
        ("elf", b"http://www.w3.org/2001/XMLSchema", "/bin/x"),
        ("data", b"http://m.tuyacn.com", "/LICENSE.txt"),
    ],
)
def test_documentation_is_told_apart(leaf_format, content, inner):
    assert place(content, leaf_format, inner).context is Context.DOCUMENTATION


@pytest.mark.parametrize(
    ("content", "leaf_format", "blocked"),
    [
        (b"0.0.0.0 m.tuyacn.com\n", "text", True),
        (b"127.0.0.1\tlocal.lan m.tuyacn.com # no\n", "text", True),
        (b"::1 m.tuyacn.com\n", "config", True),
        (b"address=/m.tuyacn.com/0.0.0.0\n", "config", True),
        (b"address=/m.tuyacn.com/#\n", "config", True),
        (b"local=/m.tuyacn.com/\n", "config", True),
        (b'local-zone: "m.tuyacn.com" always_nxdomain\n', "config", True),
        (b"iptables -A OUTPUT -p tcp -d 47.1.2.3 -j DROP\n", "shell", True),
        (b"-A FORWARD -d 47.1.2.3/32 -j REJECT\n", "text", True),
        (b"nft add rule inet f o ip daddr 47.1.2.3 counter drop\n", "shell", True),
        (b"ip route add blackhole 47.1.2.3\n", "shell", True),
        (b"ufw deny out to 47.1.2.3\n", "shell", True),
        (b"||m.tuyacn.com^$third-party\n", "text", True),
        (b"m.tuyacn.com##.ad\n", "text", True),
        (b"@@||m.tuyacn.com^\n", "text", False),
        (b"a || m.tuyacn.com\n", "text", False),
        (b"47.1.2.3 update.lan\n", "text", False),
        (b"m.tuyacn.com 0.0.0.0\n", "text", False),
        (b"listen 0.0.0.0 connect m.tuyacn.com\n", "text", False),
        (b"0.0.0.0 m.tuyacn.com.evil.cn\n", "text", True),
        (b"server=/m.tuyacn.com/#\n", "config", False),
        (b"server=/m.tuyacn.com/8.8.8.8\n", "config", False),
        (b"address=/m.tuyacn.com/47.1.2.3\n", "config", False),
        (b"iptables -A OUTPUT -d 47.1.2.3 -j ACCEPT\n", "shell", False),
        (b"iptables -A OUTPUT ! -d 47.1.2.3 -j DROP\n", "shell", False),
        (b"iptables -A INPUT -j DROP; wget -d 47.1.2.3 -j x\n", "shell", False),
        (b"wget -d 47.1.2.3 -j DROP\n", "shell", False),
        (b"ip route add default via 47.1.2.3\n", "shell", False),
    ],
)
def test_what_a_line_blocks_is_no_use_of_it(content, leaf_format, blocked):
    told = {place(content, leaf_format).context for _ in (0,)}
    assert told == ({Context.DOCUMENTATION} if blocked else told - {Context.DOCUMENTATION})


def test_whom_a_crawler_names_as_its_sender_is_documentation():
    agent = b'map $agent { "~Baiduspider/2.0; +http://www.baidu.com/search/spider.html" 1; }\n'
    assert place(agent, "config").context is Context.DOCUMENTATION
    assert place(b"url = base +http://www.baidu.com/x\n", "config").context is Context.CONFIG


@pytest.mark.parametrize(
    ("content", "leaf_format", "context"),
    [
        (
            b'request.agent = "Mozilla/5.0 (compatible; Bot/1.0; +http://m.tuyacn.com/bot)";\n',
            "javascript",
            "documentation",
        ),
        (b"const agent = `${pkg.name}/${pkg.version} (+http://m.tuyacn.com/bot)`;\n", "javascript", "documentation"),
        (b'agent = "Bot/2.0; +http://m.tuyacn.com/bot"\n', "script", "documentation"),
        (b'sync("-local,+http://m.tuyacn.com/x");\n', "javascript", "code"),
        (b"MIRRORS='/srv;+http://m.tuyacn.com/x'\n", "shell", "code"),
        (b'wget "$1",+http://m.tuyacn.com/x\n', "shell", "code"),
    ],
)
def test_what_a_program_uses_is_no_crawlers_sender(content, leaf_format, context):
    assert place(content, leaf_format).context is Context(context)


@pytest.mark.parametrize(
    ("content", "context"),
    [
        (b'e[4] = "Bad DNS server, use another. <br> for example: 47.1.2.3.";\n', Context.DOCUMENTATION),
        (b'e[5] = "Invalid address, input one such as 47.1.2.3.";\n', Context.DOCUMENTATION),
        (b'e[6] = "Enter a server, e.g. mqtt://m.tuyacn.com";\n', Context.DOCUMENTATION),
        (b'example = "47.1.2.3";\n', Context.CODE),
        (b'e[1] = "no key for it, see http://m.tuyacn.com/faq";\n', Context.DOCUMENTATION),
        (b'e[1] = "Oversee http://m.tuyacn.com/faq";\n', Context.CODE),
        (b'see = "http://m.tuyacn.com/faq";\n', Context.CODE),
        (b'e[7] = "for example"; s = "47.1.2.3";\n', Context.CODE),
    ],
)
def test_what_a_sentence_gives_as_an_example_is_no_use_of_it(content, context):
    assert place(content, "javascript", "/web/err.js").context is context


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_the_help_of_the_uefi_shell_shows_commands_behind_its_prompt(encoding):
    shown = "    fs0:\\> ping -s 202.120.100.12 202.120.100.1\r\n"
    leaf = Artifact("fw", "data", "shell.efi", "fw", "/shell.efi")
    endpoints = [s for s in SCANNERS if s.INFO.name == "endpoints"]
    for text, context in ((shown, Context.DOCUMENTATION), (shown.replace("fs0:\\>", "run"), Context.CODE)):
        found = scan_leaf(leaf, BufferReader(text.encode(encoding)), endpoints, ScanNotes())
        assert {(s.observable.value, s.context) for s in found} == {
            ("202.120.100.12", context),
            ("202.120.100.1", context),
        }


def test_the_help_pages_of_a_device_are_documentation():
    page = b"<p>If the WAN address of your router is 47.1.2.3</p>"
    assert place(page, "html", "/web/help/remote/WanHelp.htm").context is Context.DOCUMENTATION
    assert place(b'var s = "47.1.2.3";', "javascript", "/web/help/ask.js").context is Context.CODE


@pytest.mark.parametrize(
    "name", ["oh-package-lock.json5", "node_modules/.package-lock.json", "yarn.lock", "x/build.gradle", "x/pom.xml"]
)
def test_where_a_builder_fetched_packages_from_is_documentation(name):
    record = b'{"resolved": "https://ohpm.openharmony.cn/ohpm/@ohos/hypium/-/hypium-1.0.19.har"}'
    assert place(record, "json", f"/app/{name}").context is Context.DOCUMENTATION
    for beside in ("package.json", "composer.json"):
        assert place(record, "json", f"/app/{beside}").context is not Context.DOCUMENTATION


@pytest.mark.parametrize("name", ["/hm-1.4.dist-info/METADATA", "/hm.egg-info/PKG-INFO", "/hm-1.4/PKG-INFO"])
def test_the_readme_inside_the_metadata_of_a_python_package_is_documentation(name):
    described = b"Name: hm\n\nGet the tools at https://developer.huawei.com/consumer/cn/download/\n"
    assert place(described, "text", name).context is Context.DOCUMENTATION
    assert place(described, "text", "/app/metadata").context is not Context.DOCUMENTATION


@pytest.mark.parametrize(
    "member",
    [
        b'"homepage": "https://www.tuyacn.com/sdk"',
        b'"author": {"name": "W", "url": "https://m.tuyacn.com"}',
        b'"repository": {"type": "git", "url": "https://git.tuyacn.com/x.git"}',
        b'"publishConfig": {"registry": "https://npm.tuyacn.com/"}',
        b'"dependencies": {"x": "https://npm.tuyacn.com/x.tgz"}',
    ],
)
def test_who_made_a_package_and_from_what_is_documentation(member):
    described = b'{"name": "x", "build": {"publish": [{"repository": "y"}]}, %s, "main": "x.js"}' % member
    assert place(described, "json", "/node_modules/x/package.json").context is Context.DOCUMENTATION
    assert place(described, "json", "/etc/cloud.json").context is Context.CONFIG


def test_what_the_program_of_a_package_reads_is_configuration():
    described = b'{"author": "W {", "build": {"publish": {"homepage": "https://up.tuyacn.com/win"}}, "bugs": []}'
    assert place(described, "json", "/app/package.json").context is Context.CONFIG


@pytest.mark.parametrize("content", [b'{"' + b'\\"' * (1 << 18), b'{"a":' * (1 << 16), b'"' * (1 << 18), b'{"\\'])
def test_a_hostile_description_of_a_package_is_read_once(content):
    begun = process_time()
    leaf = Artifact("fw", "json", "package.json", "fw", "/package.json")
    assert JsonPlacer().places(leaf, BufferReader(content), [(0, 1)])[0].context is Context.CONFIG
    assert process_time() - begun < 2


def test_test_data_is_told_apart():
    assert place(b'"m.tuyacn.com"', "javascript", "/lib/tests/x.js").context is Context.TEST_DATA


@pytest.mark.parametrize(
    ("leaf_format", "inner"),
    [
        ("elf", "/usr/bin/licensed"),
        ("elf", "/lib/news.so"),
        ("elf", "/opt/samples/agent"),
        ("elf", "/opt/tests/agent"),
        ("class", "com/vendor/info/Api.class"),
        ("class", "com/vendor/NewsService.class"),
        ("pe", "/docs/setup.exe"),
        ("macho", "Payload/License.app/LicenseManager"),
        ("javascript", "/www/notices.js"),
        ("shell", "/usr/sbin/license-check.sh"),
        ("config", "/etc/license.conf"),
        ("data", "/firmware/news.bin"),
    ],
)
def test_what_is_run_or_set_is_no_documentation_for_its_name(leaf_format, inner):
    assert place(b"\0m.tuyacn.com\0", leaf_format, inner).context is not Context.DOCUMENTATION
    assert place(b"\0m.tuyacn.com\0", leaf_format, inner).context is not Context.TEST_DATA


def test_what_a_kernel_module_says_of_itself_is_documentation():
    author = b"author=LSZ <www.tplink.com.cn>\0license=GPL\0"
    module = Elf(rodata=b"\0m.tuyacn.com\0", extra={".modinfo": author}).build()
    found = {s.observable.value: (s.key, s.context) for s in _all(module) if s.observable.kind is Kind.HOSTNAME}
    assert found == {
        "m.tuyacn.com": (".rodata", Context.CODE),
        "www.tplink.com.cn": (".modinfo", Context.DOCUMENTATION),
    }


def test_elf_section_is_the_key():
    with open("/bin/sh", "rb") as file:
        content = file.read()
    if content[:4] != b"\x7fELF":
        pytest.skip("no ELF shell here")
    from inspector.formats.program.elf import open_elf

    rodata = next(s for s in open_elf(BufferReader(content)).sections if s.name == ".rodata")
    planted = content[: rodata.start + 16] + b"\x00m.tuyacn.com\x00" + content[rodata.start + 30 :]
    found = [s for s in _all(planted) if s.observable.value == "m.tuyacn.com"]
    assert [s.key for s in found] == [".rodata"]


def _all(content):
    return scan_leaf(Artifact("fw", "elf", "sh"), BufferReader(content), SCANNERS, ScanNotes())


LUA = """
local host = "a.tuyacn.com"
function f() return "https://b.tuyacn.com/v1", "c.tuyacn.com", "d.tuyacn.com", 7 end
print(host .. ":1883", "e.tuyacn.com:8883")
"""


@pytest.mark.packers
@pytest.mark.parametrize("compiler", ["luac5.1", "luac5.3", "luac5.4"])
def test_constants_of_lua_bytecode_have_their_borders(compiler, tmp_path):
    (tmp_path / "x.lua").write_text(LUA)
    subprocess.run([tool(compiler), "-s", "-o", str(tmp_path / "x.luac"), str(tmp_path / "x.lua")], check=True)
    leaf = Artifact("fw", "luac", "x.luac")
    endpoints = [s for s in SCANNERS if s.INFO.name == "endpoints"]
    found = scan_leaf(leaf, BufferReader((tmp_path / "x.luac").read_bytes()), endpoints, ScanNotes())
    assert {(s.key, s.presence) for s in found} == {("constants", Presence.REFERENCED)}
    assert {s.observable.value for s in found} == {
        *(f"{letter}.tuyacn.com" for letter in "abcde"),
        "https://b.tuyacn.com/v1",
    }


PYTHON = """
HOST = "a.tuyacn.com"
def f():
    return "https://b.tuyacn.com/v1", "c.tuyacn.com", "d.tuyacn.com", 7, "e.tuyacn.com:8883"
"""


def test_constants_of_python_bytecode_have_their_borders():
    content = importlib.util.MAGIC_NUMBER + bytes(12) + marshal.dumps(compile(PYTHON, "x.py", "exec"))
    leaf = Artifact("fw", "pyc", "x.pyc")
    found = scan_leaf(leaf, BufferReader(content), SCANNERS, ScanNotes())
    assert {s.observable.value: (s.key, s.context, s.presence) for s in found} == dict.fromkeys(
        ["https://b.tuyacn.com/v1", *(f"{letter}.tuyacn.com" for letter in "abcde")],
        ("constants", Context.CODE, Presence.REFERENCED),
    )


@pytest.mark.parametrize(("before", "prefix"), [(b" //", 0), (b"z", 1), (b"\xda", 1)])
def test_a_letter_inside_of_a_text_is_no_length_in_front_of_it(before, prefix):
    """The `w` of `//www.` is the number 119, and as many printable characters may well stand behind it."""
    content = before + b"www.tuyacn.com/" + b"s" * 105 + b" "
    span = (len(before), len(before) + len("www.tuyacn.com"))
    (place,) = BytecodePlacer().places(Artifact("fw", "pyc", "x.pyc"), BufferReader(content), [span])
    assert place.prefix == prefix


@pytest.mark.parametrize("name", ["a.js", "a.min.js"])
def test_a_short_first_line_of_a_text_is_no_magic_of_bytecode(name):
    content = b"/*\r\n  html2canvas 0.4.1 <http://html2canvas.hertzen.com>\r\n*/\r\n" + b"var z = 1;\r\n" * 9
    assert format_of(BufferReader(content), name) == "javascript"
    bytecode = importlib.util.MAGIC_NUMBER + bytes(12) + marshal.dumps(compile(PYTHON, "x.py", "exec"))
    assert format_of(BufferReader(bytecode), "a.bin") == "pyc"


def test_lengths_that_claim_too_much_cost_and_give_nothing():
    for head in (b"s\xff\xff\x0f\x00", b"z\xff", b"u\x10\x00\x00\x00"):
        assert all(end <= len(head) * 9000 for _, end in _spans(head * 9000))


def _spans(content):
    return [(text.start, text.end) for text in marshalled.texts(BufferReader(content))]


@pytest.mark.parametrize(
    ("line", "context"),
    [
        (b"*/5 * * * * curl -s http://m.tuyacn.com/x\n", Context.CONFIG),
        (b"* 3 * * 1-5 wget http://m.tuyacn.com/x\n", Context.CONFIG),
        (b"//m.tuyacn.com/share /mnt cifs guest 0 0\n", Context.CONFIG),
        (b"--remote m.tuyacn.com\n", Context.CONFIG),
        (b" * see m.tuyacn.com\n", Context.DOCUMENTATION),
        (b"* 1 see m.tuyacn.com\n", Context.DOCUMENTATION),
        (b"// see m.tuyacn.com\n", Context.DOCUMENTATION),
        (b"-- see m.tuyacn.com\n", Context.DOCUMENTATION),
    ],
)
def test_a_schedule_a_share_and_an_option_are_no_comments(line, context):
    assert place(line, "config").context is context


@pytest.mark.parametrize("text", ["api.first-vendor.tuyacn.com", "api.third.tuyacn.com/路径abc"])
def test_the_length_before_an_ark_string_is_no_part_of_the_host(text):
    endpoints = [s for s in SCANNERS if s.INFO.name == "endpoints"]
    # The length in UTF-16 units, doubled, plus one where all is ASCII; then the text and a zero.
    content = b"\0" + bytes([len(text) << 1 | text.isascii()]) + text.encode() + b"\0"
    found = scan_leaf(Artifact("fw", "ark-bytecode", "m.abc"), BufferReader(content), endpoints, ScanNotes())
    assert {one.observable.value for one in found} == {text.split("/")[0]}


@pytest.mark.parametrize("leaf_format", ["data", "jks", "pe", "elf", "a format without a placer"])
def test_a_name_in_a_certificate_is_one_in_every_format(leaf_format):
    body = b"\xa0\x03\x02\x01\x02\x02\x01\x01" + b"\x82\x0esan.tuyaeu.com" + b"\0" * 300
    inner = b"\x30\x82" + len(body).to_bytes(2, "big") + body
    assert place(b"\x30\x82" + len(inner).to_bytes(2, "big") + inner, leaf_format).context is Context.CERTIFICATE


@pytest.mark.parametrize("tag", [b"\x0c", b"\x13", b"\x16"])
def test_the_holder_that_a_signature_names_is_no_use_of_a_host(tag):
    name = b"\x06\x03\x55\x04\x03" + tag + b"\x0esan.tuyaeu.com"
    assert place(b"\x30\x17" + name + b"\x02\x01", "data").context is Context.CERTIFICATE
    assert place(b"\x30\x17" + name[:6] + b"\x01xxx=san.tuyaeu.com\x02\x01", "data").context is not Context.CERTIFICATE


@pytest.mark.parametrize(
    "content",
    [
        b'if [ "$h" = m.tuyacn.com ]; then\n',
        b'if [ "$h" == "m.tuyacn.com" -o -z "$h" ]; then\n',
        b"[[ $h == *.tuyacn.com ]] && exit 1\n",
        b'[ "m.tuyacn.com" != "$h" ] || exit\n',
        b'test "$u" = "http://m.tuyacn.com/a" && exit\n',
        b"case $h in\n *.tuyacn.com)\n exit 1;;\nesac\n",
        b'case "$h" in a) b;;\n x|"m.tuyacn.com" | y)\n exit 1;;\nesac\n',
        b"case $h in m.tuyacn.com) exit 1;; esac\n",
        b"logread | grep -q m.tuyacn.com && exit 1\n",
        b"grep -v -E 'a.lan|m.tuyacn.com' /tmp/hosts\n",
        b'echo "$h" | egrep -e "^m.tuyacn.com$"\n',
    ],
)
def test_what_a_script_only_compares_is_no_use_of_it(content):
    assert place(content, "shell").context is Context.DOCUMENTATION


@pytest.mark.parametrize(
    "content",
    [
        b'[ "$(curl -s m.tuyacn.com/ip)" = "1" ] && exit\n',
        b'[ "$h" = "" ] && h=m.tuyacn.com\n',
        b'[ -z "$h" ] && ping -c 1 m.tuyacn.com ]\n',
        b"case $r in\n cn) curl m.tuyacn.com;;\nesac\n",
        b"case $r in\n cn) H=m.tuyacn.com ;;\nesac\n",
        b"case $r in\n cn)\n curl -s -o x \\\n m.tuyacn.com)\n",
        b"x=$(nslookup\n m.tuyacn.com)\n",
        b"grep -q ok /tmp/x || wget m.tuyacn.com\n",
        b"grep -q ok m.tuyacn.com\n",
        b"curl m.tuyacn.com | grep ok\n",
        b"for h in m.tuyacn.com; do ping $h; done\n",
    ],
)
def test_what_a_script_does_beside_a_comparison_is_use(content):
    assert place(content, "shell").context is Context.CODE


@pytest.mark.parametrize("content", [b'[ "$h" = "m.tuyacn.com" ]\n', b'x = ["m.tuyacn.com"]\n'])
def test_only_a_shell_compares_in_brackets(content):
    assert place(content, "javascript").context is Context.CODE


@pytest.mark.parametrize(
    ("content", "blocked"),
    [
        (b"DOMAIN-SUFFIX,m.tuyacn.com,REJECT\n", True),
        (b"  - DOMAIN,m.tuyacn.com,REJECT-DROP\n", True),
        (b"host-suffix, m.tuyacn.com, reject\n", True),
        (b"address /m.tuyacn.com/#\n", True),
        (b"DOMAIN-SUFFIX,m.tuyacn.com,DIRECT\n", False),
        (b"DOMAIN,m.tuyacn.com,Proxy\n", False),
        (b"address /m.tuyacn.com/47.1.2.3\n", False),
    ],
)
def test_rules_of_proxies_block_or_lead(content, blocked):
    assert (place(content, "config").context is Context.DOCUMENTATION) is blocked


TRACKERS = b'"a.umeng.com", "b.getui.com", "c.jpush.cn", "d.doubleclick.net", "e.adjust.com", "m.tuyacn.com"'


def contexts(content, leaf_format="json"):
    leaf = Artifact("fw", leaf_format, "x.json", "fw", "/assets/x.json")
    endpoints = [s for s in SCANNERS if s.INFO.name == "endpoints"]
    found = scan_leaf(leaf, BufferReader(content), endpoints, ScanNotes())
    return {s.context for s in found if "tuyacn" in s.observable.value}


@pytest.mark.parametrize(
    "content",
    [
        b'{"block": [%s]}' % TRACKERS,
        b'{"a": {"blocked_domains": {"list": [%s]}}}' % TRACKERS,
        b'{"trackers": [%s], "update": "https://up.example.net"}' % TRACKERS,
        b'{"adRules": ["||a.umeng.com^", "||b.getui.com^", "*.jpush.cn", ".adjust.com", "||m.tuyacn.com^"]}',
        b'{"denyList": {"a.umeng.com": 1, "b.getui.com": 1, "c.jpush.cn": 1, "d.adjust.com": 1, "m.tuyacn.com": 1}}',
        b'{"trackers": {"1": {"network_signature": "a\\\\.lan|m.tuyacn.com", "website": "https://w.tuyacn.com"}}}',
        b'[{"id": 1, "action": {"type": "block"}, "condition": {"urlFilter": "||m.tuyacn.com^"}}]',
        b'{"rules": [{"type": "field", "outboundTag": "block", "domain": ["geosite:ads", "domain:m.tuyacn.com"]}]}',
        b'{"rules": [{"domain_suffix": ["m.tuyacn.com"], "action": "reject"}]}',
        b'{"trackers": {%s}}'
        % b",".join(b'%s: {"domain": %s, "default": "block"}' % (h, h) for h in TRACKERS.split(b", ")),
        b"[%s]" % b",".join(b'{"name": "x", "action": "block", "domains": ["%s"]}' % h for h in (b"m.tuyacn.com",)),
    ],
)  # fmt: skip
def test_a_json_list_of_what_is_blocked_is_no_use_of_it(content):
    assert contexts(content) == {Context.DOCUMENTATION}


@pytest.mark.parametrize(
    "content",
    [
        b'{"allow": [%s]}' % TRACKERS,
        b'{"block": {"whitelist": [%s]}}' % TRACKERS,
        b'{"rules": {"bootstrap_servers": [%s]}}' % TRACKERS,
        b'{"trackers": [%s]}' % TRACKERS.replace(b', "', b', "udp://'),
        b'{"trackers": ["m.tuyacn.com"]}',
        b'{"block": ["m.tuyacn.com", "a.tuyacn.com", "b.tuyacn.com", "c.tuyacn.com", "d.tuyacn.com", "e.tuyacn.com"]}',
        b'{"block": [%s], "api": "https://m.tuyacn.com"}' % TRACKERS.replace(b', "m.tuyacn.com"', b', "z.moatads.com"'),
        b'{"unblock": [%s]}' % TRACKERS,
        b'{"blockchain": [%s]}' % TRACKERS,
        b'{"rules": [{"type": "field", "outboundTag": "proxy", "domain": ["domain:m.tuyacn.com"]}]}',
        b'{"action": "block", "report": {"upload": "https://m.tuyacn.com/up"}}',
        b'{"action": "block", "server": "m.tuyacn.com"}',
        b'{"trackers": {"report_url": "https://m.tuyacn.com", "list": [%s]}}'
        % TRACKERS.replace(b', "m.tuyacn.com"', b', "z.moatads.com"'),
        b'{"hosts": [%s]}' % TRACKERS,
    ],
)
def test_a_json_list_of_what_is_used_stays_one(content):
    assert contexts(content) == {Context.CONFIG}


@pytest.mark.parametrize(
    "piece",
    [b'{"block":', b'["a.cn",', b'"\\"', b'"block":["a.cn"],', b'{"action":"block"},', b"[", b'"trackers"', b"]"],
)
def test_hostile_json_lists_cost_linear_time(piece):
    def seconds(size: int) -> float:
        began = process_time()
        contexts(piece * (size // len(piece)))
        return process_time() - began

    seconds(1000)
    assert seconds(120_000) < 16 * max(seconds(30_000), 0.02)
