"""The server's certificate: made at the first start by the `openssl` program, loaded, and its fingerprint."""

import contextlib
import hashlib
import logging
import os
import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chat_server.net.certificate_dates import valid_until

_log = logging.getLogger("chat.tls")

VALID_DAYS: Final = 3650
# Only authenticated encryption, with keys that nobody has afterwards; TLS 1.3 knows nothing else.
_TLS_1_2_CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
_OPENSSL_TIMEOUT_S: Final = 30


@dataclass(frozen=True, slots=True)
class Encryption:
    """How connections are encrypted: not at all without a context.

    :param ends_at: when the certificate ends, in seconds since 1970; 0 when that is not known.
    :param next_fingerprint: of the certificate that clients are to take next; empty where none is announced.
    :param certificate: the file that it is in.
    """

    context: ssl.SSLContext | None = None
    fingerprint: str = ""
    ends_at: float = 0.0
    next_fingerprint: str = ""
    certificate: Path | None = None


_NOT_MADE: Final = (
    "no certificate could be made for the address {host}: check --host and the room on the disk, or pass"
    " --tls-cert and --tls-key"
)


class CertificateError(Exception):
    """No certificate could be made or loaded; the text says what to do."""


def pair_in(folder: Path) -> tuple[Path, Path]:
    """Return where the server's own certificate and its key are kept."""
    return folder / "tls-cert.pem", folder / "tls-key.pem"


def ensure_certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """Return the certificate and the key in a folder, made where there are none.

    :param host: written into the certificate as the server's name.
    :raises CertificateError: when the `openssl` program is missing or fails.
    """
    certificate, key = pair_in(folder)
    if not (certificate.exists() and key.exists()):
        make_pair(certificate, key, host, VALID_DAYS)
    return certificate, key


def make_pair(certificate: Path, key: Path, host: str, days: int) -> None:
    """Make a certificate and its key, readable by nobody else.

    :param host: written into the certificate as the server's name.
    :param days: how long it holds.
    :raises CertificateError: when the `openssl` program is missing or fails.
    """
    program = shutil.which("openssl")
    if program is None:
        raise CertificateError(
            "the openssl program is missing: install it (Debian: apt install openssl), "
            "or pass --tls-cert and --tls-key"
        )
    new_certificate, new_key = certificate.with_suffix(".new"), key.with_suffix(".new")
    os.close(os.open(new_key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    _run_openssl(program, new_certificate, new_key, host, days)
    new_key.replace(key)  # the key first: a certificate without its key would look complete
    new_certificate.replace(certificate)


def _run_openssl(program: str, certificate: Path, key: Path, host: str, days: int) -> None:
    host = host.partition("%")[0]  # a certificate names no network card
    name = "IP" if host.replace(".", "").isdigit() or ":" in host else "DNS"
    command = [program, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += [
        "-days",
        str(days),
        "-subj",
        "/CN=chat server",
        "-keyout",
        str(key),
        "-out",
        str(certificate),
    ]
    command += ["-addext", f"subjectAltName={name}:{host},DNS:localhost"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_OPENSSL_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        _log.debug("openssl did not run: %s", error)
        raise CertificateError(_NOT_MADE.format(host=host)) from error
    if done.returncode != 0:
        _log.debug("openssl said: %s", done.stderr)
        raise CertificateError(_NOT_MADE.format(host=host))


def load_certificate(certificate: Path | None, key: Path | None, folder: Path, host: str) -> Encryption:
    """Return how all connections are encrypted.

    :param certificate: None, as the key, for the pair in the folder, which is made where there is none.
    :raises CertificateError: when there is no certificate that can be used.
    """
    if certificate is None or key is None:
        try:
            certificate, key = ensure_certificate(folder, host)
        except OSError as error:
            raise CertificateError(
                f"cannot write the certificate into {folder}: {error.strerror or error}"
            ) from error
    context = make_context(certificate, key)
    return Encryption(context, fingerprint(certificate), _ends_at(certificate), certificate=certificate)


def certificate_bytes(file: Path) -> bytes:
    """Return the first certificate in a PEM file, in DER.

    :raises OSError: when the file cannot be read.
    :raises ValueError: when there is none in it.
    """
    return ssl.PEM_cert_to_DER_cert(first_certificate(file))


def _ends_at(certificate: Path) -> float:
    with contextlib.suppress(OSError, ValueError):  # OpenSSL took it: only its end is not known
        return valid_until(certificate_bytes(certificate))
    return 0.0


def make_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return the settings of all connections: TLS 1.2 at least, AEAD suites, no tickets, no renegotiation.

    :raises CertificateError: when the files cannot be read, or do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_TICKET
    context.set_ciphers(_TLS_1_2_CIPHERS)
    context.num_tickets = 0  # `resume` takes their place, and works over a restart
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise CertificateError(
            f"cannot use the certificate {certificate} with the key {key}: {_why(error)}"
        ) from error
    return context


def _why(error: OSError) -> str:
    """Return a reason for a person; what OpenSSL calls it is for those who know OpenSSL."""
    if not isinstance(error, ssl.SSLError):
        return error.strerror or "it cannot be read"
    _log.debug("OpenSSL said: %s", error)
    if error.reason == "KEY_VALUES_MISMATCH":
        return "the key belongs to another certificate"
    return "one of the two is not what it is said to be, in PEM"


def fingerprint(certificate: Path) -> str:
    """Return the SHA-256 of the first certificate in a file: `AB:CD:…`.

    :raises CertificateError: when there is none.
    """
    try:
        digest = hashlib.sha256(certificate_bytes(certificate)).hexdigest().upper()
    except (OSError, ValueError) as error:
        raise CertificateError(f"cannot read the certificate {certificate}: {error}") from error
    return ":".join(digest[index : index + 2] for index in range(0, len(digest), 2))


def first_certificate(file: Path) -> str:
    """Return the text of the first certificate in a PEM file.

    :raises OSError: when the file cannot be read.
    :raises ValueError: when there is none in it.
    """
    pem = file.read_text()
    start = pem.index("-----BEGIN CERTIFICATE-----")
    end = pem.index("-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----")
    return pem[start:end]
