"""Apple bundles: property lists, code, what starts."""
