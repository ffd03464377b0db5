"""Starts the packed client: the window, or with `terminal` as the first word the terminal client."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # whoever gets the file may have an older one
    sys.exit(f"The chat client needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}.")

if sys.argv[1:2] == ["terminal"]:
    from chat_client.terminal.__main__ import main

    sys.exit(main(sys.argv[2:]))
from chat_client.__main__ import main

sys.exit(main(sys.argv[1:]))
