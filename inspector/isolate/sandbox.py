"""Give up rights before a hostile byte is read: resource limits, no new privileges, Landlock, seccomp.

All of it works without root on a current Linux kernel. What a system does not offer is left out and reported as a
lower level; `--require-sandbox` makes that an error. References: landlock(7), seccomp(2), prctl(2).

A child that inspects may read what the interpreter needs and write nothing. A child that runs an external extractor
has a workshop: one private folder to write to, programs to run, larger files; sockets stay out of reach for both.
"""

import ctypes
import os
import platform
import resource
import struct
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

LAYERS: Final = ("rlimits", "no-new-privs", "landlock", "seccomp")
"""All layers, in the order in which they are entered."""

PR_SET_PDEATHSIG: Final = 1
PR_SET_NO_NEW_PRIVS: Final = 38
PR_SET_SECCOMP: Final = 22
SECCOMP_MODE_FILTER: Final = 2
SIGKILL: Final = 9

LANDLOCK_CREATE: Final = 444
LANDLOCK_ADD: Final = 445
LANDLOCK_RESTRICT: Final = 446
_EXECUTE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 2, 1 << 3
_ON_FILES: Final = _EXECUTE | 1 << 1 | _READ_FILE | 1 << 14
"""Rights that a rule for a single file may carry: execute, write, read, truncate."""
_RIGHTS_BY_ABI: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_NET_RIGHTS: Final = 0b11
"""TCP bind and connect, from ABI 4."""
_SCOPES: Final = 0b11
"""Abstract unix sockets and signals stay inside the domain, from ABI 6."""
_MAKE_NODES: Final = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11
"""Character devices, sockets, FIFOs, block devices: never made, not even in a workshop."""


class Calls(NamedTuple):
    """System call numbers of one architecture."""

    audit: int
    sockets: tuple[int, ...]
    """socket connect accept sendto recvfrom sendmsg recvmsg bind listen socketpair accept4 recvmmsg sendmmsg"""
    privileged: tuple[int, ...]
    """ptrace mount umount2 pivot_root unshare setns init_module finit_module kexec_load bpf keyctl add_key
    request_key process_vm_readv process_vm_writev perf_event_open userfaultfd open_by_handle_at io_uring_setup"""
    groups: tuple[int, ...]
    """setpgid setsid: nobody leaves the group that is killed as one"""
    attributes: tuple[int, ...]
    """Changes to files that Landlock does not cover: chmod, chown, times, extended attributes"""
    programs: tuple[int, ...]
    """execve execveat"""
    clone: int
    clone3: int
    ioctl: int


_CALLS: Final = {
    "x86_64": Calls(
        audit=0xC000003E,
        sockets=(41, 42, 43, 44, 45, 46, 47, 49, 50, 53, 288, 299, 307),
        privileged=(101, 165, 166, 155, 272, 308, 175, 313, 246, 321, 250, 248, 249, 310, 311, 298, 323, 304, 425),
        groups=(109, 112),
        attributes=(90, 91, 92, 93, 94, 132, 188, 189, 190, 235, 260, 261, 268, 280, 452),
        programs=(59, 322),
        clone=56,
        clone3=435,
        ioctl=16,
    ),
    "aarch64": Calls(
        audit=0xC00000B7,
        sockets=(198, 203, 202, 206, 207, 211, 212, 200, 201, 199, 242, 243, 269),
        privileged=(117, 40, 39, 41, 97, 268, 105, 273, 104, 280, 219, 217, 218, 270, 271, 241, 282, 265, 425),
        groups=(154, 157),
        attributes=(5, 6, 7, 52, 53, 54, 55, 88, 452),
        programs=(221, 281),
        clone=220,
        clone3=435,
        ioctl=29,
    ),
}
_NAMESPACES: Final = 0x7E020000
"""Flags of clone(2) that make namespaces."""
_TERMINAL_INPUT: Final = (0x5412, 0x541C)
"""ioctl requests that type into a terminal: TIOCSTI, TIOCLINUX."""


class Workshop(NamedTuple):
    """The one folder to which a child that runs an external program may write."""

    folder: Path
    largest_file: int
    """Bytes."""


RESERVED: Final = 1 << 30
"""Bytes that a process may reserve beyond its memory without touching them: dictionaries of decoders, thread stacks."""


def lower_limits(memory: int, seconds: int, workshop: Workshop | None = None) -> None:
    """Set the resource limits of this process; its children inherit them.

    `RLIMIT_DATA` bounds private writable memory and leaves mapped inputs alone, which `RLIMIT_AS` would not. What the
    process holds already, inherited from a parent that may be large, comes on top of `memory`.
    """
    for what, soft in (
        (resource.RLIMIT_DATA, data_held() + memory + RESERVED),
        (resource.RLIMIT_CPU, seconds * 4 + 60),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, workshop.largest_file if workshop else 0),
        (resource.RLIMIT_NOFILE, 256),
    ):
        _, hard = resource.getrlimit(what)
        bound = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
        resource.setrlimit(what, (bound, bound))


def data_held() -> int:
    """Return the private writable memory that this process holds now, bytes; 0 where /proc does not tell."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmData:")), 0)


def die_with_parent(parent: int, number: int = SIGKILL) -> None:
    """Ask the kernel for this signal when the parent dies (Linux only, silently nothing elsewhere)."""
    if sys.platform == "linux":
        _libc().prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)


def enter(readable: Iterable[Path], workshop: Workshop | None = None) -> list[str]:
    """Drop rights for good; return the names of the layers that took hold, in order."""
    reached = ["rlimits"]
    if sys.platform != "linux":
        return reached
    if _libc().prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        reached.append("no-new-privs")
        if _landlock(readable, workshop):
            reached.append("landlock")
        if _seccomp(workshop is not None):
            reached.append("seccomp")
    return reached


def complete(reached: Sequence[str]) -> bool:
    """Tell whether every layer took hold."""
    return set(LAYERS) <= set(reached)


def offered() -> dict[str, str]:
    """Return what this machine offers, layer by layer, for `inspector doctor`; nothing is given up."""
    layers = {"rlimits": "yes"}
    if sys.platform != "linux":
        return layers | {"no-new-privs": "Linux only", "landlock": "Linux only", "seccomp": "Linux only"}
    abi = landlock_abi()
    layers["no-new-privs"] = "yes"
    layers["landlock"] = f"ABI {abi}" if abi > 0 else "not offered by this kernel"
    known = platform.machine() in _CALLS and Path("/proc/sys/kernel/seccomp").is_dir()
    layers["seccomp"] = "yes" if known else f"not on {platform.machine()}"
    return layers


def landlock_abi() -> int:
    """Return the Landlock ABI version of the running kernel, 0 or less without it."""
    return _call(LANDLOCK_CREATE, None, 0, 1)


def readable_paths() -> list[Path]:
    """Return what the interpreter itself must read for late imports: its prefix, the system's libraries, `sys.path`.

    The working directory is left out, which `python -m` puts on `sys.path`: it may hold anything.
    """
    places = {sys.prefix, sys.base_prefix, sys.exec_prefix, "/usr", "/lib", "/lib64", "/etc/ld.so.cache"}
    places |= {entry for entry in sys.path if entry and not _is_here(entry)}
    places |= {str(Path(__file__).parents[1]), "/proc/self", "/dev/null", "/dev/urandom", "/sys/devices/system/cpu"}
    return [Path(place) for place in sorted(places) if os.path.exists(place)]


def _is_here(entry: str) -> bool:
    try:
        return os.path.samefile(entry, os.curdir)
    except OSError:
        return True


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _landlock(readable: Iterable[Path], workshop: Workshop | None) -> bool:
    abi = landlock_abi()
    if abi <= 0:
        return False
    rights = _RIGHTS_BY_ABI[max(version for version in _RIGHTS_BY_ABI if version <= abi)]
    # From ABI 6 the kernel takes a third word, from ABI 4 a second one.
    words = [rights, *([_NET_RIGHTS] if abi >= 4 else []), *([_SCOPES] if abi >= 6 and workshop is None else [])]
    attributes = struct.pack(f"<{len(words)}Q", *words)
    ruleset = _call(LANDLOCK_CREATE, attributes, len(attributes), 0)
    if ruleset < 0:
        return False
    for path in readable:
        _allow(ruleset, path, _EXECUTE | _READ_FILE | _READ_DIR)
    if workshop is not None:
        _allow(ruleset, workshop.folder, rights & ~_MAKE_NODES)
        _allow(ruleset, Path("/dev/null"), _READ_FILE | 1 << 1)
    done = _call(LANDLOCK_RESTRICT, ruleset, 0) == 0
    os.close(ruleset)
    return done


def _allow(ruleset: int, path: Path, rights: int) -> None:
    # A path that cannot be opened, or a rule the kernel refuses, means fewer rights, never more.
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    allowed = rights if path.is_dir() else rights & _ON_FILES
    _call(LANDLOCK_ADD, ruleset, 1, struct.pack("<Qi", allowed, handle), 0)
    os.close(handle)


def _call(number: int, *arguments: int | bytes | None) -> int:
    taken = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return int(_libc().syscall(ctypes.c_long(number), *taken))


def _seccomp(may_run_programs: bool) -> bool:
    calls = _CALLS.get(platform.machine())
    if calls is None:
        return False
    denied = [*calls.sockets, *calls.privileged, *calls.groups]
    if not may_run_programs:
        denied += [*calls.attributes, *calls.programs]
    program = _bpf(calls, denied)
    code = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    described = Program(len(program) // 8, ctypes.addressof(code))
    return bool(_libc().prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(described), 0, 0) == 0)


def _bpf(calls: Calls, denied: Sequence[int]) -> bytes:
    """Return a classic BPF program: other architecture → kill; a denied call → EPERM; the rest → allow."""
    load, equal, at_least, any_bit, answer = 0x20, 0x15, 0x35, 0x45, 0x06
    kill, allow, refuse, no_such_call = 0x80000000, 0x7FFF0000, 0x00050001, 0x00050026
    number, architecture, first, second = 0, 4, 16, 24  # offsets in struct seccomp_data, arguments by their low word
    lines = [
        (load, 0, 0, architecture),
        (equal, 1, 0, calls.audit),
        (answer, 0, 0, kill),
        (load, 0, 0, number),
        (at_least, 0, 1, 0x40000000),  # the x32 interface would bypass the numbers below
        (answer, 0, 0, refuse),
    ]
    for call in denied:
        lines += [(equal, 0, 1, call), (answer, 0, 0, refuse)]
    # The flags of clone3 lie in memory, out of a filter's reach: the C library falls back to clone.
    lines += [(equal, 0, 1, calls.clone3), (answer, 0, 0, no_such_call)]
    lines += [(equal, 0, 4, calls.clone), (load, 0, 0, first), (any_bit, 0, 1, _NAMESPACES), (answer, 0, 0, refuse)]
    lines.append((answer, 0, 0, allow))
    lines += [(equal, 0, 3, calls.ioctl), (load, 0, 0, second), (equal, 2, 0, _TERMINAL_INPUT[0])]
    lines += [(equal, 1, 0, _TERMINAL_INPUT[1]), (answer, 0, 0, allow), (answer, 0, 0, refuse)]
    return b"".join(struct.pack("<HBBI", *line) for line in lines)
