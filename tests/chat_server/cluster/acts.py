"""The table of acts: what is done on one server of a cluster, and what then holds on the other."""

import base64
from collections.abc import Callable

from chat_protocol.pin_requests import Pin
from chat_protocol.room_requests import RoomCreate
from chat_server.conversation.acting import actor_of
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
from tests.support.pictures import png


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


def avatar_shown(pair: Pair) -> None:
    """Bob shows a picture on the first server."""
    shown = base64.b64encode(png(8, 8)).decode()
    pair.first.services.avatars.choose(session_on_first(pair), shown)


def avatar_of(pair: Pair) -> str:
    """Return what the second server tells of bob's picture in a list of members."""
    members = pair.second.services.rooms.members(pair.session, "Général").members
    return next(one.avatar for one in members if one.username == pair.bob.username)


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
    "picture": (avatar_shown, lambda it: avatar_of(it) != "" and it.told == ["avatar"]),
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
    "private room": (new_private_room, lambda it: len(it.session.rooms) == 2 and it.told[-1:] == ["room"]),
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
