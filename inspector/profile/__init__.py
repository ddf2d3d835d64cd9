"""Findings and coverage → the exposure profile: severity, verdict, document."""
