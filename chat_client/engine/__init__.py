"""The client without a window: requests, answers, the outbox's delivery; no tkinter."""
