"""The schema: its migrations, its tables, and copies of a whole database."""
