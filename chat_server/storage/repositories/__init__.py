"""The repositories: one for each kind of row, with SQL that both databases understand."""
