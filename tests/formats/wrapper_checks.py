"""What every wrapper parser has to hold: any bytes, every prefix, every flipped byte give an image or a FormatError."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from inspector.errors import FormatError
from inspector.formats.image import Image
from inspector.formats.layout import MemberKind
from inspector.formats.reader import BufferReader, Reader

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "firmware"
Parse = Callable[[Reader], Image]


def corpus(name: str) -> bytes:
    """Return a real image, or skip where the corpus is not beside the repository."""
    for base in (CORPUS, Path(__file__).resolve().parents[3].parent / "shared" / "corpus" / "firmware"):
        if (base / name).is_file():
            return (base / name).read_bytes()
    pytest.skip(f"corpus image {name} is not here")


def parts(image: Image, limit: int = 1 << 28) -> dict[str, bytes]:
    """Return path → content of every member that can be opened."""
    return {member.path: bytes(member.open(limit).all()) for member in image.members if member.open}


def check_image(image: Image, size: int) -> None:
    """State what must be true of any image: extents inside it, structure inside it, contents readable or typed."""
    assert 0 < image.size <= size
    for span in (*image.structure, *(span for member in image.members for span in member.extents)):
        assert 0 <= span.start <= span.end <= image.size
    for member in image.members:
        if member.kind is not MemberKind.FILE:
            continue
        assert (member.open is None) != (member.problem is None) or member.open is not None
        assert member.problem is None or isinstance(member.problem, FormatError)
        if member.open is not None:
            try:
                member.open(1 << 20).all()
            except FormatError:
                continue


def attempt(parse: Parse, blob: bytes | bytearray) -> Image | None:
    """Parse; a `FormatError` gives None, any other exception fails the test."""
    try:
        image = parse(BufferReader(blob))
    except FormatError:
        return None
    check_image(image, len(blob))
    return image


def check_hostile(parse: Parse, sample: bytes, *, seed: int = 1, rounds: int = 300) -> None:
    """Cut the sample everywhere (sampled when long) and damage it; nothing but values and FormatErrors come back."""
    random = Random(seed)
    assert attempt(parse, sample) is not None
    cuts = range(len(sample)) if len(sample) < 1500 else sorted({*range(600), *random.sample(range(len(sample)), 200)})
    for cut in cuts:
        attempt(parse, sample[:cut])
    for _ in range(rounds):
        blob = bytearray(sample)
        for _ in range(random.randint(1, 4)):
            value = random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)))
            blob[random.randrange(min(len(blob), 1024))] = value
        attempt(parse, bytes(blob))
