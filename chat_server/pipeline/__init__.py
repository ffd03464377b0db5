"""The way of a message through the server: commit, delivery, flushing, and the timer; no SQL, no request."""
