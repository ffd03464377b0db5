"""The console behind a Unix socket in the data folder, for the user whom the server runs as and nobody else.

It must not know any command. `admin` accepts, and each visitor has a thread `admin-N`.
"""

import contextlib
import itertools
import logging
import os
import socket
import struct
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from chat_server.admin.frames import Channel, reachable
from chat_server.admin.visitor import Visit
from chat_server.parts import Parts

_log = logging.getLogger("chat.admin")

VISITORS_MAX: Final = 16
TELL_EVERY_S: Final = 60.0
PATIENCE_S: Final = 0.5  # of the five seconds in which the server stops
_CREDENTIALS: Final = struct.Struct("3i")  # struct ucred: pid, uid, gid (unix(7))


class ControlSocket:
    """Listen for the admin program.

    :param parts: the running server's.
    :param path: where the socket stands; its folder has to be there.
    """

    def __init__(self, parts: Parts, path: Path) -> None:
        self._parts = parts
        self._path = path
        self._numbers = itertools.count(1)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._lock = threading.Lock()  # guards _visitors
        self._visitors: dict[threading.Thread, Channel] = {}
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._accept, name="admin", daemon=True)

    def start(self) -> None:
        """Listen.

        :raises OSError: when the socket cannot be made, or another server listens on it.
        """
        with reachable(self._path) as address:
            self._remove_stale(address)
            # Linux makes the file with the mode of the descriptor; elsewhere the chmod below does it.
            with contextlib.suppress(OSError):
                os.fchmod(self._listener.fileno(), 0o600)
            self._listener.bind(address)
            os.chmod(address, 0o600)
            self._listener.listen()
        self._thread.start()

    def close(self) -> None:
        """Stop listening, send every visitor away, and remove the socket."""
        self._closing.set()
        if self._thread.is_alive():  # else it never listened, and the file is another's
            with contextlib.suppress(OSError):
                self._path.unlink()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        if self._thread.is_alive():
            self._thread.join(PATIENCE_S)  # from here on nobody comes
        self._listener.close()
        with self._lock:
            visitors = dict(self._visitors)
        # Who is in the middle of a command, such as `shutdown`, still gets its answer.
        _wake(visitors.values(), socket.SHUT_RD)
        _join(visitors)
        _wake(visitors.values(), socket.SHUT_RDWR)
        _join(visitors)

    def _remove_stale(self, address: str) -> None:
        """Remove the socket that a killed server left behind.

        :raises OSError: when a server answers on it.
        """
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(address)
            except FileNotFoundError:
                return
            except OSError:
                os.unlink(address)
                return
        raise OSError(f"another server uses the data folder {self._path.parent}")

    def _accept(self) -> None:
        tell_at = 0.0
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError as error:
                if self._closing.is_set():
                    return
                if time.monotonic() >= tell_at:
                    _log.warning("the admin socket takes nobody in just now: %s", error)
                    tell_at = time.monotonic() + TELL_EVERY_S
                self._closing.wait(PATIENCE_S)
                continue
            try:
                self._admit(sock)
            except Exception:  # no thread, no descriptor: the next one may have more luck
                _log.exception("an admin console could not be opened")
                sock.close()

    def _admit(self, sock: socket.socket) -> None:
        uid = peer_uid(sock)
        if uid is None or uid == os.geteuid():
            self._receive(sock)
            return
        _log.warning("the user with uid %s was refused at the admin socket", uid)
        _turn_away(Channel(sock), f"Only the user whom the server runs as (uid {os.geteuid()}) may do this.")

    def _receive(self, sock: socket.socket) -> None:
        channel = Channel(sock)
        thread = threading.Thread(
            target=self._serve, args=(channel,), name=f"admin-{next(self._numbers)}", daemon=True
        )
        with self._lock:
            is_full = len(self._visitors) >= VISITORS_MAX
            if not is_full:
                self._visitors[thread] = channel
        if is_full:
            _turn_away(channel, "Too many consoles are open.")
            return
        try:
            thread.start()
        except RuntimeError:
            with self._lock:
                self._visitors.pop(thread, None)
            raise

    def _serve(self, channel: Channel) -> None:
        try:
            Visit(self._parts, channel).run()
        except (OSError, ValueError) as error:
            _log.info("an admin console ended: %s", error)
        except Exception:
            _log.exception("an admin console failed")
        finally:
            with self._lock:
                self._visitors.pop(threading.current_thread(), None)
            channel.close()


def _turn_away(channel: Channel, why: str) -> None:
    with contextlib.suppress(OSError):
        channel.send(error=why)
    channel.close()


def _wake(channels: Iterable[Channel], how: int) -> None:
    for channel in channels:
        with contextlib.suppress(OSError):
            channel.socket.shutdown(how)


def _join(threads: Iterable[threading.Thread]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    for thread in threads:
        if thread is not threading.current_thread():
            thread.join(max(0.0, deadline - time.monotonic()))


def peer_uid(sock: socket.socket) -> int | None:
    """Return the user on the other side, None where the system does not tell (the socket's mode guards it
    there).
    """
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return None
    _pid, uid, _gid = _CREDENTIALS.unpack(sock.getsockopt(socket.SOL_SOCKET, option, _CREDENTIALS.size))
    return int(uid)
