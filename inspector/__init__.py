"""Firmware and mobile-app static inspector: what an artifact talks to, who is behind it, and what could not be seen.

from inspector import inspect
profile = inspect("firmware.bin")
print(profile.verdict.headline)
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inspector.harvest import Options
    from inspector.model.profile import ExposureProfile

__all__ = ["__version__", "inspect"]

__version__ = "0.1.0"


def inspect(path: str | Path, options: "Options | None" = None) -> "ExposureProfile":
    """Inspect one file in a sandboxed child process and return its exposure profile.

    Never raises for what the file contains: damage, limits and crashes are part of the profile. Raises `OSError` for
    a file that cannot be read, `KnowledgeError` for a broken signature.
    """
    from inspector.harvest import Options, Toolbox
    from inspector.knowledge import load_knowledge
    from inspector.knowledge.addresses import AddressTables
    from inspector.model.profile import ExposureProfile
    from inspector.session import inspect_file

    knowledge = load_knowledge()
    document, _ = inspect_file(Path(path), Toolbox(knowledge, AddressTables(knowledge)), options or Options())
    return ExposureProfile.model_validate(document)
