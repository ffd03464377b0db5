"""Replaces the server's own certificate without locking anybody out; it must not know who is asked for what.

The next one is made and announced first: clients learn its fingerprint over the connection that they trust
already, and take it when the server shows it.
"""

import logging
from collections.abc import Callable
from typing import Final

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.server_events import CertificateEvent
from chat_server.net.certificate import CertificateError, certificate_bytes
from chat_server.net.certificate_dates import validity
from chat_server.net.certificate_names import names_in
from chat_server.net.next_certificate import make_next, next_pair_in, use_next, withdraw_next
from chat_server.parts import Parts
from chat_server.reloading import Reloading
from chat_server.services.vocabulary.actors import Actor, require

DAYS_MAX: Final = 36_500
TOLD_FROM_S: Final = 30 * 86_400
TOLD_EVERY_S: Final = 86_400

_log = logging.getLogger("chat.tls")

GIVEN: Final = (
    "The certificate comes from --tls-cert, and is renewed where it is made: put the new one into the same"
    " files and say `reload`. Clients that know it by its fingerprint ask their users about another one"
)


def announce(parts: Parts, actor: Actor, days: int) -> str:
    """Make the next certificate and tell all clients of it; return its fingerprint.

    :param days: how long it holds.
    :raises ChatError: `forbidden`, or `bad_request` with what is wrong.
    """
    with parts.audit.act(actor, "certificate announce", "", f"{days} days") as act:
        require(actor, "admin")
        if not 1 <= days <= DAYS_MAX:
            raise ChatError(ErrorCode.BAD_REQUEST, f"A certificate holds for 1 to {DAYS_MAX} days.")
        options = parts.options
        _change(parts, lambda: make_next(options.data_dir, options.certified_host, days))
        act.note(parts.encryption.next_fingerprint)
    return parts.encryption.next_fingerprint


def withdraw(parts: Parts, actor: Actor) -> None:
    """Remove the next certificate, and tell the clients that they are to forget it.

    :raises ChatError: `forbidden`; `bad_request` when none is announced.
    """
    with parts.audit.act(actor, "certificate withdraw"):
        require(actor, "admin")
        _require_next(parts)
        _change(parts, lambda: withdraw_next(parts.options.data_dir))


def use(parts: Parts, actor: Actor) -> str:
    """Show the next certificate to all new connections; return its fingerprint.

    :raises ChatError: `forbidden`; `bad_request` when none is announced.
    """
    with parts.audit.act(actor, "certificate use") as act:
        require(actor, "admin")
        _require_next(parts)
        _change(parts, lambda: use_next(parts.options.data_dir), tell=False)
        act.note(parts.encryption.fingerprint)
    return parts.encryption.fingerprint


def described(parts: Parts) -> dict[str, object]:
    """Return what there is to know of the certificate, and of the next one; times in milliseconds.

    :raises ChatError: `bad_request` when connections are not encrypted here.
    """
    encryption = parts.encryption
    if encryption.certificate is None:
        raise ChatError(ErrorCode.BAD_REQUEST, "There is no certificate: connections are not encrypted here.")
    facts: dict[str, object] = {"own": parts.options.tls_cert is None, "fingerprint": encryption.fingerprint}
    places = {"": encryption.certificate}
    facts["next_fingerprint"] = encryption.next_fingerprint
    if encryption.next_fingerprint:
        places["next_"] = next_pair_in(parts.options.data_dir)[0]
    for prefix, place in places.items():
        try:
            der = certificate_bytes(place)
            begins, ends = validity(der)
        except (OSError, ValueError) as error:
            raise ChatError(ErrorCode.BAD_REQUEST, f"The certificate cannot be read: {error}.") from error
        facts |= {f"{prefix}names": names_in(der), f"{prefix}from": int(begins * 1000)}
        facts |= {f"{prefix}until": int(ends * 1000)}
    return facts


class EndOfCertificate:
    """Say in the log, once a day, that the certificate ends soon.

    :param parts: whose certificate it is; a reload replaces it.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._told_s = 0.0

    def look(self) -> None:
        """Say it, if it is due; the timer calls this."""
        encryption, now_s = self._parts.encryption, self._parts.clock() / 1000
        left_s = encryption.ends_at - now_s
        if not encryption.ends_at or left_s >= TOLD_FROM_S or 0 <= now_s - self._told_s < TOLD_EVERY_S:
            return
        self._told_s = now_s
        when = f"ends in {left_s / 86_400:.0f} days" if left_s > 0 else "has ended"
        _log.warning("the certificate %s: `certificate` in the console says what to do", when)


def _require_next(parts: Parts) -> None:
    if not parts.encryption.next_fingerprint:
        message = "No next certificate is announced; `certificate announce` makes one."
        raise ChatError(ErrorCode.BAD_REQUEST, message)


def _change(parts: Parts, act: Callable[[], object], *, tell: bool = True) -> None:
    """Change files of the server's own certificate, and load what is there then."""
    reloading = _reloading(parts)
    try:
        act()
        reloading.take_certificate()
    except (CertificateError, OSError) as error:
        raise ChatError(ErrorCode.BAD_REQUEST, f"That failed: {error}.") from error
    if tell:
        parts.audience.to_everyone(CertificateEvent(parts.encryption.next_fingerprint))


def _reloading(parts: Parts) -> Reloading:
    """Return what loads certificates; refuse where the server has not made its own.

    :raises ChatError: `bad_request`.
    """
    if parts.encryption.certificate is None or parts.reloading is None:
        raise ChatError(ErrorCode.BAD_REQUEST, "There is no certificate: connections are not encrypted here.")
    if parts.options.tls_cert is not None:
        raise ChatError(ErrorCode.BAD_REQUEST, f"{GIVEN}.")
    return parts.reloading
