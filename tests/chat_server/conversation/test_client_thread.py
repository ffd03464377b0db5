"""A client's own thread, on the thread of the test: what is carried out, the order of replies, the end."""

from collections.abc import Callable
from math import inf
from typing import Any

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.limits import FRAME_MAX_BYTES
from chat_server.conversation.client_thread import ClientThread, to_chat_error
from chat_server.limits import STRANGER_PAUSE_S
from chat_server.services.vocabulary.hashes import hash_secret
from chat_server.storage.core.errors import StorageError, StorageUnavailable
from chat_server.storage.core.records import MessageRecord
from tests.chat_server.building import Building
from tests.chat_server.conversation.talk import (
    ScriptedConnection,
    Talk,
    hold_until_waited_for,
    line_of,
    send_of,
)
from tests.chat_server.fakes import FakeSession


@pytest.fixture
def talk(building: Building) -> Talk:
    """A user who has an account and a room to speak in."""
    return Talk(building)


def test_requests_behind_a_logout_in_the_same_read_are_not_carried_out(talk: Talk) -> None:
    """What a client sends behind its `logout` changes nothing and is not answered."""
    logout = line_of(type="logout", ref="out")
    told = talk.run(talk.resume + talk.join, send_of("kept", 1) + logout + send_of("late", 2) + logout)
    assert told == [("ok", "in"), ("ok", "join"), ("ok", 1), ("ok", "out")]
    assert talk.submissions.bodies == ["kept"]
    assert talk.building.storage.tokens.user_of(hash_secret("a token")) is None


def test_reads_behind_a_logout_are_drained(talk: Talk) -> None:
    """The thread reads on without answering: a reset would lose the last frame."""
    told = talk.run(talk.resume, line_of(type="logout", ref="out"), line_of(type="ping", ref="late"))
    assert told == [("ok", "in"), ("ok", "out")]
    assert talk.connection.reads == []


def test_replies_come_in_the_order_of_the_requests(talk: Talk) -> None:
    """Messages that wait are submitted before another request is answered."""
    lines = send_of("a", 1) + send_of("b", 2) + line_of(type="ping", ref=3) + b"rubbish\n" + send_of("c", 4)
    told = talk.run(talk.resume + talk.join, lines)
    assert told[2:] == [("ok", 1), ("ok", 2), ("ok", 3), ("bad_frame", None), ("ok", 4)]


def test_lines_cut_by_reads_are_put_together(talk: Talk) -> None:
    """It does not matter how the bytes come, nor that a read brings none."""
    data = talk.resume + talk.join + send_of("whole", 1)
    told = talk.run(*(data[place : place + 7] for place in range(0, len(data), 7)), b"")
    assert told == [("ok", "in"), ("ok", "join"), ("ok", 1)]
    assert talk.submissions.bodies == ["whole"]


def test_guest_may_not_speak(talk: Talk) -> None:
    """Before the sign-in a message is refused, and nothing of it is stored."""
    assert talk.run(send_of("early", 1)) == [("not_signed_in", 1)]
    assert talk.submissions.bodies == []


def test_full_queue_is_told_and_the_client_goes_on(talk: Talk) -> None:
    """When the commit takes nothing more, each message is `unavailable`, and what follows is answered."""
    talk.submissions.full = True
    told = talk.run(talk.resume + talk.join, send_of("a", 1) + send_of("b", 2), line_of(type="ping", ref=3))
    assert told[2:] == [("unavailable", 1), ("unavailable", 2), ("ok", 3)]


def test_frame_that_is_too_long_ends_the_connection(talk: Talk) -> None:
    """A line over the limit is the last one: where the next begins is not known."""
    told = talk.run(talk.resume, b"x" * (FRAME_MAX_BYTES + 10), talk.join)
    assert [code for code, _ in told] == ["ok", "frame_too_large"]
    assert talk.connection.ending


def test_client_that_left_is_in_no_list(talk: Talk) -> None:
    """After its end a client is neither connected nor in a room, nor watching it."""
    services = talk.building.services
    present: list[tuple[bool, int]] = []

    def look() -> bytes:
        present.append((services.registry.is_online(talk.user.id), services.registry.open_count()))
        return b""

    talk.run(talk.resume + talk.join + line_of(type="watch", room="Plaza", ref=1), look)
    assert present == [(True, 1)]
    assert not services.registry.is_online(talk.user.id)
    assert services.registry.open_count() == 0
    assert not services.presence._watchers


def test_failed_handshake_says_nothing(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that does not agree on keys is closed without a word."""
    monkeypatch.setattr(ScriptedConnection, "handshake", lambda self, turns: False)
    assert talk.run(talk.resume) == []
    assert talk.connection.writes == []


def test_guest_is_ended_in_time_and_a_member_is_not(talk: Talk) -> None:
    """A client that has not signed in in time is told so and disconnected."""
    threads: list[ClientThread] = []
    make = ClientThread.__init__

    def keep(self: ClientThread, *arguments: Any) -> None:
        threads.append(self)
        make(self, *arguments)

    def end() -> bytes:
        threads[-1]._end_guest()
        return b""

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientThread, "__init__", keep)
        assert talk.run(end) == [("not_signed_in", None)]
        assert talk.run(talk.resume, end, line_of(type="ping", ref=1)) == [("ok", "in"), ("ok", 1)]


@pytest.mark.logged_errors
def test_errors_meet_the_wire_in_one_place() -> None:
    """Each error has its code, and one that nobody expected tells nothing of its inside."""
    own = ChatError(ErrorCode.MUTED, "no")
    assert to_chat_error(own) is own
    away = to_chat_error(StorageUnavailable("host db.internal is down"))
    assert (away.code, "internal" in str(away)) == (ErrorCode.UNAVAILABLE, False)
    assert away.extra["retry_after"] > 0
    assert to_chat_error(StorageError("poison")).code == ErrorCode.UNAVAILABLE
    bug = to_chat_error(ZeroDivisionError("secret"))
    assert (bug.code, "secret" in str(bug)) == (ErrorCode.INTERNAL, False)


def test_client_that_goes_on_past_refusals_is_closed(talk: Talk) -> None:
    """After a thousand bad lines, and the ten a second that are allowed, the connection ends."""
    told = talk.run(talk.resume, b"rubbish\n" * 3_000)
    assert told[-1] == ("rate_limited", None)
    assert set(told[1:-1]) == {("bad_frame", None)}
    assert 1_001 <= len(told[1:-1]) < 2_000


def test_answer_waits_until_the_last_one_is_read(talk: Talk) -> None:
    """Each request that is no message waits for its client to read; a message does not."""
    talk.run(talk.resume + talk.join, send_of("one", 1), line_of(type="ping", ref="p"))
    assert talk.connection.waited == 3


def test_stranger_who_cost_too_much_is_refused(talk: Talk) -> None:
    """Before the sign-in a line costs, a ping too: past the limit even the right token has to wait."""
    told = talk.run(line_of(type="ping", ref="p") * 900, talk.resume)
    assert told[0] == ("ok", "p")
    assert told[-1] == ("rate_limited", "in")
    assert not talk.building.services.strangers.wait_s("192.0.2.9")


@pytest.mark.parametrize("line", [line_of(type="ping", ref="p"), b"rubbish\n"])
def test_stranger_who_cost_too_much_is_kept_waiting(talk: Talk, line: bytes) -> None:
    """Each line over the limit, a bad one too, is refused after a pause: a flood of them is no work."""
    talk.run(line * 510)
    assert 0 < len(talk.pauses) <= 10
    assert all(0 < pause <= STRANGER_PAUSE_S for pause in talk.pauses)


def test_half_a_line_is_as_old_as_its_first_byte(talk: Talk) -> None:
    """Further bytes of it do not make it younger, and the next line has a time of its own."""
    seen: list[tuple[bool, float]] = []

    def look(data: bytes) -> Callable[[], bytes]:
        def read() -> bytes:
            (session,) = talk.building.services.registry.sessions_of(talk.user.id)
            seen.append((session.waiting_since_s < inf, session.line_since_s))
            return data

        return read

    ping = line_of(type="ping", ref="p")
    talk.run(
        talk.resume, look(ping[:3]), look(ping[3:6]), look(ping[6:] + ping[:2]), look(ping[2:]), look(ping)
    )
    assert all(waiting for waiting, _ in seen)
    none, first, second, other, after = (line_since for _, line_since in seen)
    assert none == after == inf
    assert first == second < other < inf


def test_last_places_are_for_those_with_a_token(talk: Talk) -> None:
    """While the places run out, a password opens nothing and a token does."""
    talk.is_crowded = True
    login = line_of(type="login", username="jules", password="correct horse battery", ref="login")
    assert talk.run(login + talk.resume) == [("unavailable", "login"), ("ok", "in")]


def test_messages_on_their_way_are_counted(talk: Talk) -> None:
    """The client's next request waits for as many answers as messages were submitted."""
    talk.run(
        talk.resume + talk.join,
        send_of("a", 1) + send_of("b", 2) + line_of(type="ping", ref=3),
        send_of("c", 4),
    )
    assert talk.submissions.on_their_way == [2, 1]


def test_messages_that_were_not_taken_are_not_waited_for(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the queue is full, nothing is on its way."""
    talk.submissions.full = True
    talk.run(talk.resume + talk.join, send_of("a", 1) + send_of("b", 2))
    talk.submissions.full = False
    sessions: list[int] = []

    def look(items: Any, timeout: float | None = None) -> bool:
        sessions.append(items[0].session._submitted - items[0].session._answered)
        return False

    monkeypatch.setattr(talk.submissions, "put", look)
    told = talk.run(talk.resume, send_of("c", 3), send_of("d", 4))
    assert (told[1:], sessions) == ([("unavailable", 3), ("unavailable", 4)], [1, 1])


def test_lines_cost_until_the_sign_in(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line of a guest costs its address one, a connection that nobody signs in on five."""
    charged: list[tuple[str, float]] = []
    monkeypatch.setattr(
        talk.building.services.strangers,
        "charge",
        lambda address, cost=1.0: charged.append((address, cost)),
    )
    ping = line_of(type="ping")
    talk.run(ping + ping, b"rubbish\n" + talk.resume + ping, ping)
    assert charged == [("127.0.0.1", 1)] * 3
    charged.clear()
    talk.run(ping)
    assert charged == [("127.0.0.1", 1), ("127.0.0.1", 5)]


def test_sign_ins_and_refusals_are_counted(talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    """A refused sign-in is counted, and in the log with its name; other refusals are no sign-ins."""
    caplog.set_level("INFO")
    wrong = line_of(type="login", username="jules", password="not this password")
    talk.run(
        wrong
        + line_of(type="resume", token="no token")
        + talk.resume
        + b"rubbish\n"
        + line_of(type="join", room="x")
    )
    assert talk.measurements.sign_ins.read() == {"invalid_credentials": 2, "ok": 1}
    refusals = {"invalid_credentials": 2, "bad_frame": 1, "no_such_room": 1}
    assert talk.measurements.refusals.read() == refusals
    assert talk.measurements.database_errors.read() == {}
    lines = [record.getMessage() for record in caplog.records if record.name == "chat.client"]
    assert lines == [
        "a sign-in of 'jules' from 127.0.0.1 was refused: invalid_credentials",
        "a sign-in from 127.0.0.1 was refused: invalid_credentials",
        "jules signed in from 127.0.0.1",
    ]


@pytest.mark.logged_errors
def test_errors_of_the_database_are_counted(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that the database did not carry out counts, whatever it was, and the client goes on."""

    def fail(*arguments: Any) -> None:
        raise StorageUnavailable("gone")

    monkeypatch.setattr(talk.building.services.people, "find", fail)
    told = talk.run(talk.resume, line_of(type="users", prefix="a", ref=1), line_of(type="ping", ref=2))
    assert told[1:] == [("unavailable", 1), ("ok", 2)]
    assert talk.measurements.database_errors.read() == {"request": 1}


def test_form_of_a_request_that_one_may_not_make_is_not_what_is_wrong(talk: Talk) -> None:
    """A guest is told to sign in first, before any field is looked at."""
    lines = b"".join(line_of(type=kind, ref=1) for kind in ("send", "members", "login", "nonsense"))
    expected = ["not_signed_in", "not_signed_in", "bad_request", "unknown_type"]
    assert [code for code, _ in talk.run(lines)] == expected
    half = b'{"type":"ping","ref":1,"x":"\\ud800"}\n'
    assert [code for code, _ in talk.run(talk.resume + half)] == ["ok", "bad_request"]
    told = talk.run(talk.resume + line_of(type="login", ref=1) + line_of(type="members", ref=2))
    assert told[1:] == [("already_signed_in", 1), ("bad_request", 2)]


@pytest.mark.parametrize("kind", ["edit", "delete", "react"])
def test_changes_wait_until_the_messages_before_them_are_stored(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """A change looks its target up: the messages before it are answered by then, those together, it alone."""
    held = hold_until_waited_for(talk, monkeypatch)
    look_up = talk.building.storage.messages.get
    looks: list[tuple[int, int]] = []  # how many wait for an answer, and how many have one

    def look(room_id: int, seq: int) -> MessageRecord | None:
        looks.append((len(held.items), len(talk.submissions.bodies)))
        return look_up(room_id, seq)

    monkeypatch.setattr(talk.building.storage.messages, "get", look)
    fields: dict[str, dict[str, Any]] = {
        "edit": {"body": "x"},
        "delete": {},
        "react": {"emoji": "👍", "on": True},
    }
    change = line_of(type=kind, room="Plaza", seq=1, ref=3, **fields[kind])
    told = talk.run(talk.resume + talk.join, send_of("a", 1) + send_of("b", 2) + change + send_of("c", 4))
    held.answer()
    assert [ref for _, ref in told[2:]] == [1, 2, 3]
    assert talk.submissions.bodies == ["a", "b", "c"]
    assert talk.submissions.on_their_way == [2, 1]
    assert looks == [(0, 2)]


def test_known_address_does_not_wait_behind_the_handshakes_of_others(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger's handshake has a turn; where somebody has signed in, the next one has another."""
    turns: list[object] = []

    def handshake(_self: ScriptedConnection, turn: object) -> bool:
        turns.append(turn)
        return True

    monkeypatch.setattr(ScriptedConnection, "handshake", handshake)
    strangers = talk.building.services.strangers
    talk.run(line_of(type="ping"))
    talk.run(talk.resume)
    talk.run()
    assert turns[0] is turns[1] is strangers.turn("192.0.2.1")
    assert turns[2] is strangers.turn("127.0.0.1") is not turns[0]


def test_activity_is_noted(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every read says when the client was last heard of."""
    now = [1_000]
    monkeypatch.setattr(talk.building.server.parts, "clock", lambda: now[0])
    seen: list[int] = []

    def look() -> bytes:
        (session,) = talk.building.services.registry.sessions_of(talk.user.id)
        seen.append(session.last_active_at)
        now[0] += 5
        return line_of(type="ping")

    talk.run(talk.resume, look, look)
    assert seen == [1_000, 1_005]


def test_pages_for_a_client_that_has_gone_are_not_made(talk: Talk) -> None:
    """What changes something is carried out to the last; what would only be read is left out."""

    def leave() -> bytes:
        talk.connection.gone = True
        return line_of(type="users", ref="page") + line_of(type="read", room="Plaza", seq=1, ref="mark")

    assert talk.run(talk.resume + talk.join, leave) == [("ok", "in"), ("ok", "join"), ("ok", "mark")]


def test_client_with_nothing_on_its_way_waits_for_nothing(talk: Talk) -> None:
    """Nor is a lock made for it."""
    session = FakeSession()
    session.submitted(3)
    session.answered(3)
    session.wait_until_answered()
    session.submitted(2)
    session.wait_until_answered(2)
    assert session._settled is None
