"""The server's own terminal: lines, keys, signals and the sign-in."""
