"""The siege in short: what users notice of it, and that a broken bound is said."""

import asyncio
import random
import socket
from pathlib import Path

import pytest

from benchmarks.setting import Options
from benchmarks.siege.attackers import Attack
from benchmarks.siege.deadlines import deadlines
from benchmarks.siege.guesses import guesses
from benchmarks.siege.members import Noticed
from benchmarks.siege.storm import Seen, judge, storm

# Beside other tests, on two cores, times say little: a collapse does.
SLOWER_MAX = 40.0


@pytest.mark.long
def test_short_siege(tmp_path: Path) -> None:
    """A tenth of the attackers, for two seconds: nobody is refused, each message arrives."""
    result = storm(Options(n=6, seconds=2, folder=tmp_path), share=0.1, owners=1, slower_max=SLOWER_MAX)
    assert result.problems == []
    assert result.details["messages"]["siege"] >= 6
    assert result.details["turn 1, attackers in the siege"]["pings"] > 0
    assert result.details["messages"]["control"] > 0


def test_attacker_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A siege in which an attacker gives up for a mistake of its own is none; a closed door is no mistake."""

    async def mistaken(_self: Attack) -> None:
        raise LookupError("a mistake")

    monkeypatch.setattr(random, "random", lambda: 0.0)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        attack = Attack(closed.getsockname()[1], 0.1, "token", 0.01)
        asyncio.run(attack.run())
        assert attack.done["refused: closed"] > 0
        monkeypatch.setattr(Attack, "_guess", mistaken)
        with pytest.raises(LookupError):
            asyncio.run(Attack(closed.getsockname()[1], 0.1, "token", 0.01).run())


@pytest.mark.long
def test_silent_and_dripping_connections_are_gone_in_their_deadline(tmp_path: Path) -> None:
    """Before TLS, behind it and after the sign-in, with a deadline of a second each."""
    result = deadlines(Options(folder=tmp_path), silent=20, dripping=4, deadline_s=1.0)
    assert result.problems == []
    assert [result.details[name]["gone"] for name in result.details] == [24, 24, 24]


@pytest.mark.long
def test_owner_gets_in_while_others_guess(tmp_path: Path) -> None:
    """Guesses from one address and at one name: the owner's password and token open, memory is bounded."""
    result = guesses(Options(folder=tmp_path), count=40)
    assert result.problems == []
    answers = result.details["at one name from 1,000 addresses"]["answers"]
    assert sum(answers.values()) == 40
    assert answers["rate_limited"] > 0


def test_judge_names_what_users_noticed() -> None:
    """A refused user, a message that did not arrive, and each figure over its bound are problems."""
    seen = Seen(
        calm=Noticed(last_receiver=[0.002], returns=[0.1], sign_ins=[0.3]),
        control=Noticed(last_receiver=[0.004]),
        siege=Noticed(
            last_receiver=[0.009], returns=[0.1], sign_ins=[3.5], refused=["return: closed"], undelivered=2
        ),
        peak_mib=100.0,
    )
    figures, problems = judge(seen)
    assert len(figures) == 13
    assert len(problems) == 6
    assert "2 messages did not reach everybody" in problems[1]
    assert [figure.ratio for figure in figures if figure.ratio] == [4.5, 2.25]
    seen.siege.last_receiver = [0.007]
    assert len(judge(seen)[1]) == 5
