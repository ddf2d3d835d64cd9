"""One child process per artifact: limits, no network, a dead child is a recorded result."""

from inspector.isolate.child import Outcome, run

__all__ = ["Outcome", "run"]
