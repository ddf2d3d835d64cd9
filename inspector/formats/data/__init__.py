"""Files of values: property lists, databases, messages, certificates."""
