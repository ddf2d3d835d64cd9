"""Firmware wrappers: headers of boot loaders, vendors and update tools around kernels and file systems."""
