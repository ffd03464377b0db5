"""The desktop client: network, model and outbox without a window, and the window on top of them."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  what follows would end in a traceback that explains nothing
    sys.exit(f"The client needs Python 3.11 or newer; this is {sys.version.split()[0]} ({sys.executable}).")
