"""One child process per artifact: limits, no network, a dead child is a recorded result."""

from inspector.isolate.child import Bounds, Child, Outcome, Watch, run
from inspector.isolate.marks import Marks

__all__ = ["Bounds", "Child", "Marks", "Outcome", "Watch", "run"]
