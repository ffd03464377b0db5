"""Puts small faults into the program, one at a time and in a copy, and sees whether the tests notice."""
