"""What the whole process is set to at its start: open files, threads, memory; it knows no client."""

import contextlib
import ctypes
import logging
import os
import resource
import sys
import threading
from pathlib import Path
from typing import Final

from chat_server.limits import CLIENT_STACK_BYTES

_log = logging.getLogger("chat.server")

# How long a thread may keep the interpreter while another waits for it. Python's 5 ms are longer than many
# commits. But each waiting thread wakes once in the interval: when thousands of clients leave at once, short
# ones leave no time for work. So it grows with the clients (docs/run/performance.md has the measurement).
SWITCH_INTERVAL_MIN_S: Final = 0.0005
SWITCH_INTERVAL_PER_CLIENT_S: Final = 5e-6
_FILES_BESIDE_CLIENTS: Final = 200  # the database, the log, the console
_M_ARENA_MAX: Final = -8  # malloc.h of the GNU C library


def prepare_process(connections: int) -> None:
    """Make the process ready for a thread per client.

    :param connections: how many clients there may be.
    """
    raise_file_limit(connections + _FILES_BESIDE_CLIENTS)
    threading.stack_size(CLIENT_STACK_BYTES)
    adapt_switch_interval(0)
    _use_one_heap()


def adapt_switch_interval(connections: int) -> None:
    """Let threads keep the interpreter for longer when more of them may want it."""
    sys.setswitchinterval(max(SWITCH_INTERVAL_MIN_S, connections * SWITCH_INTERVAL_PER_CLIENT_S))


def raise_file_limit(needed: int) -> None:
    """Allow as many open files as the system lets this process have; warn when they are too few."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        with contextlib.suppress(ValueError, OSError):  # macOS promises more than it gives
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if allowed != resource.RLIM_INFINITY and allowed < needed:
        _log.warning(
            "only %d files may be open at once, %d are needed for so many connections: raise the limit "
            "(ulimit -n), or allow fewer (--connections)", allowed, needed
        )  # fmt: skip


def _use_one_heap() -> None:
    """Keep the GNU C library from spreading small blocks over sixteen heaps: a third less for each client.

    The interpreter lets one thread at a time allocate, so nobody waits for the one heap.
    """
    with contextlib.suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def open_files() -> int:
    """Return how many files and sockets the process has open; 0 where the system does not tell."""
    try:
        return len(os.listdir("/proc/self/fd"))
    except OSError:
        return 0


def memory_bytes() -> int:
    """Return the resident memory of the process; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def program(name: str) -> str:
    """Return what starts another program of this installation, such as `admin`, from any folder."""
    script = f"chat-{name}"
    beside = Path(sys.executable).with_name(script)
    if beside.exists():
        return str(beside)
    tree = Path(__file__).resolve().parents[1]
    if (tree / "Makefile").exists():
        return f"cd {tree} && {sys.executable} -m chat_server.{name}"
    return script
