"""Exports that act: block lists of the vendor's own endpoints for name servers, packet filters and detectors."""
