"""Moderation: sanctions, their audit, and what the administrator says to everyone."""
