"""People: finding them, their roles, and all that is kept about one of them."""
