"""Names as they stand in artifacts: bytes in any encoding, made into text without losing one."""


def decode_name(raw: bytes) -> str:
    """Return UTF-8 text as it is; anything else byte for byte, with `\\xNN` for what is not ASCII."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("ascii", "backslashreplace")


def windows_name(raw: bytes) -> str:
    """Return text of the code page of western Windows, with `\\xNN` for bytes that it leaves out."""
    return raw.decode("cp1252", "backslashreplace")


def escapes(path: str) -> bool:
    """Tell whether a name would leave its container if it were written to disk (`..`, absolute, drive)."""
    parts = path.replace("\\", "/").split("/")
    return ".." in parts or path.startswith(("/", "\\")) or path[1:3] in (":\\", ":/")
