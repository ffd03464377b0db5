"""Asks hunspell or aspell, where one is installed, about words; on a thread of its own, and never Tk's.

Both speak the protocol of ispell (`-a`): a line for a word, an answer for it, an empty line. A word is right
where any of the dictionaries knows it: people write in two languages.
"""

import contextlib
import logging
import queue
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

_log = logging.getLogger("chat.client.spelling")

_LISTING_S: Final = 5.0
_RIGHT: Final = ("*", "+", "-")
KNOWN_MAX: Final = 20_000  # words whose spelling is kept; then all of them are forgotten

Find = Callable[[Sequence[str]], list[list[str]]]


def find_programs(languages: Sequence[str]) -> list[list[str]]:
    """Return a command for each dictionary of these languages that is installed; it asks the programs.

    :param languages: such as `fr` and `en`.
    """
    hunspell, aspell = shutil.which("hunspell"), shutil.which("aspell")
    if hunspell:
        listed = [
            Path(line.strip()).name for line in _listed([hunspell, "-D"]) if "/" in line or "\\" in line
        ]
        found = [[hunspell, "-a", "-i", "UTF-8", "-d", name] for name in _chosen(listed, languages)]
        if found:
            return found
    if aspell:
        chosen = _chosen(_listed([aspell, "dicts"]), languages)
        return [[aspell, "-a", "--encoding=utf-8", f"--lang={name}"] for name in chosen]
    return []


def is_installed() -> bool:
    """Say whether there is a program that may know words; no program is started."""
    return bool(shutil.which("hunspell") or shutil.which("aspell"))


def _listed(command: list[str]) -> list[str]:
    try:
        ended = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_LISTING_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        _log.info("no list of dictionaries: %s", error)
        return []
    return ended.stdout.decode(errors="replace").splitlines()


def _chosen(names: Iterable[str], languages: Sequence[str]) -> list[str]:
    """Return the shortest name of a dictionary for each language: `fr` before `fr_CA`."""
    chosen = []
    for language in languages:
        fitting = [name for name in names if name.lower().replace("-", "_").split("_")[0] == language]
        chosen += sorted(fitting, key=lambda name: (len(name), name))[:1]
    return chosen


class SpellChecker:
    """Knows which words are right, after it has asked; what it does not know yet is asked in the background.

    :param languages: whose dictionaries are asked.
    :param find: returns the commands of the programs (replaced in tests).
    """

    def __init__(self, languages: Sequence[str], find: Find = find_programs) -> None:
        self._languages, self._find = languages, find
        self._words: queue.Queue[str | None] = queue.Queue()
        self._asked: set[str] = set()
        self._known: dict[
            str, bool
        ] = {}  # written by the thread alone; reading and writing one key is atomic
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def waiting(self) -> bool:
        """Whether words were asked about whose answer has not come."""
        return not self._closed and len(self._known) < len(self._asked)

    def is_wrong(self, word: str) -> bool:
        """Say whether a word is misspelled; of one that is new it is not known, and asked."""
        if word not in self._asked and not self._closed:
            if len(self._asked) >= KNOWN_MAX and not self.waiting:
                self._asked.clear()
                self._known.clear()
            self._asked.add(word)
            self._words.put(word)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="spelling", daemon=True)
                self._thread.start()
        return self._known.get(word) is False

    def close(self) -> None:
        """End the programs and the thread, soon; waits for neither."""
        self._closed = True
        self._words.put(None)

    def _work(self) -> None:
        programs: list[subprocess.Popen[str]] = []
        try:
            programs = [_start(command) for command in self._find(self._languages)]
            while programs and (word := self._words.get()) is not None:
                self._known[word] = any(_knows(program, word) for program in programs)
        except (OSError, ValueError) as error:
            _log.info("no spelling is checked any more: %s", error)
        finally:
            self._closed = True  # nothing is marked that nobody has looked at
            for program in programs:
                with contextlib.suppress(OSError):
                    program.kill()
                program.wait()


def _start(command: list[str]) -> "subprocess.Popen[str]":
    program = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        errors="replace",
        bufsize=1,
    )
    assert program.stdout is not None
    program.stdout.readline()  # its name and version
    return program


def _knows(program: "subprocess.Popen[str]", word: str) -> bool:
    """Ask one program about one word.

    :raises OSError: the program has ended.
    """
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.write(f"^{word}\n")
    program.stdin.flush()
    right = True
    while (line := program.stdout.readline()) not in ("\n", ""):
        right = right and line.startswith(_RIGHT)
    if not line:
        raise OSError("the program has ended")
    return right
