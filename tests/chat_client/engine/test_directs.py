"""Private conversations from the first word, and what one account keeps from another."""

import pytest

from chat_protocol.errors import ChatError
from tests.chat_client.fakes import Bench, a_message, a_room, live


def test_private_conversation_is_watched_from_its_first_message_on(bench: Bench) -> None:
    """Before it the server knows no such room, and asking would be refused."""
    bench.sign_in()
    key = bench.client.rooms.direct("jules")
    bench.client.rooms.open(key)
    bench.poll()
    assert [frame["room"] for frame in bench.server.take_all("watch")] == [None]
    bench.client.outbox.send(key, "bonjour")
    bench.poll()
    bench.server.ok(
        bench.server.take("send"),
        room="@jules",
        seq=1,
        sent_at=a_message("@jules", 1)["sent_at"],
    )
    bench.poll()
    bench.poll()
    assert [frame["room"] for frame in bench.server.take_all("watch")] == ["@jules"]
    assert [message.body for message in bench.state.rooms[key].messages] == ["bonjour"]


def test_private_conversation_with_an_impossible_name_is_refused_at_once(bench: Bench) -> None:
    """No room appears for a name that nobody can have."""
    bench.sign_in()
    with pytest.raises(ChatError) as refused:
        bench.client.rooms.direct("  ")
    assert refused.value.code == "invalid_username"
    assert bench.state.rooms == {}


def test_first_message_of_another_makes_the_conversation(bench: Bench) -> None:
    """It is there, with one unread message, without a click."""
    bench.sign_in()
    live(bench, "@jules", 1)
    bench.poll()
    assert (bench.state.rooms["@jules"].unread, bench.state.conversations()[0].key) == (1, "@jules")


def test_another_account_neither_shows_nor_sends_what_waits(bench: Bench) -> None:
    """What zoe wrote waits for zoe, on whatever account the program is signed in meanwhile."""
    bench.sign_in(a_room("Lobby"), user="zoe")
    bench.drop()
    bench.client.outbox.send("lobby", "from zoe")
    bench.client.rooms.set_draft("lobby", "half a sent")
    bench.sign_in(a_room("Lobby"), user="ada")
    bench.poll()
    assert bench.server.take_all("send") == []
    assert (bench.state.rooms["lobby"].pending, bench.state.rooms["lobby"].draft) == ([], "")
    bench.client.session.resume("zoe@chat.example:5000")
    bench.let_in(a_room("Lobby"), user="zoe")
    bench.poll()
    assert bench.server.take("send")["body"] == "from zoe"
    assert bench.state.rooms["lobby"].draft == "half a sent"
