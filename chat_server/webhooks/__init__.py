"""Webhooks: other programs speak in rooms over HTTP; it must not know how messages are stored."""
