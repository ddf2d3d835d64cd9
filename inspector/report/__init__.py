"""Profile document → text for people and tools. Each output has one rendering gate for text born in an artifact."""

from inspector.report.presentation import LANGUAGES, Presentation
from inspector.report.registry import REPORTERS, Reporter, render, suffix

__all__ = ["LANGUAGES", "REPORTERS", "Presentation", "Reporter", "render", "suffix"]
