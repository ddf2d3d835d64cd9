"""What an Android app shows of itself: its label and its icon, resolved through manifest and resource table.

Limits: adaptive and WebP icons are left out; the icon is the densest PNG among the icon's files.
"""

from base64 import b64encode
from collections.abc import Sequence
from typing import Final

from inspector.errors import FormatError
from inspector.formats.arsc import ResourceTable, parse_arsc
from inspector.formats.axml import Element, parse_axml
from inspector.formats.layout import Member
from inspector.formats.png import rebuilt
from inspector.formats.reader import Reader

TABLE: Final = "resources.arsc"
LARGEST_MANIFEST: Final = 1 << 24
LARGEST_TABLE: Final = 1 << 26
LARGEST_ICON: Final = 1 << 19
LONGEST_LABEL: Final = 200


def app_face(members: Sequence[Member]) -> dict[str, str]:
    """Return `app:label` and `app:icon` (base64 of a PNG) of an APK by its members; what cannot be read is left out."""
    named = {member.path: member for member in reversed(members)}
    try:
        elements = parse_axml(_open(named, "AndroidManifest.xml", LARGEST_MANIFEST)).elements
        application = next((element for element in elements if element.name == "application"), None)
        if application is None:
            return {}
        table = _table(named, application)
    except FormatError:
        return {}
    found = {"app:label": _label(application, table), "app:icon": _icon(application, table, named)}
    return {key: value for key, value in found.items() if value}


def constant_resources(members: Sequence[Member]) -> tuple[tuple[int, str], ...]:
    """Return (identifier, name) of the texts in the resource table that may be an address or a key."""
    named = {member.path: member for member in reversed(members) if member.path == TABLE}
    try:
        return parse_arsc(_open(named, TABLE, LARGEST_TABLE)).constants()
    except FormatError:
        return ()


def _open(named: dict[str, Member], path: str, limit: int) -> Reader:
    member = named.get(path)
    if member is None or member.open is None:
        raise FormatError(f"no {path}")
    return member.open(limit)


def _table(named: dict[str, Member], application: Element) -> ResourceTable | None:
    wanted = (application.attribute(name) for name in ("label", "icon"))
    if not any(found.reference for found in wanted if found):
        return None
    try:
        return parse_arsc(_open(named, TABLE, LARGEST_TABLE))
    except FormatError:
        return None


def _label(application: Element, table: ResourceTable | None) -> str:
    label = application.attribute("label")
    if label is None:
        return ""
    if not label.reference:
        return label.value[:LONGEST_LABEL]
    return table.text(label.reference)[:LONGEST_LABEL] if table else ""


def _icon(application: Element, table: ResourceTable | None, named: dict[str, Member]) -> str:
    icon = application.attribute("icon")
    if icon is None or not icon.reference or table is None:
        return ""
    for path in table.files(icon.reference):
        try:
            picture = rebuilt(_open(named, path, LARGEST_ICON))
        except FormatError:
            continue
        return b64encode(picture).decode("ascii")
    return ""
