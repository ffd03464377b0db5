"""Presence across the servers of a cluster: who is seen there, and what it costs."""

import pytest

from chat_protocol.room_events import PresenceEvent
from tests.chat_server.building import ADMIN, Building
from tests.chat_server.cluster.pair import Pair, removed_from_arrival, session_on_first
from tests.chat_server.fakes import FakeSession, frames_of


def _watched(pair: Pair) -> PresenceEvent:
    """Return what Bob, who watches the arrival room on the second server, was told last."""
    pair.turn()
    return _digested(pair)


def _digested(pair: Pair) -> PresenceEvent:
    pair.second.services.presence.digest()
    told = PresenceEvent.from_frame(frames_of(pair.session)[-1])
    assert isinstance(told, PresenceEvent)
    return told


@pytest.fixture
def watching(pair: Pair) -> Pair:
    """Bob watches the arrival room."""
    room = pair.second.services.directory.conversation_of(pair.room("Général").id)
    assert room is not None
    pair.second.services.presence.watch(pair.session, [room])
    return pair


def test_presence_crosses(watching: Pair) -> None:
    """Who comes, changes status and goes on one server is seen on the other: watched, listed and found."""
    name = f"zoe{watching.number}"
    zoe = watching.first.sign_in(watching.first.user(name))
    event = _watched(watching)
    assert event.changes[name] == "online"
    online_before = event.online
    watching.first.services.presence.set_status(zoe, "busy", "in a meeting")
    event = _watched(watching)
    assert (event.changes, event.texts) == ({name: "busy"}, {name: "in a meeting"})
    second = watching.second.services
    members = second.rooms.members(watching.session, "Général").members
    assert [(each.status, each.text) for each in members if each.username == name] == [
        ("busy", "in a meeting")
    ]
    assert [each.status for each in second.people.find(name, 10).users] == ["busy"]
    here = watching.second.sign_in(watching.second.storage.users.by_ids([zoe.user_id])[zoe.user_id])
    assert (here.status, here.status_text) == ("busy", "in a meeting")
    for server, session in ((watching.second, here), (watching.first, zoe)):
        server.services.registry.closed(session)
        server.services.presence.left(session)
    event = _watched(watching)
    assert event.changes[name] == "offline"
    assert event.online == online_before - 1


def test_status_of_both_connections_is_the_last_one(pair: Pair) -> None:
    """Bob is connected to both servers: what he chooses on the one holds on the other."""
    other = session_on_first(pair)
    pair.turn()
    pair.first.services.presence.set_status(other, "away", "")
    pair.turn()
    assert pair.session.status == "away"


def test_joining_is_shown_to_those_who_watch(watching: Pair) -> None:
    """Members come and go in the list of a room, wherever they do it."""
    zoe = watching.first.sign_in(watching.first.user(f"zoe{watching.number}"))
    for act, change in ((watching.first.services.rooms.leave, "left"), (_join, "joined")):
        act(*((watching, zoe) if act is _join else (zoe, "Général")))
        watching.turn()
        told = [each["change"] for each in frames_of(watching.session) if each["type"] == "member"]
        assert told[-1] == change


def test_member_who_is_elsewhere_is_listed_where_somebody_lets_them_in(pair: Pair) -> None:
    """The server that lets a user of another one in, or out, lists that user as the other one does."""
    pair.turn()
    zoe, first = pair.first.sign_in(pair.first.user(f"zoe{pair.number}")), pair.first.services

    def statuses(room: str) -> list[str]:
        members = first.rooms.members(zoe, room).members
        return [each.status for each in members if each.username == pair.bob.username]

    assert statuses("Général") == ["online"]
    removed_from_arrival(pair)
    assert statuses("Général") == []
    first.rooms.join(zoe, pair.open, "")
    first.rooms.let_in(pair.bob.id, pair.bob.username, "Bob", first.directory.conversation(pair.open))
    assert statuses(pair.open) == ["online"]
    pair.first.server.parts.roles.erase(ADMIN, pair.bob)
    assert statuses(pair.open) == []


def _join(pair: Pair, zoe: FakeSession) -> None:
    pair.first.services.rooms.join(zoe, "Général", "")


def test_presence_at_rest_costs_nothing(pair: Pair) -> None:
    """While nobody comes or goes, no row is written."""
    pair.turn()
    rows = pair.first.storage.database.rows("SELECT MAX(id) FROM changes")
    pair.turn()
    assert pair.first.storage.database.rows("SELECT MAX(id) FROM changes") == rows


def test_users_of_a_dead_server_are_offline(watching: Pair) -> None:
    """Ten seconds after the last word of a server, its users are gone; then they are back."""
    name = f"zoe{watching.number}"
    watching.first.sign_in(watching.first.user(name))
    watching.turn()
    beat(watching.second)
    servers = watching.first.storage.servers
    assert servers is not None
    watching.first.storage.database.run(
        "UPDATE servers SET beat_ms = beat_ms - 20000 WHERE id = ?", (servers.id,)
    )
    beat(watching.second)
    assert _digested(watching).changes[name] == "offline"
    beat(watching.first)
    beat(watching.second)
    assert _digested(watching).changes[name] == "online"


def beat(building: Building) -> None:
    """Take a turn with a beat in it, which comes every two seconds."""
    cluster = building.server.parts.cluster
    assert cluster is not None
    cluster._beat_at = 0.0
    cluster.turn()


def test_typing_elsewhere_is_shown_to_those_who_watch(watching: Pair) -> None:
    """Whoever is connected elsewhere and is a member; of others, and of nobody known, nothing is said."""
    zoe = watching.first.sign_in(watching.first.user(f"zoe{watching.number}"))
    watching.turn()
    presence, room_id = watching.second.services.presence, watching.room("Général").id
    watching.session.sent.clear()
    presence.typing_elsewhere(watching.room().id, zoe.user_id)  # nobody watches that room
    presence.typing_elsewhere(room_id, zoe.user_id + 1_000)
    presence.typing_elsewhere(room_id, watching.session.user_id)
    assert "typing" not in watching.told
    presence.typing_elsewhere(room_id, zoe.user_id)
    assert frames_of(watching.session)[-1]["username"] == zoe.username
    watching.first.services.rooms.leave(zoe, "Général")
    watching.turn()
    watching.session.sent.clear()
    presence.typing_elsewhere(room_id, zoe.user_id)
    assert "typing" not in watching.told
