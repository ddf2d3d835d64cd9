"""Container → members. Extractors adapt the parsers of `formats` to the product; nothing is written to disk."""
