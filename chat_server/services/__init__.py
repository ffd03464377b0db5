"""What the server does for users and administrators, on the wire and in the console alike; no socket."""
