"""What the client knows: plain Python that applies frames to a state; no tkinter, no socket, no thread."""
