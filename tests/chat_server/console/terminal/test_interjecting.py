"""Log lines in the terminal where somebody types."""

import io
import logging

import pytest

from chat_server.console.terminal.interjecting import CLEAR_LINE, Interjection, log_interjected


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def test_log_line_stands_above_the_half_typed_line() -> None:
    """What is being typed is cleared, and shown again below the log line."""
    screen = Screen()
    typed = "chat> ban ju"
    stream = Interjection(screen, lambda: typed)
    stream.write("a warning\n")
    assert screen.getvalue() == f"{CLEAR_LINE}a warning\n{typed}"


def test_log_line_is_plain_while_nothing_is_asked() -> None:
    """While a command runs there is nothing to show again."""
    screen = Screen()
    Interjection(screen, lambda: "").write("a warning\n")
    assert screen.getvalue() == "a warning\n"


def test_log_of_the_terminal_is_diverted_and_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the handler that writes to the terminal is diverted, and only while the console is there."""
    screen, elsewhere = Screen(), Screen()
    monkeypatch.setattr("sys.stderr", screen)
    logger = logging.getLogger("chat")
    handlers = [logging.StreamHandler(screen), logging.StreamHandler(elsewhere)]
    for handler in handlers:
        logger.addHandler(handler)
    try:
        with log_interjected(lambda: "chat> "):
            logger.warning("during")
        logger.warning("after")
    finally:
        for handler in handlers:
            logger.removeHandler(handler)
    assert screen.getvalue() == f"{CLEAR_LINE}during\nchat> after\n"
    assert elsewhere.getvalue() == "during\nafter\n"
