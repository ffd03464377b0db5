"""Real windows, each a process of its own, driven by keys and pointer and read from the screen's widgets."""
