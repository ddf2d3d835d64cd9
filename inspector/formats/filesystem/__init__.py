"""File systems, partition tables, and what they share."""
