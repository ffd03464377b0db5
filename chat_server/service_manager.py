"""Tells systemd how the server does (sd_notify(3)), where it asked to be told; it knows no server."""

import contextlib
import os
import socket
from collections.abc import Mapping


class ServiceManager:
    """Speak to the service manager; without one, say nothing.

    :param environment: `NOTIFY_SOCKET` and `WATCHDOG_USEC`, as systemd sets them.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        self._watchdog_s = _seconds(environment.get("WATCHDOG_USEC", ""))
        self._ping_at = 0.0

    def tell(self, *lines: str) -> None:
        """Send a state, such as `READY=1`; who does not listen does not hear it."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock,
        ):
            sock.sendto("\n".join(lines).encode(), address)

    def is_ping_due(self, now_s: float) -> bool:
        """Return whether the watchdog is to hear from the server again: twice in each of its intervals.

        :param now_s: seconds of a clock that never goes back.
        """
        if not self._watchdog_s or now_s < self._ping_at:
            return False
        self._ping_at = now_s + self._watchdog_s / 2
        return True


def _seconds(microseconds: str) -> float:
    return int(microseconds) / 1_000_000 if microseconds.isdecimal() else 0.0
