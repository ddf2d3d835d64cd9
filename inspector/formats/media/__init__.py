"""Pictures, sound, video and fonts."""
