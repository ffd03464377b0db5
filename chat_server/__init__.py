"""The chat server: threads, storage, console. It must not know the client."""
