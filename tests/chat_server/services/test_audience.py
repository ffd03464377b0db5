"""Tests of who is told, and of the caches that are told of an erasure."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chat_protocol.errors import ChatError
from chat_protocol.room_events import RoomEvent
from chat_protocol.server_events import EndEvent, NoticeEvent
from chat_server.live.presence import Presence
from chat_server.services.rooms.directs import Directs
from chat_server.services.rooms.join_requests import JoinRequests
from chat_server.services.rooms.pending_notices import PendingNotices
from chat_server.services.rooms.room_admin import RoomAdmin
from chat_server.services.rooms.room_news import RoomNews
from chat_server.services.rooms.rooms import Rooms
from chat_server.services.rooms.succession import Succession
from chat_server.services.vocabulary.addresses import parse_network
from tests.chat_server.fakes import make_session
from tests.support.office import Office


def make_directs(office: Office) -> Directs:
    presence = Presence(office.storage, office.registry)
    return Directs(office.storage, office.registry, office.audience, office.directory, presence, office.clock)


def make_room_admin(office: Office) -> RoomAdmin:
    presence = Presence(office.storage, office.registry)
    requests = JoinRequests(office.storage, office.audience, office.clock)
    news = RoomNews(office.storage, office.audience)
    rooms = Rooms(
        office.storage,
        office.registry,
        office.audience,
        office.directory,
        make_directs(office),
        requests,
        presence,
        Succession(office.storage, office.audience, office.directory, news),
        office.clock,
    )
    return RoomAdmin(
        office.storage,
        office.audience,
        office.directory,
        rooms,
        requests,
        PendingNotices(office.storage, office.audience),
        news,
        office.audit,
        office.clock,
    )


def test_topic_costs_the_same_queries_however_many_are_connected(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The memberships are read by one query, for one session and for 1,100; each user sees its own."""
    admin = make_room_admin(office)
    room = admin.add(office.admin, "Lounge", "public", "")
    member, asker, stranger = (office.user(name) for name in ("member", "asker", "stranger"))
    office.storage.members.join(room.id, member.id)
    office.storage.members.request(room.id, asker.id, "please", office.clock())
    database = office.storage.members._database
    queries: list[str] = []
    for verb in ("rows", "row", "read"):
        original = getattr(database, verb)

        def noted(*given: Any, original: Callable[..., Any] = original, **named: Any) -> Any:
            queries.append(str(given))
            return original(*given, **named)

        monkeypatch.setattr(database, verb, noted)

    def count() -> int:
        queries.clear()
        admin.set_topic(office.admin, room, "Cakes")
        return len(queries)

    sessions = {user.id: office.connect(user) for user in (member, asker, stranger)}
    few = count()
    others = [office.connect(replace(stranger, id=10_000 + number)) for number in range(1_100)]
    assert count() == few
    seen = {}
    for user_id, session in sessions.items():
        event = session.sent[-1]
        assert isinstance(event, RoomEvent)
        assert event.room is not None
        seen[user_id] = (event.room.topic, event.room.membership)
    states = (("Cakes", "joined"), ("Cakes", "pending"), ("Cakes", "none"))
    assert seen == dict(zip((member.id, asker.id, stranger.id), states, strict=True))
    assert all(len(other.sent) == 1 for other in others)


def test_erased_partner_is_not_written_to_under_the_old_name(office: Office) -> None:
    """Messages go neither to an erased user nor, when the name is taken again, to the old conversation."""
    directs = make_directs(office)
    alice, bob = office.user("alice"), office.user("bob")
    session = make_session(alice.id, "alice")
    office.registry.add(session)
    former = directs.open(session, "@bob")
    assert directs.open(session, "@bob") is former
    office.registry.add_partner(alice.id, bob.id, "bob")  # as the delivery does
    office.roles.erase(office.admin, bob)
    with pytest.raises(ChatError, match="no user"):
        directs.open(session, "@bob")
    assert session.partners == {}
    newcomer = office.user("bob")
    found = directs.open(session, "@Bob")
    assert found.id != former.id
    assert set(found.names) == {alice.id, newcomer.id}
    assert former.label(alice.id) == former.label_json(alice.id).strip('"') == f"@~{bob.id}"


def test_conversation_found_while_its_partner_is_erased_is_read_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An erasure between the look-up of the name and the keeping of the conversation is not missed."""
    directs = make_directs(office)
    alice, bob = office.user("alice"), office.user("bob")
    session = make_session(alice.id, "alice")
    office.registry.add(session)
    find = office.storage.rooms.direct

    def erase_first(*given: int) -> object:
        monkeypatch.setattr(office.storage.rooms, "direct", find)
        record = find(*given)
        office.roles.erase(office.admin, bob)
        return record

    monkeypatch.setattr(office.storage.rooms, "direct", erase_first)
    with pytest.raises(ChatError, match="no user"):
        directs.open(session, "@bob")
    assert not session.directs


def test_told_and_ended_by_user_and_network(office: Office) -> None:
    """Each way reaches those it names, tells how many they were, and leaves out the session that knows."""
    anna, ben = office.user("anna", "moderator"), office.user("ben")
    desk, laptop = office.connect(anna), office.connect(anna, "198.51.100.7")
    other = office.connect(ben)
    desk.id, laptop.id, other.id = 1, 2, 3
    notice, end = NoticeEvent("hello"), EndEvent("killed", "")
    assert office.audience.to_user(anna.id, notice, besides=1) == 1
    assert (desk.sent, laptop.sent, other.sent) == ([], [notice], [])
    office.audience.to_moderators(lambda: notice)
    assert (len(desk.sent), len(laptop.sent), len(other.sent)) == (1, 2, 0)
    assert office.audience.to_everyone(notice) == 3
    assert office.audience.end_user(anna.id, end, besides=2) == 1
    assert (desk.ended, laptop.ended, other.ended) == (end, None, None)
    assert office.audience.end_network(parse_network("198.51.100.0/24"), end) == 1
    assert (laptop.ended, other.ended) == (end, None)


def test_tokens_in_use_are_those_of_connections(office: Office) -> None:
    """Each is there once, as its connection that was active last has it, for one user or for all."""
    ada, zoe = office.user("ada"), office.user("zoe")
    early, late, other = (
        office.connect(user, f"192.0.2.{number}") for number, user in enumerate((ada, ada, zoe))
    )
    for session, token_hash in ((early, "a"), (late, "a"), (other, "z")):
        session.token_hash = token_hash
    late.last_active_at += 1
    assert office.audience.tokens_in_use(ada.id) == {"a": (late.last_active_at, "192.0.2.1")}
    assert office.audience.tokens_in_use().keys() == {"a", "z"}


def test_what_is_done_here_is_passed_on_with_all_that_it_takes(office: Office) -> None:
    """Each act by its name, with whom it is about; what is for this server alone is not passed on."""
    passed: list[tuple[str, int, int, Any]] = []

    def pass_on(act: str, number: int, other: int, detail: str) -> None:
        passed.append((act, number, other, json.loads(detail) if detail else None))

    office.audience.pass_on_to(pass_on, lambda user_id: user_id == 9)
    notice, end = NoticeEvent("tea"), EndEvent("killed", "bye")
    network = parse_network("192.0.2.0/24")
    audience = office.audience
    for here in (True, False):
        audience.to_user(5, notice, here=here)
        audience.to_room(6, {7: end}, notice, here=here)
        audience.to_room(6, {7: end}, here=here)
        audience.to_outsiders(6, notice, here=here)
        audience.to_moderators(lambda: notice, here=here)
        audience.to_everyone(notice, {7: end}, here=here)
        audience.end_user(5, end, token_hash="abc", here=here)
        audience.end_network(network, end, here=here)
        audience.changed("user", 5, here=here)
        assert bool(passed) == (not here)
    audience.elsewhere("member", 6, 5)

    def detail(event: Any, instead: Any = None, about: str = "") -> dict[str, Any]:
        told = {str(user_id): each.to_frame() for user_id, each in (instead or {}).items()}
        return {"frame": event and event.to_frame(), "instead": told, "about": about}

    assert passed == [
        ("to_user", 5, 0, detail(notice)),
        ("to_room", 6, 0, detail(notice, {7: end})),
        ("to_room", 6, 0, detail(None, {7: end})),
        ("to_outsiders", 6, 0, detail(notice)),
        ("to_moderators", 0, 0, detail(notice)),
        ("to_everyone", 0, 0, detail(notice, {7: end})),
        ("end_user", 5, 0, detail(end, about="abc")),
        ("end_network", 0, 0, detail(end, about="192.0.2.0/24")),
        ("user", 5, 0, None),
        ("member", 6, 5, None),
    ]
    assert (audience.is_elsewhere(9), audience.is_elsewhere(5)) == (True, False)
