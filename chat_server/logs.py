"""Where log lines go and in which form: terminal and file, or the journal; nothing else sets up logging."""

import json
import logging
import logging.handlers
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from chat_protocol.printable import escape, escape_json
from chat_protocol.times import to_rfc3339

_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_MARGIN: Final = "    "
_JOURNAL_FORMAT: Final = "%(name)s: %(message)s"  # the journal knows the time
_FILE_MAX_BYTES: Final = 10 * 1024 * 1024
_FILES_KEPT: Final = 5
_PRIORITIES: Final = ((logging.ERROR, "<3>"), (logging.WARNING, "<4>"), (logging.INFO, "<6>"))  # sd-daemon(3)


class LineFormatter(logging.Formatter):
    """One line for each record, whatever words of a client are in it, and a traceback behind a margin."""

    def __init__(self, form: str = _FORMAT) -> None:
        super().__init__(form)

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Return the first line: no character in it ends the line, moves a cursor or turns the direction."""
        return escape(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:
        """Return a traceback whose lines cannot be taken for records; an error's text may be a client's."""
        lines = super().formatException(ei).split("\n")
        return "\n".join((lines[0], *(_MARGIN + escape(line) for line in lines[1:])))


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and the traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": to_rfc3339(int(record.created * 1000)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return escape_json(json.dumps(line, ensure_ascii=False))


class JournalFormatter(LineFormatter):
    """Lines with the priority that the journal takes off their beginning, those of a traceback too."""

    def __init__(self) -> None:
        super().__init__(_JOURNAL_FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines of a record."""
        priority = next((text for level, text in _PRIORITIES if record.levelno >= level), "<7>")
        return "\n".join(priority + line for line in super().format(record).split("\n"))


def configure_logging(
    level: str,
    folder: Path,
    *,
    console: bool,
    form: str = "text",
    environment: Mapping[str, str] = os.environ,
) -> None:
    """Log to the folder's `server.log` and to stderr; to the journal alone where stderr leads there.

    :param console: somebody types in this terminal: show only what is worth interrupting for.
    :param form: `text` or `json`.
    """
    logger = logging.getLogger("chat")
    set_log_level(level)
    logger.propagate = False
    logger.handlers.clear()
    in_journal = leads_to_journal(environment)
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setLevel(logging.WARNING if console else logging.NOTSET)
    handlers: list[logging.Handler] = [terminal]
    if not in_journal:
        handlers.append(_file(folder / "server.log"))
    plain = JournalFormatter() if in_journal else LineFormatter()
    for handler in handlers:
        handler.setFormatter(JsonFormatter() if form == "json" else plain)
        logger.addHandler(handler)
    logging.raiseExceptions = False  # a full disk must not fill the terminal with tracebacks


def set_log_level(level: str) -> None:
    """Log from this level on: debug, info, warning or error."""
    logging.getLogger("chat").setLevel(level.upper())


def leads_to_journal(environment: Mapping[str, str]) -> bool:
    """Return whether stderr is the connection to the journal that systemd names (systemd.exec(5))."""
    try:
        status = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError, AttributeError):
        return False
    return environment.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def _file(path: Path) -> logging.Handler:
    return logging.handlers.RotatingFileHandler(
        path, maxBytes=_FILE_MAX_BYTES, backupCount=_FILES_KEPT, encoding="utf-8", delay=True
    )
