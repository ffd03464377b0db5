"""The window: views that show the state and call the controller; only here is tkinter imported."""
