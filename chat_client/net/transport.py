"""Makes the stream that a connection runs on: TCP, TLS and the proof of who the server is; no frames here."""

import socket
import ssl
from dataclasses import dataclass
from typing import Protocol

from chat_client.net.tls import fingerprint_of, is_loopback, pinning_context, verifying_context

CONNECT_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is, and how it is known.

    :param insecure: plain TCP, for loopback addresses only.
    :param fingerprint: the pinned one; empty at first contact.
    :param next_fingerprint: what the pinned server has announced; empty where it has not.
    :param patience_s: how long the server may take to connect and to show its certificate.
    """

    host: str
    port: int
    insecure: bool = False
    fingerprint: str = ""
    next_fingerprint: str = ""
    patience_s: float = CONNECT_TIMEOUT_S


class Stream(Protocol):
    """What the thread needs of a socket."""

    def recv(self, size: int) -> bytes: ...
    def send(self, data: bytes) -> int: ...
    def fileno(self) -> int: ...
    def setblocking(self, flag: bool) -> None: ...
    def close(self) -> None: ...


class ConnectionFailed(Exception):
    """The connection could not be made, or has ended; `code` as in :class:`Disconnected`."""

    def __init__(self, code: str, detail: str = "", fingerprint: str = "") -> None:
        super().__init__(detail or code)
        self.code, self.detail, self.fingerprint = code, detail, fingerprint


def open_stream(address: Address) -> tuple[Stream, bool]:
    """Connect, and make sure that the server is the one that is meant.

    A certificate that the system's store vouches for needs no pin; any other needs its pinned fingerprint.

    :return: the stream, and whether it is encrypted.
    :raises ConnectionFailed: `unreachable`, `not_tls`, `insecure_refused`, `fingerprint_unknown`,
        `fingerprint_changed`.
    """
    if address.insecure:
        if not is_loopback(address.host):
            raise ConnectionFailed("insecure_refused", "Plain TCP is for loopback addresses only.")
        return _tcp(address), False
    if address.fingerprint:
        return _pinned(address), True
    try:
        return _handshake(_tcp(address), verifying_context(), address.host), True
    except ssl.SSLCertVerificationError:
        return _pinned(address), True


def accepted(address: Address) -> tuple[str, ...]:
    """Return the fingerprints that the server may show: the pinned one, and the one that it has announced."""
    return (address.fingerprint, address.next_fingerprint) if address.fingerprint else ()


def shown_by(stream: Stream) -> str:
    """Return the fingerprint of the certificate that a stream's server has shown; empty without TLS."""
    certificate = stream.getpeercert(binary_form=True) if isinstance(stream, ssl.SSLSocket) else None
    return fingerprint_of(certificate) if certificate else ""


def _pinned(address: Address) -> ssl.SSLSocket:
    stream = _handshake(_tcp(address), pinning_context(), address.host)
    found = shown_by(stream)
    if found in accepted(address):
        return stream
    stream.close()
    code = "fingerprint_changed" if address.fingerprint else "fingerprint_unknown"
    raise ConnectionFailed(code, "The server shows another certificate than expected.", found)


def _tcp(address: Address) -> socket.socket:
    try:
        stream = socket.create_connection((address.host, address.port), timeout=address.patience_s)
    except (OSError, UnicodeError) as error:  # UnicodeError: a host name that IDNA refuses
        raise ConnectionFailed("unreachable", str(error)) from error
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return stream


def _handshake(stream: socket.socket, context: ssl.SSLContext, host: str) -> ssl.SSLSocket:
    try:
        return context.wrap_socket(stream, server_hostname=host)
    except ssl.SSLCertVerificationError:
        stream.close()
        raise
    except (OSError, ValueError) as error:
        stream.close()
        raise ConnectionFailed(_handshake_code(error), str(error)) from error


def _handshake_code(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "silent"
    if isinstance(error, (ssl.SSLEOFError, ConnectionError)):
        return "dropped"  # so a full or refusing server hangs up
    return "not_tls"
