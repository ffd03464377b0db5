"""Who the server is, by the system's store or by a pinned fingerprint; it knows no frame and no thread."""

import hashlib
import ipaddress
import ssl


def fingerprint_of(certificate: bytes) -> str:
    """Return the SHA-256 of a certificate (DER) as `AB:CD:…`, in the form that `openssl x509` prints."""
    digest = hashlib.sha256(certificate).hexdigest().upper()
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))


def verifying_context() -> ssl.SSLContext:
    """Return a context that trusts what the system trusts."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def pinning_context() -> ssl.SSLContext:
    """Return a context that lets any certificate through: its fingerprint is compared before any frame."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def is_loopback(host: str) -> bool:
    """Say whether `host` names this machine, without asking any name server."""
    if host.lower() in ("localhost", "localhost.localdomain"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
