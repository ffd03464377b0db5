"""The client for a terminal: the same network and model layers, one line at a time, no tkinter."""
