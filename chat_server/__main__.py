"""`python -m chat_server`: reads the options, opens the storage, runs the server until it is told to stop."""

import contextlib
import dataclasses
import errno
import functools
import gc
import logging
import os
import signal
import sys
import threading
import time
from types import FrameType

from chat_protocol.standard_streams import on_any_streams
from chat_server import __version__
from chat_server.admin.control import ControlSocket
from chat_server.assembly import reception
from chat_server.cluster.broker import PackageMissing
from chat_server.console.terminal.run import run_console
from chat_server.data_folder import OTHERS, FolderError, prepare_folder, remember_database, shown
from chat_server.files.store import BlobStore
from chat_server.invitations import invitations
from chat_server.logs import configure_logging
from chat_server.monitoring.endpoint import Endpoint
from chat_server.monitoring.health import ended_threads
from chat_server.monitoring.monitor import monitor
from chat_server.net.certificate import CertificateError, Encryption
from chat_server.net.next_certificate import load_with_next
from chat_server.options import Options, UsageError, fail, parse_options
from chat_server.process import connections_allowed, program, start_without_thread_caches
from chat_server.reloading import Reloading, reload_and_log
from chat_server.server import ChatServer
from chat_server.service_manager import ServiceManager
from chat_server.storage import Storage, open_storage
from chat_server.storage.core.errors import StorageError
from chat_server.webhooks.endpoint import Endpoint as WebhookEndpoint

_log = logging.getLogger("chat.server")


@on_any_streams
def main(given: list[str] | None = None) -> int:
    """Run the server and return its exit status."""
    arguments = sys.argv[1:] if given is None else given
    try:
        options = parse_options(arguments)
    except UsageError as error:
        fail(str(error))
    start_without_thread_caches()
    _make_data_folder(options)
    console = options.console and sys.stdin is not None and sys.stdin.isatty()
    configure_logging(options.log_level, options.data_dir, console=console, form=options.log_format)
    options = _fitted(options)
    try:
        encryption = _encryption(options)
    except CertificateError as error:
        fail(str(error))
    storage = _open_storage(options)
    _make_files_folder(options)
    try:
        server = ChatServer(options, storage, encryption)
    except PackageMissing as error:
        storage.close()
        fail(str(error))
    except (OSError, OverflowError) as error:
        storage.close()
        fail(f"cannot listen on {options.host}:{options.port}: {_why(error)}")
    parts = server.parts
    parts.reloading = Reloading(parts, lambda: _fitted(parse_options(arguments)), _encryption)
    # Before it is announced: who reads the announcement may end it at once.
    _obey_signals(server, console=console)
    server.start()
    lost = threading.Event()
    storage.database.on_lost(functools.partial(_give_up, server, lost))
    _run(server, options, console=console)
    return 1 if lost.is_set() else 0


def _give_up(server: ChatServer, lost: threading.Event) -> None:
    """Stop because another server has taken the database over."""
    lost.set()
    server.parts.shutdown.request(0, "")


def _fitted(options: Options) -> Options:
    """Take as many clients as the process may have files for."""
    return dataclasses.replace(options, connections=connections_allowed(options.connections))


def _why(error: OSError | OverflowError) -> str:
    reason = str(getattr(error, "strerror", None) or error)
    if getattr(error, "errno", None) == errno.EADDRINUSE:
        reason += "; another program has this port: end it, or choose another (--port, `make server PORT=…`)"
    return reason


def _obey_signals(server: ChatServer, *, console: bool) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        server.parts.shutdown.request(0, "")

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    # With a console, the terminal was closed; without one, a service manager or an administrator sent it.
    signal.signal(signal.SIGHUP, stop if console else lambda _number, _frame: server.ask_for_reload())


def _run(server: ChatServer, options: Options, *, console: bool) -> None:
    control = ControlSocket(server.parts, server.parts.data_dir / "admin.sock")
    try:
        control.start()
    except OSError as error:
        server.stop()
        fail(f"cannot open the admin socket: {error}")
    webhooks = _webhooks(server, options)
    metrics = _metrics(server, options)  # the last one: it tells of all the others
    _announce(server, options)
    if console:
        run_console(server.parts)
    else:
        opens = f"{program('admin')} --data-dir {server.parts.data_dir.absolute()}"
        _log.info("no console here; `%s` opens it", opens)
    _keep_for_good()
    manager = ServiceManager()
    manager.tell("READY=1", f"STATUS=listening on port {server.port}")
    server.wait(lambda: _look(server, manager))
    manager.tell("STOPPING=1")
    control.close()
    for endpoint in (metrics, webhooks):
        if endpoint is not None:
            endpoint.stop()
    server.stop()
    _log.info("stopped")


def _keep_for_good() -> None:
    """Take what is there from the start out of Python's garbage collections.

    A full one would look through all of it each time, and nobody is served meanwhile.
    """
    gc.collect()
    gc.freeze()


def _look(server: ChatServer, manager: ServiceManager) -> None:
    """Do, on the main thread, what signals asked for, and let the watchdog know that the server works."""
    if server.take_reload_request() and server.parts.reloading is not None:
        manager.tell("STATUS=reading the settings again")
        reload_and_log(server.parts.reloading)
        manager.tell(f"STATUS=listening on port {server.port}")
    if manager.is_ping_due(time.monotonic()) and not ended_threads(server.parts):
        manager.tell("WATCHDOG=1")


def _metrics(server: ChatServer, options: Options) -> Endpoint | None:
    """Start what answers `/healthz` and `/metrics`, where it was asked for."""
    if not options.metrics:
        return None
    try:
        endpoint = monitor(server.parts, options.metrics)
    except OSError as error:
        server.stop()
        fail(f"cannot listen on {options.metrics} for metrics: {error.strerror or error}")
    endpoint.start()
    _log.info("health and metrics on port %d: /healthz, /metrics", endpoint.port)
    return endpoint


def _webhooks(server: ChatServer, options: Options) -> WebhookEndpoint | None:
    """Start what other programs post to, where it was asked for."""
    if not options.webhooks:
        return None
    try:
        endpoint = WebhookEndpoint(options.webhooks, reception(server.parts))
    except OSError as error:
        server.stop()
        fail(f"cannot listen on {options.webhooks} for webhooks: {error.strerror or error}")
    endpoint.start()
    server.parts.webhooks_port = endpoint.port
    _log.info("webhooks on port %d", endpoint.port)
    return endpoint


def _make_data_folder(options: Options) -> None:
    os.umask(OTHERS)  # what is made from here on is the server's alone
    try:
        prepare_folder(options.data_dir)
    except FolderError as error:
        fail(str(error))


def _make_files_folder(options: Options) -> None:
    if options.files:
        try:
            BlobStore(options.files_folder).prepare()
        except OSError as error:
            fail(
                f"the folder of the files, {options.files_folder}, cannot be used: {error.strerror or error}"
            )


def _encryption(options: Options) -> Encryption:
    if options.insecure:
        return Encryption()
    return load_with_next(options.tls_cert, options.tls_key, options.data_dir, options.certified_host)


def _open_storage(options: Options) -> Storage:
    try:
        storage = open_storage(
            options.database_url,
            data_dir=options.data_dir,
            cluster=options.cluster,
            tell=lambda line: _log.warning("%s", line),
        )
    except KeyboardInterrupt:  # while it waited for another server's end
        fail("interrupted")
    except (StorageError, OSError) as error:
        fail(str(error))
    for warning in storage.warnings:
        _log.warning("%s", warning)
    former = remember_database(options.data_dir, options.database_url)
    if former:
        _log.warning(
            "this data folder's database was %s so far; what is in that one is not in %s", former,
            shown(options.database_url),
        )  # fmt: skip
    return storage


def _announce(server: ChatServer, options: Options) -> None:
    host = f"[{options.host}]" if ":" in options.host else options.host
    fingerprint = server.parts.encryption.fingerprint
    how = f"TLS, SHA-256 fingerprint {fingerprint}" if fingerprint else "plain TCP"
    _log.info(
        "Chat %s listens on %s:%d (%s), database %s, data folder %s", __version__, host, server.port, how,
        shown(options.database_url), options.data_dir,
    )  # fmt: skip
    with contextlib.suppress(OSError):  # nobody may read it: the log has said the same
        print(f"Listening on {host}:{server.port} ({how})", flush=True)
        for invitation in invitations(server.parts):
            print(f"Invitation: {invitation.link()}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
