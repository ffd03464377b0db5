"""The settings: their table, and where their values come from; it must not know what a setting does."""
