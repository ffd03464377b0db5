"""What is done on one of two servers, seen on the other: the table of acts, and what does not travel yet."""

from collections.abc import Callable

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.room_events import MembershipEvent
from chat_protocol.room_requests import RoomEdit
from chat_server.pipeline.catch_up import Elsewhere
from tests.chat_server.building import ADMIN
from tests.chat_server.cluster.acts import TRAVELS, Act, Seen
from tests.chat_server.cluster.pair import Pair, removed_from_arrival, session_on_first
from tests.chat_server.fakes import FakeSession
from tests.support.office import PASSWORD

# Each server shows its own, and says so in docs/run/cluster.md.
STAYS: dict[str, tuple[Act, Seen]] = {
    "shutdown": (
        lambda it: it.first.server.parts.shutdown.request(60, "update"),
        lambda it: bool(it.told) or it.second.server.parts.shutdown.announced is not None,
    ),
}


@pytest.mark.parametrize("act", TRAVELS)
def test_act_is_seen_on_the_other_server(pair: Pair, act: str) -> None:
    """After one turn the user there is told once, and the server there knows."""
    do, seen = TRAVELS[act]
    assert not seen(pair)
    do(pair)
    pair.turn()
    assert seen(pair), (pair.told, pair.session.ended)
    told = list(pair.told)
    pair.turn()
    assert pair.told == told


@pytest.mark.parametrize("act", STAYS)
def test_act_stays_on_its_server(pair: Pair, act: str) -> None:
    """So far: this list shrinks."""
    do, seen = STAYS[act]
    do(pair)
    pair.turn()
    assert not seen(pair)


def test_private_conversation_begins_on_the_other_server(pair: Pair) -> None:
    """Whoever takes part there gets it announced; who does not, costs nothing."""
    zoe = pair.first.user(f"zoe{pair.number}")
    record = pair.first.storage.rooms.direct(zoe.id, pair.bob.id, 0)
    pair.first.say(record, zoe, "hello")
    pair.turn()
    queue = pair.second.server.parts.pipeline.batches
    found = [item for item in queue.take(100, timeout=0) if isinstance(item, Elsewhere)]
    (item,) = (each for each in found if each.room.id == record.id)
    assert (item.room.id, item.after, item.upto) == (record.id, 0, 1)
    assert set(item.room.introductions) == {zoe.id, pair.bob.id}


def test_user_of_another_server_is_told_once(pair: Pair) -> None:
    """Whoever hears of a decision there does not hear of it again at the next sign-in."""
    removed_from_arrival(pair)
    pair.turn()
    assert pair.told == ["membership"]
    assert not pair.first.services.pending_notices.pop(pair.bob.id)


def test_notices_of_both_servers_wait_for_an_absent_user(pair: Pair) -> None:
    """What either server keeps for a user who is away is told by whichever server the user comes to."""
    ann = pair.first.user(f"ann{pair.number}")
    told = [MembershipEvent(name, "none", "full", None) for name in ("Board", "Plaza")]
    for building, event in zip((pair.first, pair.second), told, strict=True):
        building.services.pending_notices.tell(ann.id, event)
    assert list(pair.second.services.pending_notices.pop(ann.id)) == told
    assert not pair.first.services.pending_notices.pop(ann.id)


def test_user_who_has_just_left_another_server_is_told_at_the_next_sign_in(pair: Pair) -> None:
    """Whoever is decided upon before this server knows that they left the other one hears of it later."""
    pair.second.services.registry.closed(pair.session)
    removed_from_arrival(pair)
    pair.turn()
    (event,) = pair.first.services.pending_notices.pop(pair.bob.id)
    assert (event.room, event.membership) == ("Général", "none")


def _new_password(pair: Pair) -> FakeSession:
    """Bob changes his password on the first server, and comes to the second one with the new token."""
    changing, coming = session_on_first(pair), FakeSession()
    token = pair.first.services.accounts.change_password(changing, PASSWORD, "another long one")
    pair.second.services.accounts.resume(coming, token)
    return coming


def _one_time_password(pair: Pair) -> FakeSession:
    """Bob gets a one-time password on the first server, and comes to the second one with it."""
    coming = FakeSession()
    password = pair.first.server.parts.roles.one_time_password(ADMIN, pair.bob)
    pair.second.services.accounts.login(coming, pair.bob.username, password)
    return coming


@pytest.mark.parametrize("act", [_new_password, _one_time_password])
def test_sign_in_before_the_server_hears_of_the_act_stays(
    pair: Pair, act: Callable[[Pair], FakeSession]
) -> None:
    """Only what was there before is ended by a server that hears later that a user was signed out."""
    coming = act(pair)
    pair.turn()
    assert pair.session.ended is not None
    assert coming.ended is None


def _made_private(pair: Pair, name: str) -> None:
    first = pair.first.services
    room = first.directory.conversation(name)
    first.room_owners.edit(ADMIN, room, RoomEdit(name, kind="private"))


@pytest.mark.parametrize("moderated", [False, True])
def test_room_that_another_server_has_just_made_private_is_not_entered(pair: Pair, moderated: bool) -> None:
    """Nobody gets into it, or asks to, on a server that has yet to hear of that."""
    room = pair.room(pair.asking if moderated else pair.open)
    _made_private(pair, room.name)
    with pytest.raises(ChatError) as refused:
        pair.second.services.rooms.join(pair.session, room.name, "")
    assert refused.value.code == ErrorCode.NO_SUCH_ROOM
    assert pair.first.storage.members.in_room(room.id) == []


def test_edit_on_a_server_that_lags_behind_takes_nothing_back(pair: Pair) -> None:
    """Another topic leaves a room private that another server has just made so."""
    room = pair.second.services.directory.conversation(pair.open)
    _made_private(pair, pair.open)
    pair.second.services.room_owners.edit(ADMIN, room, RoomEdit(pair.open, topic="wine"))
    stored = pair.second.storage.rooms.by_id(room.id)
    assert stored is not None
    assert (stored.kind, stored.topic) == ("private", "wine")
