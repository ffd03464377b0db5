"""Makes a self-signed certificate for a test run with the openssl program."""

from pathlib import Path

from tests.support.own_server import run_program

OPENSSL_MAX_S = 60.0


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for localhost and its key into *folder* and return the two paths."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(key)]
    command = ["openssl", "req", "-x509", *new_key, *subject, "-days", "30", "-out", str(certificate)]
    run_program(command, OPENSSL_MAX_S)
    return certificate, key
