"""Takes changed settings and a renewed certificate while the server runs; it must not know who asked."""

import dataclasses
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from chat_protocol.errors import ChatError, ErrorCode
from chat_server.config.table import LIMITS, SETTINGS
from chat_server.logs import set_log_level
from chat_server.net.certificate import CertificateError, Encryption
from chat_server.options import Options, UsageError, changed

_log = logging.getLogger("chat.server")

Encrypting = Callable[[Options], Encryption]


class Running(Protocol):
    """What is told the new settings."""

    options: Options
    encryption: Encryption

    def apply(self, options: Options, encryption: Encryption) -> None:
        """Use these from now on."""


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What came of it: the settings taken, and those that need a restart."""

    taken: tuple[str, ...]
    at_next_start: tuple[str, ...]
    fingerprint: str
    renewed: bool

    def __str__(self) -> str:
        parts = [f"taken: {', '.join(self.taken)}" if self.taken else "no changed setting to take"]
        if self.at_next_start:
            parts.append(f"only after a restart: {', '.join(self.at_next_start)}")
        if self.renewed:
            parts.append(f"new certificate: {self.fingerprint}")
        return "; ".join(parts)


class Reloading:
    """Read the settings again, as often as somebody asks.

    :param read: reads all sources again.
    :param encryption: loads the certificate that options name.
    """

    def __init__(self, server: Running, read: Callable[[], Options], encryption: Encrypting) -> None:
        self._server = server
        self._read = read
        self._encryption = encryption
        self._lock = threading.Lock()  # one at a time

    def run(self) -> Reloaded:
        """Take what can be taken; nothing at all when anything is wrong.

        :raises ChatError: with what is wrong.
        """
        with self._lock:
            try:
                return self._take(self._read())
            except (UsageError, CertificateError, OSError) as error:
                message = f"Nothing was taken: {error}"
                raise ChatError(ErrorCode.BAD_REQUEST, message) from error

    def take_certificate(self) -> Encryption:
        """Load the certificate again, with the settings that are in force; open connections keep theirs.

        :raises CertificateError: when it cannot be used; then the one before stays.
        """
        with self._lock:
            encryption = self._encryption(self._server.options)
            self._server.apply(self._server.options, encryption)
        return encryption

    def _take(self, read: Options) -> Reloaded:
        running = self._server.options
        differing = changed(running, read)
        taken = tuple(key for key in differing if SETTINGS[key].live)
        options = _with(running, read, taken)
        encryption = self._encryption(options)
        renewed = encryption.fingerprint != self._server.encryption.fingerprint
        self._server.apply(options, encryption)
        set_log_level(options.log_level)
        waiting = tuple(key for key in differing if key not in taken)
        return Reloaded(taken, waiting, encryption.fingerprint, renewed)


def reload_and_log(reloading: Reloading) -> None:
    """Reload for nobody who could be told: what came of it is logged."""
    try:
        _log.info("settings read again: %s", reloading.run())
    except ChatError as refusal:
        _log.warning("settings read again: %s", refusal.message)


def _with(running: Options, read: Options, keys: tuple[str, ...]) -> Options:
    """Return the running options with some keys of those that were read."""
    limits = {key.removeprefix(f"{LIMITS}."): key for key in keys if key.startswith(f"{LIMITS}.")}
    return dataclasses.replace(
        running,
        **{key: getattr(read, key) for key in keys if key not in limits.values()},
        limits=dataclasses.replace(running.limits, **{name: getattr(read.limits, name) for name in limits}),
    )
