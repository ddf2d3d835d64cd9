"""What `inspector selftest` replays: readers and scanners that misbehave on purpose, and a corpus of hostile files.

The product ships its own attackers so that whoever relies on it can see on their own machine what holds.
"""

from inspector.selftest.attack import Attack, Probe, Verdict, judge
from inspector.selftest.corpus import ATTACKS

__all__ = ["ATTACKS", "Attack", "Probe", "Verdict", "judge"]
