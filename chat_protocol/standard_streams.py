"""The standard streams of a program, usable whatever they are: any locale, closed early, or not there at all.

It must not know what the program does.
"""

import functools
import os
import select
import sys
from collections.abc import Callable
from typing import Any, Final, ParamSpec, TextIO

CLOSED_PIPE: Final = 141  # 128 and the number of SIGPIPE, as shells have it
UNREADABLE: Final = 1

P = ParamSpec("P")


def on_any_streams(main: Callable[P, int]) -> Callable[P, int]:
    """Let a program's `main` run on any standard streams, and return its exit status.

    What a character set lacks is written as an escape. A stream that is closed is the null device.
    Where the reader of the output has gone, the program ends without a word, with the status that shells have
    for that.
    """

    @functools.wraps(main)
    def run(*args: P.args, **kwargs: P.kwargs) -> int:
        _prepare()
        try:
            try:
                return main(*args, **kwargs)
            finally:
                _flush(sys.stdout)
        except BrokenPipeError:
            if not output_has_gone():
                raise
            _discard()
            return CLOSED_PIPE
        except UnicodeDecodeError as error:
            if error.encoding == "utf-8" and getattr(sys.stdin, "encoding", "utf-8") != "utf-8":
                raise
            print(f"The input is not text in {error.encoding}, which this locale has.", file=sys.stderr)
            return UNREADABLE

    return run


def _prepare() -> None:
    # In this order: what is opened first takes the lowest descriptor, which is the one that is missing.
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115 (for the rest of the run)
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    sys.argv = [_in_utf8(argument) for argument in sys.argv]


def _in_utf8(argument: str) -> str:
    """Return an argument that the locale could not decode as what it is nearly always."""
    return argument if argument.isprintable() else os.fsencode(argument).decode("utf-8", "replace")


def _flush(stream: TextIO) -> None:
    if not stream.closed:
        stream.flush()


def output_has_gone() -> bool:
    """Say whether nobody reads the standard output any more."""
    try:
        _flush(sys.stdout)
        poll = select.poll()  # a write that failed may have been dropped: the pipe itself knows
        poll.register(sys.stdout.fileno(), 0)
    except BrokenPipeError:
        return True
    except (AttributeError, OSError, ValueError):  # a system without poll, or a stream that is no file
        return False
    return any(event & select.POLLERR for _, event in poll.poll(0))


def _discard() -> None:
    """Let what is left of the output go nowhere: the interpreter writes it at its end."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)
