"""Windows images (WIM, SWM, ESD): trees of files of which each content is stored once, in chunks packed on their own.

Format: Microsoft, "Windows Imaging File Format (WIM)" (2007); for reparse points [MS-FSCC] 2.1.2. Solid resources (ESD)
came later; their layout, and that of images that wimlib writes to a pipe, is that of images that it wrote.
Limits: of contents that are packed together with LZMS the first `MOST_TOGETHER` bytes are read; images in several files
are read as far as these lie end to end; security descriptors, object identifiers and short names are not kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha1
from struct import Struct
from typing import Final, NamedTuple

from inspector.errors import FormatError, LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.formats.codec import lzms, lzx, xpress
from inspector.formats.filesystem.tree import Entry, Found, members_of
from inspector.formats.image import header_at
from inspector.formats.layout import Contents, Member, MemberKind
from inspector.formats.reader import BufferReader, MappedReader, Reader, Span

MAGIC: Final = b"MSWIM\0\0\0"
PIPABLE: Final = b"WLPWM\0\0\0"
PIPE_HEADER: Final = Struct("<8sQ20sI")
"""Mark, decoded size, digest and flags, in front of each resource of an image that was written to a pipe."""
PIPE_MARK: Final = bytes.fromhex("d8b93d44a29b9b2b")
HEADER: Final = Struct("<8sIIII16sHHI")
RESOURCES_AT: Final = 0x30
HEADER_SIZE, MOST_HEADER = 0xD0, 0x1000
RESOURCE: Final = Struct("<QQQ")
"""Stored size (7 bytes) and flags (1), offset, decoded size."""
STREAM: Final = Struct("<QQQHI20s")
PACKED_RESOURCE, METADATA, SOLID = 0x04, 0x02, 0x10
PACKED: Final = 0x02
CODECS: Final = {0x20000: "XPRESS", 0x40000: "LZX", 0x80000: "LZMS", 0x200000: "XPRESS"}
SOLID_HEADER: Final = Struct("<QII")
"""Decoded size, size of a chunk, codec; the stored sizes of the chunks follow, four bytes each."""
SOLID_CODECS: Final = {1: "XPRESS", 2: "LZX", 3: "LZMS"}
MOST_TOGETHER: Final = 1 << 27
"""Decoded bytes that are read of what is packed together with LZMS, which takes a minute or two."""
CHUNKS: Final = range(12, 31)
"""Bits of a chunk's size."""
LARGE: Final = 1 << 32
MOST_IMAGES: Final = 256
MOST_METADATA: Final = 1 << 28
"""Bytes of the table of contents, and of the tree of one image; that of a whole Windows takes some 30 MB."""
ENTRY: Final = Struct("<QIiQ16x24x20sIIIHHH")
STREAM_ENTRY: Final = Struct("<Q8x20sH")
DIRECTORY, REPARSE = 0x10, 0x400
LINK_TAGS: Final = {0xA000000C: 12, 0xA0000003: 8}
"""Reparse tag of a symbolic link and of a junction → where the names begin in its data."""
LONGEST_LINK: Final = 1 << 16
NOTHING: Final = bytes(20)
NO_WIM: Final = "no Windows image"


@dataclass(frozen=True, slots=True)
class Solid:
    """Contents packed together: chunks, each of which decodes on its own."""

    size: int
    """Decoded bytes of all."""
    chunk: int
    """Decoded bytes of each but the last."""
    codec: str
    places: tuple[Span, ...]
    """Where the stored bytes of each chunk lie."""


@dataclass(slots=True)
class Run:
    """Solid resources that stand together in the table of contents; what follows there lies in them, end to end."""

    solids: list[Solid] = field(default_factory=list)
    problem: FormatError | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A range of the file that holds one content, packed or not."""

    span: Span
    size: int
    flags: int
    run: Run | None = None
    """Where it is packed together with others."""
    at: int = 0
    """Its place in the decoded bytes of the run."""

    @property
    def extents(self) -> tuple[Span, ...]:
        """Where its stored bytes lie; those of whole chunks where it is packed together with others."""
        if self.run is None:
            return (self.span,)
        return tuple(solid.places[number] for solid, number, _ in _pieces(self.run.solids, self.at, self.size))


@dataclass(frozen=True, slots=True)
class Stream:
    """One content of a file: its name (empty for the main one) and its digest."""

    name: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Dentry:
    """One file or directory of an image."""

    name: bytes
    at: int
    attributes: int
    below: int
    """Offset of the entries of a directory in the metadata of its image."""
    tag: int
    group: int
    """Same number, not 0: other names of one file."""
    streams: tuple[Stream, ...]


Key = tuple[int, int, int]
"""Number of the image, offset of an entry in its metadata, number of the stream; (image, offset of the list, -1) for a
directory."""
ROOT: Final = (-1, 0, -1)


def parse_resource(data: Reader, at: int) -> Resource:
    """Return the resource described at `at`; `Malformed` where it leaves the file."""
    packed, offset, size = data.unpack_at(at, RESOURCE)
    stored, flags = packed & (1 << 56) - 1, packed >> 56
    if offset + stored > data.size:
        raise Malformed(f"Windows image names {offset + stored:#x} bytes, {data.size:#x} there")
    return Resource(Span(offset, offset + stored), size, flags)


class WimFile:
    """An opened Windows image file: its table of contents, its images, and how it is packed."""

    def __init__(self, data: Reader) -> None:
        header_at(data, HEADER_SIZE, "a Windows image")
        magic, header, _, flags, chunk, self.series, self.part, self.parts, _ = data.unpack_at(0, HEADER)
        self.is_pipable = magic == PIPABLE
        if (
            magic not in (MAGIC, PIPABLE)
            or not HEADER_SIZE <= header <= min(4096, data.size)
            or not 0 < self.part <= max(self.parts, 1)
        ):
            raise NotThisFormat(NO_WIM)
        self.data, self.header = data, Span(0, header)
        self.codec = next((name for bit, name in CODECS.items() if flags & bit), "") if flags & PACKED else ""
        self.chunk = chunk or 1 << 15
        if self.codec and (self.chunk & self.chunk - 1 or self.chunk.bit_length() - 1 not in CHUNKS):
            raise NotThisFormat(NO_WIM)
        # What is written to a pipe has its header once more at the end, since the first one could not know the places.
        passed = list(_pipe_spans(data, header, self.chunk)) if self.is_pipable else []
        at = passed[-1].start if passed else 0
        self.table, self.xml, _ = (parse_resource(data, at + RESOURCES_AT + RESOURCE.size * n) for n in range(3))
        integrity = parse_resource(data, at + RESOURCES_AT + 3 * RESOURCE.size + 4)
        self._ends: list[int] = [at + header, self.table.span.end, self.xml.span.end, integrity.span.end]
        self.tables = [self.header, self.table.span, integrity.span, *passed]
        self.images: list[Resource] = []
        self.has_solid = False
        self._kept: tuple[Solid, int, bytes, FormatError | None] | None = None
        """The last chunk of a solid resource that was decoded: its number, bytes and damage."""
        self.streams: dict[bytes, Resource] = {}

    def read_table(self) -> None:
        """Read where each content lies. Raises a `FormatError` for a damaged table."""
        raw = BufferReader(self.decode(self.table, MOST_METADATA))
        run: Run | None = None
        for at in range(0, raw.size - STREAM.size + 1, STREAM.size):
            packed, offset, size, part, _, digest = raw.unpack_at(at, STREAM)
            flags = packed >> 56
            if part != self.part:
                continue
            run = (run or Run()) if flags & SOLID else None
            span = Span(offset, min(offset + (packed & (1 << 56) - 1), self.data.size))
            if run and size != LARGE:
                self.streams[digest] = Resource(Span(0, 0), packed & (1 << 56) - 1, flags, run, offset)
                continue
            if span.start > span.end:
                raise Malformed("Windows image with a content behind its end")
            self._ends.append(span.end)
            if run:
                self._begin_solid(run, span)
                continue
            resource = Resource(span, size, flags)
            if flags & METADATA:
                self.images.append(resource)
            else:
                self.streams[digest] = resource

    def _begin_solid(self, run: Run, span: Span) -> None:
        try:
            solid, table = parse_solid(self.data, span)
        except FormatError as problem:
            run.problem = problem.bare()
        else:
            run.solids.append(solid)
            self.has_solid = True
            self.tables.append(table)

    @property
    def end(self) -> int:
        """Return where the last thing that the tables name ends."""
        return max(self._ends)

    def decode(self, resource: Resource, limit: int) -> bytes:
        """Return what a resource holds. Raises a `FormatError` where that cannot be had completely."""
        reader = self.open(resource, limit)
        if reader.damage is not None:
            raise reader.damage
        return bytes(reader.all())

    def open(self, resource: Resource, limit: int) -> Reader:
        """Return what a resource holds; with its damage, as far as it could be decoded."""
        if resource.size > limit:
            raise LimitReached(f"{resource.size} bytes, {limit} allowed")
        if resource.run is not None:
            return self._together(resource, resource.run, limit)
        if not resource.flags & PACKED_RESOURCE:
            return self.data.slice(resource.span.start, min(resource.span.end, resource.span.start + resource.size))
        if not self.codec:
            raise Unsupported("packed with an unknown method")
        return self._unpacked(resource)

    def _together(self, resource: Resource, run: Run, limit: int) -> Reader:
        if run.problem is not None:
            raise run.problem
        out, problem = bytearray(), None
        for solid, number, piece in _pieces(run.solids, resource.at, resource.size):
            content, problem = self._chunk(solid, number, limit)
            out += content[piece.start : piece.end]
            if len(content) < piece.end:
                break
        if len(out) < resource.size:
            problem = problem or Malformed("Windows image with a content behind the end of its solid resource")
            if not out:
                raise problem
        reader = BufferReader(out)
        reader.damage = problem if len(out) < resource.size else None
        return reader

    def _chunk(self, solid: Solid, number: int, limit: int) -> tuple[bytes, FormatError | None]:
        """Return what a chunk of a solid resource holds, and what kept it from more."""
        if self._kept is not None and self._kept[0] is solid and self._kept[1] == number:
            return self._kept[2:]
        start, span = number * solid.chunk, solid.places[number]
        size = min(solid.chunk, solid.size - start)
        most = min(size, max(MOST_TOGETHER - start, 0)) if solid.codec == "LZMS" else size
        if most > limit:
            raise LimitReached(f"{most} bytes of contents packed together, {limit} allowed")
        self._kept = None  # two chunks are never held together
        content, problem = b"", None
        if len(span) == size:
            content = self.data.read_at(span.start, size)
        elif most:
            content, problem = decode_chunk(
                self.data.read_at(span.start, len(span)), size, solid.codec, solid.chunk, most
            )
        if len(content) == most < size and len(span) != size:
            problem = Unsupported(f"packed together with LZMS: the first {MOST_TOGETHER >> 20} MB are read")
        self._kept = solid, number, content, problem
        return content, problem

    def _unpacked(self, resource: Resource) -> Reader:
        out, problem = bytearray(), None
        try:
            for start, end in self._places(resource):
                size = min(self.chunk, resource.size - len(out))
                stored = self.data.read_at(start, end - start)
                if len(stored) == size:
                    out += stored
                    continue
                plain, problem = decode_chunk(stored, size, self.codec, self.chunk)
                out += plain
                if problem is not None:
                    break
        except FormatError as error:
            problem = error.bare()
        reader = BufferReader(bytes(out))
        reader.damage = problem
        return reader

    def _places(self, resource: Resource) -> Iterator[tuple[int, int]]:
        """Yield where each chunk lies: a table of offsets stands in front, without that of the first one."""
        count = -(-resource.size // self.chunk)
        if self.is_pipable:
            yield from _pipe_places(self.data, resource.span.start, resource.size, self.chunk)
            return
        width = _offset_width(resource.size)
        first = resource.span.start + width * max(count - 1, 0)
        if first > resource.span.end:
            raise Malformed("Windows image with more chunks than bytes")
        start = first
        for number in range(1, count + 1):
            end = resource.span.end
            if number < count:
                at = resource.span.start + width * (number - 1)
                end = first + int.from_bytes(self.data.read_at(at, width), "little")
            if not start < end <= resource.span.end:
                raise Malformed("Windows image with chunks out of order")
            yield start, end
            start = end


def _offset_width(size: int) -> int:
    return 8 if size > LARGE else 4


def _pipe_places(data: Reader, at: int, size: int, chunk: int) -> Iterator[tuple[int, int]]:
    """Yield where each chunk of a packed resource lies that was written to a pipe: its size stands in front of it."""
    for _ in range(-(-size // chunk)):
        start = at + 4
        at = start + int.from_bytes(data.read_at(at, 4), "little")
        if at > data.size:
            raise Malformed("Windows image with a chunk behind its end")
        yield start, at


def _pipe_spans(data: Reader, at: int, chunk: int) -> Iterator[Span]:
    """Yield the headers in front of the resources of an image that was written to a pipe, then the one at its end."""
    while data.startswith(PIPE_MARK, at):
        _, size, _, flags = data.unpack_at(at, PIPE_HEADER)
        yield Span(at, at + PIPE_HEADER.size)
        at += PIPE_HEADER.size
        if not flags & PACKED_RESOURCE:
            at += size
        else:
            places = list(_pipe_places(data, at, size, chunk))
            at = places[-1][1] if places else at
            at += _offset_width(size) * max(len(places) - 1, 0)  # the usual table comes behind the chunks
    if not data.startswith(PIPABLE, at) or at + HEADER_SIZE > data.size:
        raise Malformed("Windows image for a pipe that is cut off")
    yield Span(at, at + HEADER_SIZE)


def decode_chunk(
    data: bytes, size: int, codec: str, chunk: int, most: int | None = None
) -> tuple[bytes, FormatError | None]:
    """Return the `size` bytes of a chunk, or those in front of its damage, which is told.

    `chunk` is the size of all chunks but the last one; of LZMS no more than the first `most` bytes are decoded.
    """
    if codec == "LZMS":
        return lzms.unpack(data, size, most)
    if codec == "XPRESS":
        try:
            return xpress.unpack(data, size), None
        except FormatError as error:
            return b"", error.bare()
    window = chunk.bit_length() - 1
    if window not in lzx.WINDOWS:
        return b"", Unsupported(f"packed with LZX in chunks of {chunk} bytes")
    return lzx.Unpacker(data, window, in_image=True).unpack(size)


def parse_solid(data: Reader, span: Span) -> tuple[Solid, Span]:
    """Return the solid resource that lies in `span`, and its tables. Raises a `FormatError`."""
    size, chunk, number = data.unpack_at(span.start, SOLID_HEADER)
    codec = SOLID_CODECS.get(number)
    if codec is None or chunk & chunk - 1 or chunk.bit_length() - 1 not in CHUNKS:
        raise Unsupported(f"solid resource of kind {number} in chunks of {chunk} bytes")
    count = -(-size // chunk)
    start = span.start + SOLID_HEADER.size
    at = start + 4 * count
    if at > span.end:
        raise Malformed("Windows image with more chunks than bytes")
    places = []
    for stored in Struct(f"<{count}I").unpack(data.view_at(start, 4 * count)):
        places.append(Span(at, at + stored))
        at += stored
    if at > span.end:
        raise Malformed("Windows image with a chunk behind the end of its solid resource")
    return Solid(size, chunk, codec, tuple(places)), Span(span.start, start + 4 * count)


def _pieces(solids: Sequence[Solid], start: int, size: int) -> Iterator[tuple[Solid, int, Span]]:
    """Yield the chunks that `[start, start + size)` of a run lies in, and the part of each."""
    end = start + size
    for solid in solids:
        first, last = max(start, 0), min(end, solid.size)
        for number in range(first // solid.chunk, -(-last // solid.chunk) if first < last else 0):
            begin = number * solid.chunk
            yield solid, number, Span(max(first - begin, 0), min(last - begin, solid.chunk))
        start, end = start - solid.size, end - solid.size


class Later(NamedTuple):
    """One more file of a set, behind the first."""

    start: int
    wim: WimFile


class Trees:
    """The directories of all images of a file."""

    def __init__(self, wim: WimFile, later: "Sequence[Later]") -> None:
        """Decode the trees; raises a `FormatError` where that is not to be had: nobody then knows the names."""
        self._wim, self._later = wim, later
        self._metadata = [BufferReader(wim.decode(image, MOST_METADATA)) for image in wim.images[:MOST_IMAGES]]
        self._groups: dict[tuple[int, int], int] = {}
        self._first: dict[tuple[str, bytes], str] = {}

    def children(self, key: Key) -> Iterator[Entry[Key]]:
        """Yield the entries of a directory; the root holds the images where there is more than one."""
        image, at, _ = key
        if image >= 0:
            yield from self._entries(image, at)
            return
        for number, metadata in enumerate(self._metadata):
            # A table of security descriptors stands in front of the entry of the root, at a multiple of eight.
            root = read_dentry(metadata, int.from_bytes(metadata.read_upto(0, 4), "little") + 7 & ~7 or 8)
            if root is None:
                raise Malformed("Windows image without a root directory")
            if len(self._metadata) == 1:
                yield from self._entries(number, root.below)
            else:
                yield Entry(b"%d" % (number + 1), (number, root.below, -1), directory=True)

    def _entries(self, image: int, at: int) -> Iterator[Entry[Key]]:
        metadata = self._metadata[image]
        while at and (dentry := read_dentry(metadata, at)) is not None:
            length, at = at, dentry.at
            if dentry.attributes & DIRECTORY and not dentry.attributes & REPARSE:
                yield Entry(dentry.name, (image, dentry.below, -1), directory=True)
                continue
            place = self._groups.setdefault((image, dentry.group), length) if dentry.group else length
            for number, stream in enumerate(dentry.streams):
                name = dentry.name + (b":" + stream.name.encode("utf-8", "replace") if stream.name else b"")
                yield Entry(name, (image, place, number), directory=False)

    def member(self, found: Found[Key]) -> Member:
        """Return the member of one content of one file."""
        image, at, number = found.key
        dentry = read_dentry(self._metadata[image], at)
        if dentry is None:
            raise Malformed("Windows image with a damaged entry")
        stream = dentry.streams[number]
        if dentry.attributes & REPARSE and dentry.tag in LINK_TAGS and not stream.name:
            return Member(found.path, kind=MemberKind.SYMLINK, target=self._target(dentry, stream), notes=found.notes)
        if stream.digest == NOTHING:
            return Member(found.path, open=lambda _: BufferReader(b""), size=0, notes=found.notes)
        found_in = self._find(stream.digest)
        if found_in is None:
            raise Malformed("content is in another part of the set" if self._wim.parts > 1 else "content is missing")
        start, wim, resource = found_in
        path = found.path.partition("/")[2] if len(self._metadata) > 1 else found.path
        again = self._first.setdefault((path, stream.digest), found.path)
        if again != found.path:  # most files of the images of one release are the same
            return Member(found.path, kind=MemberKind.HARDLINK, target=again, notes=found.notes)
        opener = partial(_open, wim, resource, stream.digest)
        extents = tuple(_moved(span, start) for span in resource.extents)
        return Member(found.path, opener, extents, resource.size, notes=found.notes)

    def _find(self, digest: bytes) -> tuple[int, WimFile, Resource] | None:
        """Return where the file of the set begins that has a content, that file, and the content there."""
        for start, wim in (Later(0, self._wim), *self._later):
            if (resource := wim.streams.get(digest)) is not None:
                return start, wim, resource
        return None

    def _target(self, dentry: Dentry, stream: Stream) -> str:
        found = self._find(stream.digest)
        if found is None or found[2].size > LONGEST_LINK:
            return ""
        raw = found[1].decode(found[2], MOST_METADATA)
        start, length, shown, size = (int.from_bytes(raw[at : at + 2], "little") for at in (0, 2, 4, 6))
        names = raw[LINK_TAGS[dentry.tag] :]
        target = names[shown : shown + size] or names[start : start + length]
        return target.decode("utf-16-le", "backslashreplace").replace("\\", "/")


def _open(wim: WimFile, resource: Resource, digest: bytes, limit: int) -> Reader:
    reader = wim.open(resource, limit)
    if reader.damage is None and _sha1(reader) != digest:
        reader.notes = ("SHA-1 of the content differs",)
    return reader


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)


def _sha1(reader: Reader) -> bytes:
    digest = sha1(usedforsecurity=False)
    for _, view in reader.windows():
        digest.update(view)
    return digest.digest()


def read_dentry(metadata: Reader, at: int) -> Dentry | None:
    """Return the entry at `at`, with the offset of the next one in `at`; None for the end of a directory.

    Raises `Malformed` where it leaves the metadata.
    """
    length = int.from_bytes(metadata.read_at(at, 8), "little")
    if length <= 8:
        return None
    _, attributes, _, below, digest, _, tag, group_high, extra, _, long = metadata.unpack_at(at, ENTRY)
    start = at + ENTRY.size
    if length < ENTRY.size or start + long > at + length:
        raise Malformed("Windows image with a name longer than its entry")
    name = _name(metadata, start, long)
    group = 0 if attributes & REPARSE else group_high << 32 | tag
    streams, following = _streams(metadata, at + (length + 7 & ~7), extra, digest)
    return Dentry(name.encode("utf-8", "backslashreplace"), following, attributes, below, tag, group, streams)


def _streams(metadata: Reader, at: int, count: int, digest: bytes) -> tuple[tuple[Stream, ...], int]:
    """Return the contents of a file, the main one first, and the offset behind the entries that tell of them."""
    streams: list[Stream] = []
    for _ in range(count):
        length, own, size = metadata.unpack_at(at, STREAM_ENTRY)
        if length < STREAM_ENTRY.size:
            raise Malformed("Windows image with a damaged entry of a stream")
        name = _name(metadata, at + STREAM_ENTRY.size, size)
        if name:
            streams.append(Stream(name, own))
        elif own != NOTHING:  # then it is the main content, told here instead of in the entry itself
            digest = own
        at += length + 7 & ~7
    return (Stream("", digest), *streams), at


def _name(metadata: Reader, at: int, length: int) -> str:
    return metadata.read_at(at, length).decode("utf-16-le", "backslashreplace")


def measure_wim(data: Reader) -> Span:
    """Return the extent up to the end of what the tables name, in the last file of a set that stands end to end."""
    wim = WimFile(data)
    wim.read_table()
    return Span(0, max([wim.end, *(start + later.end for start, later in _later(data, wim))]))


def read_wim(data: Reader) -> Contents:
    """Return the files of all images, and the text that describes these."""
    wim = WimFile(data)
    wim.read_table()
    later = _later(data, wim)
    properties = {"compression": wim.codec or "none", "images": str(len(wim.images))}
    damage = ""
    if wim.parts > 1:
        last = wim.part + len(later)
        properties["part"] = f"{wim.part} of {wim.parts}" if last == wim.part else f"{wim.part}-{last} of {wim.parts}"
        if len(later) + 1 < wim.parts:
            here = f"part {wim.part}" if last == wim.part else f"parts {wim.part} to {last}"
            damage = f"{here} of {wim.parts}: what the others hold is missing"
    spans = [*wim.tables, *(image.span for image in wim.images)]
    spans += [_moved(span, start) for start, other in later for span in other.tables]
    return Contents(_members(wim, later), lambda: spans, properties, damage=damage)


def _later(data: Reader, wim: WimFile) -> list[Later]:
    """Return the other files of a set, where these were joined; they follow one another."""
    found = list[Later]()
    for start in data.starts[1:] if isinstance(data, MappedReader) and wim.parts > 1 else ():
        try:
            other = WimFile(data.slice(start))
            other.read_table()
        except FormatError:
            break
        if (other.series, other.part) != (wim.series, wim.part + len(found) + 1):
            break
        found.append(Later(start, other))
    return found


def _members(wim: WimFile, later: Sequence[Later]) -> Iterator[Member]:
    trees = Trees(wim, later)
    if wim.xml.size:
        yield Member("[images].xml", partial(wim.open, wim.xml), (wim.xml.span,), wim.xml.size)
    if not wim.images:  # a later part of a set: the trees are in the first one
        for digest, resource in wim.streams.items():
            yield Member(digest.hex(), partial(wim.open, resource), resource.extents, resource.size)
    members = members_of(ROOT, trees.children, trees.member)
    # What is packed together comes in the order in which it is, so that each chunk is decoded once.
    yield from sorted(members, key=_place) if any(each.has_solid for _, each in (Later(0, wim), *later)) else members


def _place(member: Member) -> tuple[int, int]:
    extents = member.extents or (Span(LARGE**2, LARGE**2),)
    return extents[0].start, extents[-1].end
