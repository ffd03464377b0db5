"""The administrator's console: the shell, its commands, and the server's own terminal."""
