"""Pinning as it is answered."""

from chat_protocol.message_replies import PinnedPage
from chat_protocol.pin_requests import Pin, Pins
from chat_protocol.reply import Done
from chat_protocol.requests import Join
from chat_server.conversation.dispatch import dispatch
from tests.chat_server.building import Building


def test_message_is_pinned_and_taken_off(building: Building) -> None:
    """Whoever is in the room is shown what is pinned there."""
    room = building.room("Plaza")
    session = building.sign_in(building.user("mod", "moderator"))
    dispatch(building.services, session, Join("Plaza"))
    seq = building.say(room, building.user("zoe"), "the rules")

    def pinned() -> list[int]:
        page = dispatch(building.services, session, Pins("plaza"))
        assert isinstance(page, PinnedPage)
        return [message.seq for message in page.messages]

    assert dispatch(building.services, session, Pin("plaza", seq)) == Done()
    assert pinned() == [seq]
    assert dispatch(building.services, session, Pin("plaza", seq, on=False)) == Done()
    assert pinned() == []
