"""What every repository stands on: a database, its records, errors, connections and outages."""
