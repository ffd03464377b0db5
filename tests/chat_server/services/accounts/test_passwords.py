"""Passwords are hashed and checked, and the guesses of strangers do not keep a core from the users."""

import base64
import hashlib
import os
import string
import threading
import time
from typing import Any

import pytest

from chat_protocol.errors import ChatError
from chat_protocol.limits import PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS
from chat_server.live.rates import TokenBucket
from chat_server.process import NICE_BEHIND
from chat_server.services.accounts import passwords
from chat_server.services.accounts.passwords import (
    check_strength,
    hash_password,
    is_outdated,
    verify_password,
)
from tests.support.quick_passwords import REAL


@pytest.fixture
def real_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed as a server hashes them."""
    for name, value in zip(("_N", "_R", "_P"), REAL, strict=True):
        monkeypatch.setattr(passwords, name, value)


def test_hashes_of_strangers_run_behind_when_there_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first few are as quick as anybody's; those of users whose place is known always are.

    Behind each of the others is a pause.
    """
    priorities: list[int] = []

    def scrypt(*_secret: Any, **_parameters: Any) -> bytes:
        priorities.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return b"a digest"

    monkeypatch.setattr(hashlib, "scrypt", scrypt)
    monkeypatch.setattr(passwords, "_beside", TokenBucket())
    pauses: list[float] = []
    monkeypatch.setattr(passwords, "_pause", pauses.append)
    usual = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    stored = hash_password("correct horse battery")
    for _ in range(12):
        assert verify_password("correct horse battery", stored, "192.0.2.1", known=False)
    assert verify_password("correct horse battery", stored, "192.0.2.2", known=True)
    behind = max(usual, NICE_BEHIND)
    assert priorities == [usual] * 11 + [behind] * 2 + [usual]
    assert len(pauses) == 2
    assert all(0 < pause <= passwords.PAUSE_MAX_S for pause in pauses)


def test_hash_costs_what_owasp_asks_for(real_cost: None) -> None:
    """The second of the equivalent settings of the Password Storage Cheat Sheet, with a salt of 128 bits."""
    stored = hash_password("correct horse")
    kind, n, r, p, salt, digest = stored.split("$")
    assert (kind, n, r, p) == ("scrypt", "16384", "8", "5")
    assert (len(salt), len(digest)) == (24, 44)  # 16 and 32 bytes in base 64
    assert verify_password("correct horse", stored)
    assert not verify_password("correct hors", stored)
    assert not is_outdated(stored)


def test_hash_of_other_parameters_is_checked_with_them_and_outdated(real_cost: None) -> None:
    """What stands in the hash decides how it is checked; any other parameter makes it outdated."""
    quick = "scrypt$2$8$1$c2FsdHNhbHRzYWx0c2FsdA==$"
    digest = hashlib.scrypt(b"correct horse", salt=b"saltsaltsaltsalt", n=2, r=8, p=1, dklen=32)
    stored = quick + base64.b64encode(digest).decode()
    assert verify_password("correct horse", stored)
    assert not verify_password("another", stored)
    assert is_outdated(stored)


def test_two_hashes_of_one_password_differ() -> None:
    """Each has a salt of its own."""
    assert hash_password("correct horse") != hash_password("correct horse")


def test_nobodys_hash_is_checked_at_the_same_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no account a hash is computed all the same, and no password is right."""
    costs = []

    def scrypt(password: str, salt: bytes, *cost: object, **options: object) -> bytes:
        costs.append(cost[:3])
        return b""

    verify_password("x", None)  # the hash that no password has is made once
    monkeypatch.setattr(passwords, "_scrypt", scrypt)
    stored = hash_password("correct horse")
    verify_password("correct horse", stored)
    assert not verify_password("correct horse", None)
    assert len(costs) == 3
    assert len(set(costs)) == 1


@pytest.mark.parametrize(
    ("length", "refused"),
    [
        (PASSWORD_MIN_CHARS - 1, "at least"),
        (PASSWORD_MIN_CHARS, ""),
        (PASSWORD_MAX_CHARS, ""),
        (PASSWORD_MAX_CHARS + 1, "at most"),
    ],
)
def test_length_of_a_password(length: int, refused: str) -> None:
    """Both limits are good ones; the field that has it is named."""
    password = (string.ascii_letters * 99)[-length:]
    if not refused:
        check_strength(password, "zoe")
        return
    with pytest.raises(ChatError, match=refused) as caught:
        check_strength(password, "zoe", "new")
    assert (caught.value.code, caught.value.extra) == ("weak_password", {"field": "new"})


def test_pause_is_as_long_as_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind the users strangers have half a core at most."""
    now = [1_000.0]

    def scrypt(*_secret: Any, **_parameters: Any) -> bytes:
        now[0] += 0.25
        return b"a digest"

    pauses: list[float] = []
    monkeypatch.setattr(hashlib, "scrypt", scrypt)
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(passwords, "_pause", pauses.append)
    monkeypatch.setattr(passwords, "_beside", TokenBucket())
    for _ in range(20):
        verify_password("x", "scrypt$2$8$1$c2FsdA==$", "192.0.2.1", known=False)
    assert set(pauses) == {0.25}
