"""Profiles that commands work on: read from disk where there is one, made where an artifact is named."""

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspector.errors import UsageError, no_file

if TYPE_CHECKING:
    from inspector.harvest import Toolbox


class Source:
    """Gives the profile of a path; knowledge is loaded once, and only when an artifact has to be inspected."""

    @cached_property
    def toolbox(self) -> "Toolbox":
        """Return the knowledge and all indexes over it."""
        from inspector.harvest import Toolbox
        from inspector.knowledge import load_knowledge
        from inspector.knowledge.addresses import AddressTables

        knowledge = load_knowledge()
        return Toolbox(knowledge, AddressTables(knowledge))

    def profile(self, path: Path) -> dict[str, Any]:
        """Return the profile document of a profile or an artifact. Raises `UsageError`."""
        from inspector.folders import is_readable
        from inspector.harvest import Options
        from inspector.profile.stored import is_profile, read_profile
        from inspector.session import inspect_file

        try:
            if not is_readable(path):
                raise no_file(path)
            if path.is_file() and is_profile(path):
                return read_profile(path)
            return inspect_file(path, self.toolbox, Options(workers=os.cpu_count() or 1))[0]
        except OSError as error:
            raise UsageError(f"cannot read {str(path)!r}: {error.strerror or error}") from error
