"""What an Android app shows of itself: its label and its icon, resolved through manifest and resource table.

The icon is the densest PNG or WebP among its files, or of the round one where that has none; of an adaptive icon,
whose layers Android cuts to the shape of a device, the foreground. An app may leave label and icon to its first screen.

Limits: vector drawings are left out.
"""

from base64 import b64encode
from collections.abc import Sequence
from typing import Final

from inspector.errors import FormatError
from inspector.formats.layout import Member
from inspector.formats.media.png import rebuilt
from inspector.formats.media.webp import RIFF, as_png
from inspector.formats.mobile.arsc import ResourceTable, parse_arsc
from inspector.formats.mobile.axml import Attribute, Element, parse_axml
from inspector.formats.reader import Reader

ICONS: Final = ("icon", "roundIcon")
LAUNCHER: Final = "android.intent.category.LAUNCHER"
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
    except FormatError:
        return {}
    faces = _faces(elements)
    table = _table(named, faces)
    labels = (_label(face, table) for face in faces)
    icons = (_icon(face.attribute(kind), table, named) for face in faces for kind in ICONS)
    found = {"app:label": next(filter(None, labels), ""), "app:icon": next(filter(None, icons), "")}
    return {key: value for key, value in found.items() if value}


def _faces(elements: Sequence[Element]) -> list[Element]:
    """Return the application and the first activity that a launcher shows, in this order."""
    found = [element for element in elements if element.name == "application"][:1]
    activity = None
    for element in elements if found else ():
        if element.name in ("activity", "activity-alias"):
            activity = element
        elif element.name == "category" and element.get("name") == LAUNCHER and activity is not None:
            return [*found, activity]
    return found


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


def _table(named: dict[str, Member], faces: Sequence[Element]) -> ResourceTable | None:
    wanted = (face.attribute(name) for face in faces for name in ("label", *ICONS))
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


def _icon(icon: Attribute | None, table: ResourceTable | None, named: dict[str, Member], *, layers: bool = True) -> str:
    if icon is None or not icon.reference or table is None:
        return ""
    files = table.files(icon.reference)
    for path in files:
        try:
            picture = _as_png(_open(named, path, LARGEST_ICON))
        except FormatError:
            continue
        return b64encode(picture).decode("ascii")
    drawings = (path for path in files if layers and path.endswith(".xml"))
    return next(filter(None, (_foreground(path, table, named) for path in drawings)), "")


def _as_png(picture: Reader) -> bytes:
    return as_png(picture) if picture.startswith(RIFF) else rebuilt(picture)


def _foreground(path: str, table: ResourceTable, named: dict[str, Member]) -> str:
    """Return the picture in front of an adaptive icon."""
    try:
        elements = parse_axml(_open(named, path, LARGEST_ICON)).elements
    except FormatError:
        return ""
    layer = next((element for element in elements if element.name == "foreground"), None)
    return _icon(layer.attribute("drawable"), table, named, layers=False) if layer else ""
