"""File systems: each adapter names its format; the parsers are in `inspector.formats`."""
