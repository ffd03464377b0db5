"""Tests of the server's parts, each on its own."""
