"""The search index and its use, in either database."""
