"""Android apps: manifest, code, resources, signature."""
