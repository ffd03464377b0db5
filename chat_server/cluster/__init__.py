"""One of several servers on a database: it says that it lives, and hears of what the others do."""
