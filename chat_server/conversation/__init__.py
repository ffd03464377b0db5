"""A client's own thread: from a line to the service that carries it out, and back."""
