"""What the whole process is set to at its start: open files, threads, memory; it knows no client."""

import contextlib
import ctypes
import logging
import os
import resource
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Final, TypeVar

from chat_server.limits import CLIENT_STACK_BYTES

_log = logging.getLogger("chat.server")
_Made = TypeVar("_Made")

# How long a thread may keep the interpreter while another waits for it. Python's 5 ms are longer than many
# commits. But each waiting thread wakes once in the interval: when thousands of clients leave at once, short
# ones leave no time for work. So it grows with the clients (docs/run/performance.md has the measurement).
SWITCH_INTERVAL_MIN_S: Final = 0.0005
SWITCH_INTERVAL_PER_CLIENT_S: Final = 5e-6
# The database, the log, the console; where there are few, a fifth, but what a server needs at rest.
_FILES_BESIDE_CLIENTS: Final = 200
_FILES_BESIDE_CLIENTS_MIN: Final = 64
# What the GNU C library keeps of freed memory for each thread: of a handshake over TLS 20 KiB, in a thread
# that then waits for hours. It reads this only when a program starts (`man ld.so`; gnu.org, "Tunables").
_TUNABLES: Final = "GLIBC_TUNABLES"
_NO_THREAD_CACHES: Final = "glibc.malloc.tcache_count=0"
_M_ARENA_MAX: Final = -8  # malloc.h of the GNU C library
NICE_BEHIND: Final = 10  # a tenth of the CPU time of a thread at 0, when both want it


def start_without_thread_caches() -> None:
    """Start this program again in its place, with another setting of the C library, unless it has one.

    To be called before there is a second thread or anything else that the program would lose.
    """
    if sys.platform == "linux" and _TUNABLES not in os.environ:
        os.environ[_TUNABLES] = _NO_THREAD_CACHES
        with contextlib.suppress(OSError):  # then it goes on with the caches
            os.execv(sys.executable, sys.orig_argv)


def prepare_process() -> None:
    """Make the process ready for a thread per client."""
    threading.stack_size(CLIENT_STACK_BYTES)
    adapt_switch_interval(0)
    _use_one_heap()


def adapt_switch_interval(connections: int) -> None:
    """Let threads keep the interpreter for longer when more of them may want it."""
    sys.setswitchinterval(max(SWITCH_INTERVAL_MIN_S, connections * SWITCH_INTERVAL_PER_CLIENT_S))


def connections_allowed(wanted: int) -> int:
    """Allow as many open files as the system lets this process have, and return how many clients that is for.

    :param wanted: how many there are to be; less is returned, and logged, where there are too few files.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        with contextlib.suppress(ValueError, OSError):  # macOS promises more than it gives
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if files == resource.RLIM_INFINITY:
        return wanted
    beside = min(_FILES_BESIDE_CLIENTS, max(_FILES_BESIDE_CLIENTS_MIN, files // 5))
    allowed = max(1, files - beside)
    if allowed >= wanted:
        return wanted
    _log.warning(
        "only %d files may be open at once: at most %d clients are taken, not %d; raise the limit (ulimit -n,"
        " LimitNOFILE= of a service), or allow fewer (--connections)", files, allowed, wanted
    )  # fmt: skip
    return allowed


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


def give_way() -> None:
    """Let this thread run behind the others from now on, where the system knows threads apart (Linux).

    For threads that move files, and for strangers' guesses: what people say to each other is to be as quick
    beside them as without them.
    """
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE_BEHIND)


def run_behind(work: Callable[[], _Made]) -> _Made:
    """Return what some work makes, done behind the other threads; its caller, whose thread is not, waits."""
    made: Future[_Made] = Future()

    def run() -> None:
        give_way()
        try:
            made.set_result(work())
        except BaseException as error:
            made.set_exception(error)

    threading.Thread(target=run, name="behind", daemon=True).start()
    return made.result()
