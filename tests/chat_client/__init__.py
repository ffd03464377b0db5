"""Tests of the client; those of the window are in ui/."""
