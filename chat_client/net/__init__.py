"""The client's connection: transport, TLS, reconnection; it must not know rooms or messages."""
