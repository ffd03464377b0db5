"""The next certificate, made beside the present one before it is used; it must not know who is told of it.

Its key waits in the data folder, like the present one's: which of the two files is missing says which step
was interrupted, and the next call finishes it or begins again.
"""

import dataclasses
import logging
from pathlib import Path

from chat_server.net.certificate import (
    CertificateError,
    Encryption,
    fingerprint,
    load_certificate,
    make_context,
    make_pair,
    pair_in,
)

_log = logging.getLogger("chat.tls")


def next_pair_in(folder: Path) -> tuple[Path, Path]:
    """Return where the next certificate and its key are kept."""
    return folder / "tls-cert-next.pem", folder / "tls-key-next.pem"


def next_fingerprint(folder: Path) -> str:
    """Return the fingerprint of the certificate that is to be used next; empty where there is none."""
    certificate, key = next_pair_in(folder)
    if not (certificate.exists() and key.exists()):
        return ""
    try:
        make_context(certificate, key)
        return fingerprint(certificate)
    except CertificateError as error:
        _log.warning("the next certificate is not announced: %s", error)
        return ""


def make_next(folder: Path, host: str, days: int) -> str:
    """Make the next certificate, in place of another next one, and return its fingerprint.

    :param host: written into the certificate as the server's name.
    :param days: how long it holds.
    :raises CertificateError: when the `openssl` program is missing or fails.
    :raises OSError: when the folder cannot be written.
    """
    certificate, key = next_pair_in(folder)
    withdraw_next(folder)
    make_pair(certificate, key, host, days)
    return fingerprint(certificate)


def withdraw_next(folder: Path) -> bool:
    """Remove the next certificate and its key; tell whether there was one."""
    certificate, key = next_pair_in(folder)
    there = certificate.exists()
    certificate.unlink(missing_ok=True)  # first: without its key it would look half in use
    key.unlink(missing_ok=True)
    return there


def use_next(folder: Path) -> None:
    """Put the next certificate in the place of the present one.

    :raises CertificateError: when there is no next one that can be used.
    :raises OSError: when the folder cannot be written.
    """
    if not next_fingerprint(folder):
        raise CertificateError("no next certificate is announced")
    next_pair_in(folder)[1].replace(pair_in(folder)[1])
    finish_use(folder)


def finish_use(folder: Path) -> None:
    """Go on where :func:`use_next` was interrupted: the key is in its place, and its certificate is not."""
    certificate, key = next_pair_in(folder)
    if certificate.exists() and not key.exists():
        certificate.replace(pair_in(folder)[0])


def load_with_next(certificate: Path | None, key: Path | None, folder: Path, host: str) -> Encryption:
    """Load the certificate, and see which one comes next where the server makes its own.

    :raises CertificateError: as :func:`load_certificate`.
    """
    if certificate is not None:
        return load_certificate(certificate, key, folder, host)
    try:
        finish_use(folder)
    except OSError as error:
        raise CertificateError(f"cannot write into {folder}: {error.strerror or error}") from error
    found = load_certificate(None, None, folder, host)
    return dataclasses.replace(found, next_fingerprint=next_fingerprint(folder))
