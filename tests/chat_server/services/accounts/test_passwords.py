"""Passwords are hashed and checked, and the guesses of strangers do not keep a core from the users."""

import hashlib
import os
import threading
from typing import Any

import pytest

from chat_server.live.rates import TokenBucket
from chat_server.process import NICE_BEHIND
from chat_server.services.accounts import passwords
from chat_server.services.accounts.passwords import hash_password, verify_password


def test_hashes_of_strangers_run_behind_when_there_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first few are as quick as anybody's; those of users whose place is known always are."""
    priorities: list[int] = []

    def scrypt(*_secret: Any, **_parameters: Any) -> bytes:
        priorities.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return b"a digest"

    monkeypatch.setattr(hashlib, "scrypt", scrypt)
    monkeypatch.setattr(passwords, "_beside", TokenBucket())
    usual = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    stored = hash_password("correct horse battery")
    for _ in range(12):
        assert verify_password("correct horse battery", stored, "192.0.2.1", known=False)
    assert verify_password("correct horse battery", stored, "192.0.2.2", known=True)
    behind = max(usual, NICE_BEHIND)
    assert priorities == [usual] * 11 + [behind] * 2 + [usual]
