"""Every action by keyboard alone and by mouse alone, on the real widgets."""
