"""Archives, packages, disk images of computers, partition tables, and files that are one compressed stream."""
