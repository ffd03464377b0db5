"""The chat server: threads, storage, services and the administrator's console."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # or an older Python would show a traceback
    sys.exit(f"The server needs Python 3.11 or newer; this is {sys.version.split()[0]} ({sys.executable}).")

__version__ = "1.0.0"
