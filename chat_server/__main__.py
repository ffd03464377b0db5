"""`python -m chat_server`: reads the options, opens the storage, runs the server until it is told to stop."""

import logging
import signal
import ssl
import sys
from types import FrameType

from chat_server.admin.control import ControlSocket
from chat_server.console.terminal.run import run_console
from chat_server.logs import configure_logging
from chat_server.net.certificate import CertificateError, ensure_certificate, fingerprint, make_context
from chat_server.options import Options, UsageError, fail, parse_options
from chat_server.server import ChatServer
from chat_server.storage import Storage, open_storage
from chat_server.storage.core.errors import StorageError

_log = logging.getLogger("chat.server")


def main(arguments: list[str]) -> int:
    """Run the server and return its exit status."""
    try:
        options = parse_options(arguments)
    except UsageError as error:
        fail(str(error))
    _make_data_folder(options)
    console = options.console and sys.stdin is not None and sys.stdin.isatty()
    configure_logging(options.log_level, options.data_dir, console=console)
    context, fingerprint = _tls(options)
    storage = _open_storage(options)
    try:
        server = ChatServer(options, storage, context)
    except (OSError, OverflowError) as error:
        storage.close()
        fail(f"cannot listen on {options.host}:{options.port}: {getattr(error, 'strerror', None) or error}")
    _obey_signals(server)  # before it is announced: who reads the announcement may end it at once
    server.start()
    _run(server, options, fingerprint, console=console)
    return 0


def _obey_signals(server: ChatServer) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        server.request_shutdown(0, "")

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGHUP, stop)  # the terminal was closed


def _run(server: ChatServer, options: Options, fingerprint: str, *, console: bool) -> None:
    control = ControlSocket(server, server.data_dir / "admin.sock")
    try:
        control.start()
    except OSError as error:
        server.stop()
        fail(f"cannot open the admin socket: {error}")
    _announce(server, options, fingerprint)
    if console:
        run_console(server)
    else:
        _log.info("no console here; `python -m chat_server.admin --data-dir %s` opens it", server.data_dir)
    server.wait()
    control.close()
    server.stop()
    _log.info("stopped")


def _make_data_folder(options: Options) -> None:
    try:
        options.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        fail(f"cannot make the data folder {options.data_dir}: {error.strerror or error}")


def _tls(options: Options) -> tuple[ssl.SSLContext | None, str]:
    if options.insecure:
        return None, ""
    try:
        if options.tls_cert and options.tls_key:
            certificate, key = options.tls_cert, options.tls_key
        else:
            certificate, key = ensure_certificate(options.data_dir, options.host)
        return make_context(certificate, key), fingerprint(certificate)
    except CertificateError as error:
        fail(str(error))
    except OSError as error:
        fail(f"cannot write the certificate into {options.data_dir}: {error.strerror or error}")


def _open_storage(options: Options) -> Storage:
    try:
        storage = open_storage(options.database_url)
    except (StorageError, OSError) as error:
        fail(str(error))
    for warning in storage.warnings:
        _log.warning("%s", warning)
    return storage


def _announce(server: ChatServer, options: Options, fingerprint: str) -> None:
    host = f"[{options.host}]" if ":" in options.host else options.host
    how = f"TLS, SHA-256 fingerprint {fingerprint}" if fingerprint else "plain TCP"
    print(f"Listening on {host}:{server.port} ({how})", flush=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
