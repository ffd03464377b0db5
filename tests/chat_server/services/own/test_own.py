"""What users keep on the server: choices, saved messages, and whether reading is told."""

import itertools
from typing import Any

import pytest

from chat_protocol.errors import ChatError
from chat_protocol.frames import encode_frame
from chat_protocol.limits import FRAME_MAX_BYTES
from chat_protocol.objects import Setting
from chat_protocol.own_requests import Save, Saved, SetSetting
from chat_protocol.requests import Read
from chat_server.live.session import Session
from chat_server.services.messages.messages import new_nonce
from chat_server.services.own import saved as module
from chat_server.storage.core.records import NewMessage, UserRecord
from tests.chat_server.fakes import START_MS, FakeSession, frames_of
from tests.support.office import Office

ROOM = "Blabla"


def say(office: Office, room_id: int, author: UserRecord, body: str) -> int:
    """Store a message and return its seq."""
    office.storage.messages.append([NewMessage(room_id, author.id, body, new_nonce())], START_MS)
    return office.storage.messages.last_seqs([room_id])[room_id]


def signed_in(office: Office, user: UserRecord) -> FakeSession:
    session = office.connect(user)
    office.parts.services.rooms.enter(session)
    return session


def member(office: Office, name: str) -> tuple[UserRecord, FakeSession]:
    """Return somebody in the room, signed in."""
    user = office.user(name)
    office.storage.members.join(office.directory.find(ROOM).id, user.id)
    return user, signed_in(office, user)


def told(session: Session, kind: str) -> list[dict[str, Any]]:
    return [frame for frame in frames_of(session) if frame["type"] == kind]


def settings_of(office: Office, session: Session) -> list[Setting]:
    events = office.parts.services.own_settings.all_of(session)
    return [setting for event in events for setting in event.settings]


@pytest.mark.parametrize("order", list(itertools.permutations(["all", "none", "mentions"])))
def test_the_last_choice_holds_on_all_devices(office: Office, order: tuple[str, ...]) -> None:
    """Whatever the order in which devices choose, each knows the last choice by its version."""
    user, first = member(office, "zoe")
    devices = [first, signed_in(office, user), signed_in(office, user)]
    service = office.parts.services.own_settings
    known: list[dict[int, Any]] = [{}, {}, {}]
    for place, value in enumerate(order):
        version = service.choose(devices[place], SetSetting("notify", value, ROOM))
        known[place][version] = value
    for place, device in enumerate(devices):
        for event in told(device, "settings"):
            known[place] |= {one["version"]: one["value"] for one in event["settings"]}
    assert [versions[max(versions)] for versions in known] == [order[-1]] * 3
    assert [one.value for one in settings_of(office, first)] == [order[-1]]


def test_choices_are_told_to_no_one_else(office: Office) -> None:
    """A choice reaches the user's other sessions, not the one that made it, and nobody else."""
    user, here = member(office, "zoe")
    _, other = member(office, "jules")
    there = signed_in(office, user)
    office.parts.services.own_settings.choose(here, SetSetting("words", ("bug",)))
    assert told(here, "settings") == told(other, "settings") == []
    assert told(there, "settings")[0]["settings"] == [
        {"setting": "words", "value": ["bug"], "version": 1},
    ]
    assert settings_of(office, other) == []


def test_settings_of_a_room_need_membership(office: Office) -> None:
    """Who is out of a room can choose nothing about it; a private one is not there at all."""
    outsider = signed_in(office, office.user("zoe"))
    choose = office.parts.services.own_settings.choose
    with pytest.raises(ChatError, match="not a member"):
        choose(outsider, SetSetting("favourite", True, ROOM))
    private = office.storage.rooms.create("Projet ~k3f9", "projet ~k3f9", "private", "", START_MS)
    office.directory.put(private)
    with pytest.raises(ChatError) as refused:
        choose(outsider, SetSetting("favourite", True, private.public_id))
    assert refused.value.code == "no_such_room"


def test_many_settings_come_in_several_events(office: Office) -> None:
    """No event is longer than a frame, however many settings there are."""
    user, session = member(office, "zoe")
    for number in range(900):
        room = office.storage.rooms.create(f"r{number}", f"r{number}", "public", "", START_MS)
        office.storage.members.join(room.id, user.id)
        office.storage.own_settings.set(user.id, room.id, "notify", '"mentions"', 2_000)
    events = list(office.parts.services.own_settings.all_of(session))
    assert len(events) > 1
    assert sum(len(event.settings) for event in events) == 900
    assert all(len(encode_frame(event.to_frame())) <= FRAME_MAX_BYTES for event in events)


def test_saved_messages_are_read_back(office: Office) -> None:
    """The list shows the messages as they are now, page by page, without what was deleted."""
    user, session = member(office, "zoe")
    there = signed_in(office, user)
    room = office.directory.find(ROOM)
    saved = office.parts.services.saved
    for body in ("one", "two", "three"):
        saved.save(session, Save(ROOM, say(office, room.id, user, body)))
    assert [frame["seq"] for frame in told(there, "saved")] == [1, 2, 3]
    page = saved.page(session, Saved(limit=2))
    assert [message.body for message in page.messages] == ["three", "two"]
    rest = saved.page(session, Saved(before=page.next))
    assert ([message.body for message in rest.messages], rest.next) == (["one"], None)
    delete = NewMessage(room.id, user.id, "", new_nonce(), "delete", 2)
    office.storage.messages.append([delete], START_MS)
    assert [message.body for message in saved.page(session, Saved()).messages] == ["three", "one"]
    saved.save(session, Save(ROOM, 3, False))
    assert [message.body for message in saved.page(session, Saved()).messages] == ["one"]


def test_saved_in_a_private_conversation(office: Office) -> None:
    """A message of a private conversation is shown under the other's name."""
    user, session = member(office, "zoe")
    other, _ = member(office, "jules")
    direct = office.storage.rooms.direct(user.id, other.id, START_MS)
    say(office, direct.id, other, "psst")
    office.parts.services.saved.save(session, Save("@jules", 1))
    page = office.parts.services.saved.page(session, Saved())
    assert [(message.room, message.body) for message in page.messages] == [("@jules", "psst")]


def test_saved_messages_of_a_room_that_was_left(office: Office) -> None:
    """What somebody saved in a room that is closed to the user now is not shown, and cannot be saved."""
    user, session = member(office, "zoe")
    room = office.directory.find(ROOM)
    saved = office.parts.services.saved
    say(office, room.id, user, "one")
    saved.save(session, Save(ROOM, 1))
    office.parts.services.rooms.leave(session, ROOM)
    assert saved.page(session, Saved()).messages == []
    with pytest.raises(ChatError, match="not a member"):
        saved.save(session, Save(ROOM, 1))


def test_what_is_not_there_cannot_be_saved(office: Office) -> None:
    """A place without a message is refused."""
    _, session = member(office, "zoe")
    with pytest.raises(ChatError) as refused:
        office.parts.services.saved.save(session, Save(ROOM, 7))
    assert refused.value.code == "no_such_message"


@pytest.mark.parametrize(("by_reader", "by_other"), list(itertools.product([None, True, False], repeat=2)))
def test_reading_is_told_where_both_let_it(
    office: Office, by_reader: bool | None, by_other: bool | None
) -> None:
    """The other one learns how far a private conversation was read, unless either has switched that off."""
    reader, reading = member(office, "zoe")
    other, watching = member(office, "jules")
    direct = office.storage.rooms.direct(reader.id, other.id, START_MS)
    say(office, direct.id, other, "psst")
    services = office.parts.services
    services.own_settings.choose(reading, SetSetting("receipts", by_reader))
    services.own_settings.choose(watching, SetSetting("receipts", by_other))
    services.messages.read(reading, Read("@jules", 1).room, 1)
    wanted = by_reader is not False and by_other is not False
    assert [frame["read_seq"] for frame in told(watching, "receipt")] == ([1] if wanted else [])
    assert services.receipts.receipt(watching, "@zoe").read_seq == (1 if wanted else None)
    assert told(reading, "receipt") == []


def test_reading_a_room_is_told_to_no_one(office: Office) -> None:
    """Rooms have no receipts."""
    user, reading = member(office, "zoe")
    _, watching = member(office, "jules")
    say(office, office.directory.find(ROOM).id, user, "one")
    office.parts.services.messages.read(reading, ROOM, 1)
    assert told(watching, "receipt") == []
    with pytest.raises(ChatError, match="private conversations"):
        office.parts.services.receipts.receipt(watching, ROOM)


@pytest.mark.parametrize(("limit", "fits"), [(2, 9), (9, 2), (4, 9), (1, 1)])
def test_pages_have_all_messages_once(
    office: Office, monkeypatch: pytest.MonkeyPatch, limit: int, fits: int
) -> None:
    """Whether the request or the frame ends a page; the last one says that it is."""
    user, session = member(office, "zoe")
    service, room = office.parts.services.saved, office.directory.find(ROOM)
    for number in range(4):
        service.save(session, Save(ROOM, say(office, room.id, user, f"{number}")))
    monkeypatch.setattr(module, "fitting", lambda messages: min(len(messages), fits))
    bodies, before = list[str | None](), None
    sizes = []
    while True:
        page = service.page(session, Saved(before=before, limit=limit))
        bodies += [message.body for message in page.messages]
        sizes.append(len(page.messages))
        if page.next is None:
            break
        before = page.next
    assert bodies == ["3", "2", "1", "0"]
    most = min(limit, fits)
    assert sizes == [most] * (4 // most)
