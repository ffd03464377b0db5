"""What is done on one of two servers, seen on the other: the table of acts, and what does not travel yet."""

from collections.abc import Callable

import pytest

from chat_protocol.pin_requests import Pin
from chat_protocol.room_events import MembershipEvent
from chat_protocol.room_requests import RoomCreate
from chat_server.conversation.acting import actor_of
from chat_server.pipeline.catch_up import Elsewhere
from chat_server.services.vocabulary.actors import Actor
from chat_server.services.vocabulary.addresses import parse_network
from tests.chat_server.building import ADMIN
from tests.chat_server.cluster.pair import (
    Pair,
    is_in,
    is_known,
    muted,
    removed_from_arrival,
    sanction,
    session_on_first,
    was_ended,
)
from tests.chat_server.fakes import FakeSession
from tests.support.office import PASSWORD


def lift(pair: Pair) -> None:
    sanction(pair, "mute")
    pair.first.services.moderation.lift(ADMIN, "mute", pair.bob)


def asked(pair: Pair) -> None:
    """Bob asks, on the first server, to be let into a moderated room."""
    pair.first.services.rooms.join(session_on_first(pair), pair.asking, "please")


def decided(pair: Pair) -> None:
    asked(pair)
    pair.first.services.room_admin.decide(ADMIN, pair.bob.username, pair.asking, True, "")


def accepted_with_others(pair: Pair) -> None:
    asked(pair)
    pair.first.services.room_admin.accept_several(ADMIN, ["nobody", pair.bob.username], pair.asking)


def read_here(pair: Pair) -> None:
    seq = pair.first.say(pair.room("Général"), pair.bob, "words")
    pair.first.services.messages.read(session_on_first(pair), "Général", seq)


def pinned(pair: Pair) -> None:
    """A moderator pins, on the first server, what somebody said who is on no server."""
    zoe = pair.first.user(f"zoe{pair.number}")
    room, moderator = (
        pair.room("Général"),
        pair.first.sign_in(pair.first.user(f"mo{pair.number}", "moderator")),
    )
    seq = pair.first.say(room, zoe, "agenda")
    pair.first.services.pins.pin(actor_of(moderator), moderator, Pin("Général", seq))


def signed_out(pair: Pair) -> None:
    parts = pair.first.server.parts
    parts.devices.end(ADMIN, pair.bob, None)


def new_private_room(pair: Pair) -> None:
    request = RoomCreate(name=f"Secret {pair.number}", kind="private", people=(pair.bob.username,))
    mia = pair.mia
    pair.first.services.room_owners.create(
        Actor("mia", "moderator", "wire", mia.user_id), mia.user_id, request
    )


def private_room_removed(pair: Pair) -> None:
    new_private_room(pair)
    pair.turn()
    record = pair.first.services.directory.conversation_of(_newest(pair))
    assert record is not None
    pair.first.services.room_admin.archive(ADMIN, record.record)


def _newest(pair: Pair) -> int:
    return max(pair.session.rooms)


Act = Callable[[Pair], object]
Seen = Callable[[Pair], bool]
# What is done on the first server, and what then holds on the second.
TRAVELS: dict[str, tuple[Act, Seen]] = {
    "kick": (lambda it: sanction(it, "kick"), lambda it: was_ended(it, "kicked")),
    "ban": (lambda it: sanction(it, "ban"), lambda it: was_ended(it, "banned")),
    "ban of an address": (
        lambda it: sanction(it, "ban", parse_network(it.session.address)),
        lambda it: (
            was_ended(it, "banned")
            and it.second.server.parts.sanctions.check_address(it.session.address) is not None
        ),
    ),
    "mute": (lambda it: sanction(it, "mute"), lambda it: muted(it) and it.told == ["mute"]),
    "mute lifted": (lift, lambda it: not muted(it) and it.told == ["mute", "mute"]),
    "kill": (lambda it: it.first.services.moderation.kill(ADMIN, it.bob), lambda it: was_ended(it, "killed")),
    "join": (
        lambda it: it.first.services.rooms.join(session_on_first(it), it.open, ""),
        lambda it: is_in(it, it.open) and it.told == ["room"],
    ),
    "leave": (
        lambda it: it.first.services.rooms.leave(session_on_first(it), "Général"),
        lambda it: not is_in(it, "Général") and it.told == ["membership"],
    ),
    "removal": (removed_from_arrival, lambda it: not is_in(it, "Général") and it.told == ["membership"]),
    "request to join": (
        asked,
        lambda it: it.told == ["membership"] and [e.TYPE for e in it.mia.sent] == ["moderation"],
    ),
    "decision": (decided, lambda it: is_in(it, it.asking) and "room" in it.told),
    "decision on several": (
        accepted_with_others,
        lambda it: is_in(it, it.asking) and "room" in it.told,
    ),
    "room added": (
        lambda it: it.first.room(f"Plaza {it.number}"),
        lambda it: is_known(it, f"Plaza {it.number}") and it.told == ["room"],
    ),
    "room renamed": (
        lambda it: it.first.services.room_admin.rename(ADMIN, it.room(), f"Salon {it.number}"),
        lambda it: is_known(it, f"Salon {it.number}") and it.told == ["room"],
    ),
    "topic": (
        lambda it: it.first.services.room_admin.set_topic(ADMIN, it.room(), "news"),
        lambda it: it.second.services.directory.find(it.open).topic == "news" and it.told == ["room"],
    ),
    "room removed": (
        lambda it: it.first.services.room_admin.archive(ADMIN, it.room()),
        lambda it: not is_known(it, it.open) and it.told == ["room"],
    ),
    "private room": (new_private_room, lambda it: len(it.session.rooms) == 2 and it.told[-1] == "room"),
    "private room removed": (
        private_room_removed,
        lambda it: len(it.session.rooms) == 1 and it.told[-1:] == ["room"],
    ),
    "role": (
        lambda it: it.first.server.parts.roles.set_role(ADMIN, it.bob, "moderator"),
        lambda it: it.session.role == "moderator" and it.told == ["profile"],
    ),
    "display name": (
        lambda it: it.first.services.people.set_display_name(session_on_first(it), "Robert"),
        lambda it: it.session.display_name == "Robert" and it.told == ["profile"],
    ),
    "one-time password": (
        lambda it: it.first.server.parts.roles.one_time_password(ADMIN, it.bob),
        lambda it: was_ended(it, "killed"),
    ),
    "new password": (
        lambda it: it.first.services.accounts.change_password(
            session_on_first(it), PASSWORD, "another long one"
        ),
        lambda it: was_ended(it, "killed"),
    ),
    "erasure": (
        lambda it: it.first.server.parts.roles.erase(ADMIN, it.bob),
        lambda it: was_ended(it, "killed"),
    ),
    "device signed out": (signed_out, lambda it: was_ended(it, "killed")),
    "sign-in on another device": (
        lambda it: it.first.services.accounts.login(FakeSession(), it.bob.username, PASSWORD),
        lambda it: it.told == ["device"],
    ),
    "read marker": (read_here, lambda it: it.told == ["read"]),
    "pin": (
        pinned,
        lambda it: it.told == ["pin"] and it.session.sent[0].to_frame()["message"]["body"] == "agenda",
    ),
    "announcement": (
        lambda it: it.first.services.notices.announce(ADMIN, "Lunch"),
        lambda it: it.told == ["notice"],
    ),
    "welcome message": (
        lambda it: it.first.services.notices.set_motd(ADMIN, "Hello"),
        lambda it: it.second.services.notices.motd == "Hello",
    ),
    "who may make rooms": (
        lambda it: it.first.server.parts.creation_policy.change(ADMIN, "public", "member"),
        lambda it: it.second.server.parts.creation_policy.roles()["public"] == "member",
    ),
    "registration": (
        lambda it: it.first.server.parts.registration.change(ADMIN, "closed"),
        lambda it: it.second.server.parts.registration.state == "closed",
    ),
}
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
