"""A router that talks to nobody in the PRC: its own pages, a pool of time servers, an update host outside."""

from samples.build import squashfs, uimage
from tests.builders.elf import Elf

UPDATER = Elf(
    machine="mips",
    little=False,
    code=b"\x27\xbd\xff\xe0" * 16,
    rodata=b"\0".join(
        [
            b"updated: checking for a new version",
            b"https://downloads.openwrt.org/releases/23.05.0/targets/ath79/generic/",
            b"/etc/opkg/keys",
            b"signature check failed",
            b"",
        ]
    ),
    imports=("socket", "connect", "getaddrinfo", "SSL_connect", "fopen"),
    needed=("libssl.so.3", "libc.so"),
)
TREE = {
    "/etc/inittab": (0o644, b"::sysinit:/etc/init.d/rcS S boot\n::shutdown:/etc/init.d/rcS K shutdown\n"),
    "/etc/init.d/rcS": (0o755, b"#!/bin/sh\nfor i in /etc/rc.d/S*; do $i start; done\n/usr/sbin/updated &\n"),
    "/etc/config/system": (
        0o644,
        (
            b"config system\n\toption hostname 'router'\n\toption timezone 'CET-1CEST'\n\n"
            b"config timeserver 'ntp'\n\tlist server '0.europe.pool.ntp.org'\n\tlist server '1.europe.pool.ntp.org'\n"
        ),
    ),
    "/etc/config/network": (
        0o644,
        (
            b"config interface 'lan'\n\toption proto 'static'\n"
            b"\toption ipaddr '192.168.1.1'\n\toption netmask '255.255.255.0'\n"
        ),
    ),
    "/etc/resolv.conf": (0o644, b"nameserver 9.9.9.9\nnameserver 149.112.112.112\n"),
    "/usr/sbin/updated": (0o755, UPDATER.build()),
    "/www/index.html": (
        0o644,
        b"<!DOCTYPE html>\n<html><head><title>Router</title></head><body>Status</body></html>\n",
    ),
}


def build() -> bytes:
    """Return the image: a uImage around a squashfs root."""
    return uimage(
        "clean-router rootfs", squashfs(TREE, {"/etc/rc.d/S50updated": "../init.d/rcS"}), architecture=5, kind=7
    )
