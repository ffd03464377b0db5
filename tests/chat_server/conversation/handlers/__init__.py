"""The request handlers, each called as the dispatch table calls it, with real services and no network."""
