"""At what a client's thread holds its turn at the interpreter; on the thread of the test."""

from typing import Any

import pytest

from chat_server.conversation import client_thread
from chat_server.conversation.handlers import messages
from chat_server.live.rates import Turn
from chat_server.live.session import Session
from tests.chat_server.building import Building
from tests.chat_server.conversation.talk import ScriptedConnection, Talk, line_of, send_of


@pytest.fixture
def talk(building: Building) -> Talk:
    """A user who has an account and a room to speak in."""
    return Talk(building)


def test_work_has_a_turn_and_waiting_has_none(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are read, checked and answered in a turn; nobody waits in one, nor hashes a password."""
    held: list[Turn] = []
    seen: list[tuple[str, Turn | None]] = []
    enter, leave = Turn.__enter__, Turn.__exit__

    def entered(self: Turn) -> None:
        enter(self)
        held.append(self)

    def left(self: Turn, *error: object) -> None:
        held.remove(self)
        leave(self, *error)

    def watch(place: object, name: str) -> None:
        work = getattr(place, name)

        def watched(*given: Any, **named: Any) -> Any:
            seen.append((name, held[-1] if held else None))
            return work(*given, **named)

        monkeypatch.setattr(place, name, watched)

    monkeypatch.setattr(Turn, "__enter__", entered)
    monkeypatch.setattr(Turn, "__exit__", left)
    services = talk.building.services
    for place, name in (
        (client_thread, "decode_object"), (client_thread, "dispatch"), (services.rates, "check"),
        (services.right_of_way, "give"), (Session, "refuse"),
        (Session, "wait_until_answered"), (Session, "wait_for_room"), (ScriptedConnection, "wait_until_read"),
        (talk.submissions, "put"),
    ):  # fmt: skip
        watch(place, name)
    guess = line_of(type="login", username="jules", password="a wrong password")
    talk.run(guess, talk.resume + talk.join, send_of("a", 1), line_of(type="ping"))
    stranger, own = services.strangers.turn("192.0.2.1"), services.rates.buckets_of(talk.user.id).turn
    told = {name: {turn for watched, turn in seen if watched == name} for name, _ in seen}
    assert told["decode_object"] == {stranger, own}
    assert told["dispatch"] == {None, stranger, own}  # the guess, the return, the others
    assert told["check"] == {None, stranger, own}
    assert [turn for name, turn in seen if name == "check"][-2:] == [own, own]
    assert told["refuse"] == {stranger}
    behind = [
        (seen[place - 1], turn) for place, (name, turn) in enumerate(seen) if name in ("dispatch", "refuse")
    ]
    assert behind == [(("give", turn), turn) for _, turn in behind]
    assert len(behind) == [name for name, _ in seen].count("give")  # a message itself gives way to none
    for name in ("wait_until_answered", "wait_for_room", "wait_until_read", "put"):
        assert told[name] == {None}, name
    assert held == []


def test_pages_give_way_in_their_middle(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """One takes milliseconds: messages pass before it is written, and before each room of a `sync`."""
    order: list[str] = []

    def note(place: object, name: str, word: str) -> None:
        work = getattr(place, name)

        def noted(*given: Any, **named: Any) -> Any:
            order.append(word)
            return work(*given, **named)

        monkeypatch.setattr(place, name, noted)

    services = talk.building.services
    note(services.right_of_way, "give", "gave way")
    note(services.messages, "history", "read")
    note(messages, "encoded_page", "written")
    note(Session, "give", "sent")
    monkeypatch.setattr(messages, "missed_frames", lambda _missed: iter([line_of(type="sync")] * 2))
    ask = line_of(type="history", room="Plaza", ref=1)
    talk.run(talk.resume + talk.join, ask, line_of(type="sync", rooms={}, limit=10, ref=2))
    page, rooms = ["gave way", "read", "gave way", "written"], ["gave way", *["gave way", "sent"] * 2]
    assert order[-len(page + rooms) :] == page + rooms
