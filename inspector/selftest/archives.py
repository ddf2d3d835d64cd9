"""Makers of hostile archives, field by field: what a packer would refuse to write."""

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One zip entry; None means the true value."""

    name: bytes
    data: bytes
    method: int = 8
    local_method: int | None = None
    central_method: int | None = None
    flags: int = 0
    crc: int | None = None
    size: int | None = None
    central_only: bool = False


def zip_of(entries: Sequence[Entry], prefix: bytes = b"", suffix: bytes = b"") -> bytes:
    """Return a zip with exactly these fields; offsets are right for what stands behind `prefix`."""
    body, central = bytearray(), bytearray()
    for entry in entries:
        packed = _deflate(entry.data) if entry.method == 8 else entry.data
        crc = zlib.crc32(entry.data) if entry.crc is None else entry.crc
        size = len(entry.data) if entry.size is None else entry.size
        local = entry.method if entry.local_method is None else entry.local_method
        listed = entry.method if entry.central_method is None else entry.central_method
        at = len(body)
        sizes = (crc, len(packed), size & 0xFFFFFFFF, len(entry.name), 0)
        if not entry.central_only:
            body += struct.pack("<4s5H3I2H", b"PK\3\4", 20, entry.flags, local, 0, 0x21, *sizes) + entry.name + packed
        central += (
            struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, entry.flags, listed, 0, 0x21, *sizes, 0, 0, 0, 0, at)
            + entry.name
        )
    return prefix + bytes(body) + bytes(central) + end_record(len(entries), len(central), len(body)) + suffix


def end_record(count: int, size: int, offset: int) -> bytes:
    """Return the end of a central directory."""
    count = min(count, 0xFFFF)
    return struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, size, offset, 0)


def plain_zip(members: Sequence[tuple[str, bytes]], stored: bool = False) -> bytes:
    """Return an ordinary zip."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def overlapping_zip(copies: int, data: bytes) -> bytes:
    """Return a zip in which `copies` names share one local entry (D. Fifield, "A better zip bomb", 2019)."""
    packed = _deflate(data)
    sizes = (zlib.crc32(data), len(packed), len(data))
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 0x21, *sizes, 4, 0) + b"0000" + packed
    central = b"".join(
        struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 0x21, *sizes, 4, 0, 0, 0, 0, 0, 0) + b"%04d" % number
        for number in range(copies)
    )
    return local + central + end_record(copies, len(central), len(local))


def quoting_zip(copies: int, data: bytes) -> bytes:
    """Return a zip in which each entry's deflate data quotes the next local header as a stored block (Fifield)."""
    kernel = _deflate(data)
    chain, plain, records = kernel, data, []
    for number in reversed(range(copies)):
        name = b"%04d" % number
        sizes = (zlib.crc32(plain), len(chain), len(plain))
        header = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 0x21, *sizes, 4, 0) + name
        records.append((name, sizes, len(header) + len(chain)))
        body = header + chain
        quote = struct.pack("<BHH", 0, len(header), len(header) ^ 0xFFFF) + header
        chain, plain = quote + chain, header + plain
    total = len(body)
    central = b"".join(
        struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 0x21, *sizes, 4, 0, 0, 0, 0, 0, total - length) + name
        for name, sizes, length in reversed(records)
    )
    return body + central + end_record(copies, len(central), total)


def tar_of(members: Sequence[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    """Return a tar with these headers."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for info, data in members:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def tar_entry(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", mode: int = 0o644) -> tarfile.TarInfo:
    """Return one tar header."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, target, mode
    return info


def ar_of(name: bytes, data: bytes) -> bytes:
    """Return an ar archive with one member, its name in a GNU long-name table."""
    table = name + b"/\n"
    table += b"\n" * (len(table) % 2)

    def header(title: bytes, size: int) -> bytes:
        return title.ljust(16) + b"0".ljust(12) + b"0".ljust(6) * 2 + b"100644".ljust(8) + b"%-10d`\n" % size

    return b"!<arch>\n" + header(b"//", len(table)) + table + header(b"/0", len(data)) + data + b"\n" * (len(data) % 2)


def cpio_of(name: bytes, data: bytes) -> bytes:
    """Return a newc cpio archive with one member."""

    def entry(title: bytes, content: bytes, mode: int) -> bytes:
        fields = (1, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(title) + 1, 0)
        head = b"070701" + b"".join(b"%08X" % value for value in fields) + title + b"\0"
        return _even(head, 4) + _even(content, 4)

    return entry(name, data, 0o100644) + entry(b"TRAILER!!!", b"", 0)


def nested_gzip(depth: int, data: bytes) -> bytes:
    """Return `data` in `depth` gzip streams, one in the other."""
    for _ in range(depth):
        data = gzip.compress(data, 1, mtime=0)
    return data


def nested_zips(depth: int, width: int, kernel: bytes) -> bytes:
    """Return `depth` levels of zips, each with `width` copies of the next (after 42.zip)."""
    inner = plain_zip([("zeros", kernel)])
    for _ in range(depth):
        inner = plain_zip([(f"{number}.zip", inner + b"" * number) for number in range(width)])
    return inner


def _even(data: bytes, step: int) -> bytes:
    return data + b"\0" * (-len(data) % step)


def _deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()
