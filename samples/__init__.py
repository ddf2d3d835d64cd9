"""Small artifacts built by recipes, with the expected profile beside each."""
