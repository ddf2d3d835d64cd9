"""Xiongmai update packages: a zip with `InstallDesc`, a JSON text that says for which devices it is and what to write.

Format: packages of Xiongmai cameras as OpenIPC and other public projects take them apart.
Limits: what `InstallDesc` orders (which image goes where) is shown by its text only; images inside have headers of
their own.
"""

import json
from typing import Final

from inspector.errors import FormatError, NotThisFormat
from inspector.formats.archive import zip_members
from inspector.formats.archive.zip import LOCAL
from inspector.formats.layout import Contents, Member
from inspector.formats.reader import Reader, Span

DESCRIPTION: Final = "InstallDesc"
LONGEST: Final = 1 << 16
MOST_LOOKED_AT: Final = 64
NEAR: Final = 1 << 14
SHOWN: Final = ("Hardware", "Vendor", "DevID", "CRC", "CompatibleVersion")


def extent(data: Reader, offset: int) -> Span:
    """Return the zip that holds an `InstallDesc` among its first entries; `NotThisFormat` for any other zip."""
    # Most zips end here, for the price of looking at a few last bytes: these packages have a short directory.
    if not data.startswith(LOCAL, offset) or data.find(DESCRIPTION.encode(), max(offset, data.size - NEAR)) < 0:
        raise NotThisFormat("no Xiongmai package")
    span = zip_members.extent(data, offset)
    if _description(data.slice(span.start, span.end)) is None:
        raise NotThisFormat("no Xiongmai package")
    return span


def read_xiongmai(data: Reader) -> Contents:
    """Return the entries of the zip, with what the description says as properties."""
    contents = zip_members.read_zip(data)
    return Contents(contents.members, contents.structure, _facts(data), contents.notes, contents.damage)


def _description(data: Reader) -> Member | None:
    for count, member in enumerate(zip_members.read_zip(data).members):
        if member.path == DESCRIPTION and member.open is not None:
            return member
        if count >= MOST_LOOKED_AT:
            break
    return None


def _facts(data: Reader) -> dict[str, str]:
    member = _description(data)
    if member is None or member.open is None:
        return {}
    try:
        found = json.loads(bytes(member.open(LONGEST).all()))
    except (FormatError, ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {key.lower(): str(found[key])[:200] for key in SHOWN if isinstance(found.get(key), (str, int))}
