"""What tests and benchmarks share: private databases, server processes, a client of the bare wire. No pytest here."""
