"""What users keep on the server for themselves: settings, saved messages, whether reading is told."""
