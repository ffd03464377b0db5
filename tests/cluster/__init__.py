"""Several servers on one database, started together to try them; it needs no pytest."""
