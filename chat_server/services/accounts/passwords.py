"""Passwords: hashing, checking, and what is too weak; it must not know whose they are."""

import base64
import hashlib
import hmac
import os
import secrets
import time
from functools import lru_cache, partial
from typing import Final

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.limits import PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS
from chat_server.limits import PASSWORD_WAIT_S, RETRY_AFTER_S
from chat_server.live.rates import Rate, TokenBucket
from chat_server.process import run_behind
from chat_server.services.accounts.turns import FairTurns, NoTurn
from chat_server.services.accounts.weakness import weakness_of

# scrypt (RFC 7914) with the second of the equivalent settings of OWASP's Password Storage Cheat Sheet that
# need less memory: 16 MiB and about 0.15 s a hash.
_N: Final = 2**14
_R: Final = 8
_P: Final = 5
_SALT_BYTES: Final = 16
_MEMORY_MAX_BYTES: Final = 64 * 1024 * 1024

# As many at a time as there are cores: more would only make each slower, and take 16 MiB each.
_turns = FairTurns(os.cpu_count() or 1)
# Further ones of strangers, most of which are guesses, run behind everything else, and half of the time none
# does: one after another would keep a core and its caches from what users say, while anybody guesses.
_BESIDE: Final = Rate(10, 0.2)
_beside = TokenBucket()
_pause = time.sleep
PAUSE_MAX_S: Final = 1.0  # a loaded machine makes a hash long, not the pause after it


def hash_password(password: str, group: str = "", *, known: bool = True) -> str:
    """Return the hash to store, its parameters with it: `scrypt$N$r$p$salt$hash`.

    :raises ChatError: `rate_limited` when too many others wait to be hashed.
    """
    salt = secrets.token_bytes(_SALT_BYTES)
    digest = _scrypt(password, salt, _N, _R, _P, group, known=known)
    return f"scrypt${_N}${_R}${_P}${_text(salt)}${_text(digest)}"


def verify_password(password: str, stored: str | None, group: str = "", *, known: bool = True) -> bool:
    """Return whether the password is the one that was hashed; it takes as long when `stored` is None.

    :param group: among whom turns are shared out: an address group.
    :param known: the user has signed in there before; such a check comes before the others.
    :raises ChatError: `rate_limited` when too many others wait to be hashed.
    """
    _, n, r, p, salt, expected = (stored or _nobody()).split("$")
    digest = _scrypt(password, base64.b64decode(salt), int(n), int(r), int(p), group, known=known)
    return hmac.compare_digest(digest, base64.b64decode(expected)) and stored is not None


def is_outdated(stored: str) -> bool:
    """Return whether a hash was made with other parameters than today's."""
    return not stored.startswith(f"scrypt${_N}${_R}${_P}$")


def check_strength(password: str, username: str, field: str = "password") -> None:
    """Refuse a password that is too short, too long, common, or made of the username.

    :param field: the field of the request that has it.
    :raises ChatError: `weak_password`.
    """
    if len(password) < PASSWORD_MIN_CHARS:
        raise _weak(f"A password has at least {PASSWORD_MIN_CHARS} characters.", field)
    if len(password) > PASSWORD_MAX_CHARS:
        raise _weak(f"A password has at most {PASSWORD_MAX_CHARS} characters.", field)
    if weakness := weakness_of(password, username):
        raise _weak(weakness, field)


def _weak(message: str, field: str) -> ChatError:
    return ChatError(ErrorCode.WEAK_PASSWORD, message, field=field)


def _scrypt(
    password: str, salt: bytes, n: int, r: int, p: int, group: str = "", *, known: bool = True
) -> bytes:
    secret = password.encode("utf-8", "replace")
    try:
        with _turns.turn(group, PASSWORD_WAIT_S, known=known):
            work = partial(
                hashlib.scrypt, secret, salt=salt, n=n, r=r, p=p, maxmem=_MEMORY_MAX_BYTES, dklen=32
            )
            if known or not _beside.take(_BESIDE, time.monotonic()):
                return work()
            began = time.monotonic()
            digest = run_behind(work)
            _pause(min(PAUSE_MAX_S, time.monotonic() - began))
            return digest
    except NoTurn:
        message = "Too many people are signing in at once; try again in a moment."
        raise ChatError(ErrorCode.RATE_LIMITED, message, retry_after=RETRY_AFTER_S) from None


@lru_cache(maxsize=1)
def _nobody() -> str:
    """Return a hash that no password has, for users that do not exist."""
    return hash_password(secrets.token_urlsafe(16))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
