"""Profiles on disk: untrusted input, checked against the public model before anything reads them."""

from pathlib import Path
from stat import S_ISREG
from typing import Any, Final, NamedTuple

import orjson

from inspector.errors import UsageError, no_file
from inspector.model.profile import SCHEMA, ExposureProfile

LARGEST: Final = 1 << 30
_HEAD: Final = 4096


def is_profile(path: Path) -> bool:
    """Tell whether a file looks like a profile document by its first bytes. Raises `OSError`."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD).lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"{") and SCHEMA.encode() in head


class Stored(NamedTuple):
    """A profile from disk that follows the public model."""

    document: dict[str, Any]
    """With absent optional parts filled in, as reports read it."""
    original: dict[str, Any]
    """As it was written: what goes out as JSON again."""


def read_profile(path: Path) -> dict[str, Any]:
    """Return a profile document, absent optional parts filled in. Raises `UsageError` with what is wrong with it."""
    return read_stored(path).document


def read_stored(path: Path) -> Stored:
    """Return a profile document in both forms. Raises `UsageError` with what is wrong with it."""
    from pydantic import ValidationError

    try:
        state = path.stat()
        if not S_ISREG(state.st_mode):  # a pipe without a writer would never end
            raise no_file(path)
        if state.st_size > LARGEST:
            raise UsageError(f"{str(path)!r} is too large for a profile")
        raw = orjson.loads(path.read_bytes())
        profile = ExposureProfile.model_validate(raw)
    except OSError as error:
        raise UsageError(f"cannot read {str(path)!r}: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise UsageError(f"{str(path)!r} is no profile: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{str(path)!r} is no profile of this version: {place}: {first['msg']}") from error
    return Stored(profile.model_dump(mode="json", by_alias=True), raw)
