"""Pictures, sound and video: the end that their structure tells, on what ImageMagick and FFmpeg write."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import FormatError, Malformed, NotThisFormat
from inspector.extract.media import EXTRACTORS
from inspector.formats.media.structure import ENDS
from inspector.formats.reader import BufferReader
from tests.formats.original import tool
from tests.formats.promise import every_flip, every_prefix, keeps_its_promise, run

BY_NAME = {extractor.INFO.name: extractor for extractor in EXTRACTORS}
PICTURES = {
    "bmp": ["bmp:x"],
    "bmp of Windows 3": ["bmp3:x"],
    "tiff": ["-compress", "lzw", "tiff:x"],
    "tiff big endian": ["-endian", "MSB", "tiff:x"],
    "tiff in tiles": ["-define", "tiff:tile-geometry=32x32", "tiff:x"],
}
SOUND = ["-f", "lavfi", "-i", "sine=duration=2"]
VIDEO = ["-f", "lavfi", "-i", "testsrc=duration=1:size=96x64:rate=10"]
FILMS = {
    "matroska": [*VIDEO, *SOUND, "-c:v", "mpeg4", "-c:a", "aac", "x.mkv"],
    "matroska of open length": [*VIDEO, "-c:v", "mpeg4", "-f", "matroska", "-live", "1", "x.mkv"],
    "mpeg-ts": [*VIDEO, *SOUND, "-c:v", "mpeg2video", "x.ts"],
    "flv": [*VIDEO, *SOUND, "-ar", "44100", "x.flv"],
    "aac": [*SOUND, "-c:a", "aac", "x.aac"],
    "mp3 at a low rate": [
        *SOUND,
        "-ar",
        "16000",
        "-c:a",
        "libmp3lame",
        "-id3v2_version",
        "0",
        "-write_xing",
        "0",
        "x.mp3",
    ],
}


def ends(name: str, blob: bytes) -> None:
    extractor = BY_NAME[name.split(" ")[0]]
    assert any(blob.startswith(magic.pattern, magic.offset) for magic in extractor.MAGIC)
    assert len(extractor.measure(BufferReader(b"in front" + blob), 8)) == len(blob)
    if name != "matroska of open length":
        assert len(extractor.measure(BufferReader(blob + b"behind"), 0)) == len(blob)
    every_prefix(extractor, blob, 100)
    every_flip(extractor, blob, 150)


@pytest.mark.packers
@pytest.mark.parametrize("name", PICTURES)
def test_output_of_imagemagick(name, tmp_path):
    run(tool("convert"), "-size", "70x50", "gradient:red-blue", *PICTURES[name], cwd=tmp_path)
    ends(name, (tmp_path / "x").read_bytes())


@pytest.mark.packers
@pytest.mark.parametrize("name", FILMS)
def test_output_of_ffmpeg(name, tmp_path):
    run(tool("ffmpeg"), "-v", "error", *FILMS[name], cwd=tmp_path)
    ends(name, (tmp_path / FILMS[name][-1]).read_bytes())


@pytest.mark.parametrize("mark", [b"#!AMR\n", b"#!AMR-WB\n"])
def test_amr(mark):
    frames = {b"#!AMR\n": (0x3C, 32), b"#!AMR-WB\n": (0x44, 61)}[mark]
    ends("amr", mark + (bytes([frames[0]]) + b"\xa5" * (frames[1] - 1)) * 9)


@pytest.mark.parametrize("name", ENDS)
def test_text_and_zeros_are_none_of_them(name):
    for blob in (b"BM GIF RIFF Ogg some text of no interest".ljust(400, b"."), bytes(400)):
        with pytest.raises((NotThisFormat, Malformed)):
            ENDS[name](BufferReader(blob), 0)


@given(st.sampled_from(sorted(ENDS)), st.binary(max_size=300))
def test_any_bytes(name, raw):
    for magic in BY_NAME[name].MAGIC:
        keeps_its_promise(BY_NAME[name], bytes(magic.offset) + magic.pattern + raw)
    with suppress(FormatError):
        assert ENDS[name](BufferReader(raw), 0) <= len(raw)
