"""The middle of the window: one room, its timeline and the composer."""
