"""What is kept of tokens, codes and webhooks in the place of the secret; it must not know passwords."""

import hashlib


def hash_secret(secret: str) -> str:
    """Return what is stored of a secret; those that the server makes are random enough to need no salt."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
