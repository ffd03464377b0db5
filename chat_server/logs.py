"""Where log lines go: the terminal, and a file beside the data; nothing else configures logging."""

import logging
import logging.handlers
import sys
from pathlib import Path
from typing import Final

_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_FILE_MAX_BYTES: Final = 10 * 1024 * 1024
_FILES_KEPT: Final = 5


def configure_logging(level: str, folder: Path, *, console: bool) -> None:
    """Log to the folder's `server.log`, and to stderr: with a console only what is worth interrupting for."""
    logger = logging.getLogger("chat")
    logger.setLevel(level.upper())
    logger.propagate = False
    logger.handlers.clear()
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setLevel(logging.WARNING if console else logging.NOTSET)
    file = logging.handlers.RotatingFileHandler(
        folder / "server.log", maxBytes=_FILE_MAX_BYTES, backupCount=_FILES_KEPT, encoding="utf-8", delay=True
    )
    for handler in (terminal, file):
        handler.setFormatter(logging.Formatter(_FORMAT))
        logger.addHandler(handler)
    logging.raiseExceptions = False  # a full disk must not fill the terminal with tracebacks
