"""A server of its own for each part of the siege, with its limits in force, and a look at its memory."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.setting import Options, fresh_database
from tests.support.server import LOGGED_ERROR, ServerProcess, start_server

MIB = 1024 * 1024
SHOWN_CHARS = 3_000  # of its output


@contextmanager
def besieged(options: Options, **limits: float) -> Iterator[ServerProcess]:
    """A server over TLS, on loopback, with an empty database; it must log no error and end in order.

    :param limits: limits other than the usual ones.
    """
    options.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="siege-", dir=options.folder)))
        url, _ = stack.enter_context(fresh_database(options, folder))
        environ = {f"CHAT_LIMITS_{name.upper()}": str(value) for name, value in limits.items()}
        server = start_server(folder / "data", *options.server, database=url, environ=environ)
        try:
            yield server
        except BaseException:
            server.kill()
            raise
        status, found = server.stop(timeout=60), LOGGED_ERROR.search(server.output)
        if status or found:
            where = found.start() if found else -SHOWN_CHARS
            raise RuntimeError(f"the server failed:\n{server.output[where:][:SHOWN_CHARS]}")
