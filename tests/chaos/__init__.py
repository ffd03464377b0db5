"""`make chaos`: breaks a real server and its database at random moments and looks for lost messages."""
