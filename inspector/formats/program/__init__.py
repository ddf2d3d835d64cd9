"""Programs and byte code: where code, names and constants lie."""
