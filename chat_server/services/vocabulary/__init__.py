"""Values that several services speak in: actors, addresses, durations, pages."""
