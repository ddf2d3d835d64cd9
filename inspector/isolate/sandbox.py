"""Give up rights before a hostile byte is read: resource limits, no new privileges, Landlock, seccomp.

All of it works without root on a current Linux kernel. What a system does not offer is left out and reported as a
lower level; `--require-sandbox` makes that an error. References: landlock(7), seccomp(2), prctl(2).
"""

import ctypes
import os
import platform
import resource
import struct
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

PR_SET_PDEATHSIG: Final = 1
PR_SET_NO_NEW_PRIVS: Final = 38
PR_SET_SECCOMP: Final = 22
SECCOMP_MODE_FILTER: Final = 2
SIGKILL: Final = 9

LANDLOCK_CREATE: Final = 444
LANDLOCK_ADD: Final = 445
LANDLOCK_RESTRICT: Final = 446
_READ_FILE, _READ_DIR, _EXECUTE = 1 << 2, 1 << 3, 1 << 0
_RIGHTS_BY_ABI: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_NET_RIGHTS: Final = 0b11
"""TCP bind and connect, from ABI 4."""

_ARCHES: Final = {
    "x86_64": (
        0xC000003E,
        # socket connect accept sendto recvfrom sendmsg recvmsg bind listen accept4 recvmmsg sendmmsg
        (41, 42, 43, 44, 45, 46, 47, 49, 50, 288, 299, 307),
        # ptrace mount umount2 pivot_root unshare setns init_module finit_module kexec_load bpf keyctl add_key
        # request_key process_vm_readv process_vm_writev perf_event_open userfaultfd open_by_handle_at io_uring_setup
        (101, 165, 166, 155, 272, 308, 175, 313, 246, 321, 250, 248, 249, 310, 311, 298, 323, 304, 425),
    ),
    "aarch64": (
        0xC00000B7,
        (198, 203, 202, 206, 207, 211, 212, 200, 201, 242, 243, 269),
        (117, 40, 39, 41, 97, 268, 105, 273, 104, 280, 219, 217, 218, 270, 271, 241, 282, 265, 425),
    ),
}
EXECVE: Final = {"x86_64": (59, 322), "aarch64": (221, 281)}


def lower_limits(memory: int, seconds: int) -> None:
    """Set the resource limits of this process; children inherit them.

    `RLIMIT_DATA` bounds private writable memory and leaves mapped inputs alone, which `RLIMIT_AS` would not.
    """
    for what, soft in (
        (resource.RLIMIT_DATA, memory + (256 << 20)),
        (resource.RLIMIT_CPU, seconds * 4 + 60),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 256),
    ):
        _, hard = resource.getrlimit(what)
        bound = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
        resource.setrlimit(what, (bound, bound))


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent dies (Linux only, silently nothing elsewhere)."""
    if sys.platform == "linux":
        _libc().prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)


def enter(readable: Iterable[Path], allow_exec: bool = False) -> list[str]:
    """Drop rights for good; return the names of the layers that took hold, in order."""
    reached = ["rlimits"]
    if sys.platform != "linux":
        return reached
    if _libc().prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        reached.append("no-new-privs")
        if _landlock(readable):
            reached.append("landlock")
        if _seccomp(allow_exec):
            reached.append("seccomp")
    return reached


def offered() -> dict[str, str]:
    """Return what this machine offers, layer by layer, for `inspector doctor`; nothing is given up."""
    layers = {"rlimits": "yes"}
    if sys.platform != "linux":
        return layers | {"no-new-privs": "Linux only", "landlock": "Linux only", "seccomp": "Linux only"}
    abi = landlock_abi()
    layers["no-new-privs"] = "yes"
    layers["landlock"] = f"ABI {abi}" if abi > 0 else "not offered by this kernel"
    known = platform.machine() in _ARCHES and Path("/proc/sys/kernel/seccomp").is_dir()
    layers["seccomp"] = "yes" if known else f"not on {platform.machine()}"
    return layers


def landlock_abi() -> int:
    """Return the Landlock ABI version of the running kernel, 0 or less without it."""
    return int(_libc().syscall(LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1)))


def readable_paths() -> list[Path]:
    """Return what the interpreter itself must read for late imports: its prefix, the system's libraries, `sys.path`."""
    places = {sys.prefix, sys.base_prefix, sys.exec_prefix, "/usr", "/lib", "/lib64", "/etc/ld.so.cache"}
    places |= {entry for entry in sys.path if entry}
    places |= {str(Path(__file__).parents[2]), "/proc/self", "/dev/null", "/dev/urandom", "/sys/devices/system/cpu"}
    return [Path(place) for place in sorted(places) if Path(place).exists()]


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _landlock(readable: Iterable[Path]) -> bool:
    abi = landlock_abi()
    if abi <= 0:
        return False
    rights = _RIGHTS_BY_ABI[max(version for version in _RIGHTS_BY_ABI if version <= abi)]
    net = _NET_RIGHTS if abi >= 4 else 0
    attributes = struct.pack("<QQ", rights, net) if abi >= 4 else struct.pack("<Q", rights)
    libc = _libc()
    ruleset = libc.syscall(LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    if ruleset < 0:
        return False
    for path in readable:
        allowed = (_READ_FILE | _EXECUTE) | (_READ_DIR if path.is_dir() else 0)
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rule = struct.pack("<Qi", allowed, handle)
        libc.syscall(LANDLOCK_ADD, ruleset, 1, rule, 0)
        os.close(handle)
    done = libc.syscall(LANDLOCK_RESTRICT, ruleset, 0) == 0
    os.close(ruleset)
    return bool(done)


def _seccomp(allow_exec: bool) -> bool:
    arch = _ARCHES.get(platform.machine())
    if arch is None:
        return False
    audit, sockets, privileged = arch
    denied = [*sockets, *privileged, *(() if allow_exec else EXECVE[platform.machine()])]
    program = _bpf(audit, denied)
    code = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    described = Program(len(program) // 8, ctypes.addressof(code))
    return bool(_libc().prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(described), 0, 0) == 0)


def _bpf(audit: int, denied: list[int]) -> bytes:
    """Return a classic BPF program: other architecture → kill; a denied call → EPERM; the rest → allow."""
    load, jump_equal, jump_greater, answer = 0x20, 0x15, 0x35, 0x06
    kill, allow, refuse = 0x80000000, 0x7FFF0000, 0x00050001
    lines = [
        (load, 0, 0, 4),
        (jump_equal, 1, 0, audit),
        (answer, 0, 0, kill),
        (load, 0, 0, 0),
        (jump_greater, 0, 1, 0x40000000),  # the x32 interface would bypass the numbers below
        (answer, 0, 0, refuse),
    ]
    for number in denied:
        lines += [(jump_equal, 0, 1, number), (answer, 0, 0, refuse)]
    lines.append((answer, 0, 0, allow))
    return b"".join(struct.pack("<HBBI", *line) for line in lines)
