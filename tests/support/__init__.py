"""What tests and benchmarks share: private databases, server processes, a client of the wire. No pytest."""
