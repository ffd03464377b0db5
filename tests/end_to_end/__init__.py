"""A real server process, real sockets, real TLS: what the wire promises, seen from outside."""
