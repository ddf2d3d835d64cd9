"""zip: entries resolved to byte ranges, checked against each other, and opened.

Every oddity that a tool could be misled by is kept as a note: differing headers, repeated names, unknown methods
(Android reads them as stored), an encryption flag without encryption, entries that share bytes.

Limits: no decryption.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice, pairwise
from stat import S_IFMT, S_ISLNK
from struct import Struct
from typing import Final, NamedTuple

from isal import isal_zlib

from inspector.errors import Encrypted, FormatError, LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.formats.archive import bzip2, lzma_alone, xz, zstd
from inspector.formats.archive import zip as records
from inspector.formats.archive.zip import Header
from inspector.formats.codec import dcl, deflate64, ppmd_i, zip_legacy
from inspector.formats.codec.streams import STEP, Codec, Decoded, Stream, collect, inflate, inflate_at_once, span_of
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.names import decode_name
from inspector.formats.reader import BufferReader, MappedReader, Piece, Reader, Span

STORED, SHRINK, IMPLODE, DEFLATE, DEFLATE64, DCL, BZIP2, LZMA = 0, 1, 6, 8, 9, 10, 12, 14
ZSTD_OLD, ZSTD, XZ, PPMD, AES = 20, 93, 95, 98, 99
REDUCE: Final = range(2, 6)
LEGACY: Final = {
    7: "tokenize", 19: "LZ77", 94: "MP3", 96: "JPEG", 97: "WavPack",
}  # fmt: skip
OVERLAP_TOLERANCE: Final = 2
OVERLAPS_READ: Final = 4
"""Entries sharing bytes with another that are still read; more of them make the archive a bomb."""
MOST_UNLISTED: Final = 1_000
"""Entries read that stand in an archive without being in its directory."""
MOST_TRIES: Final = 64
"""Local headers outside the directory that turn out to be none, before no more are looked at."""
UNLISTED: Final = "not in the directory"
MAX_WALK: Final = 256
"""Local headers followed in one go inside an artifact; the rest is another piece, so that carving stays linear."""
UNIX: Final = 3
MAX_TARGET: Final = 4096
CRYPT_HEADER: Final = 12
COMMENT: Final = Struct("<H")
PLAIN: Final = 1024
"""Bytes up to which a header with its name, extra fields and comment counts as understood."""
STRONGLY: Final = records.FLAG_STRONG | records.FLAG_ENCRYPTED


class Entry(NamedTuple):
    """One entry: its headers and where its bytes lie."""

    header: Header
    """From the central directory, or the local header where that is all there is."""
    local: Header | None
    body: Span
    descriptor: int = 0
    problem: FormatError | None = None
    notes: tuple[str, ...] = ()

    @property
    def start(self) -> int:
        """Where the entry starts, its local header included."""
        return self.body.start if self.local is None else self.local.position


def extent(data: Reader, offset: int) -> Span:
    """Return the archive that starts at `offset`, comment included; without directory, up to its last whole entry."""
    first = records.check_start(data, offset)
    directory = records.find_directory(data, first)
    if directory is not None:
        return Span(offset, directory.stop)
    end = first
    for entry in islice(_walk(data, first), None if offset == 0 else MAX_WALK):
        if offset and end == first and not _convincing(entry):
            raise NotThisFormat("the magic of a zip in other data")
        end = entry.body.end + entry.descriptor
    if end == first:
        raise Malformed("zip with a broken first entry and no directory")
    return Span(offset, end)


def _convincing(entry: Entry) -> bool:
    """Tell whether a first entry amid other bytes is one: programs that write zips hold the magic as a constant."""
    header = entry.header
    whole = len(entry.body) >= header.stored and (header.stored or header.flags & records.FLAG_DESCRIPTOR)
    known = header.method in DECODED
    return bool(header.name and whole and known and decode_name(header.name).isprintable())


def read_zip(data: Reader) -> Contents:
    """Return the members; entries in the order of the directory, or of the file where the directory is lost."""
    first = records.check_start(data, 0)
    directory = records.find_directory(data, first)
    if directory is None:
        entries, notes, spans = list(_walk(data, first)), list[str](), [Span(0, first)]
    else:
        entries = _resolve(data, directory)
        notes = _directory_notes(data, entries, directory)
        spans = [Span(0, first), *_directory_bytes(entries, directory)]
    block = records.signing_block(data, directory.span.start) if directory else None
    if directory is not None:
        unlisted, ends = _between(data, first, entries, directory, block)
        entries += unlisted
        if len(unlisted) == MOST_UNLISTED:
            notes.append(f"more than {MOST_UNLISTED} entries are not in the directory: the others are not read")
        notes += [f"another end record at {position:#x}" for position in ends]
    members = _members(data, _without_overlaps(entries))
    if block:
        members = [*members, _slice_member("APK Signing Block", data, block)]
    structure = spans + [span for entry in entries for span in _own_bytes(entry)]
    damage = ""
    if directory is None:
        damage = "central directory missing: entries behind the end are lost"
        if first:
            damage = "first of several files: the directory and the entries of the others are missing"
    elif -1 in directory.disks and any(entry.problem for entry in entries):
        damage = f"the last of {len(directory.disks)} files: the entries in the others are missing"
    return Contents(members, lambda: structure, {"entries": str(len(entries))}, tuple(notes), damage)


def _between(
    data: Reader, first: int, entries: Sequence[Entry], directory: records.Directory, block: Span | None
) -> tuple[list[Entry], list[int]]:
    """Return what stands in an archive beside what its directory lists: entries, and places of other end records.

    Tools that change an archive in place leave both behind; a loader may keep code there, out of sight of installers.
    """
    taken = [Span(entry.start, entry.body.end + entry.descriptor) for entry in entries if entry.local is not None]
    taken += [directory.span, directory.end, *([block] if block else [])]
    unlisted: list[Entry] = []
    ends: list[int] = []
    tries = iter(range(MOST_TRIES))
    reached = first
    for span in sorted(taken):
        if span.start - reached >= records.END_RECORD.size:
            gap = data.slice(0, span.start)
            unlisted += islice(_unlisted(gap, reached, tries), MOST_UNLISTED - len(unlisted))
            behind = max((entry.body.end for entry in unlisted[-1:]), default=0)
            ends += _other_ends(gap, max(reached, behind))
        reached = max(reached, span.end)
    return unlisted, ends[:OVERLAPS_READ]


def _unlisted(gap: Reader, position: int, tries: Iterator[int]) -> Iterator[Entry]:
    """Yield the entries in a gap, which ends where `gap` does; nameless ones are padding of the Android tools.

    `tries` limits what is no entry after all: each may cost a decode of all that follows.
    """
    while (position := gap.find(records.LOCAL, position)) >= 0:
        entry = next(_walk(gap, position), None)
        if entry is not None and not entry.header.name:
            position = max(position + len(records.LOCAL), entry.body.end)
        elif entry is not None and _convincing(entry):
            yield entry._replace(notes=(UNLISTED,))
            position = max(position + len(records.LOCAL), entry.body.end + entry.descriptor)
        elif next(tries, None) is None:
            return
        else:
            position += len(records.LOCAL)


def _other_ends(gap: Reader, start: int) -> Iterator[int]:
    position = gap.find(records.END, start)
    if 0 <= position <= gap.size - records.END_RECORD.size:
        yield position


def _slice_member(path: str, data: Reader, span: Span) -> Member:
    part = data.slice(span.start, span.end)
    return Member(path, open=lambda _limit: part, extents=(span,), size=len(span), format="apk-signing-block")


def _directory_bytes(entries: Sequence[Entry], directory: records.Directory) -> Iterator[Span]:
    """Yield the records that were read: what lies between or behind them is somebody else's."""
    start = end = directory.span.start
    for header in sorted((entry.header for entry in entries), key=lambda header: header.position):
        own = _plain(header.position, header.length, records.CENTRAL_HEADER.size)
        if own.start != end:
            yield Span(start, end)
            start = own.start
        end = min(own.end, directory.end.start)
    yield Span(start, end)
    first, last = directory.end.start, directory.end.end
    yield _plain(first, last - first, records.END64_RECORD.size)
    yield Span(max(first, last - records.END_RECORD.size - records.LOCATOR_RECORD.size), last)


def _plain(start: int, length: int, fixed: int) -> Span:
    """Return the bytes of a header that its reader can answer for: a long extra field or comment may hold anything."""
    return Span(start, start + (length if length <= PLAIN else fixed))


def _own_bytes(entry: Entry) -> Iterator[Span]:
    if entry.local is not None:
        own = _plain(entry.local.position, entry.local.length, records.LOCAL_HEADER.size)
        yield Span(own.start, min(own.end, entry.body.start))
    if entry.descriptor:
        yield Span(entry.body.end, entry.body.end + entry.descriptor)


def _directory_notes(data: Reader, entries: Sequence[Entry], directory: records.Directory) -> list[str]:
    notes = []
    (comment,) = data.unpack_at(directory.end.end - 2, COMMENT)
    if comment > directory.comment:
        notes.append(f"comment of {comment} bytes, {directory.comment} there")
    if directory.disks and not any(entry.problem for entry in entries) and -1 in directory.disks:
        notes.append(f"end record says file {len(directory.disks)} of several, all entries are in this one")
    if len(entries) & 0xFFFF != directory.entries & 0xFFFF:
        notes.append(f"directory has {len(entries)} entries, its end record says {directory.entries}")
    if directory.shift and not directory.disks:
        notes.append(f"local offsets are shifted by {directory.shift}")
    return notes


def _resolve(data: Reader, directory: records.Directory) -> list[Entry]:
    headers = list(records.central_headers(data, directory))
    locals_ = [records.local_header(data, directory.place(data, header)) for header in headers]
    starts = sorted({local.position for local in locals_ if local} | {directory.span.start})
    following = dict(pairwise(starts))
    return [
        _entry(data, header, local, following.get(local.position, directory.span.start) if local else 0, directory)
        for header, local in zip(headers, locals_, strict=True)
    ]


def _entry(data: Reader, header: Header, local: Header | None, following: int, directory: records.Directory) -> Entry:
    if local is None:
        problem = Malformed("entry points to no local header")
        if header.disk < len(directory.disks):
            problem = Malformed(f"lies in part {header.disk + 1} of {len(directory.disks)}, which is not here")
        return Entry(header, None, Span(0, 0), problem=problem)
    start = min(local.position + local.length, data.size)
    stored = header.stored
    if header.method not in DECODED and header.method not in LEGACY and header.size:
        stored = min(header.size, max(following - start, 0)) or stored
    body, descriptor = Span(start, min(start + stored, data.size)), 0
    if header.flags & records.FLAG_DESCRIPTOR:
        descriptor = records.descriptor_length(data, body.end, header.crc)
    return Entry(header, local, body, descriptor, notes=_differences(header, local))


def _differences(header: Header, local: Header) -> tuple[str, ...]:
    """Name what the local header says otherwise; sizes and checksum may be left to the data descriptor."""
    if header[3:9] == local[3:9]:  # the common case: flags to name are the same
        return ()
    notes = []
    if local.method != header.method:
        notes.append(f"local header says method {local.method}, directory {header.method}")
    if local.name != header.name:
        notes.append(f"local header says name {decode_name(local.name[:256])!r}")
    if (local.flags ^ header.flags) & records.FLAG_ENCRYPTED:
        notes.append("encryption flag differs between local header and directory")
    deferred = (local.flags | header.flags) & records.FLAG_DESCRIPTOR
    fields = ("checksum", local.crc, header.crc), ("stored size", local.stored, header.stored)
    for what, mine, theirs in (*fields, ("size", local.size, header.size)):
        if mine != theirs and not (deferred and not mine):
            notes.append(f"{what} differs between local header and directory")
    return tuple(notes)


def _walk(data: Reader, position: int) -> Iterator[Entry]:
    """Yield entries by their local headers, one behind the other, up to the first thing that is none."""
    while (local := records.local_header(data, position)) is not None:
        start = position + local.length
        if start > data.size:
            return
        stored = local.stored
        if local.flags & records.FLAG_DESCRIPTOR and not stored:
            stored = _undescribed(data, local, start)
            if stored < 0:
                return
        body = Span(start, min(start + stored, data.size))
        descriptor = 0
        if local.flags & records.FLAG_DESCRIPTOR:
            descriptor = records.descriptor_length(data, body.end, local.crc)
        yield Entry(local, local, body, descriptor)
        position = body.end + descriptor


def _undescribed(data: Reader, local: Header, start: int) -> int:
    """Return the stored length of an entry whose sizes stand behind it, or -1."""
    if local.method in (DEFLATE, BZIP2, ZSTD, XZ):
        try:
            return span_of(CODECS[local.method], data, start)
        except FormatError:
            return -1
    position = data.find(records.DESCRIPTOR, start)
    return position - start


def _without_overlaps(entries: list[Entry]) -> list[Entry]:
    """Note entries that share bytes with an earlier one, and refuse them when they are many."""
    overlapping: list[int] = []
    reached = 0
    for index in sorted(range(len(entries)), key=lambda i: (entries[i].start, entries[i].body.end)):
        entry = entries[index]
        if entry.problem is None and len(entry.body):
            if entry.start < reached - OVERLAP_TOLERANCE:
                overlapping.append(index)
            reached = max(reached, entry.body.end)
    result = list(entries)
    for count, index in enumerate(overlapping):
        refused = Malformed("shares its bytes with other entries") if count >= OVERLAPS_READ else None
        entry = entries[index]
        result[index] = entry._replace(problem=refused, notes=(*entry.notes, "overlaps another entry"))
    return result


def _members(data: Reader, entries: list[Entry]) -> list[Member]:
    names: set[bytes] = set()
    folders = {entry.header.name.rpartition(b"/")[0] for entry in entries}
    members = []
    for entry in entries:
        name, notes = entry.header.name, list(entry.notes)
        path, other = decode_name(name), decode_name(entry.header.unicode_name)
        if other and other != path:
            if name.isascii() or entry.header.flags & records.FLAG_UTF8:  # only some programs look at the other one
                notes.append(f"extra field says name {other[:256]!r}")
            else:  # in a code page that nothing tells
                path = other
        if UNLISTED in notes:
            path = f"{path}@{entry.start:#x}"
        elif name in names:
            path = f"{path}@{entry.start:#x}"
            notes.append("duplicate name")
        if name in folders and name:
            notes.append("name is a file and a folder")
        if b"\0" in name:
            notes.append("NUL in the name")
        names.add(name)
        members.append(_member(data, entry, path, tuple(notes)))
    return members


def _member(data: Reader, entry: Entry, path: str, notes: tuple[str, ...]) -> Member:
    header = entry.header
    mode = header.attributes >> 16 if header.made_by >> 8 == UNIX else 0
    extents = (entry.body,) if len(entry.body) else ()
    if path.endswith("/") and not header.size and not len(entry.body):
        return Member(path, kind=MemberKind.DIRECTORY, mode=mode & 0o7777, notes=notes)
    target = _target(data, entry) if S_ISLNK(mode) else ""
    if S_IFMT(mode) and target:
        return Member(path, None, extents, header.size, MemberKind.SYMLINK, target, mode & 0o7777, notes=notes)
    return Member(
        path,
        open=None if entry.problem else partial(open_entry, data, entry),
        extents=extents,
        size=header.size,
        mode=mode & 0o7777,
        problem=entry.problem,
        notes=notes,
    )


def _target(data: Reader, entry: Entry) -> str:
    """Return where a symbolic link points, or nothing when the content is too long or broken for one."""
    if entry.problem or entry.header.size > MAX_TARGET or entry.header.flags & records.FLAG_ENCRYPTED:
        return ""
    try:
        return decode_name(bytes(open_entry(data, entry, MAX_TARGET).all()))
    except FormatError:
        return ""


def open_entry(data: Reader, entry: Entry, limit: int) -> Reader:
    """Decode an entry; a wrong checksum or length is noted, never fatal.

    Raises `Encrypted` where the flag is set and the bytes do not decode without a key.
    """
    header = entry.header
    if header.method == AES or header.flags & STRONGLY == STRONGLY:
        raise Encrypted("AES" if header.method == AES else "strong encryption")
    if header.flags & records.FLAG_ENCRYPTED:
        return _despite_flag(data, entry, limit)
    if header.method == DEFLATE and header.size <= limit:
        plain = inflate_at_once(data.view_at(entry.body.start, len(entry.body)), header.size)
        if plain is not None and isal_zlib.crc32(plain) == header.crc:
            return BufferReader(plain)  # nearly every entry of nearly every archive
    content = _decode(data, entry, limit)
    return _noted(content, _oddities(header, content))


def _despite_flag(data: Reader, entry: Entry, limit: int) -> Reader:
    """Open an entry as if it were not encrypted: its checksum tells whether the flag lies."""
    header = entry.header
    try:
        content = _decode(data, entry, limit)
    except LimitReached:
        raise
    except FormatError as error:
        raise Encrypted("ZipCrypto") from error
    if _oddities(header, content) or content.damage:
        fits = len(entry.body) >= header.size + CRYPT_HEADER if header.method == STORED else True
        if fits:
            raise Encrypted("ZipCrypto")
    return _noted(content, ["encryption flag without encryption"])


def _oddities(header: Header, content: Reader) -> list[str]:
    notes = []
    if content.size != header.size:
        notes.append(f"decodes to {content.size} bytes, header says {header.size}")
    crc = 0
    for _, window in content.windows():
        crc = isal_zlib.crc32(window, crc)
    if crc != header.crc:
        notes.append("wrong CRC")
    return notes


def _noted(content: Reader, notes: list[str]) -> Reader:
    content.notes = (*content.notes, *notes)
    return content


def _decode(data: Reader, entry: Entry, limit: int) -> Reader:
    body = data.slice(entry.body.start, entry.body.end)
    method = entry.header.method
    if method != STORED and method in DECODED:
        try:
            return _collect(body, entry.header, limit)
        except LimitReached:
            raise
        except FormatError:
            # Android takes every method it does not know for stored.
            if method == DEFLATE or body.size < entry.header.size:
                raise
    if method in LEGACY and body.size != entry.header.size:
        raise Unsupported(f"zip method {method} ({LEGACY[method]})")
    return _stored(body, entry.header, limit)


def _collect(body: Reader, header: Header, limit: int) -> Reader:
    if header.method in SIZED:
        if header.size > limit:
            raise LimitReached(f"{header.size} bytes, {limit} allowed")
        return SIZED[header.method](body, header).reader()
    codec = CODECS[header.method]
    if header.method == LZMA:
        codec = partial(_zip_lzma, size=header.size)
    return collect(codec, body, 0, limit).reader()


def _stored(body: Reader, header: Header, limit: int) -> Reader:
    if body.size > limit:
        raise LimitReached(f"more than the {limit} bytes allowed")
    content = body.slice(0, body.size)
    if body.size < header.stored:
        content.damage = Malformed("archive ends inside this entry")
    if header.method != STORED:
        content.notes = (f"method {header.method} read as stored",)
    return content


def _zip_lzma(data: Reader, offset: int, step: int = STEP, *, size: int) -> Stream:
    """Decode zip's own LZMA wrapping: version, length of the properties, properties, range coder."""
    properties = data.read_at(offset + 4, 5)
    standard = BufferReader(properties + size.to_bytes(8, "little"))
    rest = data.size - offset - 9
    whole = MappedReader([Piece(13, standard), Piece(rest, data, offset + 9)])
    return (yield from lzma_alone.decompress_standard(whole, 0, step)) - 4


CODECS: Final[dict[int, Codec]] = {
    STORED: inflate,
    DEFLATE: inflate,
    DEFLATE64: deflate64.decompress,
    BZIP2: bzip2.decompress,
    LZMA: lzma_alone.decompress,
    ZSTD_OLD: zstd.decompress,
    ZSTD: zstd.decompress,
    XZ: xz.unxz,
}
"""Decoders by method; STORED stands here to mark it as known."""
SIZED: Final[dict[int, Callable[[Reader, Header], Decoded]]] = {
    SHRINK: lambda body, header: zip_legacy.unshrink(body, header.size),
    **dict.fromkeys(REDUCE, lambda body, header: zip_legacy.unreduce(body, header.size, header.method - 1)),
    IMPLODE: lambda body, header: zip_legacy.explode(body, header.size, header.flags),
    DCL: lambda body, header: dcl.explode(body, header.size),
    PPMD: lambda body, header: ppmd_i.decode(body, header.size),
}
"""Those that must be told how many bytes come out."""
DECODED: Final = frozenset((*CODECS, *SIZED))
