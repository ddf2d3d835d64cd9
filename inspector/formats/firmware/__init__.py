"""Wrappers, packages and flash contents of devices and their boot loaders."""
