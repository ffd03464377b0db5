"""Makes a self-signed certificate for a test run with the openssl program."""

import subprocess
from pathlib import Path


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for localhost and its key into *folder* and return the two paths."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(key)]
    command = ["openssl", "req", "-x509", *new_key, *subject, "-days", "30", "-out", str(certificate)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True)
    return certificate, key
