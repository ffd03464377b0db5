"""Measures the server from outside, as its clients see it; loss or disorder is a failure, not a figure."""
