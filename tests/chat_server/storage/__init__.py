"""The storage, on every database that it speaks to."""
