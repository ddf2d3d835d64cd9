"""The gate for terminals and log lines: text born in an artifact becomes visible characters only."""


def printable(text: str, most: int = 400) -> str:
    r"""Return `text` with control, bidi and other unprintable characters as `\x1b`, cut to `most` characters."""
    shown = text if text.isprintable() else "".join(c if c.isprintable() else _escaped(c) for c in text)
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
