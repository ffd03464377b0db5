"""Fixtures that every test may use, and what makes a test fail beside its assertions."""

import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.support import redis
from tests.support.certificate import make_certificate
from tests.support.display import private_display
from tests.support.mariadb import INSTALL_COMMAND, MariaDb, program
from tests.support.quick_passwords import hash_quickly
from tests.support.server import LOGGED_ERROR, ServerProcess, start_server

THREAD_END_TIMEOUT_S = 2.0
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

NO_SKIP = bool(os.environ.get("CHAT_TESTS_NO_SKIP"))
hash_quickly()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything is installed, a skipped test is a failed one."""
    return _without_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _without_skip((yield))


def _without_skip(report: Report) -> Report:
    if NO_SKIP and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, and CHAT_TESTS_NO_SKIP is set: {report.longrepr}"
    return report


def need_program(name: str, install: str) -> None:
    """Skip the test where the program is missing, and say how to install it."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
    if shutil.which(name, path=path) is None:
        pytest.skip(f"{name} is missing; install it with: {install}")


_lasting: list[str] = []  # threads that the server has started and the end of its process would wait for
_start_thread = threading.Thread.start


def _start_and_look(thread: threading.Thread) -> None:
    owner = getattr(getattr(thread, "_target", None), "__module__", "")
    is_the_tests_own = thread.name.startswith("Thread-")  # the server names each of its own
    if owner.startswith("chat_server") and not (thread.daemon or is_the_tests_own):
        _lasting.append(thread.name)
    _start_thread(thread)


threading.Thread.start = _start_and_look  # type: ignore[assignment, method-assign]  # in each test, whatever it patches


@pytest.fixture(autouse=True)
def _no_leaked_thread() -> Iterator[None]:
    """A thread that the test started ends with the test; one of the server's keeps no process alive."""
    before = set(threading.enumerate())
    yield
    lasting, _lasting[:] = list(_lasting), []
    assert not lasting, f"threads that a server's end would wait for, whatever they do: {lasting}"
    deadline = time.monotonic() + THREAD_END_TIMEOUT_S
    for thread in set(threading.enumerate()) - before:
        thread.join(max(0.0, deadline - time.monotonic()))
    left = sorted(thread.name for thread in set(threading.enumerate()) - before if thread.is_alive())
    assert not left, f"threads still alive after the test: {left}"


class _ErrorRecorder(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(logging.Formatter("%(name)s: %(message)s").format(record))


@pytest.fixture(autouse=True)
def _no_logged_error(request: pytest.FixtureRequest) -> Iterator[None]:
    """The program logs no error, unless the test carries the marker that says so."""
    recorder = _ErrorRecorder()
    logger = logging.getLogger("chat")
    logger.addHandler(recorder)
    yield
    logger.removeHandler(recorder)
    if request.node.get_closest_marker("logged_errors") is None:
        assert not recorder.texts, "errors were logged:\n" + "\n".join(recorder.texts)


@pytest.fixture(scope="session")
def xvfb() -> Iterator[str]:
    """A display for this run; DISPLAY names it."""
    pytest.importorskip("tkinter", reason="Tk is missing; install it with: sudo apt-get install python3-tk")
    need_program("Xvfb", "sudo apt-get install xvfb")
    with private_display() as display, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISPLAY", display)
        yield display


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDb]:
    """A private MariaDB server for this run."""
    if program() is None:
        pytest.skip(f"MariaDB is missing; install it with: sudo {INSTALL_COMMAND}")
    with MariaDb() as server:
        yield server


@pytest.fixture(scope="session")
def need_redis() -> None:
    """Skip where Redis is not installed."""
    if redis.program() is None:
        pytest.skip(f"Redis is missing; install it with: sudo {redis.INSTALL_COMMAND}")


@pytest.fixture
def mariadb_url(mariadb: MariaDb) -> str:
    """The URL of an empty database on it."""
    return mariadb.new_database()


@pytest.fixture(scope="session")
def tls_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate and its key, made once: making one takes longer than most tests."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server_process(
    request: pytest.FixtureRequest, tmp_path: Path, tls_files: tuple[Path, Path]
) -> Iterator[Callable[..., ServerProcess]]:
    """A function that starts a server process (see :func:`tests.support.server.start_server`).

    Its data folder is ``tmp_path / "data"``, so a second start continues the first one's; `folder` names
    another one, for another server. What still runs after the test is ended by SIGTERM and must exit with
    0; an error in a server's output fails the test.
    """
    started: list[ServerProcess] = []

    def start(*arguments: str, tls: bool = True, folder: str = "data", **options: Any) -> ServerProcess:
        certificate, key = tls_files
        extra = ("--tls-cert", str(certificate), "--tls-key", str(key)) if tls else ()
        server = start_server(tmp_path / folder, *extra, *arguments, tls=tls, **options)
        started.append(server)
        return server

    yield start
    running = [server for server in started if server.process.poll() is None]
    statuses = [server.stop() for server in running]
    assert not any(statuses), "\n".join(server.output for server in running)
    if request.node.get_closest_marker("logged_errors") is None:
        for server in started:
            assert not LOGGED_ERROR.search(server.output), server.output
