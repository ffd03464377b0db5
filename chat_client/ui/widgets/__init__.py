"""Widgets that know no room and no person."""
