"""A server that says at its end how many objects Python's garbage collections leave alone."""

import atexit
import gc
import sys

from chat_server.__main__ import main


def _tell() -> None:
    sys.stdout.write(f"kept: {gc.get_freeze_count()}, others: {len(gc.get_objects())}\n")


if __name__ == "__main__":
    atexit.register(_tell)
    sys.exit(main())
