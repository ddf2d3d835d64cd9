"""Every exception the product raises on purpose.

InspectorError                 base: one clear line for the operator, never a traceback
├── UsageError                 operator's mistake: a path, an option, a rule file (exit code 2)
├── BundleError                an evidence bundle that does not hold (exit code 3)
├── KnowledgeError             a signature, pack or policy file is wrong; carries file and line (exit code 2)
└── FormatError                bytes that a reader cannot take; never leaves the unpack stage
├── NotThisFormat          the bytes are something else: normal, try the next candidate
├── Malformed              the format is right, the content is damaged or truncated
├── Encrypted              the content is there but needs a key
├── Unsupported            a variant that no reader here knows
├── LimitReached           a budget of the run is used up
└── ToolMissing            an external program would read it and is not installed
"""

from pathlib import Path
from typing import Self


class InspectorError(Exception):
    """Base of all deliberate errors; its text is one line that the operator can act on."""


class UsageError(InspectorError):
    """The operator named something that does not exist or cannot be used together (exit code 2)."""


def no_file(path: Path) -> UsageError:
    """Return the error for a path that is not a regular file, or is not there."""
    return UsageError(f"{str(path)!r} is no regular file" if path.exists() else f"no such file: {str(path)!r}")


class BundleError(InspectorError):
    """An evidence bundle is damaged, altered, signed by another key, or about another file (exit code 3)."""


class KnowledgeError(InspectorError):
    """A signature, pack or policy file is wrong; the text starts with `file:line:` where the place is known."""

    def __init__(self, message: str, path: Path | None = None, line: int | None = None) -> None:
        where = "" if path is None else f"{path}:{line}: " if line else f"{path}: "
        super().__init__(where + message)
        self.path = path
        self.line = line


class FormatError(InspectorError):
    """Bytes that a reader cannot take. `reason` is the word a gap carries in the profile."""

    reason = "failed"

    def bare(self) -> Self:
        """Return this error without the frames that it came through, to be kept.

        They refer to each other and to every reader in them: decoded members would stay until the next look for cycles.
        """
        self.__traceback__ = self.__context__ = self.__cause__ = None
        return self


class NotThisFormat(FormatError):
    """The bytes are not this format; costs nothing and is only logged at debug level."""

    reason = "not-this-format"


class Malformed(FormatError):
    """The format is recognised, but its content is damaged, truncated or contradicts itself."""

    reason = "malformed"


class Encrypted(FormatError):
    """The content is there but a key is needed."""

    reason = "encrypted"


class Unsupported(FormatError):
    """A variant, codec or version that no reader here knows."""

    reason = "unsupported"


class LimitReached(FormatError):
    """A budget of the run (depth, members, bytes, time, memory) is used up; `limit` is the option's name."""

    reason = "limit"

    def __init__(self, message: str, limit: str = "") -> None:
        super().__init__(message)
        self.limit = limit


class ToolMissing(FormatError):
    """An external program would read these bytes and is not installed; `tool` is its name."""

    reason = "tool-missing"

    def __init__(self, message: str, tool: str = "") -> None:
        super().__init__(message)
        self.tool = tool
