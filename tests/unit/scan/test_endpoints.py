import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.formats.reader import WINDOW, BufferReader, MappedReader, Piece
from inspector.model.artifact import Artifact
from inspector.model.knowledge import Anchors
from inspector.model.observation import Kind
from inspector.scan.base import ScanNotes
from inspector.scan.endpoint.candidates import QUAD_BEFORE, QUAD_BEHIND, examine
from inspector.scan.endpoint.endpoints import EndpointScanner
from inspector.scan.endpoint.rejection import REASONS
from inspector.scan.sweep import IPV4
from tests.unit.scan.conftest import SCANNER, scan


@pytest.mark.parametrize(
    ("content", "kind", "value"),
    [
        (b"mqtt.tuyacn.com", "hostname", "mqtt.tuyacn.com"),
        (b"\x00\x01mqtt.tuyacn.com\x00", "hostname", "mqtt.tuyacn.com"),
        (b"server=A1.TuyaEU.com:8883\n", "hostname", "a1.tuyaeu.com"),
        (b"local=/.p2p.xmcsrv.net/", "hostname", "p2p.xmcsrv.net"),
        (b"shop.a.co.uk ", "hostname", "shop.a.co.uk"),
        (b"the host cloud.hik-connect.com.", "hostname", "cloud.hik-connect.com"),
        (b"%s.iotbing.com", "hostname", "iotbing.com"),
        (b"%s-eu.iotbing.com", "hostname", "iotbing.com"),
        (b'"{service}-eu.iotbing.com"', "hostname", "iotbing.com"),
        (b'"{service}.iotbing.com"', "hostname", "iotbing.com"),
        (b"${region}.iotbing.com", "hostname", "iotbing.com"),
        (b'"{service}.global.api.aws"', "hostname", "global.api.aws"),
        (b"\0{service}-fips.{region}.api.aws\0", "hostname", "api.aws"),
        (b'"${env}.api.vendor.io"', "hostname", "api.vendor.io"),
        (b'"%s.api.vendor.dev"', "hostname", "api.vendor.dev"),
        (b'"%(region)s.push.vendor.app"', "hostname", "push.vendor.app"),
        (b'"%(region)s-eu.iotbing.com"', "hostname", "iotbing.com"),
        (rb"a\nwww.dahuasecurity.com", "hostname", "www.dahuasecurity.com"),
        ("\u5b98\u7f51www.hikvision.com\u3002".encode(), "hostname", "www.hikvision.com"),
        ("\u5b98\u7f51www.hikvision.com\u3002".encode("gbk"), "hostname", "www.hikvision.com"),
        ("http://\u4f8b\u5b50.\u4e2d\u56fd/".encode(), "hostname", "xn--fsqu00a.xn--fiqs8s"),
        ("https://\u0430pi.tuyacn.com/".encode(), "hostname", "xn--pi-6kc.tuyacn.com"),
        (b"xn--fsqu00a.xn--fiqs8s\n", "hostname", "xn--fsqu00a.xn--fiqs8s"),
        ("host=b\u00fccher.tuyacn.com\n".encode(), "hostname", "xn--bcher-kva.tuyacn.com"),
        (b"mqtts://m1.tuyacn.com:8886/x", "url", "mqtts://m1.tuyacn.com:8886/x"),
        (b"errorhttps://ota.tuyacn.com/v1", "url", "https://ota.tuyacn.com/v1"),
        (b"https://ota.tuyacn.comhttps://b.tuyacn.com/", "url", "https://ota.tuyacn.com"),
        (b"https://ota.tuyacn.comhttps://b.tuyacn.com/", "hostname", "ota.tuyacn.com"),
        (b"https://ota.tuyacn.comError", "hostname", "ota.tuyacn.com"),
        (rb"\bmqtt\.tuyacn\.com\b", "hostname", "mqtt.tuyacn.com"),
        (rb"^mqtt\.tuyacn\.com$", "hostname", "mqtt.tuyacn.com"),
        (rb'"(.*\\.)?tuyacn\\.com"', "hostname", "tuyacn.com"),
        (b"http://3396469879/x", "ip-address", "202.114.4.119"),
        (b"http://3396469879/x", "url", "http://202.114.4.119/x"),
        (b"http://0xca720477:8080/", "ip-address", "202.114.4.119"),
        (b"http://0312.0162.04.0167/", "ip-address", "202.114.4.119"),
        (b"http://202.114.1143/", "ip-address", "202.114.4.119"),
        (b"http://[::ffff:ca72:477]/", "ip-address", "202.114.4.119"),
        (b"(see http://a.mi.com/x).", "url", "http://a.mi.com/x"),
        (b"rtsp://admin:12345@47.1.2.3:554/ch1", "url", "rtsp://admin:***@47.1.2.3:554/ch1"),
        (b"https://s3.amazonaws.com.cn/x", "hostname", "s3.amazonaws.com.cn"),
        (b"mount -o nolock 202.114.4.119:/pm /mnt", "ip-address", "202.114.4.119"),
        (b"dns 1.2.4.8", "ip-address", "1.2.4.8"),
        (b"route 10.0.0.0/8", "ip-address", "10.0.0.0"),
        (b"\x04t.cn\x00", "hostname", "t.cn"),
        (b"\x00qq.com\x00", "hostname", "qq.com"),
        (b"\x0dsis.jpush.io\x01", "hostname", "sis.jpush.io"),
        # In a certificate the tag of the next sequence, a `0`, follows right behind a URL of a told length.
        (b"0\x1f\x86\x17http://ocsp.tuya.com.cn0\x81\x9f", "url", "http://ocsp.tuya.com.cn"),
        (b"0\x1f\x86\x17http://ocsp.tuya.com.cn0\x81\x9f", "hostname", "ocsp.tuya.com.cn"),
        (b"0\x1f\x86\x1ahttp://ocsp.tuya.com.cn/ca0\x81\x9f", "url", "http://ocsp.tuya.com.cn/ca"),
        (b"prefix 64:ff9b::/96", "ip-address", "64:ff9b::"),
        (b"2a02:ed0:52fe::53", "ip-address", "2a02:ed0:52fe::53"),
        (b"ns = 64:ff9b:1:fffe::192.0.2.33;", "ip-address", "64:ff9b:1:fffe::c000:221"),
        (b"\x00202.114.4.120\x00connect\x00", "ip-address", "202.114.4.120"),
        (b"ifconfig eth0 192.168.1.50 netmask 255.255.255.0 up", "ip-address", "192.168.1.50"),
        (b"allow 2001:db8::, 2408:: and more", "ip-address", "2408::"),
        (b"\x01\0\x08FF02::FB\x01\0\x06FE80::\x01", "ip-address", "ff02::fb"),
        (b"\x01\0\x08FF02::FB\x01\0\x06FE80::\x01", "ip-address", "fe80::"),
        ("\u7f51\u5173fe80::1\u3002".encode(), "ip-address", "fe80::1"),
        ("\u524d\u7f002408::/20".encode(), "ip-address", "2408::"),
        ("\u4ea7202.96.1.7\u3002".encode(), "ip-address", "202.96.1.7"),
        (b">Www.Abc.Tv<", "hostname", "www.abc.tv"),
        (b"proxy_pass foo-shop.in;", "hostname", "foo-shop.in"),
        (b"Besuchen Sie eWeLink.de oder BeOpen.com", "hostname", "beopen.com"),
        (b"[2408:4000::1]:80", "ip-address", "2408:4000::1"),
        (b"range=[1234::77],\n", "ip-address", "1234::77"),
        (b"subnet '8592:757c:efae:4e45::'", "ip-address", "8592:757c:efae:4e45::"),
        (b"setServers(['4.4.4.4'])", "ip-address", "4.4.4.4"),
        (b"192.168.0.1\x004.4.4.4\x00", "ip-address", "4.4.4.4"),
        (b"<ops@qq.com>", "email", "ops@qq.com"),
        ("\u8bbf\u95eeTaoBao.com\u67e5\u770b".encode(), "hostname", "taobao.com"),
    ],
)
def test_finds(values, content, kind, value):
    assert (kind, value) in values(content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"com.google.android.gms.maps\x00", ""),
        ("\x01\u049e.by<".encode(), ""),
        (b"\x00com.android.email\x00", "class-name"),
        (b"\x00setup.py\x00", "file-name"),
        (b"\x00libtnet-2.1.20.1-agoo.so\x00", "file-name"),
        (b"cannot open libat.so file", "file-name"),
        (b"a=t.innerheight.top;", "property-chain"),
        (b"function(){return e}.global.api.aws", "property-chain"),
        (b'"{prefix}.class.name"', "property-chain"),
        (b'"${a.b.c.host.name}"', "property-chain"),
        (b"zlib@openssh.com", "algorithm-name"),
        (b"\x00github.com/spf13/cobra.Run", "import-path"),
        (b"www.example.com", "reserved-name"),
        (b"smtp.your-domain.com", "reserved-name"),
        (b"--registry=https://registry.mycorp.com\n", "reserved-name"),
        (b" co.uk ", "bare-suffix"),
        (b"http://%s/x", "template-host"),
        (b"http://localhost/", "loopback-address"),
        (b"http://printer/", "no-public-host"),
        (b"content://com.mi.cn/x", "local-scheme"),
        (b"255.255.255.0", "netmask"),
        (b"http://255.255.255.255:65535/", "netmask"),
        (b"\xf7I.HK\xf0", "letters-by-chance"),
        (b"\x91\xfdwpnEDfnC.cn\xabvpnD", "letters-by-chance"),
        (b"\x80LG.HK\xc2", "letters-by-chance"),
        (b"10000 IN PTR 22.172.in-addr.arpa.", "reverse-zone"),
        (b"application/vnd.sealed.net\n", "media-type"),
        (b"works with ASP.net 4.5", "product-name"),
        (b"\n@click.group()\n", "property-chain"),
        (b"type:.hash.net/netip", "property-chain"),
        (b"\x00errorgithub.com/spf13/cobra.Run", "import-path"),
        (b"\x002.5.29.35\x00", "object-identifier"),
        (b'"1.3.101.110"', "object-identifier"),
        (b"host 1.3.6.1\n", "object-identifier"),
        (b'id "1.2.156.10197.1.301" "1.2.250.7" ', "object-identifier"),
        (b'policy "2.23.140.1"\n', "object-identifier"),
        (b"version 1.2.3.4", "version-number"),
        (b"foo-1.2.3.4", "version-number"),
        (b"1.3.6.1.4.1", "object-identifier"),
        (b" 2012:12:01 ", "time-or-hardware-address"),
        (b" 'dead::beef'", "scope-operator"),
        (b" 100::a and", "scope-operator"),
        ("\0@Symbol.search\0".encode("utf-16le"), "property-chain"),
        (" e.Kr. ".encode("utf-16le"), "letters-by-chance"),
        (b"\x00icudt72l/ucadata.icu\x00", "product-name"),
        (b"\x0072.1.0.0\x00", "version-number"),
        (b"\x00../src/tracing/agent.cc:97\x00", "file-name"),
        (b" String.prototype.at ", "property-chain"),
        (b'"http://www.World War', "bare-suffix"),
        (b"zcl Seq.no is %d", "sentence"),
        (b"codec.version=4.0.41.Final\n", "version-number"),
        (b"\x00mail.smtp.host\x00", "property-chain"),
        (b"\x00libcore.icu.ICU\x00", "class-name"),
        (b"cn = subject.CN;", "property-chain"),
        (b" a.gI ", "letters-by-chance"),
        (b"C<F.NL]", "letters-by-chance"),
        (b"www.your.org.here\n", "reserved-name"),
        (b"Root Key@ietf.org\x00", "algorithm-name"),
        (b"pmon_ver=CFE 5.10.56.46\x00", "version-number"),
        (b"preferred-email-encoding@pgp.com", "algorithm-name"),
        (b"e2scrub@host.domain.name", "reserved-name"),
        ("FileVersion\0\x0039.0.13.0\0".encode("utf-16le"), "version-number"),
        (b"the version is 1.4.30.33", "version-number"),
        (b"\xb85.5.7.48H\xba", "letters-by-chance"),
        (b'd="M4.11a.61.61 0 0 1-.09.38.81.81 0 0 1-.27.27.72.72 0 0 1-.39.11Zm1"', "drawing"),
        (b"l-1.24.17s.14 1.13.85.99c.58-.11 1.39-1.16 1.39-1.16Z", "drawing"),
        (b"65.7.93.31.27.69.49 1.58.25.53 0 1.01-.06", "drawing"),
        (b"// 20.2.2.33 Math.tanh(x)", "section-number"),
        (b"\x02z5True if the names are checked case-insensitively.Fr\x1a", "sentence"),
        (b"new SimpleDateFormat(f, Locale.US);", "property-chain"),
        (b"return ICommandBuilder.InternationalType.UK;", "property-chain"),
        (b'"local": "~/.local/{distribution.name}"', "property-chain"),
        (b"import android.net.*;", "class-name"),
        (b"return vec4(1.0 - color.xyz, color.w);", "property-chain"),
        (b"\t\tthis.org = org;", "property-chain"),
        (b"x = logicFunction.org;", "property-chain"),
        (b"EXTRA_DIST = MANIFEST.in libjpeg.map.in", "file-name"),
        (b"\t$(srcdir)/tjbenchtest.in $(srcdir)/tjbenchtest.java.in \\", "file-name"),
        (b"Microsoft.NET\\Framework", "class-name"),
        (b"\x90\xff2229::###\xef", "letters-by-chance"),
        (b"`bO1G.oOOOP1G.o1G.oOOOP1G.w1G.wOOOP-E6y-E6yOOOP1G.m1G.mO&VOpO", "letters-by-chance"),
    ],
)
def test_refuses_and_says_why(content, reason):
    notes = ScanNotes(listing=True)
    assert scan(content, notes=notes) == [] or reason == "local-scheme"
    assert (reason in notes.rejected) if reason else not notes.rejected
    assert {entry[1] for entry in notes.refused} == set(notes.rejected) <= set(REASONS)


@pytest.mark.parametrize("line", ['"SGD": "appl.name",', '"SGD": "rtc.date",', '"ZPLGET": "HZA:STATUS.CLOCK.DATE"'])
def test_a_setting_that_names_a_setting_names_no_host(line):
    artifact = Artifact("sdk!settings.json", "config", "settings.json")
    assert list(SCANNER.scan(artifact, BufferReader(line.encode()), ScanNotes())) == []


@pytest.mark.parametrize(
    "line", ["pidfile udhcpd.pid", "After=network-online.target", "db=users.tab", "help: getty.man", "x = report.dot"]
)
def test_a_setting_that_names_a_file_of_the_system_names_no_host(line):
    notes = ScanNotes(listing=True)
    artifact = Artifact("fw!etc/app.conf", "config", "app.conf")
    assert list(SCANNER.scan(artifact, BufferReader(f"{line}\n".encode()), notes)) == []
    assert set(notes.rejected) == {"file-name"}


def test_an_address_beside_an_object_identifier_is_no_part_of_it(values):
    found = values(b"oid 1.2.840.113549.1.1.11 server 1.13.2.33:80 and 47.2.3.45")
    assert ("ip-address", "1.13.2.33") in found
    assert ("ip-address", "47.2.3.45") in found


def test_names_the_decoding_and_the_offset_of_utf16():
    for decoding in ("utf-16le", "utf-16be"):
        content = b"\xff\xff\xff\xff" + "\u4e2d http://a.tuyaeu.com:80/x \u4e2d".encode(decoding)
        [host, *_] = [s for s in scan(content) if s.observable.value == "a.tuyaeu.com"]
        assert host.decoding == decoding
        assert content[host.location.offset :].decode(decoding).startswith("a.tuyaeu.com")


@pytest.mark.parametrize(
    "text", [rb"http:\/\/a.mi.com\/x", rb"http:\u002f\u002fa\u002emi.com\u002fx", b"http%3A%2F%2Fa.mi.com%2Fx"]
)
def test_reads_escapes(values, text):
    assert ("url", "http://a.mi.com/x") in values(b'"' + text + b'"')


@pytest.mark.parametrize(
    "escaped", ["http:\\/\\/a.vendor.cn\\/x", "http%3A%2F%2Fa.vendor.cn%2Fx", "http\\://a.vendor.cn/x"]
)
def test_a_host_behind_an_escaped_scheme_is_one_sighting(escaped):
    found = [s for s in scan(f'{{"u":"{escaped}"}}'.encode(), "json") if s.observable.kind is Kind.HOSTNAME]
    assert [(s.observable.value, s.location.offset) for s in found] == [("a.vendor.cn", 6 + escaped.index("a.vendor"))]


def test_keeps_few_places_and_counts_the_rest():
    sightings = scan(b"x.tuyacn.com " * 100)
    assert len(sightings) == 32
    assert dict(sightings[0].attributes)["count"] == "100"


def test_windows_lose_nothing_and_double_nothing():
    host = b"\x00edge.tuyacn.com:8883\x00"
    for shift in range(-len(host) - 1, 3):
        pieces = [Piece(WINDOW + shift), Piece(len(host), BufferReader(host)), Piece(WINDOW)]
        leaf = Artifact("x", "data", "x")
        sightings = list(SCANNER.scan(leaf, MappedReader(pieces), ScanNotes()))
        assert [s.location.offset for s in sightings] == [WINDOW + shift + 1]


def test_reads_behind_four_gigabytes():
    far = (4 << 30) + 12345
    content = b" far.tuyacn.com"
    data = MappedReader([Piece(far), Piece(len(content), BufferReader(content))])
    [sighting] = SCANNER.scan(Artifact("x", "data", "x"), data, ScanNotes())
    assert (sighting.observable.value, sighting.location.offset) == ("far.tuyacn.com", far + 1)


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"a.tuyacn.com", b"http://x.cn/y", b"47.1.2.3", b"a@qq.com"]),
    st.binary(max_size=40),
)
def test_any_bytes_give_sightings_inside_the_leaf(head, middle, tail):
    content = head + middle + tail
    for sighting in scan(content):
        assert 0 <= sighting.location.offset < len(content)
        assert sighting.observable.value
    assert scan(content) == scan(content)


KNOWN = frozenset(
    (
        *("coolkit.cc", "dreame.tech", "xiaomi.net", "app.chat.xiaomi.net", "github.io"),
        *("android.bugly.qq.com", "agora.io", "app.link", "dian.so", "doh.pub", "branch.io", "jd.com", "3.cn", "z.ai"),
        *("airchina.it", "t.me", "u.tools"),
    )
)


def _names(content: bytes, known: frozenset[str] = KNOWN) -> list[str]:
    scanner = EndpointScanner()
    scanner.prepare(Anchors(hosts=known))
    leaf = Artifact(path="fw.bin!leaf", format="data", name="leaf")
    return [sighting.observable.value for sighting in scanner.scan(leaf, BufferReader(content), ScanNotes())]


@pytest.mark.parametrize(
    "name",
    ["as-disp.coolkit.cc", "us.iot.dreame.tech", "app.chat.xiaomi.net", "android.bugly.qq.com", "agora.io"],
)
def test_a_whole_text_that_is_a_known_host_is_not_doubted(name):
    raw = name.encode()
    for content in (
        b"\x00" + raw + b"\x00",
        b"\x00\x01\x00" + bytes([len(raw)]) + raw + b"\x01\x00",
        f'\0"{name}"\0'.encode("utf-16le"),
    ):
        assert _names(content) == [name], content
    assert _names(b"\x00" + raw + b"\x00", frozenset()) == []


@pytest.mark.parametrize(
    "content",
    [
        b"#include <as-disp.coolkit.cc>",
        b"if (us.iot.dreame.tech) {",
        b"\0com.chat.xiaomi.net\0",
        b"\0coolkit.cc\0session.cc\0",
        b"open dian.so, other.so\n",
        b"see coolkit.cc:97 for more",
        b"x = branch.io + 1; y = branch.io(z)",
        b"for (t of z.ai, u.tools)",
        b"\0src/as-disp.coolkit.cc\0",
        b"\0data.app.link\0",
    ],
)
def test_a_known_name_inside_other_text_stays_doubted(content):
    assert _names(content) == []


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\0coolkit.cc\0", "coolkit.cc"),
        (b'x = "dian.so";', "dian.so"),
        (b"the device talks to doh.pub every day", "doh.pub"),
        (b"coolkit.cc,other.example\n", "coolkit.cc"),
        (b"hosts: branch.io, jd.com, 3.cn.", "branch.io"),
        (b"hosts: branch.io, jd.com, 3.cn.", "jd.com"),
        (b"bought at airchina.it once", "airchina.it"),
        (b'"t.me"', "t.me"),
        (b"\ngithub.io\n", "github.io"),
    ],
)
def test_a_known_name_in_neutral_text_is_taken(content, name):
    assert name in _names(content)
    assert name not in _names(content, frozenset())


def test_a_known_name_in_a_list_of_public_suffixes_is_none_of_a_host():
    assert "github.io" not in _names(b"\nco.uk\nherokuapp.com\ngithub.io\nhf.space\n")


def test_every_known_host_is_found_in_neutral_text(toolbox):
    """But for two names of routers below no public suffix, and six that are words of programs."""
    known = toolbox.index.hosts()
    scanner = EndpointScanner()
    scanner.prepare(Anchors(hosts=known))
    leaf = Artifact(path="fw.bin!leaf", format="data", name="leaf")

    def refused(frame: str) -> set[str]:
        texts = ((host, BufferReader(frame.format(host).encode())) for host in known)
        return {
            host
            for host, data in texts
            if host not in (s.observable.value for s in scanner.scan(leaf, data, ScanNotes()))
        }

    assert refused("\0{}\0") <= {"gateway.zte", "zte.home"}
    words = {"app.link", "g.co", "now.sh", "t.co", "t.me", "u.tools", "z.ai"}
    assert refused("talks to {} every day") <= {"gateway.zte", "zte.home"} | words


@pytest.mark.parametrize("host", ["1.2.3", "12345", "4294967296", "08.8.8.8", "0x", "10.0.0.300", "1.2.3.4.5"])
def test_a_number_that_is_no_address_leads_nowhere(values, host):
    assert not {value for kind, value in values(f"http://{host}/x".encode()) if kind == "ip-address"}


def test_an_address_that_a_url_writes_as_a_number_says_so():
    (address,) = (s for s in scan(b"GET http://3396469879/x") if s.observable.kind is Kind.IP_ADDRESS)
    assert (address.observable.value, address.decoding) == ("202.114.4.119", "numeric-address")
    assert "3396469879" in address.excerpt


@pytest.mark.parametrize(
    "content", [rb"jquery\.min\.cc", rb"(\.com)$", rb"a\.b\.so", rb"example\.com", rb"\w+\.com", rb"%s\.com", rb"x[.]y"]
)
def test_an_expression_that_names_no_host_gives_none(content):
    assert scan(content) == []


@pytest.mark.parametrize(
    "content", [b"http://[]", b"http://[]:631/printers", b"ipp://[%25]/", b"http://@[", b"http://a:b@:80"]
)
def test_an_authority_without_a_host_hides_nothing_else(values, content):
    assert ("hostname", "a.tuyacn.com") in values(content + b"\0http://a.tuyacn.com/")


@pytest.mark.parametrize("text", ["x a.tuyacn.com 1.2", "x a.tuyacn.com", "x a.tuyacn.com v1.2.3.4"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_that_ends_with_the_leaf_is_read(values, text, encoding):
    for cut in range(3):
        raw = text.encode(encoding)
        values(raw[: len(raw) - cut])
    assert ("hostname", "a.tuyacn.com") in values(text.encode(encoding))


@given(st.text("[]:/@.%?#&;,-_0x1aZ\u3002\uff0e*{}$\\ ", max_size=24), st.text("[]:/@.%?#", max_size=4))
def test_any_signs_of_urls_give_sightings(authority, tail):
    scan(f"http://{authority}{tail}.com".encode())
    scan(f"\0{authority}http://{tail}{authority}".encode())


SPELLINGS = [
    ("evil[.]vendor[.]com", "defanged"),
    ("evil[dot]vendor(dot)com", "defanged"),
    ("hxxp://evil.vendor.com/a", "defanged"),
    ("hxxps[:]//evil[.]vendor.com/a", "defanged"),
    ("hxxps[://]evil.vendor[.]com/a", "defanged"),
    ("http://evil\u3002vendor\u3002com/a", "unicode-forms"),
    ("evil\uff0evendor\uff61com", "unicode-forms"),
    ("\uff45\uff56\uff49\uff4c\uff0eV\uff25ndor\uff0e\uff43\uff4f\uff4d", "unicode-forms"),
    ("http://\u24d4\u24e5\u24d8\u24db.vendor.com/", "unicode-forms"),
    ("http://ev\u00adil.ven\u200bdor.com/", "unicode-forms"),
    ("http://%65vil.vendor.com/", "url-escapes"),
    ("http://%65%76%69%6c%2e%76endor%2e%63%6f%6d/", "url-escapes"),
    ("http://evil%2evendor%2ecom/", "url-escapes"),
]


@pytest.mark.parametrize(("text", "decoding"), SPELLINGS)
def test_unusual_spellings_of_a_name_are_read_and_named(text, decoding):
    found = [s for s in scan(f"\0{text}\0".encode()) if s.observable.kind in (Kind.HOSTNAME, Kind.URL)]
    assert {s.observable.value for s in found if s.observable.kind is Kind.HOSTNAME} == {"evil.vendor.com"}
    assert decoding in {s.decoding for s in found}
    assert len({(s.observable, s.location) for s in found}) == len(found)
    if "://" in text.replace("[", "").replace("]", "") and "\u24d4" not in text and "\u00ad" not in text:
        assert {s.observable.value.rstrip("a/")[-15:] for s in found} == {"evil.vendor.com"}


@pytest.mark.parametrize(
    "text",
    [
        "0xCA.0x72.4.119",
        "202.114.4.0x77",
        "202.0x72.4.119",
        "202.114.0x4.119",
        "0312.0162.04.0167",
        "0xca.0x72.0x4.0x77",
    ],
)
@pytest.mark.parametrize("frame", ["\0{}\0", "ping {}\n", '"{}"', "http://{}/x", "http://{}:80/x"])
def test_addresses_of_mixed_parts(text, frame):
    found = {
        (s.observable.value, s.decoding)
        for s in scan(frame.format(text).encode())
        if s.observable.kind is Kind.IP_ADDRESS
    }
    assert found == {("202.114.4.119", "numeric-address")}


@pytest.mark.parametrize(
    ("content", "starts"),
    [
        (b"gw=0xc0.0xa8.1.0x10", [3]),
        (b"gw=0xc0.0xa8.1.0x10\n", [3]),
        (b"0xca.0x72.0x4.0x77,0312.0162.04.0167,0xca.0x72.4.119 ", [0, 19, 37]),
        (b"-" * (WINDOW // 4 - 12) + b" 0xca.0x72.0x4.0x77 0xca.0x72.0x4.0x77\n", [WINDOW // 4 - 11, WINDOW // 4 + 8]),
    ],
)
def test_a_mixed_address_is_seen_once_where_several_anchors_end_in_it(content, starts):
    assert [s.location.offset for s in scan(content) if s.observable.kind is Kind.IP_ADDRESS] == starts


@pytest.mark.parametrize(
    "content",
    [
        b"x[.]y", b"[a-z]+[.]com", b"f(.)g", b"0x1.0x2", b"1.0x1.2", b"v0x1.0x2.0x3.0x4", b"0x12345.0x1.0x2.0x3",
        b"0x1.0x2.0x3.0x4.0x5", b"01.02.03.04", b"0777.1.2.3", "\u4f7f\u7528\u3002com".encode(), b"http://%s.com/",
        "\uff11\uff0e\u6587".encode(), b"hxxp", b"50:06:01:60:3b:20:12:ab", b"00:11:22:33:44:55:66:77:88:99",
        b"0:1:2:3:4:5:6", b"std::a::b", b"x[::2:3:4]", b" ::ffff:0:0/96", b"0:1:2:3:4:5:6:7:8",
    ],
)  # fmt: skip
def test_what_only_looks_like_an_unusual_spelling(content):
    assert scan(content) == []


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b'"0:1:2:3:4:5:6:7"', "0:1:2:3:4:5:6:7"),
        (b"route 64:ff9b:1:2:3:4:5:6/96\n", "64:ff9b:1:2:3:4:5:6"),
        (b" ::e8:d4a5:1000 ", "::e8:d4a5:1000"),
        (b"\x00239.0.0.0\x00", "239.0.0.0"),
        (b"libupnp 239.255.255.250", "239.255.255.250"),
    ],
)
def test_addresses_that_head_no_anchor_and_groups(values, content, value):
    assert values(content) == {("ip-address", value)}


@given(st.ip_addresses(v=4), st.lists(st.sampled_from(["{}", "0x{:x}", "0x{:02X}"]), min_size=4, max_size=4))
def test_any_mixed_address_is_the_one_that_it_says(address, forms):
    text = ".".join(form.format(part) for form, part in zip(forms, address.packed, strict=True))
    found = {s.observable.value for s in scan(f'server = "{text}";'.encode()) if s.observable.kind is Kind.IP_ADDRESS}
    assert found <= {str(address)}
    if (
        any("0x" in form for form in forms)
        and 31 < address.packed[0] < 255
        and address.packed[0] != 127
        and any(address.packed[2:])
    ):
        assert found == {str(address)}


@given(st.from_regex(r"[a-z][a-z0-9]{3,9}\.[a-z][a-z0-9]{4,9}\.(com|cn|net)", fullmatch=True), st.data())
def test_any_name_folded_or_defanged_is_the_name(name, data):
    wide = "".join(chr(ord(c) + 0xFEE0) if c != "." and data.draw(st.booleans()) else c for c in name)
    stop = data.draw(st.sampled_from(["\u3002", "\uff0e", "\uff61", "[.]", "(.)", "[dot]"]))
    plain = {v.observable.value for v in scan(f'"{name}"'.encode())}
    text = name if "[" in stop or "(" in stop else wide
    assert {v.observable.value for v in scan(f'"{text.replace(".", stop)}"'.encode())} == plain


@pytest.mark.parametrize(
    "content",
    [
        b"1.08.55 1.51.11.35-.35.37",
        b"-.72.65 0 1.15.61.99 1.23M4 5",
        b"0 1.15.61.99 1.23M4 5",
        b'd="M1.08.55 1.51.11.35 2"',
        b".5 1.15.61.99-.2.1 3",
        b"0 1.51.11.35.4 -.35",
        b"1.08.55 1.51.11.35 2.5 4",
        b"5-.3 1.51.11.35 2",
    ],
)
def test_numbers_of_a_path_are_no_address_where_its_commands_are_far(content):
    notes = ScanNotes(listing=True)
    assert scan(content, notes=notes) == []
    assert set(notes.rejected) <= {"drawing", "object-identifier"}


@pytest.mark.parametrize(
    "content",
    [
        b"range 47.1.15.1-.254, 47.1.16.1-.99\n",
        b"47.1.2 47.1.15.1 47.1.3\n",
        b"0.043 47.1.15.1 64 1.5\n",
        b"2.0.1\n47.1.15.1\n1.5\n",
        b"ping 47.1.15.1 - .5 s",
        b"47.1.15.1 1.5ms, 47.1.15.2 0.5M",
        b"dns=47.1.15.1,47.1.15.2-47.1.15.9",
        b'"M1","47.1.15.1"',
    ],
)
def test_an_address_among_other_numbers_is_one(values, content):
    assert ("ip-address", "47.1.15.1") in values(content)


@pytest.mark.parametrize("leaf_format", ["data", "xml"])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<description>GeoWorks Pro 1.2.8.2</description>", "version-number"),
        (b"<description>Opera 1.2.8.2</description>", "version-number"),
        (b'<host name="GeoWorks Pro 1.2.8.2"/>', "version-number"),
        (b">Ko.mo.mo<", "person-name"),
        (b" thanks to Ko.mo.mo for", "person-name"),
        (b"\ngradle/distributions/gradle-6.5-bin.zip\n", "file-name"),
        (b" android.mk ", "file-name"),
        (b"\0makefile.in\0", "file-name"),
        (b"src/makefile.in:", "file-name"),
        (b"\nconfigure.ac\n", "file-name"),
        (b"\0libusb-1.0.pc.in\0", "file-name"),
        (b"doxygen.cfg.in\n", "file-name"),
        (b'"archive.ar"', "file-name"),
        (b'"theme.black"', "property-chain"),
        (b'"widget.holo.light.tab"', "file-name"),
        (b"\0squirrel.windows\0", "property-chain"),
        (b"using System.Net;", "class-name"),
        (b"\0System.Net.Security\0", "class-name"),
        (b'"ext.value.ca"', "property-chain"),
        (b"basic_constraints.value.ca", "property-chain"),
        (b'"fido2.ctap2.pin"', "property-chain"),
        (b"\0gpio.directions.in\0", "property-chain"),
        (b'token:"keyword.operator.io",regex', "property-chain"),
        (b'"support.function.open-gl.io"', "property-chain"),
        (b'"meta.empty-parenthesis.io"', "property-chain"),
        (b"require('../modules/es.array.at');", "property-chain"),
        (b"require('../modules/esnext.typed-array.at');", "property-chain"),
        (b'"longname": "Phaser.Math.Easing.Back.In"', "property-chain"),
        (b"'Circ.easeIn': Circular.In,", "property-chain"),
        (b"mode: Camera.AUTO,", "property-chain"),
        (b"fillTint.BR = fillTintColor;", "property-chain"),
        (b"if (token = this.tokenizer.br(src)) {", "property-chain"),
        (b"?? node2.parent.name) === node2;", "property-chain"),
        (b"//# sourceMappingURL=config-api.js.map\n", "file-name"),
        (b"vec4 a = vec4(chunkBounds.xyz, 1.0);", "property-chain"),
        (b"C:\\DOS\\EDIT.COM /R", "file-name"),
        (b"a:\\poweroff.com", "file-name"),
        (b"SHELL=COMMAND.COM /P", "file-name"),
        (b"\tvec3 ndcEnd = clipEnd.xyz / clipEnd.w;", "property-chain"),
        (b"ppos.xyz/=ppos.w;ppos.xy=ppos.xy*0.5;", "property-chain"),
        (b" worldEnd = end.xyz;", "property-chain"),
        (b"dot(uniforms.rsmSpotInfo.xyz, normalize(n))", "property-chain"),
        (" * text is read back (§13.2.5.72): only".encode(), "section-number"),
        (b"of type URLType from the DASH spec 5.3.9.2 Table 14", "section-number"),
    ],
)
def test_names_of_products_files_and_programs_are_no_endpoints(content, reason, leaf_format):
    notes = ScanNotes(listing=True)
    assert scan(content, leaf_format, notes) == []
    assert set(notes.rejected) == {reason}


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b'<item name="Primary DNS 1.2.8.2"/>', "1.2.8.2"),
        (b"<ip>1.2.8.2</ip>", "1.2.8.2"),
        (b'"DNS Server 1.2.8.2"', "1.2.8.2"),
        (b"http://Ko.mo.mo/", "ko.mo.mo"),
        (b'"www.smg.gov.mo"', "www.smg.gov.mo"),
        (b'"www.value.ca"', "www.value.ca"),
        (b'"www.conf.in"', "www.conf.in"),
        (b'"system.net"', "system.net"),
        (b"http://theme.black/", "theme.black"),
        (b"http://update.vendor.windows/", "update.vendor.windows"),
        (b"http://gpio.vendor.in/", "gpio.vendor.in"),
        (b'"dl.makefile.in"', "dl.makefile.in"),
        (b'"api.service.in"', "api.service.in"),
        (b">Www.abc.my<", "www.abc.my"),
        (b">Abc.com.mo<", "abc.com.mo"),
        (b"\nserver=/api.vendor.sh/\n", "api.vendor.sh"),
        (b'"api.value.ca"', "api.value.ca"),
        (b'vec3 p; "cloud.xyz"', "cloud.xyz"),
        (b"vec3 p; // https://cloud.xyz/", "cloud.xyz"),
        (b"\nserver_name cloud.xyz;\n", "cloud.xyz"),
        (b"a.cloud.xyz, b.cloud.xyz and c.cloud.xyz", "b.cloud.xyz"),
        (b'"support.apple.com"', "support.apple.com"),
        (b'"support.vendor.io"', "support.vendor.io"),
        (b'"es.vendor.at"', "es.vendor.at"),
        (b'"Vendor.Com"', "vendor.com"),
        (b"\\\\server.vendor.com\\share", "server.vendor.com"),
        (b"\\\\vendor.com\\share", "vendor.com"),
        (b"(\\bvendor.com", "vendor.com"),
        (b'"VENDOR.IN"', "vendor.in"),
        (b"http://Circular.In/", "circular.in"),
        (b'"maps.vendor.com"', "maps.vendor.com"),
        (b'spec: "5.3.9.200"', "5.3.9.200"),
    ],
)
def test_endpoints_that_resemble_such_names_stay(values, content, value):
    assert value in {found for _, found in values(content)}


def test_a_url_whose_colon_a_properties_file_escapes_is_one(values):
    found = values(b"distributionUrl=https\\://services.gradle.org/distributions/gradle-6.5-bin.zip\n", "config")
    assert found == {
        ("url", "https://services.gradle.org/distributions/gradle-6.5-bin.zip"),
        ("hostname", "services.gradle.org"),
    }


def test_the_same_address_with_other_text_some_bytes_behind_it_is_judged_anew(values):
    section = b" " * 60 + b"// 20.2.2.33 Math.tanh(x)" + b"\n" * 60
    comment = b" " * 60 + b"// 20.2.2.33 Math of this server\n"
    assert ("ip-address", "20.2.2.33") in values(comment)
    assert ("ip-address", "20.2.2.33") in values(section + comment)
    assert ("ip-address", "20.2.2.33") not in values(section)


@given(st.binary(max_size=80), st.binary(max_size=80), st.sampled_from([b"1.2.3.4", b"223.255.255.255", b"20.2.2.33"]))
def test_the_key_of_an_address_holds_all_that_its_verdict_depends_on(before, behind, address):
    text = before + address + behind
    end = len(before) + address.rindex(b".") + 2
    low = max(0, end - QUAD_BEFORE)
    part = text[low : end + QUAD_BEHIND]
    whole, told = examine(text, IPV4, end), examine(part, IPV4, end - low)
    assert whole == (told and told.moved(low))
