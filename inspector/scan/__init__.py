"""Artifact → sightings. Scanners say what is there and where; who owns it is for `classify` to say."""
