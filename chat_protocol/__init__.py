"""What client and server share: frames, requests, events, names, limits; no socket, thread, window or SQL."""
