"""Line editing by the system's readline, where Python has it: completion, and a history kept in a file.

It must not know any command. Runs on the main thread.
"""

import contextlib
import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

readline: Any = None
with contextlib.suppress(ImportError):  # a Python without it still has a console, with plain lines
    readline = importlib.import_module("readline")

HISTORY_MAX: Final = 1_000
DELIMITERS: Final = " \t\n,"

Complete = Callable[[str, int, int], list[str]]


class Editor:
    """Set up readline for one console.

    :param history: the file of typed commands, None to keep none.
    :param complete: returns what may stand in place of `line[begin:end]`.
    """

    def __init__(self, history: Path | None, complete: Complete | None) -> None:
        self._history = history
        self._complete = complete
        self._matches: list[str] = []
        if readline is None:
            return
        readline.set_auto_history(False)  # answers to questions are no commands
        readline.set_completer_delims(DELIMITERS)
        readline.set_completer(self._completer)
        is_libedit = "libedit" in (readline.__doc__ or "")
        readline.parse_and_bind("bind ^I rl_complete" if is_libedit else "tab: complete")
        self._load()

    @property
    def edits(self) -> bool:
        """Whether lines are edited here, not by the terminal itself."""
        return readline is not None

    def remember(self, line: str) -> None:
        """Keep a command, unless it repeats the last one."""
        if readline is None or not line.strip():
            return
        # What the locale's character set cannot write, or read, is in no history.
        with contextlib.suppress(OSError, ValueError):
            if line == readline.get_history_item(readline.get_current_history_length()):
                return
            readline.add_history(line)
            if self._history:
                # Appended, because another terminal may write to the same file.
                readline.append_history_file(1, self._history)

    def typed(self) -> str:
        """Return what is typed so far; from any thread."""
        with contextlib.suppress(ValueError):  # half a letter, or one that the locale does not know
            return str(readline.get_line_buffer()) if readline else ""
        return ""

    def _load(self) -> None:
        if self._history is None:
            return
        with contextlib.suppress(OSError, ValueError):
            os.close(os.open(self._history, os.O_CREAT | os.O_WRONLY, 0o600))
            readline.set_history_length(HISTORY_MAX)
            readline.clear_history()
            readline.read_history_file(self._history)
            readline.write_history_file(self._history)  # shortened to the length set above

    def _completer(self, _text: str, state: int) -> str | None:
        if state == 0:
            self._matches = []
            with contextlib.suppress(ValueError):
                if self._complete is None:
                    return None
                line, begin, end = readline.get_line_buffer(), readline.get_begidx(), readline.get_endidx()
                self._matches = self._complete(line, begin, end)
                if len(self._matches) == 1:
                    self._matches[0] += " "  # Python's readline adds none
        return self._matches[state] if state < len(self._matches) else None
