"""The parts of the MySQL adapter that need no server."""
