"""Files: who may bring and have them, how much, and when they go; it must not know how bytes travel."""
