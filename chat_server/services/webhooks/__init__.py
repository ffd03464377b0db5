"""Webhooks: through which of them a program may speak in which room, and as whom; it must not know HTTP."""
