"""App packages, code containers and partition images of phones."""
