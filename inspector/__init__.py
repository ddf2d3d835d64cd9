"""Firmware and mobile-app static inspector: what an artifact talks to, who is behind it, and what could not be seen."""

__version__ = "0.1.0"
