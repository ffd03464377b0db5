"""The chat server: threads, storage, services and the administrator's console."""

__version__ = "1.0.0"
