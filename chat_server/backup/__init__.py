"""Backups: the whole database in one portable file, and back; it knows no server and no session."""
