"""The window: views that show the state and call the client; only here is tkinter imported."""
