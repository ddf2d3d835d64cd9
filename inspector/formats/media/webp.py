"""WebP, as a PNG: the pixels of the first picture in a new file that holds nothing else; decoded by Pillow.

Format: RFC 9649.
Limits: pictures of more than 512 pixels a side are refused.
"""

from io import BytesIO
from typing import Final

from inspector.errors import Malformed, NotThisFormat, Unsupported
from inspector.formats.media.png import LARGEST, WIDEST
from inspector.formats.reader import Reader

RIFF: Final = b"RIFF"
KIND: Final = b"WEBP"
KIND_AT: Final = 8


def as_png(data: Reader) -> bytes:
    """Return the picture as PNG.

    Raises `NotThisFormat` without the magic, `Malformed` where the pixels cannot be decoded, `Unsupported` for large
    pictures.
    """
    if not data.startswith(RIFF) or not data.startswith(KIND, KIND_AT) or data.size > LARGEST:
        raise NotThisFormat("no WebP")
    from PIL import Image  # few apps need it, and it costs a tenth of the time of a small one

    try:
        with Image.open(BytesIO(data.read_at(0, data.size)), formats=["WEBP"]) as picture:
            if max(picture.size) > WIDEST:
                raise Unsupported(f"WebP of {picture.width} x {picture.height} pixels")
            made = BytesIO()
            picture.convert("RGBA").save(made, "PNG")
    except (OSError, ValueError, EOFError) as error:
        raise Malformed(f"WebP: {error}") from error
    return made.getvalue()
