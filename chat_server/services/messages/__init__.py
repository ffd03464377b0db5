"""Messages: what may be said, what was said, and how it is found again."""
