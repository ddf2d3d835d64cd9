"""Parsers: bytes in, structures out. They know formats, not the product: no model, no disk, no policy."""
