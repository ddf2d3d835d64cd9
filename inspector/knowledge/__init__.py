"""The knowledge base: signature files as data, loaded strictly, compiled once, cached by content."""

from inspector.knowledge.load import builtin_folder, load_knowledge

__all__ = ["builtin_folder", "load_knowledge"]
