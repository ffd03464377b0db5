"""The client's window under load: the window's own process, and a keyboard that types from another one."""
