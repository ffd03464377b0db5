"""Passwords whose hash costs next to nothing, here and, run as a program, in a server of its own."""

import sys
from typing import Final

from chat_server.services.accounts import passwords

REAL: Final = (passwords._N, passwords._R, passwords._P)
QUICK: Final = (2, passwords._R, 1)


def hash_quickly() -> None:
    """Let this process hash passwords with parameters that protect nobody."""
    vars(passwords).update(zip(("_N", "_R", "_P"), QUICK, strict=True))


def program() -> str:
    """Return the module that runs a server whose passwords are hashed as this process hashes them."""
    return __name__ if (passwords._N, passwords._R, passwords._P) == QUICK else "chat_server"


if __name__ == "__main__":
    from chat_server.__main__ import main

    hash_quickly()
    sys.exit(main())
