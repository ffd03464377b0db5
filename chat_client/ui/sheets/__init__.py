"""Cards over the window: questions, settings, keys, the way in."""
