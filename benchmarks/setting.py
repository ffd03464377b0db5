"""What a measurement is given: a running server with its data on a disk, and the sizes asked for."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import quote

from benchmarks.connection import Target
from benchmarks.machine import Reference, measure_reference
from benchmarks.report import Result
from chat_server.storage import Storage, open_storage
from tests.support.mariadb import MariaDb
from tests.support.server import LOGGED_ERROR, ServerProcess, start_server

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench-results"
PRIVATE_MARIADB = "mariadb"
# As an administrator would set a small production server; durability is the default.
MARIADB_OPTIONS = ("--innodb-buffer-pool-size=512M", "--innodb-log-file-size=256M")


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for; None is for each measurement to choose."""

    n: int | None = None
    tls: bool = False
    seconds: float | None = None
    senders: int | None = None
    # How long a library to read and search in.
    messages: int | None = None
    # A URL, or "mariadb" for a private one; None is the server's own SQLite file.
    database: str | None = None
    folder: Path = RESULTS
    # Further options of the server.
    server: tuple[str, ...] = ()
    # The interpreter that runs it.
    python: str = sys.executable

    @property
    def database_name(self) -> str:
        """What kind of database it is; a URL holds a password."""
        return "SQLite" if self.database is None else self.database.partition(":")[0]

    def seconds_or(self, default: float) -> float:
        return default if self.seconds is None else self.seconds


@dataclass(frozen=True, slots=True)
class Setting:
    """A server that was started for one measurement."""

    options: Options
    target: Target
    reference: Reference
    folder: Path
    server: ServerProcess
    database: str = field(repr=False)

    def result(self, part: str, clients: int, **sizes: int) -> Result:
        """An empty result that says under what circumstances it was found."""
        transport = "TLS" if self.target.tls else "plain"
        circumstances = {"clients": clients, "transport": transport, "database": self.options.database_name}
        result = Result(part, {**sizes, **circumstances})
        result.details["reference"] = asdict(self.reference)
        return result


@contextmanager
def fresh_server(options: Options, prepare: Callable[[Storage], object] | None = None) -> Iterator[Setting]:
    """A server with an empty database for the length of a ``with`` block; references are measured before.

    :param prepare: fills the database before the server starts.
    :raises RuntimeError: when the server logged an error or did not end properly.
    """
    options.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="run-", dir=options.folder)))
        url, database_pids = stack.enter_context(fresh_database(options, folder))
        if prepare is not None:
            with closing(open_storage(url)) as storage:
                prepare(storage)
        reference = measure_reference(folder)
        with running(options, folder / "data", url) as server:
            target = Target(server.host, server.port, server.tls, (server.pid,), database_pids)
            yield Setting(options, target, reference, folder, server, url)


@contextmanager
def running(options: Options, data_dir: Path, database: str) -> Iterator[ServerProcess]:
    """A server process; when the block ends well, it must have logged no error and exit with 0."""
    server = start_server(
        data_dir, "--no-limits", *options.server,
        tls=options.tls, database=database, python=options.python,
    )  # fmt: skip
    try:
        yield server
    except BaseException:
        server.kill()
        raise
    if server.stop(timeout=60) or LOGGED_ERROR.search(server.output):
        raise RuntimeError(f"the server failed:\n{server.output}")


@contextmanager
def fresh_database(options: Options, folder: Path) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The URL and the processes of a database: a new SQLite file, the one asked for, or a private MariaDB."""
    if options.database == PRIVATE_MARIADB:
        with MariaDb(folder=folder / "mariadb", options=MARIADB_OPTIONS) as mariadb:
            yield mariadb.new_database(), (mariadb.process.pid,)
    elif options.database is not None:
        yield options.database, ()
    else:
        (folder / "data").mkdir(mode=0o700)
        yield f"sqlite:///{quote(str(folder / 'data' / 'chat.db'))}", ()
