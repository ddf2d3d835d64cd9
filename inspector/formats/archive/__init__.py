"""Archives, packages, disk images of computers, and files that are one compressed stream."""
