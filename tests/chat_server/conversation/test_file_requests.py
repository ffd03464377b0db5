"""Files asked for on a client's own thread: at which pace, and what becomes of a refusal; no byte is read."""

from typing import Any

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_server.conversation import client_thread
from chat_server.conversation.transfers import Pace
from chat_server.limits import TRANSFER_WINDOW_S
from chat_server.services.files.downloads import Outgoing
from tests.chat_server.building import Building
from tests.chat_server.conversation.talk import Talk, line_of

QUIET = line_of(type="quiet", ref="quiet")
UPLOAD = QUIET + line_of(type="upload", room="Plaza", nonce="u1", name="a.txt", size=4, ref="up")
PING = line_of(type="ping", ref="later")


@pytest.fixture
def talk(building: Building) -> Talk:
    """A user who has an account and a room, and a server that keeps files."""
    building.server.parts.options.files_folder.mkdir(parents=True)
    building.services.files.uploads._store.prepare()
    return Talk(building)


def test_upload_has_the_pace_that_the_server_asks_for(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the connection, the user and the reference of its request."""
    found: list[tuple[Any, ...]] = []

    def run(*arguments: Any) -> None:
        found.append(arguments)
        arguments[3].close()

    monkeypatch.setattr(client_thread, "run_upload", run)
    told = talk.run(talk.resume + talk.join + UPLOAD + PING)
    ((connection, session, ref, incoming, pace),) = found
    assert (connection, session.username, ref) == (talk.connection, "jules", "up")
    assert incoming.missing == 4
    assert isinstance(pace, Pace)
    least = talk.building.services.files.limits.transfer_min_rate * TRANSFER_WINDOW_S
    assert pace._least == least > 0
    assert told[3:] == [("ok", "later")]


@pytest.mark.logged_errors
@pytest.mark.parametrize(
    ("error", "code"),
    [(ChatError(ErrorCode.NO_SPACE, "Full."), "no_space"), (ZeroDivisionError(), "internal")],
)
def test_upload_that_is_refused_ends_the_connection(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str
) -> None:
    """Nothing tells the rest of the bytes from lines; the refusal is counted and names its request."""

    def run(*arguments: Any) -> None:
        arguments[3].close()
        raise error

    monkeypatch.setattr(client_thread, "run_upload", run)
    told = talk.run(talk.resume + talk.join + UPLOAD + PING)
    assert told[3:] == [(code, "up")]
    assert talk.connection.ending
    assert talk.measurements.refusals.read() == {code: 1}


def test_upload_that_is_refused_before_its_first_byte_costs_nothing(talk: Talk) -> None:
    """The client goes on: there are no bytes to come."""
    told = talk.run(talk.resume + UPLOAD + PING)
    assert told[2:] == [("not_a_member", "up"), ("ok", "later")]


def test_download_has_a_pace_and_goes_on(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is not there is refused among the other answers."""
    found: list[tuple[Any, ...]] = []
    outgoing = object.__new__(Outgoing)
    monkeypatch.setattr(client_thread, "run_download", lambda *arguments: found.append(arguments))
    monkeypatch.setattr(talk.building.services.files, "download", lambda _session, _request: outgoing)
    told = talk.run(talk.resume + QUIET + line_of(type="download", file="f1", ref="down") + PING)
    ((connection, ref, given, pace),) = found
    assert (connection, ref, given) == (talk.connection, "down", outgoing)
    assert isinstance(pace, Pace)
    assert told[2:] == [("ok", "later")]
