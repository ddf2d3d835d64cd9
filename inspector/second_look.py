"""A second reader's view of the code behind a piece of evidence, for `inspector explain --code`.

The scan reads DEX and ELF with its own bounded tables. A claim that is challenged deserves another witness: androguard
disassembles the methods that load the constant, LIEF lists what the program imports. Both are slow and not hardened,
so they run on one member at a time, inside the sandboxed child.
"""

import io
import logging
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, Final

AROUND: Final = 6
"""Instructions shown before and behind the one that holds the value."""
MOST_METHODS: Final = 3
MOST_LINES: Final = 40
LARGEST: Final = 64 << 20
NETWORK: Final = (
    "socket connect send sendto recv bind listen getaddrinfo gethostbyname inet_addr inet_pton SSL_connect "
    "curl_easy_perform mount system popen execve"
)


def load_readers() -> None:
    """Import the readers now: in the sandboxed child their imports could not read all that they want."""
    import_module("androguard.core.dex")
    import_module("lief")
    _quiet()


def second_look(data: bytes, value: str, referenced_by: Sequence[str]) -> list[str]:
    """Return lines that show how `value` is used in a DEX or native program; empty for anything else, or on failure."""
    if len(data) > LARGEST:
        return []
    try:
        if data[:4] == b"dex\n":
            return list(_dex(data, value, referenced_by))[:MOST_LINES]
        if data[:4] == b"\x7fELF" or data[:2] == b"MZ" or data[:4] in _MACHO:
            return list(_native(data))[:MOST_LINES]
    except Exception as error:  # a foreign reader may fail on hostile bytes in any way; the evidence stands without it
        return [f"the second reader failed: {type(error).__name__}"]
    return []


_MACHO: Final = (b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe")


def _dex(data: bytes, value: str, referenced_by: Sequence[str]) -> Iterator[str]:
    _quiet()
    from androguard.core.dex import DEX

    wanted = {_signature(name) for name in referenced_by}
    shown = 0
    for method in DEX(data).get_encoded_methods():
        if shown >= MOST_METHODS:
            return
        if (str(method.get_class_name()), str(method.get_name())) in wanted:
            shown += 1
            yield f"androguard: {method.get_class_name()}->{method.get_name()}{method.get_descriptor()}"
            yield from _around(method, value)


def _around(method: Any, value: str) -> Iterator[str]:
    lines = [f"  {item.get_name()} {item.get_output()}".rstrip() for item in method.get_instructions()]
    hits = [number for number, line in enumerate(lines) if "const-string" in line and value in line]
    for number in hits[:1]:
        yield from lines[max(number - AROUND, 0) : number + AROUND + 1]


def _signature(name: str) -> tuple[str, str]:
    """Return (`Lcom/example/Api;`, `connect`) for `com.example.Api.connect`."""
    owner, _, method = name.rpartition(".")
    return f"L{owner.replace('.', '/')};", method


def _native(data: bytes) -> Iterator[str]:
    import lief

    lief.logging.disable()
    program: Any = lief.parse(io.BytesIO(data))
    if program is None or not hasattr(program, "imported_functions"):
        return
    names = {str(getattr(symbol, "name", symbol)).lstrip("_") for symbol in program.imported_functions}
    calls = sorted(names & set(NETWORK.split()))
    yield f"LIEF: {type(program).__module__.rpartition('.')[2]} program, {len(names)} imported functions"
    yield f"  network and system calls: {', '.join(calls) or 'none'}"
    libraries = [str(getattr(item, "name", item)) for item in program.libraries]
    yield f"  libraries: {', '.join(libraries[:12]) or 'none'}"


def _quiet() -> None:
    """Switch off androguard's log: it prints to stderr for every odd byte."""
    logging.getLogger("androguard").setLevel(logging.CRITICAL)
    from loguru import logger

    logger.disable("androguard")
