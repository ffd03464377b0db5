"""Entry point: ``python -m benchmarks flood --n 200 --tls``."""

import sys

from benchmarks.cli import main

if __name__ == "__main__":
    sys.exit(main())
