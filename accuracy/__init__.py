"""How good the product is, measured on labels that were written before the first score."""
