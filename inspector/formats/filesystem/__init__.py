"""File systems, and what they share."""
