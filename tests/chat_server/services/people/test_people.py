"""How people are shown: their own choice of a display name, checked and told."""

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.own_events import ProfileEvent
from tests.chat_server.building import Building
from tests.chat_server.fakes import frames_of


def test_display_name_is_printable(building: Building) -> None:
    """Blanks alone and control characters are refused; a good name is kept and seen at once."""
    people, session = building.services.people, building.sign_in(building.user("jules"))
    for name in ("   ", "a\u202eb", "\x1b[31m"):
        with pytest.raises(ChatError) as caught:
            people.set_display_name(session, name)
        assert caught.value.code == ErrorCode.BAD_REQUEST
    assert people.set_display_name(session, " Jules  V. ").display_name == "Jules V."
    assert session.display_name == "Jules V."
    user = building.storage.users.by_id(session.user_id)
    assert user is not None
    assert user.display_name == "Jules V."


def test_display_name_is_told_to_those_who_watch(building: Building) -> None:
    """With the next digest, and to the user's other connections at once."""
    jules = building.user("jules")
    session, phone = building.sign_in(jules), building.sign_in(jules)
    zoe = building.sign_in(building.user("zoe"))
    building.services.presence.watch(zoe, [building.services.directory.conversation("Général")])
    building.services.presence.digest()
    before = len(frames_of(zoe))
    building.services.people.set_display_name(session, "Jules V.")
    building.services.presence.digest()
    (frame,) = frames_of(zoe)[before:]
    assert frame["names"] == {"jules": "Jules V."}
    assert [type(event) for event in phone.sent] == [ProfileEvent]
    assert session.sent == []


def test_page_of_people_says_whether_there_are_more(building: Building) -> None:
    """It ends where as many as asked for are told."""
    for name in ("ann", "anna", "anne"):
        building.user(name)
    find = building.services.people.find
    for limit, names, more in ((2, ["ann", "anna"], True), (3, ["ann", "anna", "anne"], None)):
        found = find("ann", limit)
        assert ([one.username for one in found.users], found.more) == (names, more)
